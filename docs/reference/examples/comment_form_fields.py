"""Ask for the town of whoever comments."""

from collections.abc import Mapping
from typing import Any

from blog import PostRow, hookimpl
from blog import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import Length


@hookimpl
def comment_form_fields(post: PostRow) -> Mapping[str, Any]:
    """Add the field; ``slot_comment_form`` shows it."""
    return {"example_town": StringField(_("Town"), validators=[Length(max=60)])}
