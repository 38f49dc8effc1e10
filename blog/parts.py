"""Name the small things that plugins hand to the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Job = Callable[[Mapping[str, Any]], None]

MOST_JOB_NAME = 50  # of its column
JOB_NAME = f"the name of a job is a text of 1 to {MOST_JOB_NAME} characters without NUL"


@dataclass(frozen=True, slots=True)
class Nightly:
    """Mark a job as one that the site asks for itself, once a night.

    The night begins at three o'clock in the site's zone; a site that does not run then does it
    when it next runs.
    """

    work: Job

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Do the work; the payload is empty."""
        self.work(payload)


@dataclass(frozen=True, slots=True)
class Permission:
    """Name something that a person may be allowed to do.

    ``roles`` are those that hold it at first: ``owner`` holds all.
    """

    name: str
    label: str
    roles: tuple[str, ...] = ("owner",)


@dataclass(frozen=True, slots=True)
class Identity:
    """Say who is asking: an opaque id, a name to show, and what they may do."""

    id: str
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    email: str = ""

    def may(self, permission: str) -> bool:
        """Tell whether this person may do that; what is not granted is denied."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class SignIn:
    """Say how an anonymous person becomes somebody who may do more.

    ``path`` is the address of the log-in form; without one ``sentence`` says what to do first.
    """

    path: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """Name a page of the admin for its navigation."""

    label: str
    endpoint: str
    permission: str
    position: int = 50


def is_job_name(name: object) -> bool:
    """Tell whether a job can be called so."""
    return isinstance(name, str) and 0 < len(name) <= MOST_JOB_NAME and "\0" not in name
