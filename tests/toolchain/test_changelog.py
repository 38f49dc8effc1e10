"""News fragments are named and gathered as changelog.d/README.md says."""

from pathlib import Path

import pytest

from scripts import changelog


def test_every_fragment_says_its_kind() -> None:
    folder = Path(changelog.ROOT) / "changelog.d"

    wrong = [
        path.name
        for path in folder.iterdir()
        if path.name != "README.md"
        and (changelog.kind(path) not in changelog.KINDS or path.suffix != ".md")
    ]

    assert wrong == []


def test_a_release_orders_its_news_by_kind(tmp_path: Path) -> None:
    fixed, added = tmp_path / "fixed-a.md", tmp_path / "added-b.md"
    fixed.write_text("A date\nis right.\n")
    added.write_text("Share links.\n")

    text = changelog.section("1.0", [added, fixed])

    assert text.partition("\n\n")[2] == (
        "### Added\n\n- Share links.\n\n### Fixed\n\n- A date is right.\n"
    )


def test_a_release_empties_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["changelog.py", "1.0"])
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{changelog.MARK}")
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d" / "added-b.md").write_text("Share links.\n")

    changelog.main()

    assert "- Share links." in (tmp_path / "CHANGELOG.md").read_text()
    assert list((tmp_path / "changelog.d").iterdir()) == []
