"""Hold comments that are shouted."""

from blog import Draft, PostRow, Verdict, hookimpl
from blog import lazy_gettext as _


@hookimpl
def check_comment(post: PostRow, draft: Draft) -> Verdict | None:
    """Look at capitals alone."""
    if draft.body.isupper():
        return Verdict.hold(_("is written in capitals"))
    return None
