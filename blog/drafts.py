"""Hold a post as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from blog.models import PostKind, PostStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDraft:
    """Hold a post as it was typed.

    An empty ``slug`` is made from the title, an empty ``excerpt`` from the body.
    ``published_at`` in the future with the status published means scheduled.
    ``guard`` names the plugin that says who may read it.
    ``extra`` holds what the fields of plugins held in the editor, by their names; a field that
    was not shown is missing.
    """

    title: str
    body: str
    kind: PostKind = PostKind.POST
    status: PostStatus = PostStatus.DRAFT
    markup: str = "markdown"
    slug: str = ""
    excerpt: str = ""
    author: str = ""
    identity: str | None = None
    language: str = ""
    published_at: datetime | None = None
    comments_open: bool = True
    comments_days: int | None = None
    position: int | None = None
    guard: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
