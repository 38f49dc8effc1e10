"""Read the elements of an RSS channel one by one, in memory that does not grow with the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

from .broken import BrokenExport, Problem
from .decoding import Decoding

DEEPEST = 64
"""A WXR file is five deep; a bomb of nested elements is refused before it costs memory."""

NAMESPACE = re.compile(r"https?://wordpress\.org/export/[\d.]+/(excerpt/)?$")
PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
}

CUT = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


class Element(NamedTuple):
    """Hold one element with all that is in it.

    ``name`` carries the usual prefix (``wp:post_id``) whatever the file calls or declares.
    ``text`` is the element's own; ``line`` is where it begins, for a report.
    """

    name: str
    attributes: dict[str, str]
    text: str
    children: tuple[Element, ...]
    line: int

    def stored(self, without: Collection[str] = ()) -> dict[str, Any]:
        """Give the element as JSON, leaving out the elements named and what is empty."""
        data: dict[str, Any] = {"name": self.name}
        if self.attributes:
            data["attributes"] = self.attributes
        if self.text and not (self.children and self.text.isspace()):
            data["text"] = self.text
        children = [child.stored(without) for child in self.children if child.name not in without]
        if children:
            data["children"] = children
        return data


class Elements:
    """Give the children of ``rss/channel`` in the order of the file.

    Prefixes are taken as they stand where nothing declares them, as WordPress's own names where a
    file declares others. No entity, document type or outside file is ever followed.
    ``removed`` counts the control characters left out, ``encoding`` is what was read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._decoding = Decoding(file)
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._open: list[tuple[str, dict[str, str], list[str], list[Element], int]] = []
        self._ready: list[Element] = []
        self._names: dict[str, str] = {}
        self._exported = False

    @property
    def removed(self) -> int:
        """Count the characters that XML forbids and that were left out so far."""
        return self._decoding.removed

    @property
    def encoding(self) -> str:
        """Name the encoding that the file was read in."""
        return self._decoding.encoding

    def __iter__(self) -> Iterator[Element]:
        """Parse the file once; raises ``BrokenExport`` where it cannot go on."""
        for text in self._decoding:
            self._parse(text)
            yield from self._take()
        self._parse("", final=True)
        yield from self._take()
        if not self._exported:
            raise BrokenExport(Problem.NOT_WXR)

    def _take(self) -> list[Element]:
        ready, self._ready = self._ready, []
        return ready

    def _parse(self, text: str, final: bool = False) -> None:
        try:
            self._parser.Parse(text, final)
        except expat.ExpatError as error:
            problem = Problem.CUT if final and error.code in CUT else Problem.MALFORMED
            place = error.lineno + self._decoding.skipped, error.offset + 1
            raise BrokenExport(problem, *place, expat.ErrorString(error.code)) from error

    def _refuse(self, problem: Problem, detail: str = "") -> BrokenExport:
        line = self._parser.CurrentLineNumber + self._decoding.skipped
        return BrokenExport(problem, line, self._parser.CurrentColumnNumber + 1, detail)

    def _doctype(self, name: str, *_rest: object) -> None:
        raise self._refuse(Problem.HTML if name.lower() == "html" else Problem.ENTITIES, name)

    def _entity(self, name: str, *_rest: object) -> None:
        raise self._refuse(Problem.ENTITIES, name)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = len(self._open)
        if depth == 0 and name != "rss":
            raise self._refuse(Problem.HTML if name.lower() == "html" else Problem.NOT_WXR, name)
        if depth == DEEPEST:
            raise self._refuse(Problem.DEEP)
        for key, address in attributes.items():
            if key.startswith("xmlns:"):
                self._declare(key.removeprefix("xmlns:"), address.strip())
        name = self._name(name)
        self._exported = self._exported or name.startswith("wp:")
        self._open.append((name, attributes, [], [], self._parser.CurrentLineNumber))

    def _declare(self, prefix: str, address: str) -> None:
        found = NAMESPACE.match(address)
        usual = ("excerpt" if found[1] else "wp") if found else PREFIXES.get(address)
        if usual and usual != prefix:
            self._names[prefix] = usual

    def _name(self, name: str) -> str:
        if self._names and ":" in name:
            prefix, _, rest = name.partition(":")
            return f"{self._names.get(prefix, prefix)}:{rest}"
        return name

    def _text(self, text: str) -> None:
        # What stands between the elements of the channel itself would only pile up.
        if len(self._open) > 2:
            self._open[-1][2].append(text)

    def _end(self, _name: str) -> None:
        name, attributes, texts, children, line = self._open.pop()
        depth = len(self._open)
        if depth < 2:
            return
        element = Element(
            name, attributes, "".join(texts), tuple(children), line + self._decoding.skipped
        )
        if depth > 2:
            self._open[-1][3].append(element)
        elif self._open[1][0] == "channel":
            self._ready.append(element)
