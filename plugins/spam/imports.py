"""Take over what Akismet and moderators said of comments on the blog that they came from."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

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


def take(source: str) -> None:
    """Add a reason to each comment that Akismet judged, and keep the last decision about it."""
    for row in importing.leftovers(source, KIND):
        metas = list(_metas(row.data))
        reasons, decision = _said(metas)
        comment_id = importing.is_known(source, "comment", str(row.data.get("comment", "")))
        if comment_id is None or not (reasons or decision):
            continue
        _add(comment_id, reasons)
        if decision:
            prints.decide([comment_id], decision)


def _metas(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for meta in data.get("metas", ()):
        yield str(meta["key"]), str(meta["value"])


def _said(metas: list[tuple[str, str]]) -> tuple[list[Reason], str]:
    """Give Akismet's verdict as a reason, and what a moderator decided last."""
    reasons, decision = [], ""
    for key, value in metas:
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


def _add(comment_id: int, reasons: list[Reason]) -> None:
    """Add reasons that are not there yet, for an import may be run again."""
    comment = session.get(Comment, comment_id)
    if comment is not None:
        new = [one.stored() for one in reasons]
        comment.reasons = [*comment.reasons, *(one for one in new if one not in comment.reasons)]
