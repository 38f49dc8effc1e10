"""Know who is asking and what they may do; deny by default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from blog.language import lazy_gettext as _
from blog.parts import Identity, Permission, SignIn
from blog.platform.context import hooks

WRITE = "posts.write"
READ_PRIVATE = "posts.private"
MODERATE = "comments.moderate"
MANAGE = "site.manage"

PERMISSIONS = (
    Permission(WRITE, _("Write and publish posts and pages")),
    Permission(READ_PRIVATE, _("Read drafts and private posts"), ("owner", "moderator")),
    Permission(MODERATE, _("Moderate comments"), ("owner", "moderator")),
    Permission(MANAGE, _("Change settings and plugins")),
)
ANONYMOUS = Identity("", "")
# Whoever calls the site as WSGI does may say who asks, as tests do; no header can.
GIVEN = "palabre.identity"


class NotAllowed(PermissionError):
    """The person who is asking may not do that."""


def current() -> Identity:
    """Give who is asking; an anonymous reader may do nothing but read."""
    return _identity.get()


def may(permission: str) -> bool:
    """Tell whether the person who is asking may do that."""
    return _identity.get().may(permission)


def require(permission: str) -> None:
    """Raise ``NotAllowed`` unless the person who is asking may do that."""
    if not may(permission):
        raise NotAllowed(permission)


def way_in(path: str) -> SignIn:
    """Give how an anonymous person signs in and comes back to an address; empty without a way."""
    return hooks.sign_in(path) or SignIn()


def set_current(identity: Identity | None) -> None:
    """Say who is asking for the rest of this request."""
    _identity.set(identity or ANONYMOUS)


@contextmanager
def acting_as(identity: Identity) -> Iterator[None]:
    """Act as somebody for a while, as commands and jobs do."""
    token = _identity.set(identity)
    try:
        yield
    finally:
        _identity.reset(token)


_identity: ContextVar[Identity] = ContextVar("identity", default=ANONYMOUS)
