"""Ask authors for the mood of a post."""

from collections.abc import Mapping
from typing import Any

from wtforms import StringField
from wtforms.validators import Length

from blog import PostRow, hookimpl
from blog import lazy_gettext as _


@hookimpl(optionalhook=True)
def post_form_fields(post: PostRow | None) -> Mapping[str, Any]:
    """Add a line; what it held arrives in ``draft.extra["example_mood"]``."""
    return {"example_mood": StringField(_("Mood"), validators=[Length(max=60)])}
