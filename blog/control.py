"""Let an owner see, switch and set plugins, and the site itself, from a page."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from blog import config, identity, language, trial
from blog.config import ConfigError
from blog.db import current_database, session, writing
from blog.migrate import MigrationFailed
from blog.models import PluginError
from blog.platform import (
    collisions,
    leftovers,
    lifecycle,
    listing,
    manifest,
    needs,
    report,
    sequence,
    settings,
    states,
)
from blog.platform.check import PluginRefused
from blog.platform.context import generation
from blog.platform.discovery import find
from blog.platform.listing import Listing
from blog.platform.settings import SettingsForm
from blog.platform.states import CORE

# Tables, classes and lines of code begin with it.
LONGEST_NAME = 24


class Refused(ValueError):
    """A change was refused; the message says why."""


@contextmanager
def refusing() -> Iterator[None]:
    """Raise ``Refused`` where what is done below refuses a plugin, its tables or a setting."""
    try:
        yield
    except (PluginRefused, MigrationFailed, settings.BadSetting, ConfigError) as error:
        raise Refused(str(error)) from error


def plugins() -> list[Listing]:
    """List every plugin, by title, with title and summary in the site's language.

    None is imported.
    One that is on and that this process had to leave out counts as failed.
    """
    instance = generation().instance
    folders = {name: one.path for name, one in find(instance).items()}
    found = [_translated(_as_served(one), folders) for one in listing.plugins(instance)]
    return sorted(found, key=lambda one: language.sort_key(one.title))


def title_of(name: str) -> str:
    """Give the title of a plugin in the site's language; its name where it is not loaded."""
    plugin = generation().plugin(name)
    return language.translate_of(plugin.folder, plugin.manifest.title) if plugin else name


def enable(name: str) -> None:
    """Turn a plugin on, from the next request on; raise ``Refused``."""
    identity.require(identity.MANAGE)
    with refusing(), leftovers.left_behind():
        lifecycle.enable(current_database(), generation().instance, name)


def disable(name: str) -> list[str]:
    """Turn a plugin off, from the next request on; name those that need it."""
    identity.require(identity.MANAGE)
    with refusing():
        return lifecycle.disable(generation().instance, name)


def try_first(name: str) -> None:
    """Show the site with a plugin on to whoever asks now, for an hour; raise ``Refused``.

    They see it with their next request; everybody else sees the site as it is.
    """
    identity.require(identity.MANAGE)
    if generation().plugin(name):
        raise Refused(f"{name} is on: there is nothing to try")
    with refusing(), leftovers.left_behind():
        lifecycle.prepare_trial(generation().instance, name)
    trial.begin(name)


def end_trial() -> None:
    """Show the site to whoever asks now as everybody sees it, from the next request on.

    Workers that have imported what was tried, and is not on, are replaced.
    """
    name = trial.tried()
    if name and not generation().plugin(name):
        leftovers.replace_workers()
    trial.end()


def is_safe() -> bool:
    """Tell whether only bundled plugins run, because somebody asked for that here."""
    return states.current().safe


def set_safe(safe: bool) -> None:
    """Leave out every plugin that is not bundled, or take them back, in every process."""
    identity.require(identity.MANAGE)
    with writing() as write:
        states.set_safe(write, safe)


def needing(name: str) -> list[str]:
    """Name the plugins that are on and would stop with this one."""
    return needs.stopped_by(generation().instance, name)


def needed(name: str) -> list[str]:
    """Name the plugins to enable before this one, in that order; raise ``Refused``."""
    with refusing():
        return needs.needed(generation().instance, name)


def order() -> list[str]:
    """Name the plugins that are on in the order in which they run."""
    return sequence.current(generation().instance)


def is_ordered() -> bool:
    """Tell whether the owner chose the order."""
    return bool(sequence.chosen())


def contradicted() -> list[str]:
    """Say what plugins ask of each other that the owner's order does not give them."""
    return sequence.contradicted(generation().instance)


def move(name: str, *, later: bool = False) -> None:
    """Let a plugin run one place earlier, or later."""
    identity.require(identity.MANAGE)
    with refusing():
        sequence.step(generation().instance, name, later=later)


def reset_order() -> None:
    """Give every plugin the place that it asks for."""
    identity.require(identity.MANAGE)
    sequence.reset()


def shared_templates() -> dict[str, list[str]]:
    """Name the templates that several loaded plugins have; the first of each list is used."""
    return collisions.templates(generation().plugins)


def errors() -> list[PluginError]:
    """List what plugins failed at, the latest first."""
    return report.errors(session)


def failed(name: str, where: str, error: BaseException) -> None:
    """Record that a plugin failed at what the owner asked of it, under its own name."""
    generation().table.failed(name, where, error)


def forget(name: str) -> None:
    """Remove the recorded failures of a plugin."""
    identity.require(identity.MANAGE)
    with writing() as write:
        report.forget(write, name)


def form_of(name: str) -> type[SettingsForm] | None:
    """Give the form of a loaded plugin's settings, if it has any."""
    plugin = generation().plugin(name)
    return settings.form_of(plugin) if plugin else None


def pinned(owner: str = CORE) -> dict[str, str]:
    """Say where settings are pinned by the file or the environment, by their names."""
    places = generation().pinned.places
    if owner == CORE:
        return {name: place for name, place in places.items() if "." not in name}
    start = f"{owner}."
    found = {n.removeprefix(start): place for n, place in places.items() if n.startswith(start)}
    form = form_of(owner)
    return {settings.pinned_key(form, name): place for name, place in found.items() if name}


def can_test(name: str) -> bool:
    """Tell whether a loaded plugin offers a test of its settings."""
    return settings.can_try(form_of(name))


def test_settings(name: str, values: Mapping[str, Any]) -> str:
    """Let a loaded plugin test its settings with these values; nothing is stored.

    Give its sentence; raise ``Refused`` with what is wrong.
    """
    identity.require(identity.MANAGE)
    plugin = generation().plugin(name)
    if plugin is None:
        raise Refused(f"{name} is not on")
    with refusing():
        return settings.tried(plugin, generation().settings[name], values)


def store(values: Mapping[str, Any], owner: str = CORE) -> None:
    """Keep settings of the core or a plugin, for the next request on."""
    identity.require(identity.MANAGE)
    lifecycle.store(owner, values)


def check(name: str, value: Any) -> Any:
    """Give a setting of the core in its right type; raise ``Refused``."""
    with refusing():
        return config.check(name, value, "settings")


def stored_settings() -> dict[str, Any]:
    """Give the core's settings that an owner may change, with the values that hold now."""
    return {name: getattr(generation().config, name) for name in config.stored_names()}


def name_problem(name: str) -> str:
    """Say why a new plugin cannot have a name; empty when it can."""
    fitting = re.sub(r"^[0-9]+|[^a-z0-9]", "", name.lower())
    if not manifest.NAME.match(name) or len(name) > LONGEST_NAME:
        mend = f", for example {fitting[:LONGEST_NAME]!r}" if fitting else ""
        rule = f"small letters and digits, a letter first, {LONGEST_NAME} at most"
        return f"{name!r} is no plugin name: use {rule}{mend}"
    if name in manifest.RESERVED or keyword.iskeyword(name):
        keeper = "Python" if keyword.iskeyword(name) else "the core"
        return f"{keeper} keeps the name {name!r} for itself: choose another"
    taken = find(generation().instance).get(name)
    return f"the name {name!r} is taken: {taken.path} has it; choose another" if taken else ""


def _as_served(one: Listing) -> Listing:
    reason = generation().failures.get(one.name, "") if one.state == "on" else ""
    return replace(one, state="failed", reason=reason) if reason else one


def _translated(one: Listing, folders: Mapping[str, Any]) -> Listing:
    folder = folders.get(one.name)
    return replace(
        one,
        title=language.translate_of(folder, one.title),
        summary=language.translate_of(folder, one.summary) if one.summary else "",
    )
