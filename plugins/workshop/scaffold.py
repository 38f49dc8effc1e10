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


def write(name: str, into: Path, *, folder: bool) -> Path:
    """Write a plugin of one file or a folder; raise ``FileExistsError`` where one is already."""
    kinds = into / f"{name}.py", into / name
    for one in kinds:
        if one.exists() or one.is_symlink():
            raise FileExistsError(17, "it is there", str(one))
    into.mkdir(parents=True, exist_ok=True)
    if not folder:
        _fill(SOURCES / "file" / f"plugin.py{ENDING}", kinds[0], name)
        return kinds[0]
    # Whole or not at all: a site takes what it finds in its folder.
    part = into / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    for source in sorted((SOURCES / "folder").rglob(f"*{ENDING}")):
        relative = source.relative_to(SOURCES / "folder").as_posix()
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
