"""Tell moderators which comments are long."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from blog import CommentRow, gettext, hookimpl


@hookimpl(optionalhook=True)
def comment_notes(comments: Sequence[CommentRow]) -> Mapping[int, Markup]:
    """Say it below those alone; what is typed passes through ``format``, which escapes it."""
    line = Markup('<p class="row-note">{}</p>')
    return {one.id: line.format(gettext("Long")) for one in comments if len(one.html) > 5000}
