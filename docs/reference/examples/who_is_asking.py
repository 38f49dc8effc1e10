"""Know people by what a log-in form of this plugin put into their session."""

from collections.abc import Mapping
from typing import Any

from blog import Identity, hookimpl


@hookimpl
def who_is_asking(session: Mapping[str, Any]) -> Identity | None:
    """Recognise a member, who may do no more than an anonymous reader."""
    name = session.get("example.member")
    return Identity(f"example:{name}", name) if name else None
