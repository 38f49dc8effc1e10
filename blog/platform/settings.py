"""Keep the settings of plugins: a WTForms form is schema, defaults and validation at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form

from blog.platform.loading import Plugin

TRUE = ("1", "true", "yes", "on", "y")
FALSE = ("0", "false", "no", "off", "n", "")
log = logging.getLogger("blog.plugins")

NOWHERE: Mapping[str, str] = {}


class BadSetting(ValueError):
    """A setting does not exist or its value is refused; the message names the mend."""


class SettingsForm(Form):
    """Declare the settings of a plugin: subclass it as ``Settings`` in the plugin's module.

    Each field needs a default; its label and description are what the owner reads.
    """


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
                values[name] = parse(plugin, name, value)
            except BadSetting as error:
                log.warning("%s; its default holds", error)
    for name, value in pinned.items():
        try:
            values[name] = parse(plugin, name, value)
        except BadSetting as error:
            raise BadSetting(f"{places.get(f'{plugin.name}.{name}', '')}: {error}") from None
    return SimpleNamespace(**values)


def parse(plugin: Plugin, name: str, value: Any) -> Any:
    """Turn a typed value into the one to store; raise ``BadSetting`` with the reason."""
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
    filled = form(MultiDict([(name, text) for text in typed]))
    field = filled._fields[name]
    own = getattr(form, f"validate_{name}", None)
    if not field.validate(filled, [own] if own else []):
        raise BadSetting(f"{plugin.name}.{name}: {' '.join(str(one) for one in field.errors)}")
    return field.data


def storable(value: Any) -> Any:
    """Give a setting's value as JSON can hold it; what it cannot is kept as its text."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [storable(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _truth(place: str, value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return bool(value)
    text = str(value).strip().lower()
    if text not in (*TRUE, *FALSE):
        raise BadSetting(f"{place}: must be true or false, not {value!r}")
    return text in TRUE
