"""A new plugin works at once: it is shown, checked, tested, and well formatted."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blog.platform import manifest
from blog.testing import SiteUnderTest
from tests.served import Process, free_port, get, serving
from tests.shell import Said, shell

RUFF = Path(sys.executable).with_name("ruff")
SAID = {
    (): "Proverb says hello.",
    ("--folder",): "1 minute to read",
    ("--bare",): "Proverb says hello.",
}
FORMS = pytest.mark.parametrize("form", list(SAID), ids=["file", "folder", "bare"])
BAD = {
    "my-plugin": "'myplugin'",
    "Links": "'links'",
    "1up": "'up'",
    "": "small letters",
    "a" * 30: "24 at most",
    "core": "the core keeps",
    "class": "Python keeps",
    "threads": "is taken",
}


@pytest.fixture
def folder(make_site: Callable[..., SiteUnderTest], tmp_path: Path) -> Path:
    """Give the folder of a site that has the workshop."""
    make_site(["workshop"])
    return tmp_path


@pytest.fixture(autouse=True)
def database(site_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands use the database of the test."""
    monkeypatch.setenv("BLOG_DATABASE_URL", site_database_url)


def new(folder: Path, *words: str) -> Said:
    """Write a plugin."""
    return shell(folder, "plugins", "new", *words)


def made(folder: Path, name: str, form: tuple[str, ...]) -> Path:
    """Write a plugin and name its file or folder."""
    said = new(folder, name, *form)
    assert said.code == 0, said.err
    return folder / "instance" / "plugins" / (name if form else f"{name}.py")


@pytest.mark.slow
@FORMS
def test_a_new_plugin_is_seen_in_the_browser_within_a_minute(
    folder: Path, form: tuple[str, ...]
) -> None:
    server = Process(folder, port := free_port(), "serve", "--port", str(port), "--workers", "1",
                     environ={})  # fmt: skip
    with serving(server):
        started = time.monotonic()
        made(folder, "proverb", form)
        said = shell(folder, "plugins", "enable", "proverb")
        assert said.code == 0, said.err
        shell(folder, "posts", "new", "Bonjour", "--body", "Un mot.", "--publish")
        _, list_ = get(port, "/")
        path = list_.partition('<h2 class="entry-title p-name"><a href="')[2].partition('"')[0]
        _, shown = get(port, path or "/?p=1")

        assert SAID[form] in shown
        assert time.monotonic() - started < 60


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "form", "count"),
    [
        ("proverb", ("--folder",), 13),
        ("a", ("--folder",), 13),
        ("a" * 24, ("--folder",), 13),
        ("proverb", ("--bare",), 11),
        ("a", ("--folder", "--bare"), 11),
    ],
)
def test_the_tests_of_a_new_plugin_pass_at_once(
    folder: Path, name: str, form: tuple[str, ...], count: int
) -> None:
    plugin = made(folder, name, form)
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("BLOG_", "PYTEST_"))}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=plugin, env=environ, capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    assert f"{count} passed" in done.stdout


@pytest.mark.slow
@FORMS
def test_the_checker_finds_nothing_in_a_new_plugin(folder: Path, form: tuple[str, ...]) -> None:
    said = shell(folder, "plugins", "check", str(made(folder, "proverb", form)), "--json")

    assert (said.code, said.rows) == (0, [])


@FORMS
@pytest.mark.parametrize("name", ["proverb", "a", "a" * 24])
def test_a_new_plugin_is_well_formatted(folder: Path, form: tuple[str, ...], name: str) -> None:
    plugin = made(folder, name, form)
    options = ["--no-cache", "--line-length", "100"]

    check = [str(RUFF), "check", *options, "--extend-select", "B,I,N,UP,RUF,SIM", str(plugin)]
    done = subprocess.run(check, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout
    shape = [str(RUFF), "format", "--check", *options, str(plugin)]
    done = subprocess.run(shape, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout


@FORMS
def test_the_last_lines_say_what_to_type_next(folder: Path, form: tuple[str, ...]) -> None:
    said = new(folder, "proverb", *form)

    _, *lines = said.err.splitlines()
    for line in lines:
        words = line.partition(":")[2].split()
        if words[0] == "palabre":
            done = shell(folder, *words[1:])
            assert done.code == 0, done.err
    assert [line.split(":")[0] for line in lines] == ["Turn it on", "Check it", "Test it"][
        : len(lines)
    ]
    assert len(lines) == (3 if form else 2)


@pytest.mark.parametrize(("name", "mend"), BAD.items())
def test_a_bad_name_is_refused_with_the_mend(folder: Path, name: str, mend: str) -> None:
    said = new(folder, name)

    assert said.code == 1
    assert mend in said.err
    assert len(said.err.splitlines()) == 1


@FORMS
def test_nothing_that_is_there_is_overwritten(folder: Path, form: tuple[str, ...]) -> None:
    mine = folder / "elsewhere"
    mine.mkdir()
    (mine / "proverb.py").write_text("mine", "utf-8")

    said = new(folder, "proverb", *form, "--into", str(mine))

    assert said.code == 1
    assert "proverb.py is there" in said.err
    assert (mine / "proverb.py").read_text("utf-8") == "mine"
    assert [one.name for one in mine.iterdir()] == ["proverb.py"]


@FORMS
def test_a_plugin_is_written_where_somebody_asks(folder: Path, form: tuple[str, ...]) -> None:
    said = new(folder, "proverb", *form, "--into", str(folder / "my work"))

    plugin = folder / "my work" / ("proverb" if form else "proverb.py")
    assert manifest.read(plugin).title == "Proverb"
    assert "enable" not in said.err


@pytest.mark.slow
@pytest.mark.wheel
def test_a_new_folder_is_a_package_that_holds_the_plugin(folder: Path) -> None:
    plugin = made(folder, "proverb", ("--folder",))
    words = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder)

    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, plugin], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert [one.name for one in folder.glob("*.whl")] == ["palabre_proverb-0.1-py3-none-any.whl"]
