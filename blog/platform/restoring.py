"""Bring back what a plugin's export holds, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, delete, insert, select, update

from blog import migrate, parcels
from blog.db import Database, session
from blog.models import Job, PluginState, StoredSettings
from blog.parcels import RestoreRefused, lines
from blog.platform import code, files, removal, settings, staging, states, versions
from blog.platform.archive import FILES, FORMAT, JOBS, KIND, TABLES, Contents, Kept, tables_in
from blog.platform.check import PluginRefused
from blog.platform.discovery import Found, find
from blog.platform.loading import Plugin, import_plugin


@dataclass(slots=True)
class Restored:
    """Count what came back.

    ``left_out`` counts rows whose post, comment or other row is gone, by table; ``kept`` names
    files that were there already and stay as they are.
    """

    rows: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    jobs: int = 0
    files: int = 0
    kept: list[str] = field(default_factory=list)


def replaced(database: Database, name: str, path: Path) -> dict[str, int]:
    """Count the rows that a restore would replace, by table; raise ``RestoreRefused``."""
    _require_on(name)
    with _opened(path, name):
        counts = removal.count_rows(database, name)
    return {one: rows for one, rows in counts.items() if rows and one != f"{name}_version"}


def restore(database: Database, instance: Path, name: str, path: Path) -> Restored:
    """Put back a plugin's rows, settings, jobs and files, in place of those that are there.

    The plugin is on, with the same or a newer revision of its tables; it catches up afterwards.
    It is imported where the export holds settings, to move those of an older version.
    Raise ``RestoreRefused``; then nothing was changed.
    """
    _require_on(name)
    found = find(instance).get(name)
    with _opened(path, name) as (archive, contents):
        try:
            with _files_undone() as written, migrate.changing(database) as connection:
                done = Restored()
                _restore_tables(connection, archive, contents, done)
                _restore_settings(connection, instance, contents)
                _restore_jobs(connection, archive, contents, done)
                _restore_files(instance, archive, contents, found, written, done)
                states.bump(connection)
                return done
        except RestoreRefused:
            raise
        except Exception as error:
            said = " ".join(str(error).splitlines()[:1]) or type(error).__name__
            raise RestoreRefused(f"{path} was not restored, nothing changed: {said}") from error


def _require_on(name: str) -> None:
    row = session.get(PluginState, name)
    if row is None or not row.enabled:
        raise RestoreRefused(f"{name} is not on: palabre plugins enable {name}")


@contextmanager
def _opened(path: Path, plugin: str) -> Iterator[tuple[zipfile.ZipFile, Contents]]:
    tops = (TABLES[:-1], FILES[:-1])
    with parcels.opened(path, KIND, FORMAT, lambda _: tops) as (archive, head):
        try:
            contents = Contents(**{one.name: head[one.name] for one in fields(Contents)})
            tables = [Kept(**one) for one in head["tables"]]
            contents = replace(contents, tables=tables, jobs=Kept(**head["jobs"]))
        except (KeyError, TypeError) as error:
            raise RestoreRefused(f"{path} is no {KIND}, or it is damaged") from error
        if contents.plugin != plugin:
            raise RestoreRefused(f"{path} holds the data of {contents.plugin}, not of {plugin}")
        yield archive, contents


def _restore_tables(
    connection: Connection, archive: zipfile.ZipFile, contents: Contents, done: Restored
) -> None:
    name = contents.plugin
    at = migrate.revision(connection, migrate.Owner(name, Path()))
    if contents.revision > at:
        raise RestoreRefused(
            f"the export is of revision {contents.revision}, the tables of {name} are at"
            f" {at or 'none'}: install the newer version of {name} first"
        )
    tables = tables_in(connection).get(name, [])
    done.left_out = staging.fill(connection, archive, tables, contents.tables)
    done.rows = {one.name: one.rows - done.left_out.get(one.name, 0) for one in contents.tables}


def _restore_settings(connection: Connection, instance: Path, contents: Contents) -> None:
    """Put settings back, moved to the plugin's version; secrets, which no export holds, stay."""
    if contents.settings is None:
        return
    name = contents.plugin
    plugin = _imported(instance, name)
    own, state = StoredSettings.owner == name, PluginState.name == name
    now = connection.scalar(select(StoredSettings.data).where(own)) or {}
    at = connection.scalar(select(PluginState.settings_version).where(state)) or 0
    try:
        now = versions.moved(plugin, now, at)
        new = versions.moved(plugin, contents.settings, contents.settings_version)
    except settings.BadSetting as error:
        raise RestoreRefused(f"{name}: {error}") from error
    declared = plugin.manifest.reach.get("secrets", ())
    secret = {*settings.secrets_of(settings.form_of(plugin)), *declared}
    data = {**new, **{key: value for key, value in now.items() if key in secret}}
    connection.execute(delete(StoredSettings).where(own))
    connection.execute(insert(StoredSettings).values({"owner": name, "data": data}))
    at = versions.version_of(plugin)
    connection.execute(update(PluginState).where(state).values(settings_version=at))


def _imported(instance: Path, name: str) -> Plugin:
    """Import a plugin that is on, as it was taken."""
    try:
        return import_plugin(code.on(instance, find(instance)).get(name), name)
    except PluginRefused as error:
        raise RestoreRefused(f"{name} has to run before its settings come back: {error}") from error


def _restore_jobs(
    connection: Connection, archive: zipfile.ZipFile, contents: Contents, done: Restored
) -> None:
    """Put back the jobs with numbers of this database, and let the plugin catch up."""
    name, kept = contents.plugin, contents.jobs
    columns = [one for one in kept.columns if one["name"] != "id"]
    rows = ({one["name"]: row[one["name"]] for one in columns} for row in lines(archive, JOBS))
    own = ({**row, "plugin": name} for row in rows)
    connection.execute(delete(Job).where(Job.plugin == name))
    jobs = Table(Job.__tablename__, MetaData(), autoload_with=connection)
    staging.refill(connection, jobs, replace(kept, columns=columns, last=0), own)
    connection.execute(update(PluginState).where(PluginState.name == name).values(behind=True))
    done.jobs = kept.rows


def _restore_files(
    instance: Path,
    archive: zipfile.ZipFile,
    contents: Contents,
    found: Found | None,
    written: list[Path],
    done: Restored,
) -> None:
    """Write files that are not there; only where the plugin declares that it keeps some."""
    for path in contents.files:
        if not any(files.is_in(path, one) for one in files.declared(found)):
            raise RestoreRefused(f"{contents.plugin} does not say that it keeps files at {path!r}")
        target = instance / path
        if not target.parent.resolve().is_relative_to(instance.resolve()):
            raise RestoreRefused(f"{path!r} leads out of the instance")
        if target.exists() or target.is_symlink():
            done.kept.append(path)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        written.append(target)
        with os.fdopen(descriptor, "wb") as file, archive.open(f"{FILES}{path}") as member:
            shutil.copyfileobj(member, file)
        done.files += 1


@contextmanager
def _files_undone() -> Iterator[list[Path]]:
    """Remove what was written when anything fails."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for one in written:
            one.unlink(missing_ok=True)
        raise
