"""Name what is wrong with a file that cannot be imported, and where."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """Say why a file is refused, in one sentence that names the next step."""

    EMPTY = "The file is empty: export it again."
    ARCHIVE = "The file is a compressed archive: unpack it and import the .xml file inside."
    BINARY = "The file is not text: choose the .xml file that WordPress exported."
    NOT_XML = "The file is not XML: choose the .xml file that WordPress exported."
    HTML = "The file is a web page: choose the .xml file that WordPress exported."
    NOT_WXR = "The file is not a WordPress export: choose one made under Tools, Export."
    ENCODING = "The file is not in the encoding that it declares: export it again."
    ENTITIES = "The file declares its own entities or document type, as no WordPress export does."
    DEEP = "The file nests its elements deeper than any WordPress export."
    CUT = "The file ends before the export does: export it again."
    MALFORMED = "The file is not well-formed XML: mend it at this place or export it again."


class BrokenExport(ValueError):
    """Refuse a file, naming the place; lines and columns count from 1, 0 where there is none."""

    def __init__(self, problem: Problem, line: int = 0, column: int = 0, detail: str = "") -> None:
        super().__init__(problem, line, column, detail)
        self.problem = problem
        self.line = line
        self.column = column
        self.detail = detail

    def __str__(self) -> str:
        """Give one line: what is wrong, where, and what the parser calls it."""
        parts = [str(self.problem)]
        if self.line:
            parts.append(f"Line {self.line}, column {self.column}.")
        if self.detail:
            parts.append(f"({self.detail})")
        return " ".join(parts)
