"""Bring translations up to date with the code, or check that they are.

The core and each plugin folder have a catalogue of their own, in their ``translations``.
A plugin's catalogue leaves out what the core's says already, since look-ups end there;
a plugin of a single file has no folder for one, so its messages are in the core's.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fr",)
METHODS = {".py": "python", **dict.fromkeys((".html", ".xml", ".txt"), "jinja2.ext:babel_extract")}
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "N_")),
    **dict.fromkeys(("ngettext", "lazy_ngettext"), (1, 2)),
}
# What a manifest says to the site's owner is translated like any other message.
MANIFEST_KEYS = ("title", "summary")
MANIFEST_BLOCK = re.compile(r"^# /// plugin\n((?:#.*\n)*?)# ///$", re.MULTILINE)
FRENCH = {
    r" [;!?]|\w[;!?](\s|$)": "a narrow no-break space (U+202F) goes before ; ! ?",
    r"[ \u202f]:(\s|$)|\w:(\s|$)": "a no-break space (U+00A0) goes before :",
    r"«[^\xa0]|[^\xa0]»": "a no-break space (U+00A0) goes inside « »",
    r"\w'\w": "the apostrophe is ’",
}


@dataclass(frozen=True)
class Owner:
    """The core or a plugin: where its catalogues are, and the files whose messages they hold."""

    folder: Path
    sources: tuple[Path, ...]

    def file(self, language: str) -> Path:
        """Name the catalogue in a language."""
        return self.folder / "translations" / language / "LC_MESSAGES" / "messages.po"


def main() -> None:
    """Update every catalogue, then list what is missing; with ``--check`` change nothing."""
    parser = argparse.ArgumentParser(description="Bring translations up to date with the code.")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when stale")
    arguments = parser.parse_args()
    problems: list[str] = []
    for owner, template in templates().items():
        for language in LANGUAGES:
            if not arguments.check:
                update(owner.file(language), language, template)
            problems += review(owner.file(language), language, template)
    if problems:
        sys.exit("\n".join([*problems, "Run make catalogues and translate what is listed."]))


def templates() -> dict[Owner, Catalog]:
    """Extract the messages of the core, then those that each plugin adds to them."""
    blog, plugins = ROOT / "blog", ROOT / "plugins"
    core = Owner(blog, (*_files(blog), *sorted(plugins.glob("*.py"))))
    found = {core: extract(core)}
    for init in sorted(plugins.glob("*/__init__.py")):
        owner = Owner(init.parent, tuple(_files(init.parent)))
        found[owner] = extract(owner)
        for message in found[core]:
            found[owner].delete(message.id)
    return found


def extract(owner: Owner) -> Catalog:
    """Collect an owner's messages, with the files that use them."""
    catalog = Catalog(fuzzy=False)
    for file in owner.sources:
        place = file.relative_to(owner.folder.parent).as_posix()
        for message in (*_called(file), *_declared(file)):
            catalog.add(message, locations=[(place, 0)])
    return catalog


def update(file: Path, language: str, template: Catalog) -> None:
    """Add new messages to a catalogue, drop those that nobody uses, and compile it."""
    catalog = _read(file, language)
    if not len(template) and not file.exists():
        return
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        write_po(target, catalog, width=100, include_lineno=False)
    with file.with_suffix(".mo").open("wb") as target:
        write_mo(target, catalog)


def review(file: Path, language: str, template: Catalog) -> Iterator[str]:
    """Name what is missing, unused, untranslated, doubtful or not compiled in a catalogue."""
    catalog = _read(file, language)
    where = file.relative_to(ROOT)
    for message in template:
        if message.id and message.id not in catalog:
            yield f"{where}: missing: {message.id!r}"
    for message in catalog:
        if message.id:
            yield from (f"{where}: {fault}: {message.id!r}" for fault in faults(message, template))
    if _texts(catalog) != _compiled(file.with_suffix(".mo")):
        yield f"{where}: messages.mo is not compiled from it"


def faults(message: Message, template: Catalog) -> Iterator[str]:
    """Tell what is wrong with one translation."""
    if message.id not in template:
        yield "no longer used"
    text = message.string
    forms = [text or ""] if text is None or isinstance(text, str) else list(text)
    if not all(forms):
        yield "not translated"
    if message.fuzzy:
        yield "fuzzy"
    yield from (str(error) for error in message.check(template))
    yield from (f"{rule} in {form!r}" for form in forms for rule in _typography(form))


def _typography(form: str) -> Iterator[str]:
    for pattern, rule in FRENCH.items():
        if re.search(pattern, form):
            yield rule


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (*METHODS, ".toml"))


def _called(file: Path) -> Iterator[str | tuple[str, ...]]:
    """Find the messages that a module or a template passes to gettext."""
    if file.suffix == ".py" or (file.suffix in METHODS and "templates" in file.parts):
        # A template that cannot be read is an error, not a file without messages.
        options = {"silent": "false"}
        for _, message, _, _ in extract_from_file(
            METHODS[file.suffix], file, KEYWORDS, (), options
        ):
            yield message


def _declared(file: Path) -> Iterator[str]:
    """Find what a manifest says, in a file of its own or in a module's comment."""
    text = file.read_text() if file.suffix in (".py", ".toml") else ""
    if file.suffix == ".py":
        block = MANIFEST_BLOCK.search(text)
        text = re.sub("^# ?", "", block[1], flags=re.MULTILINE) if block else ""
    manifest = tomllib.loads(text)
    yield from (manifest[key] for key in MANIFEST_KEYS if key in manifest)


def _read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(
            language, project="Palabre", copyright_holder="The Palabre authors", fuzzy=False
        )
    with file.open("rb") as source:
        return read_po(source, locale=language)


def _texts(catalog: Catalog) -> dict[object, object]:
    return {
        _plain(message.id): _plain(message.string)
        for message in catalog
        if message.id and message.string
    }


def _plain(text: object) -> object:
    """Make one text or the forms of a plural comparable: compiled files give lists."""
    return tuple(text) if isinstance(text, list) else text


def _compiled(file: Path) -> dict[object, object]:
    if not file.exists():
        return {}
    with file.open("rb") as source:
        return _texts(read_mo(source))


if __name__ == "__main__":
    main()
