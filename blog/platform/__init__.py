"""Find, order, check, load and call plugins."""
