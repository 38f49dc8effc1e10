"""Read what plugins say that they touch, and compare it with what they are seen to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from blog.parts import JOB_NAME, is_job_name
from blog.platform import interrupts, routes
from blog.platform.check import PluginRefused
from blog.platform.discovery import Place
from blog.platform.settings import form_of, secrets_of
from blog.platform.tables import declared_in

if TYPE_CHECKING:
    from blog.platform.loading import Plugin

WORDS = {
    "tables": "keeps tables",
    "hosts": "talks to",
    "secrets": "needs secrets",
    "routes": "answers at",
    "files": "touches files",
    "jobs": "works later",
}
ANY_HOST = "any host"
CHOSEN_HOSTS = "hosts that you name in its settings"


def lines(reach: Mapping[str, Sequence[str]]) -> list[str]:
    """Say what a plugin declares, one line for each kind, for its owner to read."""
    return [f"{WORDS[key]}: {', '.join(named(reach, key))}" for key in WORDS if reach.get(key)]


def named(reach: Mapping[str, Sequence[str]], key: str) -> list[str]:
    """Give what a plugin declares of one kind, in words."""
    found = list(reach.get(key, ()))
    return [_host(one) for one in found] if key == "hosts" else found


def check(plugin: Plugin) -> None:
    """Raise ``PluginRefused`` for tables that are another's, and for what is not declared.

    Bundled plugins are compared with their manifests by a test, not again at every start.
    """
    for table in declared_in(plugin.module.__name__):
        if not table.startswith(f"{plugin.name}_") or table == f"{plugin.name}_version":
            raise PluginRefused(
                f"keeps the table {table!r}, which is not its own to name: "
                f"tables of {plugin.name} begin with '{plugin.name}_'"
            )
    for job in routes.keys(plugin, "jobs"):
        if not is_job_name(job):
            raise PluginRefused(f"has a job {job!r}: {JOB_NAME}")
    if plugin.found.place is not Place.BUNDLED:
        missing = undeclared(plugin)
        if missing:
            raise PluginRefused(_said(missing))


def undeclared(plugin: Plugin) -> dict[str, list[str]]:
    """Give what a plugin has and its manifest does not name, by kind."""
    reach = plugin.manifest.reach
    found = {
        "tables": [
            one for one in declared_in(plugin.module.__name__) if one not in reach.get("tables", ())
        ],
        "routes": [
            one.rule
            for one in routes.of(plugin)
            if not routes.is_declared(one.rule, reach.get("routes", ()))
        ],
        "secrets": [one for one in _secrets(plugin) if one not in reach.get("secrets", ())],
        "jobs": [one for one in routes.keys(plugin, "jobs") if one not in reach.get("jobs", ())],
    }
    return {kind: list(dict.fromkeys(names)) for kind, names in found.items() if names}


def _host(one: str) -> str:
    return ANY_HOST if one == "*" else CHOSEN_HOSTS if one.startswith("{") else one


def _secrets(plugin: Plugin) -> list[str]:
    with interrupts.ignored():  # its form is its own; what is wrong is said when it is read
        return secrets_of(form_of(plugin))
    return []


def _said(missing: Mapping[str, Sequence[str]]) -> str:
    kinds = ", ".join(
        f"{kind} = {list(names)!r}".replace("'", '"') for kind, names in missing.items()
    )
    return f"has what its manifest does not declare: add to [reach] {kinds}"
