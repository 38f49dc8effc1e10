"""Put the comments of a post into an order in which each follows what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .addresses import comment_key_of, digest
from .records import Comment

NO_PARENT = ("", "0")


class Reply(NamedTuple):
    """Hold a comment under a key of its own, and the key of the one that it answers."""

    key: str
    comment: Comment
    parent: str | None


class Thread(NamedTuple):
    """Hold the replies, parents before children, and what had to be mended.

    ``orphans`` answer a comment that is not there, ``circular`` ones themselves in the end:
    both stand at the top level. ``doubled`` ones carry the id of another one before them.
    """

    replies: list[Reply]
    orphans: list[Comment]
    circular: list[Comment]
    doubled: list[Comment]


def thread_of(comments: Iterable[Comment]) -> Thread:
    """Order the comments of one post; no comment is left out, however broken the ids are."""
    keyed, doubled = keyed_once(comments)
    parents: dict[str, str | None] = {}
    orphans = []
    for key, comment in keyed.items():
        parents[key] = comment.parent if comment.parent in keyed else None
        if parents[key] is None and comment.parent not in NO_PARENT:
            orphans.append(comment)
    order, cut = parents_first(parents)
    replies = [Reply(key, keyed[key], None if key in cut else parents[key]) for key in order]
    return Thread(replies, orphans, [keyed[key] for key in cut], doubled)


def keyed_once(comments: Iterable[Comment]) -> tuple[dict[str, Comment], list[Comment]]:
    """Give every comment a key; one whose id is taken gets a key of its text and place."""
    keyed: dict[str, Comment] = {}
    doubled = []
    for position, comment in enumerate(comments):
        key = comment_key_of(comment)
        if key in keyed:
            doubled.append(comment)
            key = digest(key, str(position), comment.author, comment.body)
        keyed[key] = comment
    return keyed, doubled


def parents_first(parents: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """Order keys so that parents come first; give also those where a circle had to be cut."""
    children: dict[str | None, list[str]] = {}
    for key, parent in parents.items():
        children.setdefault(parent, []).append(key)
    order: dict[str, None] = {}
    cut: list[str] = []
    follow(children.get(None, []), children, order)
    for key in parents:
        if key not in order:
            cut.append(on_the_circle(key, parents))
            follow(cut[-1:], children, order)
    return list(order), cut


def follow(
    roots: list[str], children: Mapping[str | None, list[str]], order: dict[str, None]
) -> None:
    """Add the roots to the order, each followed by what hangs on it and is not there yet."""
    waiting = roots[::-1]
    while waiting:
        key = waiting.pop()
        if key not in order:
            order[key] = None
            waiting.extend(reversed(children.get(key, [])))


def on_the_circle(key: str, parents: Mapping[str, str | None]) -> str:
    """Climb from a key that reaches no root until a key comes again: that one is on the circle."""
    seen: set[str | None] = set()
    current: str | None = key
    while current not in seen:
        seen.add(current)
        current = parents[current] if current else None
    return current or key
