"""Move settings that an older version of a plugin stored."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy.orm import Session

from blog.db import session, take_turns, writing
from blog.models import PluginState, StoredSettings
from blog.platform import interrupts, states
from blog.platform.check import PluginRefused
from blog.platform.context import NoSite, generation
from blog.platform.loading import Plugin
from blog.platform.report import described
from blog.platform.settings import BadSetting, form_of, storable


def version_of(plugin: Plugin) -> int:
    """Give the version of a plugin's form of settings; 1 unless it says another."""
    form = form_of(plugin)
    return form.schema_version if form else 1


def is_older(plugin: Plugin, stored_version: int) -> bool:
    """Tell whether stored settings are of an older version than the plugin's form.

    What was stored before versions were counted is of the first.
    """
    return max(stored_version, 1) < version_of(plugin)


def moved(plugin: Plugin, stored: Mapping[str, Any], stored_version: int) -> Mapping[str, Any]:
    """Give stored settings as the plugin's form wants them; nothing is written.

    Raise ``BadSetting`` where they cannot be moved: what is stored stays as it was.
    """
    stored_version, wanted = max(stored_version, 1), version_of(plugin)
    if not stored or stored_version == wanted:
        return stored
    if stored_version > wanted:
        raise BadSetting(
            f"its settings are of version {stored_version}, its code knows {wanted}: "
            "put the newer plugin back"
        )
    form = form_of(plugin)
    if form is None:
        return stored
    try:
        values = dict(form.move_values(deepcopy(dict(stored)), stored_version))
    except BaseException as error:  # the plugin's own code
        interrupts.heed(error)
        raise BadSetting(
            f"its settings of version {stored_version} cannot be moved to {wanted}: "
            f"{described(error)}; they are kept as they were"
        ) from error
    return {str(name): storable(value) for name, value in values.items()}


def stored_version(name: str) -> int:
    """Give the version of a plugin's stored settings."""
    row = session.get(PluginState, name)
    return row.settings_version if row else 0


def turn_of(owner: str) -> str:
    """Name the turn in which settings are read, changed and written."""
    return f"settings of {owner}"


def keep(write: Session, plugin: Plugin) -> None:
    """Write moved settings down with their version, in the write of somebody else.

    Raise ``PluginRefused`` where they cannot be moved.
    """
    take_turns(write, turn_of(plugin.name))
    state = states.of(write, plugin.name)
    if max(state.settings_version, 1) == version_of(plugin):
        return
    row = write.get(StoredSettings, plugin.name)
    if row is not None:
        try:
            row.data = dict(moved(plugin, row.data, state.settings_version))
        except BadSetting as error:
            raise PluginRefused(f"{plugin.name}: {error}") from error
    state.settings_version = version_of(plugin)


def keep_loaded(write: Session, name: str) -> None:
    """Do so before new values are stored beside the old ones, where the plugin is loaded."""
    try:
        plugin = generation().plugin(name)
    except NoSite:
        return
    if plugin is not None:
        keep(write, plugin)


def keep_all() -> None:
    """Write down what was moved when the plugins of this generation were loaded."""
    counted = [one for one in generation().plugins if version_of(one) > 1]
    for plugin in counted:
        if is_older(plugin, stored_version(plugin.name)):
            with writing() as write:
                keep(write, plugin)
