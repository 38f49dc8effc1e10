"""Run commands as a shell does, and keep what they said."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PROGRAM = "import sys; from blog.cli import main; main(sys.argv[1:])"


class Said(NamedTuple):
    """Hold what a command answered."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, object]]:
        """Read standard output as an array of objects."""
        found = json.loads(self.out)
        assert isinstance(found, list)
        return found


def shell(folder: Path, *words: str) -> Said:
    """Run a command as a shell does, in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)
