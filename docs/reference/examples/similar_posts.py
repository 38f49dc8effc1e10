"""Call the posts of the same author alike."""

from collections.abc import Sequence

from sqlalchemy import select

from blog import Post, PostRow, hookimpl, session


@hookimpl(optionalhook=True)
def similar_posts(post: PostRow, most: int) -> Sequence[int] | None:
    """Give the author's latest posts; nothing is shown where there is no other."""
    same = select(Post.id).where(Post.author == post.author, Post.id != post.id)
    return session.scalars(same.order_by(Post.published_at.desc()).limit(most)).all()
