"""Take a post as it was typed, with an error beside each field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # since 3.3
from wtforms.validators import Length, ValidationError

from blog import (
    Post,
    PostKind,
    PostStatus,
    control,
    gettext,
    identity,
    markup,
    now,
    posts,
    settings,
)
from blog import lazy_gettext as _

from . import fields

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MOMENT = "%Y-%m-%dT%H:%M"
SHOWN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
MARKUPS = {"markdown": _("Markdown"), "html": _("HTML"), "plain": _("Plain text")}


def _line(text: str | None) -> str:
    return markup.clean_line(text or "")


def _text(text: str | None) -> str:
    return markup.clean_text(text or "")


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("This may have %(max)d characters at most."))


class PostForm(FlaskForm):  # type: ignore[misc]
    """Hold the editor's fields; times are typed in the site's zone."""

    title = StringField(_("Title"), filters=[_line], validators=[_at_most(500)])
    body = TextAreaField(_("Text"), filters=[_text])
    markup = SelectField(_("Typed as"), validate_choice=False, default="markdown")
    slug = StringField(_("Address"), filters=[_line], validators=[_at_most(200)])
    excerpt = TextAreaField(_("Excerpt"), filters=[_text], validators=[_at_most(2000)])
    kind = SelectField(
        _("Kind"),
        choices=[
            SelectChoice(PostKind.POST.value, _("Post")),
            SelectChoice(PostKind.PAGE.value, _("Page")),
        ],
        validate_choice=False,
        default=PostKind.POST.value,
    )
    author = StringField(_("Author"), filters=[_line], validators=[_at_most(245)])
    language = StringField(_("Language"), filters=[_line], validators=[_at_most(20)])
    published = StringField(_("Date and time"), filters=[_line])
    comments = SelectField(
        _("Comments"),
        choices=[
            SelectChoice("site", _("As the site’s settings say")),
            SelectChoice("open", _("Open")),
            SelectChoice("days", _("Open for some days")),
            SelectChoice("closed", _("Closed")),
        ],
        validate_choice=False,
        default="site",
    )
    days = StringField(_("Days"), filters=[_line])
    position = StringField(_("Place in the menu"), filters=[_line])
    seen = HiddenField()
    plugin_fields: Mapping[str, str] = {}

    def __init__(self, post: Post | None = None, **defaults: Any) -> None:
        self.post = post
        super().__init__(data={**defaults, **(_typed(post) if post else {})})
        for name, plugin in self.plugin_fields.items():
            fields.contain(self[name], plugin)
        choices = dict(MARKUPS)
        if post and post.markup not in choices:  # a plugin that renders a markup has its name
            choices[post.markup] = control.title_of(post.markup)
        self.markup.choices = [SelectChoice(*one) for one in choices.items()]
        if self.markup.data not in choices:
            self.markup.data = "markdown"
        if self.kind.data not in set(PostKind):
            self.kind.data = PostKind.POST.value

    @classmethod
    def opened(cls, post: Post | None = None, **defaults: Any) -> PostForm:
        """Make the form with the fields that plugins add for a post."""
        found = {name: one for name, one in fields.of(post).items() if not hasattr(cls, name)}
        members: dict[str, Any] = {name: field for name, (_plugin, field) in found.items()}
        owners = {name: plugin for name, (plugin, _field) in found.items()}
        kind: type[PostForm] = type("PostForm", (cls,), {**members, "plugin_fields": owners})
        return kind(post, **defaults)

    @property
    def moment(self) -> datetime | None:
        """Give the time that was typed; ``None`` where it was left empty or as it was."""
        if not self.published.data or (self.post and self.published.data == _local(self.post)):
            return None
        return _moment(self.published.data)

    @property
    def published_type(self) -> str:
        """Say how the time is typed: what is none is kept as text."""
        text = self.published.data or ""
        is_plain = not text or (SHOWN.fullmatch(text) and _moment(text))
        return "datetime-local" if is_plain else "text"

    @property
    def seen_at(self) -> datetime | None:
        """Give when the post that was opened had been saved."""
        try:
            found = datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            return None
        return found if found.tzinfo else None

    def validate_title(self, field: StringField) -> None:
        """Ask for something to keep."""
        if not field.data and not (self.body.data or "").strip():
            raise ValidationError(gettext("Write a title or a text first."))

    def validate_published(self, field: StringField) -> None:
        """Refuse what is no time."""
        if field.data and _moment(field.data) is None:
            raise ValidationError(gettext("This is no date and time. An example: 2026-12-24T18:30"))

    def validate_language(self, field: StringField) -> None:
        """Refuse what is no tag of a language."""
        if field.data and not LANGUAGE.fullmatch(field.data):
            raise ValidationError(gettext("This is no language. An example: fr, en or ee"))

    def validate_days(self, field: StringField) -> None:
        """Ask for a number where it counts."""
        if self.comments.data == "days" and not _number(field.data, 1, 36_500):
            raise ValidationError(gettext("Please give a number of days, 1 or more."))

    def validate_position(self, field: StringField) -> None:
        """Refuse what is no number."""
        is_page = self.kind.data == PostKind.PAGE.value
        if is_page and field.data and _number(field.data, 0, 100_000) is None:
            raise ValidationError(gettext("Please give a number, 0 or more, or nothing."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that no more than one plugin is to guard the post."""
        valid: bool = super().validate(extra_validators)
        chosen = [f"{one}_guard" for one in fields.guards()]
        for name in [one for one in chosen if one in self.plugin_fields][1:]:
            self[name].errors = [gettext("One plugin alone can guard a post: choose one.")]
            valid = False
        return valid

    def problems(self) -> list[tuple[str, str, str]]:
        """List what is wrong: field, its label and a sentence."""
        found = [
            (name, str(self[name].label.text), str(errors[0]))
            for name, errors in self.errors.items()
            if name in self and name != "csrf_token"
        ]
        if not self.is_ours:
            sentence = gettext(
                "This form has been open too long. Your text is kept: send it again."
            )
            found.insert(0, ("title", "", sentence))
        return found

    @property
    def is_ours(self) -> bool:
        """Tell whether the form's token is good; without a token in use it always is."""
        return "csrf_token" not in self.errors

    def draft(self, status: PostStatus, published_at: datetime | None) -> posts.PostDraft:
        """Give the post as it was typed."""
        is_new = self.post is None
        is_page = self.kind.data == PostKind.PAGE.value
        days = {"open": 0, "days": _number(self.days.data, 1, 36_500)}
        slug = "" if self.post and self.slug.data == self.post.slug else self.slug.data
        return posts.PostDraft(
            title=self.title.data or "",
            body=self.body.data or "",
            kind=PostKind.PAGE if is_page else PostKind.POST,
            status=status,
            markup=self.markup.data,
            slug=slug or "",
            excerpt=self.excerpt.data or "",
            author=self.author.data or "",
            identity=(identity.current().id or None) if is_new else None,
            language=self.language.data or "",
            published_at=published_at,
            comments_open=self.comments.data != "closed",
            comments_days=days.get(self.comments.data),
            position=_number(self.position.data, 0, 100_000) if is_page else None,
            guard=fields.guard_after(self.post.guard if self.post else None),
            extra={one: self[one].data for one in self.plugin_fields if one in fields.shown()},
        )


def _typed(post: Post) -> dict[str, Any]:
    """Give a post as it stands in the editor."""
    names = ("title", "body", "markup", "slug", "excerpt", "kind", "author", "language")
    days = post.comments_days
    comments = "site" if days is None else "days" if days else "open"
    return {
        **{name: getattr(post, name) for name in names},
        "published": _local(post),
        "comments": comments if post.comments_open else "closed",
        "days": str(days) if days else "",
        "position": "" if post.position is None else str(post.position),
        "seen": post.updated_at.isoformat(),
        f"{post.guard}_guard": bool(post.guard),
    }


def _local(post: Post) -> str:
    zone = ZoneInfo(settings["core"].timezone)
    return post.published_at.astimezone(zone).strftime(MOMENT) if post.published_at else ""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1000 <= found.year <= 9998:
        return None
    return found.replace(tzinfo=found.tzinfo or ZoneInfo(settings["core"].timezone))


def is_to_come(moment: datetime | None) -> bool:
    """Tell whether a time lies ahead."""
    return moment is not None and moment > now()


def _number(text: str | None, least: int, most: int) -> int | None:
    if not re.fullmatch(r"[0-9]{1,9}", text or ""):
        return None
    return int(text or "") if least <= int(text or "") <= most else None
