"""Check the templates of a plugin: what they override, which slots they show, unmarked text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from blog import hookspecs
from blog.platform.checks.source import Source
from blog.platform.checks.specs import Spec
from blog.platform.findings import Finding

FOLDER = "templates"
CORE = Path(hookspecs.__file__).parent / FOLDER
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SLOT = re.compile(r"\bslots\.(\w+)")
HIDDEN = re.compile(r"<!--.*?-->|<(script|style|pre|code|svg)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
READ = re.compile(r"""\b(?:placeholder|title|alt|aria-label)=(["'])(.*?)\1""", re.DOTALL)
# A word in a language of its own, such as the name of that language.
FOREIGN = re.compile(r"<(\w+)\b[^<>]*\blang=[^<>]*>[^<]*</\1>")
TAG = re.compile(r"<!?/?[a-zA-Z][^<>]*>|[\w:-]+=\"[^\"]*\"|https?://\S+", re.DOTALL)
ENTITY = re.compile(r"&#?\w+;")
WORD = re.compile(r"[^\W\d_]{2,}")


def check(
    source: Source, specs: Mapping[str, Spec], others: Mapping[str, Path], named: Collection[str]
) -> Iterator[Finding]:
    """Find overrides of nothing, slots that do not exist, and text that is not marked.

    ``others`` are the folders of other plugins; ``named`` those that the manifest speaks of.
    """
    folder = source.path / FOLDER
    for file in source.files(FOLDER, "*"):
        if file.is_file():
            yield from _override(source, file, file.relative_to(folder), others, named)
            if file.suffix in (".html", ".xml", ".txt"):
                content = file.read_bytes()
                text = content.decode("utf-8", errors="replace")
                if text.encode() != content:
                    yield _no_text(file, text)
                yield from _slots(file, text, specs)
                if file.suffix == ".html":
                    yield from _unmarked(file, text)


def _override(
    source: Source,
    file: Path,
    name: Path,
    others: Mapping[str, Path],
    named: Collection[str],
) -> Iterator[Finding]:
    owner = name.parts[0] if len(name.parts) > 1 else ""
    if owner == source.name:
        return
    if not owner:
        known = _templates(CORE)
    elif owner in others:
        known = _templates(others[owner] / FOLDER)
    elif owner in named:
        return  # the plugin is not here, so nobody can tell
    else:
        near = get_close_matches(owner, [source.name, *others], 1)
        mend = f"did you mean templates/{near[0] if near else source.name}/?"
        message = f"no plugin is called {owner!r}, whose template {name} would override"
        yield Finding(str(file), 1, "template-unknown", message, mend)
        return
    if name.as_posix() not in known:
        near = get_close_matches(name.as_posix(), known, 1)
        mend = f"did you mean {near[0]!r}?" if near else f"put it into templates/{source.name}/"
        message = f"{owner or 'the core'} has no template {name.as_posix()!r} to override"
        yield Finding(str(file), 1, "template-unknown", message, mend)


def _no_text(file: Path, text: str) -> Finding:
    """Name the line of the first byte that is no UTF-8."""
    line = _line(text, max(0, text.find("\ufffd")))
    return Finding(str(file), line, "template-encoding", "is not in UTF-8", "save it as UTF-8")


def _slots(file: Path, text: str, specs: Mapping[str, Spec]) -> Iterator[Finding]:
    known = [name.removeprefix("slot_") for name in specs if name.startswith("slot_")]
    for found in SLOT.finditer(text):
        if found[1] not in known:
            near = get_close_matches(found[1], known, 1)
            mend = f"did you mean {near[0]!r}?" if near else f"the slots are {', '.join(known)}"
            line = _line(text, found.start())
            yield Finding(
                str(file), line, "slot-unknown", f"shows the slot {found[1]!r}, which is none", mend
            )


def _unmarked(file: Path, text: str) -> Iterator[Finding]:
    plain = HIDDEN.sub(_blank, JINJA.sub(_blank, text))
    read = [(found.start(2), TAG.sub(_blank, found[2])) for found in READ.finditer(plain)]
    shown = ENTITY.sub(_blank, TAG.sub(_blank, FOREIGN.sub(_blank, plain)))
    read += [(found.start(), found[0]) for found in re.finditer(r"[^\n]+", shown)]
    for start, words in read:
        if WORD.search(words):
            said = " ".join(words.split())
            message = f"{said[:40]!r} is not marked for translation"
            line = _line(text, start + len(words) - len(words.lstrip()))
            yield Finding(str(file), line, "text-unmarked", message, 'write {{ _("…") }}')


def _templates(folder: Path) -> list[str]:
    files = folder.rglob("*") if folder.is_dir() else ()
    return [one.relative_to(folder).as_posix() for one in files if one.is_file()]


def _blank(found: re.Match[str]) -> str:
    """Keep the places of everything else."""
    return re.sub(r"[^\n]", " ", found[0])


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
