"""See which messages of a plugin people would not read in their language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from blog import hookspecs
from blog.platform.checks.source import Module, Source, literal

# The languages of the interface beside English, in which messages are written.
LANGUAGES = ("fr",)
MARKS = ("blog.gettext", "blog.lazy_gettext", "blog.ngettext")
IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}
CORE = Path(hookspecs.__file__).parent


def missing(source: Source) -> Iterator[str]:
    """Say for each language what a site would show in English."""
    wanted = list(dict.fromkeys(messages(source)))
    for language in LANGUAGES if wanted else ():
        untold = [one for one in wanted if one not in _known(CORE, language)]
        file = _compiled(source.path, language)
        if untold and not source.path.is_dir():
            yield f"a translation into {language}, which only a folder can have"
        elif untold and not file.is_file():
            what = " that is compiled (messages.mo)" if file.with_suffix(".po").is_file() else ""
            yield f"a translation into {language}{what}"
        elif untold := [one for one in untold if one not in _known(source.path, language)]:
            first = " ".join(untold[0].split())[:40]
            count = f"{len(untold)} of {len(wanted)} messages"
            yield f"{count} in the translation into {language}, the first {first!r}"


def messages(source: Source) -> Iterator[str]:
    """Give what the source and the templates mark for translation; of a plural the first form."""
    for module in source.modules:
        yield from _of_module(module)
    for file in source.files("templates", "*"):
        if file.is_file() and file.suffix in (".html", ".xml", ".txt"):
            yield from _of_template(file)


def _of_module(module: Module) -> Iterator[str]:
    for call, origin in module.calls():
        text = literal(call.args[0]) if origin in MARKS and call.args else None
        if text:
            yield text


def _of_template(file: Path) -> Iterator[str]:
    from babel.messages.extract import extract_from_file  # noqa: PLC0415 - only authors need it

    try:
        found = list(extract_from_file("jinja2.ext:babel_extract", file, IN_TEMPLATES))
    except Exception:  # it cannot be read, which is a finding of its own
        return
    for _, message, _, _ in found:
        yield message if isinstance(message, str) else message[0]


def _compiled(folder: Path, language: str) -> Path:
    return folder / "translations" / language / "LC_MESSAGES" / "messages.mo"


def _known(folder: Path, language: str) -> set[str]:
    """Give the messages that a compiled catalogue translates; none where it is damaged."""
    from babel.messages.mofile import read_mo  # noqa: PLC0415 - only authors need it

    try:
        with _compiled(folder, language).open("rb") as file:
            found = list(read_mo(file))
    except Exception:  # whatever a damaged file raises
        return set()
    told = [one.id for one in found if one.id and all(_forms(one.string))]
    return {one if isinstance(one, str) else one[0] for one in told}


def _forms(string: object) -> list[str]:
    return [*string] if isinstance(string, list | tuple) else [str(string or "")]
