"""Show plugins as in a shop window, switch and set them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Field, PasswordField, SelectFieldBase

from blog import control, generation, identity
from blog import gettext as _

from .frame import bp, language, needs, say, show

HERE = "admin.plugins"
TEST = "test-settings"  # no field of a plugin can be called so


@bp.get("/plugins", endpoint="plugins")
@needs(identity.MANAGE)
def list_() -> ResponseReturnValue:
    """Show every plugin with what it touches and where it failed."""
    errors = defaultdict(list)
    for one in control.errors():
        errors[one.plugin].append(one)
    return show(
        "plugins.html",
        plugins=control.plugins(),
        errors=errors,
        with_settings={one.name for one in generation().plugins if control.form_of(one.name)},
        places={
            "bundled": _("comes with Palabre"),
            "instance": _("placed in this site’s folder"),
            "package": _("installed as a package"),
        },
        touched=_touched(),
    )


@bp.get("/plugins/order")
@needs(identity.MANAGE)
def order() -> ResponseReturnValue:
    """Show which plugins take part in each hook, in the order in which they run."""
    hooks = [one for one in generation().table if one.implementations]
    return show("order.html", here=HERE, hooks=sorted(hooks, key=lambda one: str(one.name)))


@bp.post("/plugins/<name>/on")
@needs(identity.MANAGE)
def switch_on(name: str) -> ResponseReturnValue:
    """Turn a plugin on."""
    try:
        control.enable(name)
    except control.Refused as error:
        say(_("That plugin stays off: %(why)s", why=error), error=True)
    else:
        say(_("%(name)s is on.", name=control.title_of(name)))
    return redirect(url_for(HERE), 303)


@bp.post("/plugins/<name>/off")
@needs(identity.MANAGE)
def switch_off(name: str) -> ResponseReturnValue:
    """Turn a plugin off; ask first where more than it would stop."""
    title = control.title_of(name)
    stops = [control.title_of(one) for one in control.needing(name)]
    closes = name == "admin" or _is_the_only_door(name)
    if (stops or closes) and "sure" not in request.form:
        return show("off.html", here=HERE, name=name, title=title, stops=stops, closes=closes)
    try:
        control.disable(name)
    except control.Refused:
        abort(404)
    say(
        _("%(name)s is off. What it kept is still there.", name=title),
        url_for("admin.switch_on", name=name),
        label=_("Turn it on again"),
    )
    return redirect("/" if closes else url_for(HERE), 303)


@bp.post("/plugins/<name>/forget")
@needs(identity.MANAGE)
def forget(name: str) -> ResponseReturnValue:
    """Forget the recorded failures of a plugin."""
    control.forget(name)
    say(_("The errors of %(name)s are forgotten.", name=control.title_of(name)))
    return redirect(url_for(HERE), 303)


@bp.route("/plugins/<name>/settings", methods=["GET", "POST"])
@needs(identity.MANAGE)
def set_(name: str) -> ResponseReturnValue:
    """Show the settings that a plugin declares, and keep what is typed."""
    kind = control.form_of(name)
    if kind is None:
        abort(404)
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
        "plugin.html",
        here=HERE,
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


def _is_the_only_door(name: str) -> bool:
    """Tell whether nobody could be signed in without this plugin."""
    for hook in generation().table:
        if hook.name == "who_is_asking":
            return {one.plugin for one in hook.implementations} == {name}
    return False


def _touched() -> dict[str, str]:
    return {
        "tables": _("Keeps tables"),
        "routes": _("Answers at"),
        "hosts": _("Talks to"),
        "secrets": _("Needs secrets"),
        "files": _("Writes files"),
        "jobs": _("Works later"),
    }
