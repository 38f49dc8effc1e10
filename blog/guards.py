"""Find posts that nobody may read because the plugin that guards them is not on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from blog.db import session
from blog.models import Post, PostStatus
from blog.platform import listing


class Hidden(NamedTuple):
    """Name a guard that is not on, how many posts it hides, and one of them."""

    guard: str
    number: int
    post_id: int


def hidden(instance: Path) -> Iterator[Hidden]:
    """Give the guards that are not on; what is in the trash is hidden anyway."""
    query = (
        select(Post.guard, func.count(), func.min(Post.id))
        .where(Post.guard.is_not(None), Post.status != PostStatus.TRASH)
        .group_by(Post.guard)
        .order_by(Post.guard)
    )
    rows = session.execute(query)
    found = [Hidden(guard or "", count, post_id) for guard, count, post_id in rows]
    on = {one.name for one in listing.plugins(instance) if one.state == "on"} if found else set()
    yield from (one for one in found if one.guard not in on)
