"""Make the teaser of a post for members."""

from sqlalchemy import select

from blog import Post, PostRow, identity, render_part, session


def teaser(post: PostRow) -> PostRow | None:
    """Give a post with its excerpt in the place of the text; ``None`` where nobody typed one.

    Else the excerpt is the beginning of the text, which is for members alone.
    """
    if identity.current().id:  # who is signed in and still not let in has no way to go
        return None
    excerpt = session.scalar(select(Post.excerpt).where(Post.id == post.id))
    if not excerpt:
        return None
    way = identity.way_in(post.path)
    html = render_part("members/teaser.html", excerpt=excerpt, way=way)
    return post._replace(html=html, excerpt=excerpt)
