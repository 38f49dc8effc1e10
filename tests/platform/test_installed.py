"""Put there while the site runs: a package or a folder can be turned on without a restart."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from blog.cli import palabre
from blog.platform import lifecycle, removal
from blog.testing import SiteUnderTest
from tests.platform.samples import single, toml
from tests.platform.test_code import SHOW, known


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Path]:
    """Give a folder of installed packages that the interpreter knew, empty, from its start."""
    folder = tmp_path / "packages"
    folder.mkdir()
    sys.path.append(str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [one for one in sys.modules if one.partition(".")[0] == "palabre_poll"]:
        del sys.modules[name]


def install(packages: Path, version: str, shown: str) -> None:
    """Leave in a folder what an installer leaves there."""
    info = packages / f"palabre_poll-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: palabre-poll\nVersion: {version}\n"
    )
    (info / "entry_points.txt").write_text("[blog.plugins]\npoll = palabre_poll\n")
    package = packages / "palabre_poll"
    package.mkdir()
    (package / "plugin.toml").write_text(toml("poll", version=version))
    code = f"from blog import hookimpl\n{SHOW.format(shown)}"
    (package / "__init__.py").write_text(code)


def test_a_package_that_is_installed_while_the_site_runs_can_be_turned_on(
    make_site: Callable[..., SiteUnderTest], packages: Path
) -> None:
    site = make_site([])
    other = SiteUnderTest(site.instance, site.environ)
    assert "a poll" not in other.get("/").text
    install(packages, "1.3", "a poll")
    with site.wsgi.database_only():
        lifecycle.enable(site.wsgi.database, site.instance, "poll", probing=False)

    assert "<p>a poll</p>" in other.get("/").text
    assert known(site, "poll").version == "1.3"
    assert len(known(site, "poll").code) == 16


def test_a_package_that_changed_on_the_disk_is_not_mixed_in(
    make_site: Callable[..., SiteUnderTest], packages: Path
) -> None:
    site = make_site([])
    install(packages, "1.3", "a poll")
    site.enable("poll")
    site.get("/")
    (packages / "palabre_poll" / "__init__.py").write_text("1 / 0")
    site.set("core", title="Later")
    page = site.get("/").text

    assert "Later" in page
    assert "<p>a poll</p>" in page


def test_uninstalling_names_the_package_that_stays(
    make_site: Callable[..., SiteUnderTest], packages: Path
) -> None:
    site = make_site([])
    install(packages, "1.3", "a poll")
    with site.wsgi.database_only():
        what = removal.look(site.wsgi.database, site.instance, "poll")
        bundled = removal.look(site.wsgi.database, site.instance, "threads")
    words = ["--instance", str(site.instance), "plugins", "uninstall", "poll"]
    said = CliRunner(env=dict(site.environ)).invoke(palabre, words).stderr

    assert "the package stays in the environment: pip uninstall palabre-poll" in said
    assert (what.package, bundled.package) == ("palabre-poll", "")


def test_a_folder_that_is_put_there_while_the_site_runs_can_be_turned_on(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    site.get("/")
    single(site.instance / "plugins", "links", SHOW.format("links"))
    site.enable("links")

    assert "<p>links</p>" in site.get("/").text
