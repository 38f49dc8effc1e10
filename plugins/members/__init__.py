"""Keep posts for people who are signed in."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField

from blog import Permission, PostRow, SignIn, hookimpl, identity
from blog import lazy_gettext as _

from . import services

READ = "members.read"


@hookimpl
def permissions() -> Sequence[Permission]:
    """Let every role read what is for members, and one that may do nothing else."""
    return [Permission(READ, _("Read posts for members"), ("owner", "moderator", "member"))]


@hookimpl
def may_read(posts: Sequence[PostRow]) -> set[int]:
    """Show posts for members to members."""
    return {one.id for one in posts} if identity.may(READ) else set()


@hookimpl
def post_refused(post: PostRow) -> PostRow | SignIn:
    """Show strangers the excerpt that the author typed, else lead them to log in."""
    return services.teaser(post) or SignIn()


@hookimpl(optionalhook=True)
def post_form_fields() -> Mapping[str, Any]:
    """Add the box with which an author keeps a post for members."""
    field = BooleanField(
        _("Only for people who are signed in"),
        description=_("Others see its title and the excerpt, if you type one, and how to log in."),
    )
    return {"members_guard": field}
