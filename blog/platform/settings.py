"""Keep the settings of plugins: a WTForms form is schema, defaults and validation at once."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.fields import Field

from blog.platform.loading import Plugin


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
    plugin: Plugin, stored: Mapping[str, Any], pinned: Mapping[str, Any]
) -> SimpleNamespace:
    """Give a plugin's settings: defaults, then what is stored, then what files or environment pin.

    What is stored and no longer valid falls back to the default, so that an upgrade of a plugin
    cannot break a site.
    """
    form = form_of(plugin)
    if form is None:
        return SimpleNamespace()
    values = {name: field.data for name, field in form()._fields.items()}
    for name, value in stored.items():
        if name in values and _is_valid(form, name, value):
            values[name] = value
    for name, value in pinned.items():
        values[name] = parse(plugin, name, value)
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
    formdata = MultiDict([(name, "" if text in (False, None) else str(text)) for text in texts])
    field = form(formdata)._fields[name]
    if not _validates(field):
        raise BadSetting(f"{plugin.name}.{name}: {' '.join(str(one) for one in field.errors)}")
    return field.data


def _is_valid(form: type[SettingsForm], name: str, value: Any) -> bool:
    field = form(data={name: value})._fields[name]
    field.raw_data = [value]  # InputRequired and Optional look at what was typed
    return _validates(field)


def _validates(field: Field) -> bool:
    """Run the field's own validators; a form has no say over one field."""
    return bool(field.validate(SimpleNamespace()))
