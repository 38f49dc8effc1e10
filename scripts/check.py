"""Run every check of the source and name at the end those that failed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STEPS: dict[str, list[Path | str]] = {
    "format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "style": [BIN / "ruff", "check", "--quiet", "."],
    "types of the blog and its plugins": [BIN / "mypy", "-p", "blog", "-p", "blog_plugins"],
    "types of tests and scripts": [BIN / "mypy", "tests", "scripts"],
    "import directions": [BIN / "lint-imports"],
    "catalogues": [sys.executable, "scripts/catalogues.py", "--check"],
    "generated pages": [sys.executable, "scripts/reference.py", "--check"],
}


def main() -> None:
    """Run the steps in order; go on after a failure, so that one run shows them all."""
    show_plugins_to_mypy()
    failed = [name for name, command in STEPS.items() if not passes(name, command)]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


def passes(name: str, command: list[Path | str]) -> bool:
    """Run one step; show what it printed only when it failed."""
    answer = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print("✓ " if answer.returncode == 0 else f"{answer.stdout}✗ ", name, flush=True)
    return answer.returncode == 0


def show_plugins_to_mypy() -> None:
    """Give the folder ``plugins`` its import name, which mypy cannot learn from an installation."""
    link = ROOT / "build" / "typing" / "blog_plugins"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../plugins")


if __name__ == "__main__":
    main()
