"""Export from a shell; what is written holds people's e-mails."""

from collections.abc import Iterable
from pathlib import Path

import click

from blog import console

from . import services


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@console.with_site
def markdown(folder: Path) -> None:
    """Write a folder for each post: its text with front matter, its pictures and comments."""
    from . import files  # noqa: PLC0415 - no start should pay for what few requests need

    if folder.is_dir() and any(folder.iterdir()):
        raise console.Refused(f"{folder} is not empty: name a new folder")
    for name, content in files.tree():
        _write(folder / name, content)
    console.say(f"{folder} is written")


def command(key: str, form: services.Form) -> click.Command:
    """Make the command of a form."""

    @click.command(key.partition(".")[0], help=(form.__doc__ or "").partition("\n")[0])
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @console.with_site
    def run(file: Path) -> None:
        console.say(f"{_write(file, form(services))} is written")

    return run


def _write(file: Path, content: Iterable[str] | Path) -> Path:
    """Write beside and move, so that a file that is there is a whole one."""
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as opened:
            part.chmod(0o600)
            opened.writelines(services.bits(content))
        return part.replace(file)
    except OSError as error:
        raise console.Refused(f"{file}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
