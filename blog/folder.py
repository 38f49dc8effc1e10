"""Make the folder of a site: key, settings file, database, first list of plugins."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from blog import config as configuration
from blog import migrate
from blog.config import Pinned
from blog.db import Database, sqlite_url, writing
from blog.models import SiteState, StoredSettings
from blog.platform import lifecycle, states
from blog.platform.report import Report

DATABASE = "palabre.sqlite"
KEY = "secret_key"
SHORTEST_KEY = 32
FOLDERS = ("plugins", "templates", "media")
Edited = Mapping[str, tuple[int, int]]


class NoSiteHere(LookupError):
    """The folder holds no site yet."""


def create(
    instance: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> bool:
    """Make a site in a folder: key, database, first list of plugins; twice is harmless.

    Give ``True`` when it is new.
    """
    report = Report()
    database = lay_out(instance, environ)
    try:
        migrate.upgrade(database, migrate.CORE)
        with database.bound():
            is_new = _begin(instance, dict(settings or {}))
            if is_new:
                lifecycle.prepare_tables(database, instance, report)
                report.flush()
    finally:
        database.dispose()
    return is_new


def lay_out(instance: Path, environ: Mapping[str, str] | None = None) -> Database:
    """Make folders, key and settings file of a site where they lack, and open its database."""
    for folder in (instance, *(instance / one for one in FOLDERS)):
        folder.mkdir(parents=True, exist_ok=True)
    make_key(instance)
    write_config(instance)
    database = open_database(instance, configuration.read(instance, environ))
    keep_private(database)
    return database


def open_database(instance: Path, pinned: Pinned) -> Database:
    """Open the database that the settings name, or the file in the folder."""
    return Database(str(pinned.core.get("database_url") or sqlite_url(instance / DATABASE)))


def read_key(instance: Path) -> str:
    """Read the site's secret key; raise ``NoSiteHere`` where there is none."""
    try:
        key = (instance / KEY).read_text("utf-8").strip()
    except FileNotFoundError:
        raise NoSiteHere(f"no site in {instance}: make one with palabre init") from None
    if len(key) < SHORTEST_KEY:
        raise NoSiteHere(
            f"{instance / KEY} is too short to sign with: remove it, then palabre init"
        )
    return key


def make_key(instance: Path) -> None:
    """Make the secret key that only its owner may read, unless there is one."""
    path = instance / KEY
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48) + "\n")


def keep_private(database: Database) -> None:
    """Let only its owner read the file of SQLite, which holds e-mails and password hashes."""
    if database.is_sqlite and database.url.database:
        path = Path(database.url.database)
        path.touch(0o600)


def write_config(instance: Path) -> None:
    """Write a file of settings in which each is explained and none is set, unless there is one."""
    path = instance / configuration.FILE
    if not path.exists():
        path.write_text(configuration.commented(), "utf-8")


def edited(instance: Path) -> Edited:
    """Give time of change in ns and size of each file that an owner edits: settings and plugins."""
    files = [instance / configuration.FILE, *(instance / "plugins").rglob("*")]
    found: dict[str, tuple[int, int]] = {}
    for one in files:
        with suppress(FileNotFoundError):  # an editor moves files about
            if one.is_file() and one.suffix != ".pyc" and not one.name.startswith("."):
                now = one.stat()
                # A file seen half written may have its time of change already.
                found[str(one)] = now.st_mtime_ns, now.st_size
    return found


def _begin(instance: Path, settings: Mapping[str, Any]) -> bool:
    with writing() as write:
        if write.get(SiteState, 1) is not None:
            return False
        write.add(SiteState(id=1, generation=1))
        write.add(StoredSettings(owner=states.CORE, data=dict(settings)))
        lifecycle.write_first_list(write, instance)
    return True
