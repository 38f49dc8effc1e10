"""Show the settings that a plugin declares, keep them, and let the plugin test them."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Field, PasswordField, SelectFieldBase

from blog import SettingsForm, control, generation, identity
from blog import gettext as _

from .frame import bp, language, needs, say, show

TEST = "test-settings"  # no field of a plugin can be called so


@bp.route("/plugins/<name>/settings", methods=["GET", "POST"])
@needs(identity.MANAGE)
def set_(name: str) -> ResponseReturnValue:
    """Show the settings that a plugin declares, and keep what is typed."""
    kind = control.form_of(name)
    if kind is None:
        abort(404)
    try:
        return _answer(name, kind)
    except (Exception, SystemExit) as error:  # making or showing the form is the plugin's own code
        control.failed(name, "settings", error)
        what = f"{type(error).__name__}: {error}"
        say(_("The plugin failed at its own settings: %(error)s", error=what), error=True)
        return redirect(url_for("admin.plugin", name=name), 303)


def _answer(name: str, kind: type[SettingsForm]) -> ResponseReturnValue:
    values = dict(vars(generation().settings[name]))
    sent = request.form if request.method == "POST" else None
    pinned, kept, broken = control.pinned(name), [], ""
    form = kind(sent, data=values, meta={"locales": (language(),)})
    for one in [one for one in pinned if one in form]:
        kept.append((form[one].label.text, shown_value(form[one]), pinned[one]))
        del form[one]
    try:
        if sent is not None and form.validate():
            if TEST not in sent:
                control.store(_given(form), name)
                say(_("Saved. The next reader sees it."))
                return redirect(url_for("admin.set_", name=name), 303)
            _test(name, _given(form))
    except Exception as error:  # the form is the plugin's own and may raise anything
        broken = f"{type(error).__name__}: {error}"
    page = show(
        "plugin_settings.html",
        here="admin.plugins",
        name=name,
        title=control.title_of(name),
        form=form,
        problems=_problems(form),
        broken=broken,
        kept=kept,
        test=TEST if control.can_test(name) else "",
        known={one for one, value in values.items() if value},
        kind_of=kind_of,
        first=_first,
    )
    is_good = sent is None or (TEST in sent and not form.errors and not broken)
    return page, 200 if is_good else 422


def _test(name: str, values: dict[str, Any]) -> None:
    """Say what the plugin's own test of these settings says; nothing is stored."""
    try:
        say(control.test_settings(name, values))
    except control.Refused as error:
        say(str(error), error=True)


def _problems(form: Any) -> list[tuple[str, str, str]]:
    return [(one.id, str(one.label.text), _first(one.errors)) for one in form if one.errors]


def _first(errors: Any) -> str:
    """Give the first sentence, however deep a field of fields keeps it."""
    while isinstance(errors, (list, tuple, dict)) and errors:
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors))
    return str(errors)


def kind_of(field: Field) -> str:
    """Say how a field is laid out: a tick beside its label, a secret, or a box below it."""
    if isinstance(field, BooleanField):
        return "check"
    if isinstance(field, PasswordField):
        return "secret"
    return "choice" if isinstance(field, SelectFieldBase) and _is_list(field) else "box"


def shown_value(field: Field) -> str:
    """Give a value that is pinned elsewhere, as words; a secret is never shown."""
    if isinstance(field, PasswordField):
        return "••••"
    if isinstance(field, BooleanField):
        return _("yes") if field.data else _("no")
    return ", ".join(map(str, field.data)) if isinstance(field.data, list) else str(field.data)


def _given(form: Any) -> dict[str, Any]:
    """Give what was typed; a secret that is left empty stays as it was."""
    fields = (one for one in form if one.data or not isinstance(one, PasswordField))
    return {one.name: one.data for one in fields}


def _is_list(field: Any) -> bool:
    return bool(getattr(field.widget, "prefix_label", None) is not None)
