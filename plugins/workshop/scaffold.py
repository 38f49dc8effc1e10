"""Write the files of a new plugin."""

from __future__ import annotations

import shutil
from pathlib import Path
from string import Template

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCES = Path(__file__).parent / "scaffold"
ENDING = ".template"
NAMED = "NAME"


def write(name: str, into: Path, form: str) -> Path:
    """Write a plugin in a form; raise ``FileExistsError`` where one is already.

    A form is a folder of templates: ``file`` makes a single file, ``folder`` and ``bare`` a folder.
    """
    kinds = into / f"{name}.py", into / name
    for one in kinds:
        if one.exists() or one.is_symlink():
            raise FileExistsError(17, "it is there", str(one))
    into.mkdir(parents=True, exist_ok=True)
    if form == "file":
        _fill(SOURCES / form / f"plugin.py{ENDING}", kinds[0], name)
        return kinds[0]
    # Whole or not at all: a site takes what it finds in its folder.
    part = into / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    for source in sorted((SOURCES / form).rglob(f"*{ENDING}")):
        relative = source.relative_to(SOURCES / form).as_posix()
        target = part / relative.removesuffix(ENDING).replace(NAMED, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        _fill(source, target, name)
    _compile(part)
    part.rename(kinds[1])
    return kinds[1]


def _fill(source: Path, target: Path, name: str) -> None:
    text = Template(source.read_text("utf-8")).substitute(name=name, title=name.capitalize())
    with target.open("x", encoding="utf-8") as file:
        file.write(text)


def _compile(folder: Path) -> None:
    """Compile catalogues, which are read only so."""
    for file in folder.rglob("messages.po"):
        with file.open("rb") as source, file.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))
