"""Check a plugin from a shell, with or without a site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from packaging.version import InvalidVersion, Version

from blog.console import Context, say
from blog.folder import NoSiteHere
from blog.platform.discovery import find

# No other command needs the checks: they are loaded when this one runs.
if TYPE_CHECKING:
    from blog.platform.checking import Checked
    from blog.platform.checks.beside import Beside


def _version(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        return str(Version(value)) if value else ""
    except InvalidVersion:
        raise click.BadParameter(f"{value!r} is no version, for example 1.0") from None


@click.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@click.option(
    "--against",
    metavar="VERSION",
    default="",
    callback=_version,
    help="Also say which hooks this version of Palabre lacks.",
)
@click.pass_context
def check_(context: click.Context, path: Path, as_json: bool, against: str) -> None:
    """Look for mistakes in a plugin's folder or file, and grade it.

    It is imported in a child process alone. In a site, also what is on there is looked at.
    Fails when there is an error.
    """
    from blog.platform.checking import check  # noqa: PLC0415
    from blog.platform.findings import errors  # noqa: PLC0415

    if path.is_file() and path.suffix != ".py":
        raise click.BadParameter(f"{path} is no folder and no Python file", param_hint="PATH")
    checked = check(path, _around(context.obj), name=_name(path), against=against)
    if as_json:
        rows = [one.row() for one in checked.findings]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _show(checked)
    context.exit(1 if errors(checked.findings) else 0)


def _around(context: Context) -> Beside:
    from blog.platform.checks.beside import on_site, without_site  # noqa: PLC0415

    try:
        with context.unloaded():
            return on_site(find(context.instance))
    except NoSiteHere:
        return without_site()


def _name(path: Path) -> str:
    """Name a plugin that is given as ``.`` after the folder that this is."""
    whole = path.resolve()
    return whole.name if whole.is_dir() else whole.stem


def _show(checked: Checked) -> None:
    for one in checked.findings:
        click.echo(str(one))
    lacks = f"; for a better one it lacks {', '.join(checked.missing)}" if checked.missing else ""
    say(f"{checked.name}: grade {checked.grade}{lacks}")
