"""Examine a site and say how to mend what is wrong, without importing a plugin."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from blog import attention, migrate, schema
from blog import config as configuration
from blog.attention import Kind
from blog.config import ConfigError
from blog.folder import KEY, NoSiteHere
from blog.platform import listing, states
from blog.platform.discovery import find
from blog.site import Site

WRONG = (Kind.SWITCHED_OFF, Kind.LEFT_OUT, Kind.MIGRATION)


class Finding(NamedTuple):
    """Say what was looked at, whether it is well, and the mend."""

    what: str
    state: str
    mend: str


def examine(instance: Path) -> list[Finding]:
    """Look at everything that a site needs; later checks are left out when earlier ones fail."""
    try:
        site = Site(instance)
    except (ConfigError, NoSiteHere) as error:
        return [Finding("config", "wrong", str(error))]
    findings = [Finding("config", "well", "")]
    checks: tuple[Callable[[Site], Iterator[Finding]], ...] = (
        _key,
        _database,
        _migrations,
        _settings,
        _names,
        _plugins,
        _left,
    )
    for check in checks:
        try:
            findings += check(site)
        except (SQLAlchemyError, migrate.DatabaseTooNew) as error:
            findings.append(Finding(check.__name__.strip("_"), "wrong", str(error).splitlines()[0]))
            break
    site.close()
    return findings


def _key(site: Site) -> Iterator[Finding]:
    path = site.instance / KEY
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("permissions", "wrong", f"others may read the secret key: chmod 600 {path}")
    elif not os.access(site.instance, os.W_OK):
        yield Finding("permissions", "wrong", f"{site.instance} cannot be written to")
    else:
        yield Finding("permissions", "well", "")


def _database(site: Site) -> Iterator[Finding]:
    with site.database.reader.connect() as connection:
        connection.execute(text("SELECT 1"))
    yield Finding("database", "well", "")


def _migrations(site: Site) -> Iterator[Finding]:
    if migrate.pending(site.database, [migrate.CORE]):
        yield Finding("migrations", "wrong", "palabre migrate")
    else:
        yield Finding("migrations", "well", "")


def _settings(site: Site) -> Iterator[Finding]:
    with site.database_only():
        config = configuration.effective(site.pinned, states.stored(states.CORE))
    if not config.site_url:
        mend = "site_url is not set: links follow the Host of each request; set it in the admin"
        yield Finding("site address", "unsure", mend)
    elif config.site_url.startswith("https:") and not config.trusted_proxies:
        mend = (
            "the site is on https, so a proxy stands in front, and trusted_proxies is empty:"
            ' all readers seem to have one address; set trusted_proxies = ["127.0.0.1"]'
        )
        yield Finding("proxy", "wrong", mend)
    else:
        yield Finding("site address", "well", "")


def _names(site: Site) -> Iterator[Finding]:
    """Look for settings of plugins that nobody has, which would do nothing and say nothing."""
    known = find(site.instance)
    for name in sorted(set(site.pinned.plugins) - set(known)):
        near = get_close_matches(name, known, 1)
        mend = f"; did you mean {near[0]!r}?" if near else ""
        places = (p for key, p in site.pinned.places.items() if key.startswith(f"{name}."))
        yield Finding("config", "wrong", f"{next(places, '')}: no plugin is called {name!r}{mend}")


def _plugins(site: Site) -> Iterator[Finding]:
    with site.database_only():
        rows = listing.plugins(site.instance)
        items = attention.items(site.database, site.instance)
    for one in items:
        state = "wrong" if one.kind in WRONG else "unsure"
        yield Finding(f"plugin {one.plugin}", state, f"{one.what} {one.mend} {one.command}".strip())
    told = {one.plugin for one in items}
    for row in (row for row in rows if row.name not in told):
        state = "unsure" if row.state != "on" and row.reason else "well"
        yield Finding(f"plugin {row.name}", state, row.reason or row.state)


def _left(site: Site) -> Iterator[Finding]:
    """Look for tables of plugins that are not there any more."""
    known = find(site.instance)
    with site.database.reader.connect() as connection:
        names = [one.name for one in schema.outline(connection) if one.kind == schema.TABLE]
    owners = {name.removesuffix("_version") for name in names if name.endswith("_version")}
    for name in sorted(owners - {migrate.CORE.name} - known.keys()):
        mend = f"it is not there any more, its tables are: palabre plugins uninstall {name}"
        yield Finding(f"plugin {name}", "unsure", mend)
