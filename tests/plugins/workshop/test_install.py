"""Installing shows what would change, asks, and takes nothing that Palabre cannot run with."""

import json
import os
import pty
import subprocess
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blog.testing import SiteUnderTest
from tests.shell import PROGRAM, Said

pytestmark = pytest.mark.slow
PLUGIN = """
# /// plugin
# title = "Links"
# version = "1.0"
# api = 1
# ///
from blog import hookimpl
"""


class Environment:
    """Use an environment of its own that finds what this one has, and a folder of packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packages = folder / "packages"
        self.packages.mkdir()
        venv.create(folder / "environment", symlinks=True)
        self.python = folder / "environment" / "bin" / "python"
        (inside,) = (folder / "environment").glob("lib/*/site-packages")
        # Its pip, and everything else, is this environment's.
        found = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"
        (inside / "here.pth").write_text(found, "utf-8")

    def wheel(self, name: str, version: str, *requires: str, plugin: str = "") -> None:
        """Put a package into the folder."""
        module = name.replace("-", "_")
        info = f"{module}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
        texts = {
            f"{module}.py": PLUGIN if plugin else "",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        if plugin:
            texts[f"{info}/entry_points.txt"] = f"[blog.plugins]\n{plugin} = {module}\n"
        texts[f"{info}/RECORD"] = "".join(f"{one},,\n" for one in [*texts, f"{info}/RECORD"])
        with zipfile.ZipFile(self.packages / f"{module}-{version}-py3-none-any.whl", "w") as file:
            for path, text in texts.items():
                file.writestr(path, text)

    def palabre(self, *words: str, stdin: int = subprocess.DEVNULL) -> Said:
        """Run a command."""
        done = subprocess.run(
            [self.python, "-c", PROGRAM, *words],
            cwd=self.folder, capture_output=True, text=True, stdin=stdin, timeout=120,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def install(self, *words: str, stdin: int = subprocess.DEVNULL) -> Said:
        """Install from the folder."""
        where = ("--no-index", "--find-links", str(self.packages))
        return self.palabre("plugins", "install", *where, *words, stdin=stdin)

    def version(self, name: str) -> str:
        """Give the version of a package that is installed here; empty when it is not."""
        listed = f"[one.version for one in m.distributions() if one.name == {name!r}]"
        code = f"import json, importlib.metadata as m; print(json.dumps({listed}))"
        done = subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True)
        return next(iter(json.loads(done.stdout)), "")


@pytest.fixture
def here(
    make_site: Callable[..., SiteUnderTest],
    site_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Environment:
    """Give an environment with a site that has the workshop, and packages to install."""
    make_site(["workshop"])
    monkeypatch.setenv("BLOG_DATABASE_URL", site_database_url)
    made = Environment(tmp_path)
    made.wheel("palabre-links", "1.0", "counting>=2", plugin="links")
    made.wheel("counting", "2.0")
    return made


def test_a_plugin_is_installed_and_can_be_enabled(here: Environment) -> None:
    said = here.install("palabre-links", "--yes")

    assert said.code == 0, said.err
    *changes, last = said.err.splitlines()
    assert {one.strip() for one in changes} == {"palabre-links 1.0 (new)", "counting 2.0 (new)"}
    assert last == "Turn it on: palabre plugins enable links"
    assert here.palabre("plugins", "enable", "links").code == 0
    rows = {one["name"]: one for one in here.palabre("plugins", "list", "--json").rows}
    assert (rows["links"]["place"], rows["links"]["state"]) == ("package", "on")


def test_what_would_be_upgraded_is_shown(here: Environment) -> None:
    here.wheel("counting", "1.0")
    here.install("counting==1.0", "--yes")

    said = here.install("palabre-links", "--yes")

    assert "counting 1.0 → 2.0" in said.err
    assert here.version("counting") == "2.0"


def test_nothing_is_installed_where_nobody_can_be_asked(here: Environment) -> None:
    said = here.install("palabre-links")

    assert said.code == 1
    assert "--yes" in said.err
    assert "palabre-links 1.0 (new)" in said.err
    assert here.version("palabre-links") == ""


@pytest.mark.parametrize(("answer", "version"), [("y", "1.0"), ("n", "")])
def test_somebody_who_is_there_is_asked(here: Environment, answer: str, version: str) -> None:
    outer, inner = pty.openpty()
    os.write(outer, f"{answer}\n".encode())

    said = here.install("palabre-links", stdin=inner)

    os.close(outer)
    os.close(inner)
    assert "Install this?" in said.err
    assert here.version("palabre-links") == version


def test_what_palabre_cannot_run_with_is_refused(here: Environment) -> None:
    here.wheel("flask", "2.0")
    here.wheel("palabre-old", "1.0", "flask<3", plugin="links")

    said = here.install("palabre-old", "--yes")

    assert said.code == 1
    assert "flask 2.0, and Palabre needs flask>=3.1" in said.err
    assert here.version("palabre-old") == ""


def test_palabre_itself_is_never_replaced(here: Environment) -> None:
    here.wheel("palabre", "99.0")
    here.wheel("palabre-new", "1.0", "palabre>=99", plugin="links")

    said = here.install("palabre-new", "--yes")

    assert said.code == 1
    assert "in the place of" in said.err


@pytest.mark.parametrize(
    "name", ["./here", "links @ https://example.com/links.whl", "--target", "-r x", ""]
)
def test_only_names_of_packages_are_taken(here: Environment, name: str) -> None:
    said = here.install("--yes", "--", name)

    assert said.code == 1
    assert "is no name of a package" in said.err


def test_a_package_that_is_nowhere_is_told_in_one_line(here: Environment) -> None:
    said = here.install("palabre-nowhere", "--yes")

    assert said.code == 1
    assert said.err.startswith("palabre: pip says: No matching distribution")
    assert len(said.err.splitlines()) == 1


def test_what_is_there_is_not_installed_again(here: Environment) -> None:
    here.install("palabre-links", "--yes")

    said = here.install("palabre-links", "--yes")

    assert "nothing changes" in said.err
    assert "palabre plugins enable links" in said.err


def test_a_package_without_a_plugin_is_told(here: Environment) -> None:
    assert "counting holds no plugin" in here.install("counting", "--yes").err


def test_there_is_no_way_to_it_from_a_browser(make_site: Callable[..., SiteUnderTest]) -> None:
    with make_site(["workshop"]).context() as current:
        parts = [
            one.name for one in current.table if current.table.implements("workshop", one.name)
        ]

    assert parts == ["commands"]
