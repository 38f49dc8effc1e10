"""Turn the bytes of an export into clean text, chunk by chunk."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from .broken import BrokenExport, Problem

CHUNK = 1 << 16
BLANK = " \t\r\n\ufeff"

ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"Rar!", b"7z\xbc\xaf")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']""")

# Python also has codecs that are no encodings of a document (escapes, idna, utf-7).
ENCODINGS = re.compile(r"utf-?8|ascii|iso8859|cp\d|koi8|mac[-_]|shift_ji|euc_|gb|big5|iso2022")

# What XML 1.0 forbids and WordPress lets through: pasted vertical tabs, backspaces, NUL.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+")


class Decoding:
    """Read a file as text without the control characters that XML forbids.

    ``encoding`` is what the file turned out to be in, ``removed`` counts the characters left out,
    ``skipped`` the lines before the XML declaration, which some plugins of WordPress emit.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.encoding = "utf-8"
        self.removed = 0
        self.skipped = 0
        self._file = file
        self._line = 1
        self._column = 0

    def __iter__(self) -> Iterator[str]:
        """Give the text in chunks; raises ``BrokenExport`` where bytes are not in the encoding."""
        head = self._file.read(CHUNK)
        refuse_other_files(head)
        self.encoding = encoding_of(head)
        decoder = codecs.getincrementaldecoder(self.encoding)()
        text = self._decode(decoder, head).lstrip(BLANK)
        if not text.startswith("<"):
            raise BrokenExport(Problem.BINARY if "\0" in text else Problem.NOT_XML)
        self.skipped = self._line - 1 - text.count("\n")
        yield self._clean(text)
        while data := self._file.read(CHUNK):
            yield self._clean(self._decode(decoder, data))
        yield self._clean(self._decode(decoder, b"", final=True))

    def _decode(self, decoder: codecs.IncrementalDecoder, data: bytes, final: bool = False) -> str:
        try:
            text = decoder.decode(data, final)
        except UnicodeDecodeError as error:
            self._advance(error.object[: error.start].decode(self.encoding, "replace"))
            raise BrokenExport(
                Problem.ENCODING, self._line, self._column + 1, self.encoding
            ) from error
        self._advance(text)
        return text

    def _advance(self, text: str) -> None:
        lines = text.count("\n")
        self._line += lines
        self._column = len(text) - text.rfind("\n") - 1 if lines else self._column + len(text)

    def _clean(self, text: str) -> str:
        clean = FORBIDDEN.sub("", text)
        self.removed += len(text) - len(clean)
        return clean


def refuse_other_files(head: bytes) -> None:
    """Raise ``BrokenExport`` for an empty file or an archive, by the first bytes."""
    if not head.strip():
        raise BrokenExport(Problem.EMPTY)
    if head.startswith(ARCHIVES):
        raise BrokenExport(Problem.ARCHIVE)


def encoding_of(head: bytes) -> str:
    """Say in which encoding a document is: by its mark, its declaration, else UTF-8.

    Raises ``BrokenExport`` where it declares one that is unknown or cannot be that of text.
    """
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    declared = DECLARED.search(head[:1000])
    if not declared:
        return "utf-8"
    label = declared[1].decode("ascii", "replace")
    try:
        name = codecs.lookup(label).name
    except LookupError:
        name = ""
    if not ENCODINGS.match(name):
        raise BrokenExport(Problem.ENCODING, 1, declared.start(1) + 1, label)
    return name
