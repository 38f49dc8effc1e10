"""Take what people type to log in and to set a site up."""

from urllib.parse import urlsplit

from blog import markup
from blog import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from . import services

STALE = _("This form has been open too long. Nothing is lost: please send it again.")


class Form(FlaskForm):  # type: ignore[misc]
    """Show what is wrong beside each field, and a fresh token when the old one is refused."""

    def problem(self, name: str) -> str:
        """Give what is wrong with a field."""
        errors = self[name].errors
        if errors and name == "csrf_token":
            return str(STALE)
        return str(errors[0]) if errors else ""

    def problems(self) -> list[tuple[str, str]]:
        """List what is wrong as pairs of field and sentence, in the order of the fields."""
        return [(name, self.problem(name)) for name in self._fields if self.problem(name)]

    @property
    def token(self) -> str:
        """Give a fresh token."""
        return str(self["csrf_token"].current_token)


class LoginForm(Form):
    """Take a name and a password."""

    name = StringField(
        filters=[lambda text: markup.clean_line(text or "")],
        validators=[InputRequired(_("Please give your name."))],
    )
    password = PasswordField(
        validators=[
            InputRequired(_("Please give your password.")),
            Length(max=services.PASSWORD_MOST, message=_("This password is too long.")),
        ]
    )
    remember = BooleanField()
    next = HiddenField()


def local_path(path: str | None) -> str:
    """Give a path of this site, or nothing for whatever leads elsewhere or is no path."""
    path = path or ""
    plain = path.startswith("/") and not path.startswith("//") and path.isprintable()
    if not plain or "\\" in path or len(path) > 2000:
        return ""
    parts = urlsplit(path)
    return "" if parts.scheme or parts.netloc else path
