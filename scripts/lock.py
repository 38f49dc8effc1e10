"""Choose the versions in requirements/, with hashes and without addresses."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"dev": ("--extra", "dev"), "run": ("--constraint", "requirements/dev.txt")}
OPTIONS = (
    # One file for every Python and system that the project supports.
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    # Neither comments that repeat the command nor the address of an index.
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
)


def main() -> None:
    """Write the development lock, then the smaller one with the same versions."""
    for name, source in LOCKS.items():
        output = f"requirements/{name}.txt"
        command = ["pip", "compile", "--quiet", *OPTIONS, "pyproject.toml", "--group", "build"]
        subprocess.run(
            [sys.executable, "-m", "uv", *command, *source, "--output-file", output, *sys.argv[1:]],
            cwd=ROOT,
            check=True,
        )


if __name__ == "__main__":
    main()
