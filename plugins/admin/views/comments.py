"""Moderate comments: the queue, actions on one and many, and their undoing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import request, url_for
from flask.typing import ResponseReturnValue

from blog import Status, comments, control, identity, ngettext
from blog import gettext as _

from .. import services
from .frame import ID, asked, back, bp, ids, needs, say, show

ACTIONS = {
    "approve": Status.PUBLISHED,
    "hold": Status.PENDING,
    "spam": Status.SPAM,
    "trash": Status.TRASH,
}
OFFERED = {
    Status.PENDING: ("approve", "spam", "trash"),
    Status.PUBLISHED: ("hold", "spam", "trash"),
    Status.SPAM: ("approve", "trash"),
    Status.TRASH: ("approve", "hold", "spam"),
}


class Why(NamedTuple):
    """Show one reason of a verdict in words."""

    who: str
    text: str
    means: str


@bp.get("/comments", endpoint="comments")
@needs(identity.MODERATE)
def list_() -> ResponseReturnValue:
    """Show the comments of one status, those that wait first."""
    status = asked("status")
    chosen = Status(status) if status in set(Status) else Status.PENDING
    before = asked("before")
    cursor = int(before) if before.isdecimal() and len(before) < 11 else None
    words = asked("q")
    found = services.queue(chosen, cursor, words)
    return _page(chosen, found, begins=cursor is None, words=words)


@bp.get(f"/comments/{ID}")
@needs(identity.MODERATE)
def comment(number: int) -> ResponseReturnValue:
    """Show one comment, as the link under it on the site leads here."""
    found = services.waiting(number)
    status = Status(found.comment.status)
    return _page(status, services.Queue([found], None), begins=True, alone=True)


@bp.post("/comments/change")
@needs(identity.MODERATE)
def moderate() -> ResponseReturnValue:
    """Do to one comment, or to those that are ticked, what the button says."""
    name, _colon, number = request.form.get("do", "").partition(":")
    one = number.isdecimal() and number.isascii() and len(number) < 10
    chosen = [int(number)] if one else ids()
    if not chosen or name not in {*ACTIONS, "delete"}:
        say(_("Tick some lines first, then choose what to do."), error=True)
    elif name == "delete":
        gone = comments.remove(chosen)
        say(ngettext("%(num)s deleted for good.", "%(num)s deleted for good.", gone))
    else:
        _say_changed(*services.moderate(chosen, ACTIONS[name]), ACTIONS[name])
    return back("admin.comments")


@bp.post(f"/undo/{ID}")
@needs(identity.MODERATE)
def undo(number: int) -> ResponseReturnValue:
    """Give each comment of an action the status back that it had before."""
    try:
        changes, again = services.undo(number)
    except services.NothingToUndo:
        say(_("This was undone already, or is too long ago."), error=True)
    else:
        done = ngettext("Undone: %(num)s comment.", "Undone: %(num)s comments.", len(changes))
        say(done, url_for("admin.undo", number=again) if again else "", label=_("Redo"))
    return back("admin.comments")


def _page(
    status: Status, found: services.Queue, *, begins: bool, alone: bool = False, words: str = ""
) -> ResponseReturnValue:
    return show(
        "comments.html",
        here="admin.comments",
        counts=comments.counts(),
        status=status,
        found=found,
        begins=begins,
        alone=alone,
        words=words,
        offered=OFFERED[status],
        why=why,
    )


def why(reasons: Sequence[dict[str, Any]]) -> list[Why]:
    """Put the reasons of a verdict in words."""
    means = {"publish": _("publish"), "hold": _("hold"), "spam": _("spam")}
    return [
        Why(
            _judge(str(one.get("plugin", ""))),
            str(one.get("text", "")) or _("no reason given"),
            means.get(str(one.get("action")), ""),
        )
        for one in reasons
    ]


def _judge(name: str) -> str:
    return _("The site") if name == "core" else control.title_of(name)


def _say_changed(changes: Sequence[Any], number: int, status: Status) -> None:
    count = len(changes)
    told = {
        Status.PUBLISHED: ngettext(
            "%(num)s comment approved.", "%(num)s comments approved.", count
        ),
        Status.PENDING: ngettext("%(num)s comment held.", "%(num)s comments held.", count),
        Status.SPAM: ngettext("%(num)s comment is spam.", "%(num)s comments are spam.", count),
        Status.TRASH: ngettext(
            "%(num)s comment moved to the trash.", "%(num)s comments moved to the trash.", count
        ),
    }
    if count:
        say(told[status], url_for("admin.undo", number=number))
    else:
        say(_("Nothing to change: that is how it was."))
