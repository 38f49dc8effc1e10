"""Check a plugin's manifest, with the line of each mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from blog.kinds import API
from blog.platform import files, manifest
from blog.platform.checks.source import Source
from blog.platform.findings import Finding
from blog.platform.manifest import BadManifest, Manifest, Problem

OLDEST = 1
AT_LINE = re.compile(r"\bline (\d+)")


def check(source: Source) -> Iterator[Finding]:
    """Find every mistake of a manifest."""
    try:
        found = manifest.read(source.path, source.name)
    except BadManifest as error:
        yield from (_placed(source, one) for one in error.problems)
        return
    if found.api > API:
        message = f"needs plugin API {found.api}; this Palabre has {API}"
        yield at_key(source, "api", "api-too-new", message, "upgrade it")
    if found.api < OLDEST:
        message = f"asks for plugin API {found.api}: the first is {OLDEST}"
        yield at_key(source, "api", "api-too-old", message, f"write it for API {API}")
    for path in files.stranded(found):
        message = f"touches {path!r}, which is not its own: nobody removes what it keeps there"
        mend = f"keep files below {source.name}/ or {files.MEDIA}/{source.name}/"
        yield at_key(source, "files", "file-stays", message, mend)


def read(source: Source) -> Manifest | None:
    """Give a manifest that can be understood."""
    try:
        return manifest.read(source.path, source.name)
    except BadManifest:
        return None


def at_key(source: Source, key: str, code: str, message: str, mend: str) -> Finding:
    """Make a finding at the line of a key."""
    file = source.manifest_file
    return Finding(str(file), _line_of(source.path, key), code, message, mend)


def _placed(source: Source, problem: Problem) -> Finding:
    file, line = source.manifest_file, _line_of(source.path, problem.key)
    at = AT_LINE.search(problem.message)
    if at:
        line += int(at[1]) - 1
    return Finding(str(file), max(1, line), problem.code, problem.message, problem.mend)


def _line_of(path: Path, key: str) -> int:
    """Find the line of a key in the file that holds the manifest; its first line else."""
    try:
        text, above = manifest.text_of(path)
    except (manifest.NoManifest, OSError, UnicodeDecodeError):
        return 1
    for number, line in enumerate(text.splitlines(), above + 1):
        if key and re.match(rf"\s*(?:\[+\s*|reach\s*\.\s*)?[\"']?{re.escape(key)}\b", line):
            return number
    return above + 1
