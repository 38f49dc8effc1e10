"""Decide what each part of an export becomes here; nothing is read or written."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from .records import Channel, Comment, Item

KINDS = ("post", "page")
STATUSES = {
    "publish": "published",
    "future": "scheduled",
    "pending": "draft",
    "draft": "draft",
    "private": "private",
}
LEFT_OUT = {"auto-draft": "auto-draft", "trash": "trashed"}
COMMENT_STATUSES = {
    "1": "published",
    "approve": "published",
    "approved": "published",
    "spam": "spam",
    "trash": "trash",
    "post-trashed": "trash",
}
COMMENT_KINDS = {"pingback", "trackback", "webmention"}

LARGEST_NUMBER = 2**31 - 1

# What PHP makes of a zero date.
NO_DAYS = ("30 Nov -0001", "30 Nov 1999 00:00:00")

# Inline markup that WordPress lets into titles and names; other angle brackets are text.
INLINE = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|u)"
    r"(?:\s[^<>]*+)?/?>",
    re.IGNORECASE,
)


class Fate(NamedTuple):
    """Say what becomes of an item: its status here, ``None`` where it is not imported.

    ``reason`` is for the report; empty where nothing is to be said.
    """

    status: str | None
    reason: str = ""


def fate_of(item: Item) -> Fate:
    """Decide whether an item is imported, and with which status.

    Reasons: ``no type``, ``other type``, ``auto-draft``, ``trashed`` (not imported);
    ``password`` (imported as private, a draft as a draft);
    ``unknown status`` (imported as a draft, which nobody sees).
    """
    if item.type not in KINDS:
        return Fate(None, "other type" if item.type else "no type")
    if item.status in LEFT_OUT:
        return Fate(None, LEFT_OUT[item.status])
    if item.status not in STATUSES:
        return Fate("draft", "unknown status")
    status = STATUSES[item.status]
    if item.password:
        return Fate("draft" if status == "draft" else "private", "password")
    return Fate(status)


def comment_status_of(comment: Comment) -> str:
    """Give the status of a comment; one without an approval, or an unknown one, is pending."""
    return COMMENT_STATUSES.get(comment.approved.lower(), "pending")


def comment_kind_of(comment: Comment) -> str:
    """Give the kind of a comment; types of other plugins are comments."""
    kind = comment.type.lower()
    return kind if kind in COMMENT_KINDS else "comment"


def comments_open(item: Item) -> bool | None:
    """Say whether an item takes comments; ``None`` where the export does not say."""
    return {"open": True, "closed": False}.get(item.comment_status.lower())


def published_at(item: Item, zone: tzinfo = UTC) -> datetime | None:
    """Give when an item was published: UTC, else its local time in ``zone``, else its RSS date."""
    return moment(item.date_gmt) or moment(item.date, zone) or sent_at(item.sent)


def updated_at(item: Item, zone: tzinfo = UTC) -> datetime | None:
    """Give when an item was last changed, or published where the export does not say."""
    changed = moment(item.modified_gmt) or moment(item.modified, zone)
    return changed or published_at(item, zone)


def commented_at(comment: Comment, zone: tzinfo = UTC) -> datetime | None:
    """Give when a comment was written: UTC, else its local time in ``zone``."""
    return moment(comment.date_gmt) or moment(comment.date, zone)


def moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Read a date of WordPress as aware UTC; ``None`` for a zero, missing or impossible one."""
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=read.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def sent_at(text: str) -> datetime | None:
    """Read an RSS date as aware UTC; ``None`` for what WordPress writes where it has none."""
    if any(day in text for day in NO_DAYS):
        return None
    try:
        read = parsedate_to_datetime(text)
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def title_of(item: Item) -> str:
    """Give the title as plain text, on one line."""
    return plain(item.title)


def author_of(item: Item, channel: Channel) -> str:
    """Give the name that the author of an item shows, else the login that the item names."""
    login = item.creator.casefold()
    names = (author.name for author in channel.authors if author.login.casefold() == login)
    return plain(next(names, "") or item.creator)


def commenter_of(comment: Comment) -> str:
    """Give a commenter's name as plain text; pings carry their page's title with entities."""
    return plain(comment.author)


def language_of(channel: Channel) -> str:
    """Give the two or three letters of the blog's language, or nothing."""
    found = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", channel.language)
    return found[0].lower() if found else ""


def plain(text: str) -> str:
    """Turn a line that WordPress shows as HTML into text."""
    return " ".join(html.unescape(INLINE.sub("", text)).split())


def number_of(comment: Comment) -> int | None:
    """Give a comment's number, ``None`` where it has none that can be kept."""
    number = int(comment.id) if re.fullmatch(r"\d{1,10}", comment.id, re.ASCII) else 0
    return number if 0 < number <= LARGEST_NUMBER else None
