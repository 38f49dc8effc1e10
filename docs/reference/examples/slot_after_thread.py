"""Say who took part."""

from blog import PostRow, ThreadPage, hookimpl
from blog import gettext as _
from markupsafe import Markup


@hookimpl
def slot_after_thread(post: PostRow, thread: ThreadPage) -> Markup | None:
    """Name the voices of this page of the thread."""
    names = sorted({one.author for one in thread.comments if one.author})
    if not names:
        return None
    return Markup("<p>{}</p>").format(_("In this talk: %(names)s.", names=", ".join(names)))
