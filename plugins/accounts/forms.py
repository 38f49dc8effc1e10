"""Take what people type to log in and to set a site up."""

from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel.core import get_global
from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.fields import Field
from wtforms.validators import DataRequired, Length, ValidationError

from blog import control, is_loopback, markup, settings
from blog import lazy_gettext as _

from . import services

LANGUAGES = (("en", "English"), ("fr", "Français"))
_ELSEWHERE = _(
    "You are at %(here)s now, and only the host of this address would be answered."
    " Leave it empty, or set another one later in the settings."
)
STALE = _("This form has been open too long. Nothing is lost: please send it again.")


class Form(FlaskForm):  # type: ignore[misc]
    """Show what is wrong beside each field, and a fresh token when the old one is refused."""

    def typed(self, name: str) -> str:
        """Give what a field holds."""
        return self[name].data or ""

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


def cleaned(text: str | None) -> str:
    """Drop what has no place in a line."""
    return markup.clean_line(text or "")


class LoginForm(Form):
    """Take a name and a password."""

    name = StringField(
        filters=[cleaned],
        validators=[DataRequired(_("Please give your name."))],
    )
    password = PasswordField(
        validators=[
            DataRequired(_("Please give your password.")),
            Length(max=services.PASSWORD_MOST, message=_("This password is too long.")),
        ]
    )
    remember = BooleanField()
    next = HiddenField()


class SetupForm(Form):
    """Take what a new site needs; language, zone and address come from the browser."""

    title = StringField(
        filters=[cleaned],
        validators=[
            DataRequired(_("Please give the site a title.")),
            Length(max=200, message=_("A title may have 200 characters at most.")),
        ],
    )
    name = StringField(filters=[cleaned])
    password = PasswordField()
    language = StringField(description=_("Please choose one of the languages."))
    timezone = StringField(description=_("Please choose one of the time zones."))
    site_url = StringField(
        filters=[cleaned],
        description=_("This is no address of a site. An example: https://example.org"),
    )

    def validate_name(self, field: Field) -> None:
        """Refuse a name that is empty or too long."""
        _refuse(services.name_problem(field.data or ""))

    def validate_password(self, field: Field) -> None:
        """Refuse a password that is too short or too long."""
        _refuse(services.password_problem(field.data or ""))

    def validate_setting(self, field: Field) -> None:
        """Refuse what the setting of the field's name refuses; the description says why."""
        try:
            field.data = control.check(field.name, field.data)
        except control.Refused:
            _refuse(str(field.description))

    validate_language = validate_timezone = validate_setting

    def validate_site_url(self, field: Field) -> None:
        """Refuse what is no address, and one that would shut out whoever is setting up."""
        self.validate_setting(field)
        if field.data and not _leads_here(field.data):
            _refuse(str(_ELSEWHERE) % {"here": request.host})

    def settings(self) -> dict[str, str]:
        """Give the settings of the core that were typed."""
        return {name: self[name].data for name in ("title", "language", "timezone", "site_url")}


def of_browser() -> dict[str, str]:
    """Guess what the fields of the set-up form hold where no script fills them.

    The address of a site on this machine is left empty, so that it can move to another one.
    """
    now = control.stored_settings()
    local = is_loopback(urlsplit(request.host_url).hostname or "")
    return {
        "title": now["title"] if now["title"] != "Palabre" else "",
        "language": spoken(),
        "timezone": _zone_of(request.accept_languages.best) or now["timezone"],
        "site_url": now["site_url"] or ("" if local else request.host_url.rstrip("/")),
    }


def spoken() -> str:
    """Give the language that was chosen in the form, else the one that the browser asks for."""
    codes = [code for code, _name in LANGUAGES]
    chosen = request.form.get("language")
    if chosen in codes:
        return str(chosen)
    return request.accept_languages.best_match(codes) or str(settings["core"].language)


def zones(chosen: str | None) -> list[str]:
    """List the time zones to choose from."""
    return sorted({"UTC", chosen or "UTC", *_places()})


def local_path(path: str | None) -> str:
    """Give a path of this site, or nothing for whatever leads elsewhere or is no path."""
    path = path or ""
    plain = path.startswith("/") and not path.startswith("//") and path.isprintable()
    if not plain or "\\" in path or len(path) > 2000:
        return ""
    parts = urlsplit(path)
    return "" if parts.scheme or parts.netloc else path


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    return frozenset(one for one in available_timezones() if "/" in one and "Etc/" not in one)


def _zone_of(tag: str | None) -> str:
    """Give the zone of a language tag's country, if it names one that has a single zone."""
    territory = (tag or "").replace("_", "-").rpartition("-")[2].upper()
    found = [zone for zone, of in get_global("zone_territories").items() if of == territory]
    return found[0] if len(found) == 1 else ""


def _leads_here(address: str) -> bool:
    """Tell whether an address has the host of this request, or that which is answered already."""
    wanted, here = _host(address), _host(request.host_url)
    known = _host(str(settings["core"].site_url))
    return wanted in (here, known) or (is_loopback(wanted) and is_loopback(here))


def _host(address: str) -> str:
    """Give the host of an address as a request names it."""
    name = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _refuse(problem: str) -> None:
    if problem:
        raise ValidationError(problem)
