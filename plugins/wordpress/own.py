"""Read back what an export of Palabre says beyond what WordPress knows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import NoneType
from typing import TYPE_CHECKING, Any

from blog import Post, PostDraft, PostStatus, importing, markup, now, session

from . import text
from .addresses import LONGEST_PATH, permalink
from .mapping import LARGEST_NUMBER, moment
from .records import Channel, Comment, Item, Meta
from .urls import split

if TYPE_CHECKING:
    from .plan import Plan

MARKUP = "wordpress"
PREFIX = "_palabre_"
OLD_SLUG = "_wp_old_slug"
POST, COMMENT, HOST = f"{PREFIX}post", f"{PREFIX}comment", "palabre:host"
# What a post may say of itself, of which types, and how long a text may be.
LENGTHS = {"title": 500, "slug": 200, "author": 245, "markup": 20, "language": 20, "guard": 50}
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("title", "slug", "author", "markup", "language", "excerpt", "body"), (str,)),
    "guard": (str, NoneType),
    **dict.fromkeys(("position", "comments_days"), (int, NoneType)),
}
REASON: dict[str, type | tuple[type, ...]] = {
    "plugin": str,
    "action": str,
    "text": str,
    "weight": (int, float),
}
LIVE = (PostStatus.PUBLISHED, PostStatus.SCHEDULED)


def told(metas: Iterable[Meta], key: str) -> dict[str, Any]:
    """Give what a custom field of ours says; nothing where there is none, or it is damaged."""
    for meta in metas:
        if meta.key == key:
            try:
                found = json.loads(meta.value, parse_constant=_refuse)
            except (ValueError, RecursionError):
                continue
            return found if isinstance(found, dict) else {}
    return {}


def without(metas: Collection[Meta]) -> list[Meta]:
    """Leave out our own custom fields, and what was added for WordPress alone."""
    added = _list(told(metas, POST).get("old_slugs"))
    kept = (one for one in metas if not one.key.startswith(PREFIX))
    return [one for one in kept if one.key != OLD_SLUG or one.value not in added]


def hosts(channel: Channel) -> list[str]:
    """Name the hosts of the blogs that had been imported before."""
    return [one.text.strip().lower() for one in channel.leftovers if one.name == HOST]


def here(item: Item) -> int | None:
    """Give the id of the very post that an item was exported from, where that is still there."""
    said = told(item.metas, POST)
    post_id, created = said.get("id"), moment(_text(said.get("created_at")))
    if not isinstance(post_id, int) or not 0 < post_id <= LARGEST_NUMBER or created is None:
        return None
    found = session.get(Post, post_id)
    is_same = found and (found.created_at, found.slug) == (created, said.get("slug"))
    return post_id if is_same else None


def complete_post(plan: Plan) -> None:
    """Give a post what it was, as far as the export says it."""
    said = told(plan.item.metas, POST)
    if not said or plan.draft is None:
        return
    plan.draft = _draft(plan.draft, said)
    plan.created_at = moment(_text(said.get("created_at"))) or plan.created_at
    plan.updated_at = moment(_text(said.get("updated_at"))) or plan.updated_at
    plan.former = tuple(_text(one) for one in _list(said.get("former")) if _is_address(one))
    link = split(f"http://localhost{_text(said.get('path'))}")
    plan.path = permalink(link, "") if link else None
    if plan.draft.markup != MARKUP:  # whoever knows how it was typed renders it
        plan.html = None
        plan.shortcodes, plan.blocks = Counter(), Counter()
    elif plan.draft.body != plan.item.body:
        plan.html = text.render(plan.draft.body).html


def complete_comment(
    made: importing.ImportedComment, comment: Comment
) -> importing.ImportedComment:
    """Give a comment what it was; its HTML is what WordPress would show."""
    said = told(comment.metas, COMMENT)
    if not said:
        return made
    values: dict[str, Any] = {
        "created_at": moment(_text(said.get("created_at"))) or made.created_at,
        "identity": _identity(said.get("identity")),
        "reasons": tuple(_reason(one) for one in _list(said.get("reasons")) if _is_reason(one)),
    }
    if isinstance(said.get("body"), str):
        html = markup.sanitise_comment(_text(said.get("html")) or comment.body)
        values |= {"body": _text(said["body"]), "html": html}
    return replace(made, **values)


def _draft(draft: PostDraft, said: Mapping[str, Any]) -> PostDraft:
    values: dict[str, Any] = {
        name: _text(said[name])[: LENGTHS.get(name)] if isinstance(said[name], str) else said[name]
        for name, kinds in KINDS.items()
        if name in said and isinstance(said[name], kinds) and _is_small(said[name])
    }
    published = moment(_text(said.get("published_at")))
    status = draft.status
    if _text(said.get("status")) in set(PostStatus) - {PostStatus.TRASH}:
        status = PostStatus(said["status"])
    if status in LIVE and published is not None:
        status = PostStatus.SCHEDULED if published > now() else PostStatus.PUBLISHED
    values |= {"status": status, "identity": _identity(said.get("identity"))}
    return replace(draft, **values, published_at=published or draft.published_at)


def _identity(told: object) -> str | None:
    """Mark who wrote while signed in; here that is nobody, and nobody gets another's rights."""
    name = _text(told)
    return (name if name.startswith("from:") else f"from:{name}")[:64] if name else None


def _text(told: object) -> str:
    """Give a text that any database takes."""
    text = told if isinstance(told, str) else ""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def _list(told: object) -> list[Any]:
    return told if isinstance(told, list) else []


def _reason(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _text(told[key]) if kind is str else told[key] for key, kind in REASON.items()}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _is_small(told: object) -> bool:
    return not isinstance(told, int) or -LARGEST_NUMBER <= told <= LARGEST_NUMBER


def _is_address(told: object) -> bool:
    return isinstance(told, str) and told.startswith("/") and len(told) <= LONGEST_PATH


def _is_reason(told: object) -> bool:
    return isinstance(told, dict) and all(
        isinstance(told.get(key), kind) for key, kind in REASON.items()
    )
