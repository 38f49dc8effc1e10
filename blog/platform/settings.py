"""Keep the settings of plugins: a WTForms form is schema, defaults and validation at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, PasswordField, SelectFieldBase
from wtforms.fields.core import UnboundField

from blog.platform import interrupts

if TYPE_CHECKING:
    from blog.platform.loading import Plugin

TRUE = ("1", "true", "yes", "on", "y")
FALSE = ("0", "false", "no", "off", "n", "")
FILE = "_file"
LONGEST_SECRET = 100_000
log = logging.getLogger("blog.plugins")

NOWHERE: Mapping[str, str] = {}


class BadSetting(ValueError):
    """A setting does not exist or its value is refused; the message names the mend."""


class Secret(str):
    """Hold a secret as a text that does not show itself in logs and tracebacks."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say whether it is set, and nothing else."""
        return "<secret>" if self else "<no secret>"


class SecretField(PasswordField):
    """Take a key or password that nobody is shown again; declare it in ``reach.secrets``.

    It is stored like other settings, or comes from the environment
    (``BLOG_PLUGIN_NAME_KEY``), or from a file that ``BLOG_PLUGIN_NAME_KEY_FILE`` or
    ``key_file`` in config.toml names.
    """


class SettingsForm(Form):
    """Declare the settings of a plugin: subclass it as ``Settings`` in the plugin's module.

    Each field needs a default; its label and description are what the owner reads.
    ``schema_version`` is raised when stored values have another meaning than before.
    """

    schema_version: ClassVar[int] = 1

    @staticmethod
    def move_values(values: dict[str, Any], from_version: int) -> Mapping[str, Any]:  # noqa: ARG004
        """Give new values for those that a form of an older version stored."""
        return values

    @staticmethod
    def try_values(values: Any) -> str:
        """Test the settings with what was typed, and answer with a sentence.

        A form that has this method offers the test to the owner; nothing is stored.
        Raise ``ValueError`` with what is wrong.
        """
        raise NotImplementedError

    def __init_subclass__(cls) -> None:
        """Refuse fields whose names are kept."""
        super().__init_subclass__()
        for name in KEPT:
            if isinstance(getattr(cls, name), UnboundField):
                raise TypeError(f"a setting cannot be called {name!r}: choose another name")


KEPT = ("schema_version", "move_values", "try_values")


def form_of(plugin: Plugin) -> type[SettingsForm] | None:
    """Give the form of a plugin's settings, if it has any."""
    form = getattr(plugin.module, "Settings", None)
    return form if isinstance(form, type) and issubclass(form, SettingsForm) else None


def effective(
    plugin: Plugin,
    stored: Mapping[str, Any],
    pinned: Mapping[str, Any],
    places: Mapping[str, str] = NOWHERE,
) -> SimpleNamespace:
    """Give a plugin's settings: defaults, then what is stored, then what files or environment pin.

    What is stored and no longer valid falls back to the default, so that an upgrade of a plugin
    cannot break a site; what is pinned and wrong raises ``BadSetting`` that names its place.
    """
    form = form_of(plugin)
    if form is None:
        return SimpleNamespace()
    values = {name: field.data for name, field in form()._fields.items()}
    for name, value in stored.items():
        if name in values:
            try:
                values[name] = parse(plugin, name, value, {**stored, **pinned})
            except BadSetting as error:
                log.warning("%s; its default holds", error)
    for name, value in pinned.items():
        try:
            key = pinned_key(form, name)
            if key != name and key in pinned:
                raise BadSetting(f"{key} and {name} are both set: remove one of the two")
            text = value if key == name else _content(value)
            values[key] = parse(plugin, key, text, {**values, **pinned})
        except BadSetting as error:
            raise BadSetting(f"{places.get(f'{plugin.name}.{name}', '')}: {error}") from None
    for name in secrets_of(form):
        values[name] = Secret(values[name] or "")
    return SimpleNamespace(**values)


def secrets_of(form: type[SettingsForm] | None) -> list[str]:
    """Name the settings that are secrets."""
    fields = form()._fields if form else {}
    return [name for name, field in fields.items() if isinstance(field, PasswordField)]


def pinned_key(form: type[SettingsForm] | None, name: str) -> str:
    """Give the setting that a pinned name sets: ``key_file`` sets the secret ``key``."""
    key = name.removesuffix(FILE)
    known = form()._fields if form else {}
    return key if name not in known and key in secrets_of(form) else name


def shown(plugin: Plugin, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give settings as they may be shown: of a secret only whether it is set."""
    secret = secrets_of(form_of(plugin))
    return {
        name: ("set" if value else "not set") if name in secret else value
        for name, value in values.items()
    }


def can_try(form: type[SettingsForm] | None) -> bool:
    """Tell whether a form offers a test of its settings."""
    return form is not None and form.try_values is not SettingsForm.try_values


def tried(plugin: Plugin, current: Any, typed: Mapping[str, Any]) -> str:
    """Let a plugin test its settings, with what was typed in place of those that hold now.

    Raise ``BadSetting`` with what is wrong, or where it offers no test.
    """
    form = form_of(plugin)
    if not can_try(form):
        raise BadSetting(f"{plugin.name} offers no test of its settings")
    values = {**vars(current), **typed}
    values |= {name: parse(plugin, name, one, values) for name, one in typed.items()}
    try:
        return str(cast(Any, form).try_values(SimpleNamespace(**values)))
    except ValueError as error:
        raise BadSetting(str(error)) from error
    except BaseException as error:  # the test is the plugin's own
        interrupts.heed(error)
        raise BadSetting(f"the test failed: {type(error).__name__}: {error}") from error


def parse(plugin: Plugin, name: str, value: Any, beside: Mapping[str, Any] = NOWHERE) -> Any:
    """Turn a typed value into the one to store; raise ``BadSetting`` with the reason.

    ``beside`` is what the form's other fields hold, for a field that is checked against another.
    """
    form = form_of(plugin)
    known = list(form()._fields) if form else []
    if form is None or name not in known:
        near = get_close_matches(name, known, 1)
        mend = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known) or 'none'}"
        raise BadSetting(f"{plugin.name} has no setting {name!r}; {mend}")
    texts = value if isinstance(value, list) else [value]
    if isinstance(form()._fields[name], BooleanField):
        texts = [_truth(f"{plugin.name}.{name}", one) for one in texts]
    typed = ["" if text is None or text is False else str(text) for text in texts]
    filled = form(MultiDict([(name, text) for text in typed]), data=beside)
    field = filled._fields[name]
    own = getattr(form, f"validate_{name}", None)
    if not field.validate(filled, [own] if own else []):
        said = " ".join(str(one) for one in field.errors)
        raise BadSetting(f"{plugin.name}.{name}: {said}{_choices(field)}")
    if isinstance(field.data, (float, Decimal)) and not isfinite(field.data):
        raise BadSetting(f"{plugin.name}.{name}: must be a number, not {field.data}")
    return field.data


def storable(value: Any) -> Any:
    """Give a setting's value as JSON can hold it; what it cannot is kept as its text."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [storable(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _choices(field: Field) -> str:
    """Name what may be chosen, which WTForms keeps for itself."""
    if not isinstance(field, SelectFieldBase):
        return ""
    return f" Choose among {', '.join(str(one.data) for one in field)}."


def _content(path: Any) -> str:
    """Read a secret from its file; an error names the file and never what is in it."""
    try:
        text = Path(str(path)).read_text("utf-8")
    except UnicodeDecodeError:
        raise BadSetting(f"the file {path} is no text") from None
    except OSError as error:
        raise BadSetting(f"the file {path} cannot be read: {error.strerror}") from None
    if len(text) > LONGEST_SECRET:
        raise BadSetting(f"the file {path} is too long for a secret")
    return text.rstrip("\r\n")


def _truth(place: str, value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return bool(value)
    text = str(value).strip().lower()
    if text not in (*TRUE, *FALSE):
        raise BadSetting(f"{place}: must be true or false, not {value!r}")
    return text in TRUE
