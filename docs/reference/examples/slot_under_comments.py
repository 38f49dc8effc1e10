"""Mark the comments of those who were signed in."""

from collections.abc import Mapping, Sequence

from blog import CommentRow, PostRow, hookimpl
from blog import gettext as _
from markupsafe import Markup


@hookimpl
def slot_under_comments(comments: Sequence[CommentRow], post: PostRow) -> Mapping[int, Markup]:
    """Mark them."""
    mark = Markup('<p class="example-mark">{}</p>').format(_("Member"))
    return {one.id: mark for one in comments if one.identity}
