"""Plan what an item becomes here, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from blog import (
    CommentKind,
    PostKind,
    PostStatus,
    Status,
    importing,
    markup,
    network_of,
    now,
    posts,
    sender_of,
)

from . import addresses, mapping, own, text, uploads, urls
from .leftovers import PRIVATE_METAS, leftover_of
from .records import Channel, Comment, Item, Survey
from .replies import Thread, thread_of

LONGEST_KEY, LONGEST_SOURCE = 100, 200
POSITIONS = 10_000
MARKUP, COMMENT_MARKUP = own.MARKUP, "wordpress-comment"
ALT = "_wp_attachment_image_alt"
RAW_KINDS = {"attachment": "attachment", "nav_menu_item": "menu"}


@dataclass(frozen=True, slots=True)
class Blog:
    """Say which blog is imported, and what is the same for all of it."""

    source: str
    channel: Channel
    hosts: frozenset[str]
    zone: tzinfo
    instance: Path


@dataclass(slots=True)
class Plan:
    """Hold what becomes of an item.

    ``draft`` is ``None`` where it is not imported, ``html`` where it is made at the write.
    ``kept`` are its leftovers by kind, ``notes`` are what the report says of it.
    """

    key: str
    item: Item
    fate: mapping.Fate
    draft: posts.PostDraft | None = None
    html: str | None = None
    path: str | None = None
    former: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    thread: Thread = field(default_factory=lambda: Thread([], [], [], []))
    comments: list[importing.ImportedComment] = field(default_factory=list)
    shortcodes: Counter[str] = field(default_factory=Counter)
    blocks: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def blog_of(survey: Survey, zone: tzinfo, instance: Path) -> Blog:
    """Name the blog; one that does not say where it was is told by its own words."""
    channel = survey.channel
    logins = (author.login for author in channel.authors)
    source = addresses.source_of(channel, survey.first_link) or addresses.digest(
        channel.title, channel.description, *logins
    )
    places = (channel.blog_url, channel.link, channel.site_url, survey.first_link)
    found = (urls.split(one) for one in places)
    hosts = frozenset(
        [
            *own.hosts(channel),
            *survey.file_hosts,
            *(one.hostname for one in found if one and one.hostname),
        ]
    )
    return Blog(shortened(source, LONGEST_SOURCE), channel, hosts, zone, instance)


def outline(item: Item, key: str) -> Plan:
    """Decide whether an item is imported, and keep raw what has another type."""
    plan = Plan(key, item, mapping.fate_of(item))
    if plan.fate.reason in ("other type", "no type"):
        alt = markup.clean_line(" ".join(one.value for one in item.metas if one.key == ALT))
        plan.kept[RAW_KINDS.get(item.type, "item")] = {
            "type": item.type,
            "status": item.status,
            "title": item.title,
            "slug": item.slug,
            "url": item.attachment_url,
            **({"alt": alt} if alt else {}),
            "element": leftover_of(item.element),
        }
    elif plan.fate.status is not None:
        plan.thread = thread_of(item.comments)
    return plan


def plan_comments(plan: Plan, blog: Blog) -> None:
    """Add the comments of an item, parents first."""
    fallback = mapping.published_at(plan.item, blog.zone) or _exported_at(blog)
    for reply in plan.thread.replies:
        key = comment_key(plan.key, reply.key)
        parent = comment_key(plan.key, reply.parent) if reply.parent is not None else None
        made = own.complete_comment(_comment(reply.comment, blog, fallback), reply.comment)
        plan.comments.append(replace(made, original=key, parent=parent))


def plan_post(plan: Plan, blog: Blog) -> None:
    """Add the post itself: what it says, where it was, what is kept beside it."""
    item, status = plan.item, PostStatus(plan.fate.status or "draft")
    rendered = text.render(item.body)
    published = mapping.published_at(item, blog.zone)
    plan.created_at, plan.updated_at = published, mapping.updated_at(item, blog.zone)
    if published is None and status is not PostStatus.DRAFT:
        plan.notes.append("no date")
        if status is PostStatus.SCHEDULED:  # without its time it would be published at once
            status = PostStatus.DRAFT
        published = plan.updated_at or _exported_at(blog)
    if status in (PostStatus.PUBLISHED, PostStatus.SCHEDULED) and published is not None:
        status = PostStatus.SCHEDULED if published > now() else PostStatus.PUBLISHED
    found = addresses.addresses_of(item, blog.channel)
    plan.path = found.path
    plan.former = tuple(one for one in found.former if len(one) <= addresses.LONGEST_PATH)
    plan.shortcodes, plan.blocks = rendered.shortcodes, rendered.blocks
    plan.draft = _draft(item, status, published, rendered.excerpt, blog.channel)
    plan.html = rendered.html
    own.complete_post(plan)
    if plan.html is not None:
        plan.html = uploads.localise(plan.html, blog.hosts, blog.instance)
    plan.kept = dict(_beside(item))


def comment_key(post_key: str, key: str) -> str:
    """Give what tells a comment from all others of its blog."""
    return shortened(f"{post_key}:{key}", LONGEST_KEY)


def shortened(key: str, length: int) -> str:
    """Give a key that fits into its column."""
    return key if len(key) <= length else addresses.digest(key)


def comment_leftover(comment: Comment) -> dict[str, Any]:
    """Give what a comment says beyond what is imported, such as the verdicts of a spam filter."""
    metas = [
        {"key": meta.key, "value": meta.value}
        for meta in own.without(comment.metas)
        if meta.key not in PRIVATE_METAS
    ]
    said = {"user_id": comment.user_id.lstrip("0"), "metas": metas}
    if comment.type and mapping.comment_kind_of(comment) != comment.type.lower():
        said["type"] = comment.type
    return {key: value for key, value in said.items() if value}


def _exported_at(blog: Blog) -> datetime:
    return mapping.sent_at(blog.channel.date) or now()


def _draft(
    item: Item, status: PostStatus, published: datetime | None, teaser: str, channel: Channel
) -> posts.PostDraft:
    excerpt = markup.plain(text.render(item.excerpt).html) or markup.excerpt_of(teaser, 600)
    return posts.PostDraft(
        title=markup.clean_line(mapping.title_of(item))[:500],
        body=item.body,
        kind=PostKind(item.type),
        status=status,
        markup=MARKUP,
        slug=addresses.slug_of(item),
        excerpt=excerpt,
        author=markup.clean_line(mapping.author_of(item, channel))[:245],
        language=mapping.language_of(channel),
        published_at=None if status is PostStatus.DRAFT else published,
        comments_open=mapping.comments_open(item) is not False,
        position=_position(item) if item.type == PostKind.PAGE else None,
    )


def _position(item: Item) -> int:
    try:
        return max(-POSITIONS, min(int(item.menu_order or 0), POSITIONS))
    except ValueError:
        return 0


def _beside(item: Item) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give what is kept beside a post: its terms, its custom fields, and the rest."""
    if item.labels:
        terms = [{"taxonomy": t, "slug": s, "name": n} for t, s, n in map(_label, item.labels)]
        yield "postterm", {"terms": terms}
    metas = [{"key": one.key, "value": one.value} for one in own.without(item.metas)]
    if metas:
        yield "postmeta", {"metas": metas}
    said: Mapping[str, Any] = {
        "guid": item.guid,
        "creator": item.creator,
        "parent": item.parent.lstrip("0"),
        "sticky": item.sticky.lstrip("0"),
        "password": item.password,
        "elements": [leftover_of(one) for one in item.leftovers if one.text or one.children],
    }
    yield "post", {key: value for key, value in said.items() if value}


def _label(label: Any) -> tuple[str, str, str]:
    return label.taxonomy, label.slug, label.name


def _comment(comment: Comment, blog: Blog, fallback: datetime) -> importing.ImportedComment:
    url, address = markup.web_address(comment.url), comment.address
    return importing.ImportedComment(
        original="",
        parent=None,
        number=mapping.number_of(comment) or 0,
        author=markup.clean_line(mapping.commenter_of(comment)),
        email=markup.clean_line(comment.email),
        url=url if len(url) <= 200 else "",
        body=comment.body,
        status=Status(mapping.comment_status_of(comment)),
        kind=CommentKind(mapping.comment_kind_of(comment)),
        created_at=mapping.commented_at(comment, blog.zone) or fallback,
        sender=sender_of(address) if network_of(address) else "",
        markup=COMMENT_MARKUP,
    )
