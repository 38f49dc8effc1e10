"""Say what is wrong with a plugin, where, how grave it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# Their meaning is written for the reference, in scripts/findings.py; all others are errors.
WARNINGS = ("deprecated", "file-stays", "loop-over-items", "name-hidden", "text-unmarked")


class Severity(StrEnum):
    """Say what a finding means for a plugin: only an error keeps it from being turned on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Hold one mistake of a plugin: where it is, what is wrong, and what to do."""

    file: str
    line: int
    code: str
    message: str
    mend: str

    @property
    def severity(self) -> Severity:
        """Say how grave it is."""
        return Severity.WARNING if self.code in WARNINGS else Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity} {self.code} {self.message}; {self.mend}"

    def row(self) -> dict[str, str | int]:
        """Give what a script reads."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "file": self.file,
            "line": self.line,
            "message": self.message,
            "mend": self.mend,
        }


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Give the findings that keep a plugin from being turned on."""
    return [one for one in findings if one.severity is Severity.ERROR]
