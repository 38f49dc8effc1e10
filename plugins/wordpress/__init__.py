"""Import a WordPress export: posts, pages and every comment on them."""
