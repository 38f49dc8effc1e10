"""Name who is answered."""

from blog import CommentRow, PostRow, hookimpl
from blog import gettext as _
from markupsafe import Markup


@hookimpl
def slot_reply_title(post: PostRow, parent: CommentRow | None) -> Markup | None:
    """Greet them."""
    if parent is None:
        return None
    return Markup("<small>{}</small>").format(_("Answer %(name)s kindly.", name=parent.author))
