"""Keep archives in the folder of the site, without anybody waiting, and let old ones go."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from blog import generation, jobs, now, settings, transfer
from blog import gettext as _

from . import archives

ASKED, BY_NIGHT, MIGRATION, RESTORE = "asked", "nightly", "migration", "restore"
DAYS = {"nightly": 1, "weekly": 7}


class Kept(NamedTuple):
    """Describe an archive in the folder of the site; ``why`` is why it was made."""

    name: str
    why: str
    made_at: datetime
    size: int
    path: Path


def kept(instance: Path) -> list[Kept]:
    """List the archives, the latest first."""
    found = []
    for path in sorted((instance / "backup").glob("palabre-*-*.zip"), reverse=True):
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        why = path.stem.rpartition("-")[2]
        found.append(Kept(path.name, why, made_at, path.stat().st_size, path.absolute()))
    return found


def keep(
    database: transfer.Database,
    instance: Path,
    why: str,
    number: int | None = None,
    tell: Callable[[], object] = bool,
) -> Path:
    """Make an archive, then let go all but so many that were made for the same reason, if told."""
    target = instance / "backup" / f"palabre-{now():%Y-%m-%d-%H%M%S}-{why}.zip"
    archives.write(database, instance, target, tell=tell)
    same = [one for one in kept(instance) if one.why == why]
    for old in same[number:] if number is not None else ():
        old.path.unlink(missing_ok=True)
    return target


def make(_payload: Mapping[str, Any]) -> None:
    """Make the archive that somebody asked for; what went wrong is shown, not tried again."""
    try:
        _keep_here(ASKED, jobs.telling())
    except archives.BackupFailed as error:
        jobs.tell(problem=str(error))


def nightly(_payload: Mapping[str, Any]) -> None:
    """Make an archive where the latest on schedule is so many days old, or nearly."""
    days = DAYS.get(settings["backup"].schedule)
    made = [one.made_at for one in kept(generation().instance) if one.why == BY_NIGHT]
    if days and not (made and now() - made[0] < timedelta(days=days - 0.5)):
        _keep_here(BY_NIGHT, jobs.telling())


def before_migration() -> str | None:
    """Make an archive unless its owner wants none; say why there is none."""
    try:
        if settings["backup"].before_migrations:
            _keep_here(MIGRATION, bool)
    except archives.BackupFailed as error:
        mend = _("mend that, or go on without: %(command)s", command="palabre migrate --anyway")
        return f"{error}; {mend}"
    return None


def _keep_here(why: str, tell: Callable[[], object]) -> None:
    keep(transfer.current_database(), generation().instance, why, settings["backup"].kept, tell)
