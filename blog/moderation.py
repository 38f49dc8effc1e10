"""Name what a comment is before and after it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum


class Status(StrEnum):
    """Say where a comment stands."""

    PENDING = "pending"
    PUBLISHED = "published"
    SPAM = "spam"
    TRASH = "trash"


class CommentKind(StrEnum):
    """Say how a comment came: typed here, or told by another site."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"
    WEBMENTION = "webmention"


class Action(IntEnum):
    """Order what a judge may ask for, mildest first."""

    PUBLISH = 0
    HOLD = 1
    SPAM = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say what should become of a comment, and why in words that a moderator reads."""

    action: Action
    reason: str = ""
    weight: float = 1.0

    @classmethod
    def publish(cls, reason: str = "", weight: float = 0.0) -> Verdict:
        """Ask for publication, for example because the author is trusted."""
        return cls(Action.PUBLISH, reason, weight)

    @classmethod
    def hold(cls, reason: str, weight: float = 1.0) -> Verdict:
        """Ask that a moderator looks first."""
        return cls(Action.HOLD, reason, weight)

    @classmethod
    def spam(cls, reason: str, weight: float = 2.0) -> Verdict:
        """Ask that it is filed as spam, where a moderator can still find it."""
        return cls(Action.SPAM, reason, weight)


@dataclass(frozen=True, slots=True)
class Reason:
    """Keep one judge's answer beside the comment."""

    plugin: str
    action: str
    text: str
    weight: float

    def stored(self) -> dict[str, str | float]:
        """Give the reason as it is kept in the database."""
        return {
            "plugin": self.plugin,
            "action": self.action,
            "text": self.text,
            "weight": self.weight,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """Sum up all verdicts: the status that follows and every reason for it."""

    status: Status
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a comment as it was typed, before anything is stored.

    ``parent`` is the number of the comment that it answers.
    ``sender`` is a keyed hash of the sender's network prefix (/24 or /48), never an address.
    ``token_age`` is the least age of the form that it was typed into, in whole hours;
    ``None`` when a signed-in person posts.
    ``extra`` holds the fields that plugins put into the form.
    """

    body: str
    author: str = ""
    email: str = ""
    url: str = ""
    parent: int | None = None
    sender: str = ""
    identity: str | None = None
    trusted: bool = False
    token_age: timedelta | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
