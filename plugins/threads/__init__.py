"""Nest replies under the comments that they answer."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from wtforms import IntegerField
from wtforms.validators import NumberRange

from blog import (
    CommentRow,
    Cursor,
    PostRow,
    SettingsForm,
    StatusChange,
    ThreadPage,
    hookimpl,
    settings,
)
from blog import lazy_gettext as _

from . import services, views


class Settings(SettingsForm):
    """Say how deep replies are nested."""

    depth = IntegerField(
        _("Levels of replies"),
        default=5,
        validators=[NumberRange(1, 10)],
        description=_("Deeper replies stay at the last level and name the comment they answer."),
    )


@hookimpl
def thread_page(post: PostRow, cursor: Cursor, size: int) -> ThreadPage:
    """Give a page of the thread in reading order."""
    return services.page(post, cursor, size, settings["threads"].depth)


@hookimpl
def comments_stored(comments: Sequence[CommentRow]) -> None:
    """Give new comments their places."""
    services.place(comments)


@hookimpl
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Show or hide the places of comments."""
    services.show(changes)


@hookimpl
def catch_up() -> bool:
    """Give places to comments that came while this was off."""
    return services.catch_up()


@hookimpl
def slot_under_comments(comments: Sequence[CommentRow], post: PostRow) -> Mapping[int, Markup]:
    """Show a link to answer each comment."""
    return views.reply_links(comments, post)


@hookimpl(optionalhook=True)
def comment_notes(comments: Sequence[CommentRow]) -> Mapping[int, Markup]:
    """Tell moderators what each reply answers."""
    return views.answers(comments)


@hookimpl
def slot_reply_title(post: PostRow, parent: CommentRow | None) -> Markup:
    """Show a link that leaves the reply."""
    return views.cancel_link(post, parent)


@hookimpl
def slot_head(post: PostRow | None) -> Markup | None:
    """Bring the script that answers in place."""
    return views.script() if post and post.comments_open else None
