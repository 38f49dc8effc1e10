"""Take a comment as it was typed: fields, the token that costs no cookie, clear errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar, cast

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField, URLField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta
from wtforms.validators import ValidationError

from blog import identity, links, markup
from blog.comments import LENGTH
from blog.db import now
from blog.language import gettext, ngettext
from blog.moderation import Draft
from blog.platform.context import config, generation, hooks
from blog.remembering import remembered
from blog.rows import PostRow

HOUR = 3600
VALID_HOURS = 7 * 24
MAIL = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[^@\s<>\"(),:;\\]+\.[^@\s<>\"(),:;\\.]{2,}")
LIMITS = {"author": 245, "email": 100, "url": 200}
CORE_FIELDS = ("comment", "author", "email", "url", "comment_post_ID", "comment_parent")
CONSENT = "wp-comment-cookies-consent"
PURPOSE = "comment form"
CHECKS_ITSELF = "palabre_checks_itself"
View = TypeVar("View", bound=Callable[..., Any])


def csrf_exempt(view: View) -> View:
    """Take a view out of the check that protects it from forged requests (CSRF).

    A token that is too old is else refused before the view is called, and what was typed is lost.
    The view must check a token itself before it changes anything, as a ``FlaskForm`` does when it
    is validated; a plain ``wtforms.Form`` does not.
    """
    setattr(view, CHECKS_ITSELF, True)
    return view


class StatelessToken(CSRF):
    """Tie a form to what it is for and the hour, so that a page needs no cookie to be safe.

    The bytes of a page stay the same for an hour; a token is taken for seven days.
    """

    purpose = PURPOSE
    key: int | str = 0

    def setup_form(self, form: Any) -> Any:
        """Learn what the form is for, such as the post that is answered."""
        self.key = form.meta.csrf_context
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:  # noqa: ARG002
        """Make a token for this hour."""
        return dated(self.purpose, self.key)

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:  # noqa: ARG002
        """Refuse a token that is not ours or too old; the form comes back with a fresh one."""
        hours = age_in_hours(self.purpose, self.key, field.data or "")
        if hours is None or hours > VALID_HOURS:
            raise ValidationError(too_old())


def too_old() -> str:
    """Say what somebody reads whose token is not taken."""
    return gettext("This form has been open too long. Your text is kept: please send it again.")


class CommentForm(BaseForm):
    """Hold the comment form of one post with the fields that plugins add."""

    def __init__(self, post: PostRow, parent: int | None = None) -> None:
        self.post = post
        self.signed_in = bool(identity.current().id)
        self.sent = request.form if request.method == "POST" else None  # too large: said here
        self.plugin_fields = _plugin_fields(post)
        self._shown = {} if self.sent is not None else {**remembered(), "comment_parent": parent}
        # A page that only shows the form needs no more of its fields than their values.
        core = _fields(self.signed_in) if self.sent is not None else {}
        super().__init__({**core, **self.plugin_fields}, meta=self._meta())
        self.process(self.sent)

    def _meta(self) -> DefaultMeta:
        if self.signed_in:
            return cast(DefaultMeta, FlaskForm.Meta())
        meta = DefaultMeta()
        meta.csrf = True
        meta.csrf_class = StatelessToken
        meta.csrf_context = self.post.id
        return meta

    @property
    def parent(self) -> int | None:
        """Give the number of the comment that is answered; what is no number counts as gone."""
        text = self.value("comment_parent").strip()
        if text in ("", "0"):
            return None
        return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else -1

    @property
    def consents(self) -> bool:
        """Tell whether the reader wants to be remembered, or is already."""
        if self.sent is None:
            return bool(self.value("author"))
        return bool(self._fields[CONSENT].data) if CONSENT in self._fields else False

    @property
    def token(self) -> str:
        """Give a fresh token, also where the form comes back with an error."""
        field = self._fields["csrf_token"]
        return str(field.current_token)  # type: ignore[attr-defined]

    def value(self, name: str) -> str:
        """Give what a field holds, to be shown again."""
        found = self._fields.get(name)
        return str((found.data if found else self._shown.get(name)) or "")

    def error(self, name: str) -> str:
        """Give what is wrong with a field."""
        found = self._fields.get(name)
        return " ".join(str(one) for one in found.errors) if found else ""

    def problems(self) -> list[tuple[str, str]]:
        """List what is wrong as pairs of field and sentence, in the order of the fields."""
        return [(name, self.error(name)) for name in self._fields if self.error(name)]

    def is_valid(self) -> bool:
        """Check the fields; afterwards ``problems`` says what is wrong."""
        valid = self._validate_each()
        if self.error("csrf_token"):  # one sentence, whichever token it is
            self._fields["csrf_token"].errors = [too_old()]
        for name, check in _CHECKS.items():
            if name in self._fields:
                problem = check(self.value(name))
                if problem:
                    field = self._fields[name]
                    field.errors = [*field.errors, problem]
                    valid = False
        return valid

    def _validate_each(self) -> bool:
        """Ask each field; a plugin's validator that fails is recorded and stops no comment."""
        valid = True
        for name, field in self._fields.items():
            try:
                valid = field.validate(self) and valid
            except BaseException as error:
                if name not in self.plugin_fields:
                    raise
                owner = next(one for one in generation().plugins if name.startswith(one.name))
                hooks.failed(owner.name, f"field {name}", error)
        return valid

    def draft(self, sender: str) -> Draft:
        """Give the comment as it was typed, cleaned of what has no place in text."""
        who = identity.current()
        token = "" if self.signed_in else self.value("csrf_token")
        hours = age_in_hours(PURPOSE, self.post.id, token)
        sent: Mapping[str, str] = self.sent or {}
        return Draft(
            body=markup.clean_text(self.value("comment")).strip(),
            author=who.name if self.signed_in else markup.clean_line(self.value("author")),
            email=who.email if self.signed_in else markup.clean_line(self.value("email")),
            url="" if self.signed_in else markup.web_address(self.value("url")),
            parent=self.parent,
            sender=sender,
            identity=who.id or None,
            trusted=who.may(identity.MODERATE),
            token_age=None if hours is None else timedelta(hours=hours),
            extra={one: str(sent[one]) for one in self.plugin_fields if one in sent},
        )


def dated(purpose: str, key: int | str, hour: int | None = None) -> str:
    """Make a token of this hour for one purpose and key."""
    hour = _hour() if hour is None else hour
    return f"{hour:x}.{links.sign(purpose, key, hour)}"


def age_in_hours(purpose: str, key: int | str, token: str) -> int | None:
    """Give the age of a token in whole hours; ``None`` when it is not ours."""
    hour = token.partition(".")[0]
    if not re.fullmatch(r"[0-9a-f]{1,10}", hour) or token != dated(purpose, key, int(hour, 16)):
        return None
    age = _hour() - int(hour, 16)
    return age if age >= 0 else None


def _hour() -> int:
    return int(now().timestamp()) // HOUR


def _fields(signed_in: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"comment": TextAreaField()}
    if not signed_in:
        fields |= {
            "author": StringField(),
            "email": EmailField(),
            "url": URLField(),
            CONSENT: BooleanField(),
        }
    return fields | {"comment_post_ID": HiddenField(), "comment_parent": HiddenField()}


def _plugin_fields(post: PostRow) -> dict[str, Any]:
    """Gather the fields of plugins; one that cannot be made stops no comment."""
    fields: dict[str, Any] = {}
    for answer in hooks.comment_form_fields(post):
        own = _own(answer.plugin, answer.value)
        try:
            BaseForm(own).process(request.form if request.method == "POST" else None)
        except BaseException as error:  # whatever a field or its filters raise
            hooks.failed(answer.plugin, "comment_form_fields", error)
            continue
        fields |= {name: field for name, field in own.items() if name not in CORE_FIELDS}
    return fields


def _own(plugin: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the fields that are the plugin's to name, and record that others are left out."""
    others = [name for name in given if not name.startswith(plugin)]
    if others:
        names = ", ".join(map(repr, others))
        error = ValueError(f"{names} does not begin with {plugin!r}: the field is left out")
        hooks.failed(plugin, "comment_form_fields", error)
    return {name: field for name, field in given.items() if name not in others}


def _check_body(text: str) -> str:
    text = markup.clean_text(text).strip()
    if not any(_is_shown(one) for one in text):
        return gettext("Please write something.")
    if len(text) > LENGTH:
        return ngettext(
            "The text is %(num)s character too long.",
            "The text is %(num)s characters too long.",
            len(text) - LENGTH,
        )
    return ""


def _check_author(text: str) -> str:
    if config().require_name and not markup.clean_line(text):
        return gettext("Please give a name.")
    return _check_length("author", text)


def _check_email(text: str) -> str:
    text = markup.clean_line(text)
    if not text:
        return gettext("Please give an e-mail address.") if config().require_email else ""
    if not MAIL.fullmatch(text):
        return gettext("This is no e-mail address. An example: ama@example.org")
    return _check_length("email", text)


def _check_url(text: str) -> str:
    text = markup.clean_line(text)
    if text and not markup.web_address(text):
        return gettext("This is no web address. An example: https://example.org")
    return _check_length("url", markup.web_address(text))


def _check_length(name: str, text: str) -> str:
    if len(text) > LIMITS[name]:
        return gettext("This may have %(most)s characters at most.", most=LIMITS[name])
    return ""


def _is_shown(character: str) -> bool:
    return not character.isspace() and character not in "\u200b\u200c\u200d\u2060\ufeff\u00ad"


_CHECKS = {
    "comment": _check_body,
    "author": _check_author,
    "email": _check_email,
    "url": _check_url,
}
