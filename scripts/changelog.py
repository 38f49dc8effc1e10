"""Gather the news fragments of changelog.d into CHANGELOG.md, at a release."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("added", "changed", "deprecated", "removed", "fixed", "security")
MARK = "<!-- releases -->\n"


def main() -> None:
    """Write the section of a version and remove the fragments that went into it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version")
    version = parser.parse_args().version
    found = fragments()
    changelog = ROOT / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace(MARK, MARK + section(version, found)))
    for path in found:
        path.unlink()


def fragments() -> list[Path]:
    """List the fragments, ordered by kind, then by name."""
    paths = sorted((ROOT / "changelog.d").glob("*-*.md"))
    return sorted(paths, key=lambda path: KINDS.index(kind(path)))


def section(version: str, found: list[Path]) -> str:
    """Write one version's section, with a heading for each kind that occurs."""
    lines = [f"\n## {version} – {datetime.now(UTC):%Y-%m-%d}\n"]
    for name in dict.fromkeys(map(kind, found)):
        lines.append(f"\n### {name.capitalize()}\n\n")
        lines += [f"- {_joined(path)}\n" for path in found if kind(path) == name]
    return "".join(lines)


def kind(path: Path) -> str:
    """Read a fragment's kind from its name."""
    return path.name.partition("-")[0]


def _joined(path: Path) -> str:
    return " ".join(path.read_text().split())


if __name__ == "__main__":
    main()
