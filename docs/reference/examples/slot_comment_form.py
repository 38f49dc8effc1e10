"""Show a rule of the house above the button."""

from typing import Any

from blog import PostRow, hookimpl
from blog import gettext as _
from markupsafe import Markup


@hookimpl
def slot_comment_form(post: PostRow, form: Any) -> Markup:
    """Remind people of it."""
    return Markup("<p>{}</p>").format(_("Please be kind."))
