"""Take what anonymous readers send outside of comments, with no cookie and no session."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms.csrf.core import CSRFTokenField

from blog import identity
from blog.forms import StatelessToken

PURPOSE = "reader form"


class ReaderForm(FlaskForm):  # type: ignore[misc]
    """Take what a reader sends, such as a vote, with a token that needs no session.

    ``key`` says what the form is for, so that a token of one is no good for another: the
    plugin's name and what it is about, ``poll:7``.
    The page that shows it stays the same for every anonymous reader, so that caches may keep it;
    a token is taken for seven days.
    The form of somebody who is signed in is protected by their session.
    Its view is marked with ``csrf_exempt`` and calls ``validate_on_submit`` before it changes
    anything.
    """

    def __init__(self, key: str, **values: Any) -> None:
        if not identity.current().id:
            values["meta"] = {
                **values.get("meta", {}),
                "csrf": True,
                "csrf_class": ReaderToken,
                "csrf_context": key,
            }
        super().__init__(**values)


class TokenField(CSRFTokenField):
    """Show a token without an id, so that a page may hold several forms."""

    def __call__(self, **attributes: Any) -> Markup:
        """Render the hidden field."""
        return super().__call__(**{"id": False, **attributes})


class ReaderToken(StatelessToken):
    """Tie a form to its key and the hour."""

    field_class = TokenField
    purpose = PURPOSE
