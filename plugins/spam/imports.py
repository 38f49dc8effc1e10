"""Take over what Akismet and moderators said of comments on the blog that they came from."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from blog import Comment, Reason, importing, session
from blog import gettext as _

from . import prints

KIND = "commentmeta"
RESULT, HISTORY = "akismet_result", "akismet_history"
# What happened stands in serialised PHP, which is never decoded: s:5:"event";s:9:"check-ham";
EVENT = re.compile(r's:5:"event";s:\d{1,3}:"([a-z-]{1,40})"')
DECISIONS = {
    "status-approved": "ham",
    "report-ham": "ham",
    "status-spam": "spam",
    "report-spam": "spam",
}
NAME = "spam"
STEP = 500


def take(source: str) -> None:
    """Add a reason to each comment that Akismet judged, and keep the last decision about it."""
    said: dict[int, tuple[list[Reason], str]] = {}
    for row in importing.leftovers(source, KIND):
        found = _said(row.data.get("metas", []))
        if any(found):
            said[int(row.data["comment"])] = found
        if len(said) == STEP:
            _keep(said)
            said = {}
    _keep(said)


def _keep(said: Mapping[int, tuple[list[Reason], str]]) -> None:
    """Add reasons that are not there yet, for an import may be run again."""
    for comment in session.scalars(select(Comment).where(Comment.id.in_(said))):
        new = [one.stored() for one in said[comment.id][0]]
        new = [one for one in new if one not in comment.reasons]
        if new:
            comment.reasons = [*comment.reasons, *new]
    for decision in ("spam", "ham"):
        prints.decide([key for key, found in said.items() if found[1] == decision], decision)


def _said(metas: Sequence[Mapping[str, str]]) -> tuple[list[Reason], str]:
    """Give Akismet's verdict as a reason, and what a moderator decided last."""
    reasons, decision = [], ""
    for key, value in ((one["key"], one["value"]) for one in metas):
        if key == RESULT and value in ("true", "false"):
            reasons.append(_reason(is_spam=value == "true"))
        if key == HISTORY:
            found = EVENT.search(value)
            decision = DECISIONS.get(found[1] if found else "", decision)
    return reasons, decision


def _reason(*, is_spam: bool) -> Reason:
    if is_spam:
        return Reason(NAME, "spam", _("Akismet took it for spam where it came from"), 0.0)
    return Reason(NAME, "publish", _("Akismet found nothing where it came from"), 0.0)
