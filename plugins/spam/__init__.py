"""Judge comments by rules that each say what they found."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # since 3.3
from wtforms.validators import Length, NumberRange

from blog import (
    CommentRow,
    Draft,
    PostRow,
    SettingsForm,
    StatusChange,
    Verdict,
    hookimpl,
    settings,
)
from blog import lazy_gettext as _

from . import imports, prints, services, views


class Settings(SettingsForm):
    """Say what is held for a moderator and what is filed as spam."""

    first_time_held = BooleanField(
        _("Hold the first comment of each author"),
        default=True,
        description=_("Authors are known by an e-mail address of which a comment was approved."),
    )
    links_hold = IntegerField(
        _("Hold from so many links"),
        default=2,
        validators=[NumberRange(0, 1000)],
        description=_("0 holds none. Links to this site do not count."),
    )
    links_spam = IntegerField(
        _("File as spam from so many links"),
        default=10,
        validators=[NumberRange(0, 1000)],
        description=_("0 files none."),
    )
    words = TextAreaField(
        _("Blocked words"),
        default="",
        validators=[Length(max=50_000)],
        description=_(
            "One a line, looked for in text, name, e-mail and site. Accents and capitals make no"
            " difference; an asterisk stands for any beginning or end, as in casino*."
        ),
    )
    words_action = SelectField(
        _("A comment with a blocked word"),
        default="spam",
        choices=[
            SelectChoice("spam", _("is filed as spam")),
            SelectChoice("hold", _("is held")),
        ],
    )
    rate_minute = IntegerField(
        _("Comments a minute from one network"),
        default=3,
        validators=[NumberRange(1, 1000)],
        description=_("More are held, for a network may be a whole mobile operator."),
    )
    rate_ten_minutes = IntegerField(
        _("Comments in ten minutes from one network"),
        default=10,
        validators=[NumberRange(1, 1000)],
    )

    @staticmethod
    def try_values(values: Any) -> str:
        """Say how many of the latest comments hold a blocked word."""
        return services.try_words(values.words)


@hookimpl
def comment_form_fields() -> Mapping[str, Any]:
    """Add a field that people do not see."""
    return views.fields()


@hookimpl
def slot_comment_form(form: Any) -> Markup:
    """Show it to programs."""
    return views.trap(form.value(views.TRAP))


@hookimpl
def check_comment(post: PostRow, draft: Draft) -> Sequence[Verdict]:
    """Give every reason for and against a comment."""
    return services.judge(post, draft, settings["spam"])


@hookimpl
def comments_stored(comments: Sequence[CommentRow], draft: Draft | None) -> None:
    """Remember what was said, to know it again."""
    prints.store(comments, draft.body if draft else None)


@hookimpl
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Remember what moderators decided."""
    prints.mark(changes)


@hookimpl
def comment_submitted() -> None:
    """Forget what is old."""
    prints.prune()


@hookimpl
def catch_up() -> bool:
    """Remember comments that came while this was off."""
    return prints.catch_up()


@hookimpl
def import_leftovers(source: str, kind: str) -> None:
    """Take over what Akismet said of imported comments."""
    if kind == imports.KIND:
        imports.take(source)
