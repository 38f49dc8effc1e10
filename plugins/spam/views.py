"""Show a field to programs that people do not see."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from wtforms import StringField

from blog import gettext as _

TRAP = "spam_subject"
SHOWN = Markup(
    '<p class="comment-form-subject screen-reader-text" aria-hidden="true">'
    '<label for="{name}">{label}</label> <input id="{name}" name="{name}" type="text"'
    ' value="{value}" maxlength="200" tabindex="-1" autocomplete="off"></p>\n'
)


def fields() -> Mapping[str, Any]:
    """Give the field; no browser fills in a subject by itself."""
    return {TRAP: StringField()}


def trap(value: str) -> Markup:
    """Hide it from eyes, from the tab key and from screen readers; whoever meets it is warned."""
    return SHOWN.format(name=TRAP, label=_("Leave this field empty"), value=value)
