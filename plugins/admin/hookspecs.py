"""Declare the hooks through which other plugins extend the admin."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from wtforms.fields.core import UnboundField

from blog import CommentRow, Kind, MenuItem, PostRow, hookspec

if TYPE_CHECKING:
    FormField = UnboundField[Any]  # generic for checkers alone
else:
    FormField = UnboundField


@hookspec(kind=Kind.COLLECT, since="1.0")
def admin_pages() -> Sequence[MenuItem]:
    """Name pages of this plugin for the navigation of the admin.

    Called once for each page of the admin; who may not open a page does not see its name.
    Implement it with ``@hookimpl(optionalhook=True)``, so that the plugin also loads where the
    admin is off.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def post_form_fields(post: PostRow | None) -> Mapping[str, FormField]:
    """Add fields to the editor of posts; ``post`` is ``None`` for one that is new.

    Keys are the plugin's name, ``_`` and a word.
    A field shows its ``default``, so give what is stored; its ``description`` stands below it.
    What a validator refuses comes back to the editor with its sentence; what was typed arrives
    in ``PostDraft.extra`` of ``posts_saved``.
    A field that is named ``NAME_guard``, after the plugin, says whether the post has that plugin
    as its guard: the admin stores that with the post itself and shows what is stored.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def comment_notes(comments: Sequence[CommentRow]) -> Mapping[int, Markup]:
    """Tell moderators more about comments in the queue: a mapping from the id of a comment.

    Called once a page with all of its comments, of any status and of several posts.
    Shown below the comment's text.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def find_posts(words: str) -> Sequence[int] | None:
    """Find posts and pages of any status for the search field above their lists, by id.

    The lists keep their order and their filters, and leave out what the person who is asking may
    not see.
    ``None`` from every plugin means that ``words`` are looked for as they stand in titles and
    texts.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def find_comments(words: str) -> Sequence[int] | None:
    """Find comments of any status for the search field above the queue, by id.

    ``None`` from every plugin means that ``words`` are looked for as they stand in texts, names
    and e-mail addresses.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_post_form(post: PostRow | None) -> Markup:
    """Show in the editor, below the body; ``post`` is ``None`` for one that is new.

    It is part of the editor's form: a button with a ``formaction`` sends all of it to a page of
    the plugin, which gives the editor back by ``current_app.jinja_env.globals["admin_editor"]``,
    called with the number of the post, or 0, and a text to add to the body.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """
