"""Show what there is and what waits."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blog import PostKind, comments, control, identity, upkeep, welcome
from blog import gettext as _

from .. import services
from .frame import bp, needs, say, show


@bp.get("/")
@needs(identity.WRITE, identity.MODERATE)
def overview() -> ResponseReturnValue:
    """Show counts and what waits; who only moderates goes to the comments."""
    if not identity.may(identity.WRITE):
        return redirect(url_for("admin.comments"), 303)
    lacks = upkeep.lacks() if identity.may(identity.MANAGE) else []
    return show(
        "overview.html",
        posts=services.count_posts(PostKind.POST),
        pages=services.count_posts(PostKind.PAGE),
        comments=comments.counts(),
        latest=services.list_posts(PostKind.POST).rows[:5],
        lacks=lacks,
        titles={one.name: one.title for one in control.plugins()} if lacks else {},
        example=welcome.example(),
    )


@bp.post("/welcome/remove")
@needs(identity.MANAGE)
def remove_welcome() -> ResponseReturnValue:
    """Remove the example with its thread."""
    welcome.remove()
    say(_("The example is gone. The place is yours."))
    return redirect(url_for("admin.overview"), 303)
