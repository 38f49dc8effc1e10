"""The project file names what is in the folders, and the locks fit it."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOP = {"blog": "blog", "plugins": "blog_plugins"}


def test_every_package_is_listed() -> None:
    folders = {
        ".".join((TOP[top], *init.parent.relative_to(ROOT / top).parts))
        for top in TOP
        for init in (ROOT / top).rglob("__init__.py")
    }

    lines = "".join(f'    "{name}",\n' for name in sorted(folders))
    assert lines in (ROOT / "pyproject.toml").read_text(), f"packages of pyproject.toml:\n{lines}"


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_a_lock_pins_everything_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", "")
    lines = text.splitlines()

    assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:\w{64}", line) for line in lines)
    assert "://" not in text


def test_both_locks_choose_the_same_versions() -> None:
    run, dev = (_pins(lock) for lock in ("run", "dev"))

    assert run <= dev


def test_the_run_lock_holds_every_dependency() -> None:
    needed = {re.split(r"[>=<\[;]", one)[0] for one in PROJECT["project"]["dependencies"]}

    assert needed <= {name for name, _ in _pins("run")}


def _pins(lock: str) -> set[tuple[str, str]]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return set(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE))
