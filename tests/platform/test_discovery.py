"""Discovery: three places, no import, no name twice."""

import sys
from pathlib import Path

import pytest

from blog.platform.discovery import Place, find
from blog.platform.loading import import_plugin
from tests.platform.samples import single, toml, whole

RAISE = "raise RuntimeError('somebody imported this')"


def install(folder: Path, module: str, name: str, code: str = "") -> None:
    """Lay out a distribution as an installer does."""
    package = folder.joinpath(*module.split("."))
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code)
    (package / "plugin.toml").write_text(toml(name))
    if "." in module:
        (package.parent / "__init__.py").write_text(RAISE if code == RAISE else "")
    info = folder / f"palabre_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: palabre-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[blog.plugins]\n{name} = {module}\n")


def test_bundled_plugins_are_found(tmp_path: Path) -> None:
    found = find(tmp_path)["threads"]

    assert (found.place, found.module) == (Place.BUNDLED, "blog_plugins.threads")


def test_files_and_folders_of_the_instance_are_found(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "links", RAISE)
    whole(tmp_path / "plugins", "ties", RAISE)

    found = find(tmp_path)

    assert found["links"].place is found["ties"].place is Place.INSTANCE
    assert not found["links"].problem + found["ties"].problem


@pytest.mark.parametrize("name", ["test_links.py", "conftest.py", "tests/test_links.py"])
def test_tests_beside_plugins_are_no_plugins(tmp_path: Path, name: str) -> None:
    before = {*find(tmp_path)}
    path = tmp_path / "plugins" / name
    path.parent.mkdir(parents=True)
    path.write_text("def test_links(): ...\n")

    assert {*find(tmp_path)} == before


@pytest.mark.parametrize("module", ["palabre_parcel", "parcels.inner"])
def test_an_installed_package_is_found_by_its_entry_point_without_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    install(tmp_path / "lib", module, "parcel", RAISE)
    monkeypatch.syspath_prepend(tmp_path / "lib")

    found = find(tmp_path)["parcel"]

    assert (found.name, found.place, found.problem) == ("parcel", Place.PACKAGE, "")
    assert not {one for one in sys.modules if one.split(".")[0] == module.split(".", maxsplit=1)[0]}


def test_an_installed_package_can_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "lib", "palabre_crate", "crate", "mark = 1")
    monkeypatch.syspath_prepend(tmp_path / "lib")

    plugin = import_plugin(find(tmp_path)["crate"], "crate")

    assert (plugin.name, plugin.module.mark) == ("crate", 1)


def test_an_entry_point_of_what_is_gone_says_to_install_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "lib", "palabre_gone", "gone")
    (tmp_path / "lib" / "palabre_gone" / "__init__.py").unlink()
    (tmp_path / "lib" / "palabre_gone" / "plugin.toml").unlink()
    (tmp_path / "lib" / "palabre_gone").rmdir()
    monkeypatch.syspath_prepend(tmp_path / "lib")

    assert "install it again" in find(tmp_path)["gone"].problem


def test_a_name_found_twice_is_a_problem_that_names_both_places(tmp_path: Path) -> None:
    path = single(tmp_path / "plugins", "threads")

    problem = find(tmp_path)["threads"].problem

    assert str(path) in problem
    assert "plugins/threads" in problem.replace(str(path), "")


def test_what_hides_or_is_no_plugin_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    for name in (".git", "__pycache__", "_old"):
        (folder / name).mkdir(parents=True)
    (folder / "README.md").write_text("Put plugins here.")

    assert all(one.place is Place.BUNDLED for one in find(tmp_path).values())


def test_a_broken_manifest_is_found_with_its_problem(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "links", colour="red")

    assert "unknown key 'colour'" in find(tmp_path)["links"].problem
