"""Write a whole site into one zip, and put it back: all of it, or nothing of it."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from blog import gettext as _
from blog import now, parcels, transfer

KIND, FORMAT = "palabre backup", 1
CONFIG, KEY = "config.toml", "secret_key"


class BackupFailed(RuntimeError):
    """An archive cannot be made; one that was there before is still whole."""


class Archive(NamedTuple):
    """Hold an archive that is open, its folders, the code of its plugins, and words for it."""

    zip: zipfile.ZipFile
    owned: list[transfer.Owned]
    folders: list[str]
    code: Path
    said: str


def write(
    database: transfer.Database,
    instance: Path,
    target: Path,
    *,
    with_secrets: bool = False,
    tell: Callable[[], object] = bool,
    check: Callable[[Path], object] = bool,
) -> str:
    """Write a site as it is at one moment, while it runs; the file takes its place when whole.

    ``tell`` is called again and again; ``check`` looks at the file before it takes its place.
    Say what is in it, or raise ``BackupFailed``.
    """
    secret = {"with_secrets": with_secrets}
    try:
        with parcels.written(target, KIND, FORMAT, check) as (archive, head):
            head |= {"palabre": version("palabre"), "made_at": now().isoformat(), **secret}
            with transfer.snapshot(database) as connection:
                owned = transfer.take(connection, archive, instance, tell=tell, **secret)
                head["plugins"] = transfer.plugins(connection, instance)
            head["owned"] = [asdict(one) for one in owned]
            head["folders"] = transfer.folders(instance, without="backup")
            head["files"] = parcels.add(archive, instance, head["folders"], tell)
            transfer.take_settings(archive, instance, **secret)
    except Exception as error:  # a migration waits for this, and nothing may pass it over
        said = " ".join(str(error).splitlines()[:1])
        text = _("no backup was made in %(file)s: %(reason)s", file=target, reason=said)
        raise BackupFailed(text) from error
    return f"{transfer.described(owned)}, {head['files']} files"


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an archive once it is seen to be whole; raise ``RestoreRefused``."""

    def tops(head: Mapping[str, Any]) -> list[str]:
        return [*transfer.allowed(head["folders"]), CONFIG, KEY, "tables"]

    with (
        parcels.opened(path, KIND, FORMAT, tops) as (archive, head),
        tempfile.TemporaryDirectory() as code,
    ):
        try:
            owned = transfer.owned_in(head["owned"])
            said = f"{transfer.described(owned)}, {head['files']} files, of {head['made_at']:.16}"
        except (KeyError, TypeError, ValueError) as error:
            raise transfer.RestoreRefused(f"{path} is damaged: {error}") from error
        parcels.extract(archive, Path(code), ["plugins"])
        if late := transfer.newer(owned, Path(code)):
            raise transfer.RestoreRefused(f"{path} is newer than this Palabre: {late}")
        yield Archive(archive, owned, transfer.allowed(head["folders"]), Path(code), said)


def verify(path: Path) -> None:
    """Restore an archive into a scratch database and compare all; raise ``RestoreRefused``."""
    with opened(path) as one:
        transfer.verify(one.zip, one.owned, one.code)


def restore(database: transfer.Database, instance: Path, one: Archive) -> dict[str, int]:
    """Replace a site by that of an archive.

    Give the rows that were left out because what they point at is gone, by table.
    Raise ``RestoreRefused``; then nothing was changed.
    """
    names = (*one.folders, CONFIG, KEY)
    try:
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=instance) as folder:
            stage = Path(folder)
            for name in one.folders:
                (stage / name).mkdir()
            parcels.extract(one.zip, stage, names)
            transfer.place_settings(stage, instance)
            with parcels.exchanging(stage, instance, names) as exchange:
                return transfer.put(database, one.zip, one.owned, stage, exchange)
    except OSError as error:
        raise transfer.RestoreRefused(f"nothing was changed: {error}") from error
