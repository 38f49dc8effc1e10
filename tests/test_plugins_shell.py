"""The commands that turn plugins on and off, put them in order, and remove them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.platform.samples import single, whole
from tests.platform.test_migrations import TABLE, revision
from tests.shell import PROGRAM, shell

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a site that has one plugin with a table."""
    assert shell(tmp_path, "init", "--no-input").code == 0
    plugins = tmp_path / "instance" / "plugins"
    whole(plugins, "links", "", revision(1, TABLE.format("links", "one")))
    single(plugins, "top", requires=["links>=1"], uses=["share"])
    return tmp_path


def states(folder: Path) -> dict[str, str]:
    return {
        str(one["name"]): str(one["state"])
        for one in shell(folder, "plugins", "list", "--json").rows
    }


def on_terminal(folder: Path, typed: str, *words: str) -> tuple[int, str]:
    """Run a command on a terminal, with what a person types."""
    leader, follower = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    os.close(follower)
    os.write(leader, typed.encode())
    said, _ = done.communicate(timeout=60)
    os.close(leader)
    return done.returncode, said


def test_a_plugin_is_listed_with_all_that_scripts_rely_on(folder: Path) -> None:
    [top] = [one for one in shell(folder, "plugins", "list", "--json").rows if one["name"] == "top"]

    assert top == {
        "name": "top", "title": "Top", "version": "1.0", "place": "instance", "state": "off",
        "reason": "",
    }  # fmt: skip


def test_hooks_are_listed_with_all_that_scripts_rely_on(folder: Path) -> None:
    rows = shell(folder, "plugins", "hooks", "--json").rows
    keys = {"name", "kind", "arguments", "since", "deprecated", "implementations"}

    assert all(set(one) == keys for one in rows)


def test_enabling_says_the_command_that_enables_what_is_needed_too(folder: Path) -> None:
    refused = shell(folder, "plugins", "enable", "top")
    assert refused.code == 1
    assert "top needs links: to enable all, palabre plugins enable top --with-needed" in refused.err
    assert states(folder)["links"] == states(folder)["top"] == "off"

    assert shell(folder, "plugins", "enable", "top", "--with-needed").code == 0
    assert states(folder)["links"] == states(folder)["top"] == "on"


def test_a_person_is_asked_before_more_is_enabled_or_stopped(folder: Path) -> None:
    code, said = on_terminal(folder, "n\n", "plugins", "enable", "top")
    assert (code, states(folder)["top"]) == (1, "off")
    assert "top needs links: enable too?" in said

    assert on_terminal(folder, "y\n", "plugins", "enable", "top")[0] == 0
    assert states(folder)["top"] == "on"

    code, said = on_terminal(folder, "n\n", "plugins", "disable", "links")
    assert (code, states(folder)["links"]) == (1, "on")
    assert "top will stop, needing links" in said

    assert on_terminal(folder, "", "plugins", "disable", "links", "--yes")[0] == 0
    assert states(folder)["links"] == "off"


def test_disabling_without_a_terminal_says_what_stops(folder: Path) -> None:
    shell(folder, "plugins", "enable", "top", "--with-needed")
    done = shell(folder, "plugins", "disable", "links")

    assert done.code == 0
    assert "these need it and are left out now: top" in done.err


def test_plugins_are_put_in_order(folder: Path) -> None:
    before = [str(one["name"]) for one in shell(folder, "plugins", "order", "--json").rows]
    done = shell(folder, "plugins", "order", before[-1], "--before", before[0], "--json")
    after = [str(one["name"]) for one in done.rows]

    assert after == [before[-1], *before[:-1]]
    assert shell(folder, "plugins", "order", before[0], "--before", "nobody").code == 1
    assert shell(folder, "plugins", "order", before[0]).code == 2
    reset = shell(folder, "plugins", "order", "--reset", "--json")
    assert [str(one["name"]) for one in reset.rows] == before


def test_uninstalling_shows_first_and_refuses_without_a_yes(folder: Path) -> None:
    shell(folder, "plugins", "enable", "links")
    refused = shell(folder, "plugins", "uninstall", "links")

    assert refused.code == 1
    assert "table links_one: 0 rows" in refused.err
    assert "and stays: plugins/links" in refused.err
    assert "palabre plugins uninstall links --yes" in refused.err
    assert states(folder)["links"] == "on"


def test_uninstalling_exports_and_restoring_brings_it_back(folder: Path) -> None:
    shell(folder, "plugins", "enable", "links")
    done = shell(folder, "plugins", "uninstall", "links", "--yes", "--export", "links.zip")
    assert (done.code, (folder / "links.zip").exists()) == (0, True)
    assert "links is uninstalled" in done.err
    assert states(folder)["links"] == "off"
    assert shell(folder, "plugins", "uninstall", "links", "--yes").code == 0

    refused = shell(folder, "plugins", "restore", "links", "links.zip")
    assert (refused.code, "palabre plugins enable links" in refused.err) == (1, True)
    shell(folder, "plugins", "enable", "links")
    restored = shell(folder, "plugins", "restore", "links", "links.zip")
    assert (restored.code, "0 rows of links_one" in restored.err) == (0, True)

    again = shell(folder, "plugins", "uninstall", "links", "--yes", "--export", "links.zip")
    assert (again.code, "is there already" in again.err) == (1, True)
    assert states(folder)["links"] == "on"


def test_a_person_is_offered_an_export(folder: Path) -> None:
    shell(folder, "plugins", "enable", "links")
    code, said = on_terminal(folder, "y\nmine.zip\nn\n", "plugins", "uninstall", "links")
    assert (code, states(folder)["links"], (folder / "mine.zip").exists()) == (1, "on", False)
    assert "Export it first?" in said

    assert on_terminal(folder, "y\nmine.zip\ny\n", "plugins", "uninstall", "links")[0] == 0
    assert (folder / "mine.zip").exists()
    assert states(folder)["links"] == "off"


def test_a_plugin_that_does_not_import_is_uninstalled(folder: Path) -> None:
    shell(folder, "plugins", "enable", "links")
    (folder / "instance" / "plugins" / "links" / "__init__.py").write_text("raise SystemExit(3)")

    assert shell(folder, "plugins", "uninstall", "links", "--yes").code == 0
    assert shell(folder, "doctor").code in (0, 1)


def test_settings_that_no_export_can_hold_are_not_removed_with_one(folder: Path) -> None:
    links = folder / "instance" / "plugins" / "links"
    setting = "from blog import SettingsForm\nfrom wtforms import StringField\n"
    setting += "class Settings(SettingsForm):\n    x = StringField(default='')"
    (links / "__init__.py").write_text(setting)
    shell(folder, "plugins", "enable", "links")
    assert shell(folder, "plugins", "set", "links", "x=1").code == 0
    (links / "plugin.toml").write_text("not toml")

    refused = shell(folder, "plugins", "uninstall", "links", "--yes", "--export", "links.zip")
    assert (refused.code, (folder / "links.zip").exists()) == (1, False)
    assert "nothing was removed: from the export settings are left out" in refused.err
    assert "x=1" in shell(folder, "plugins", "set", "links").out

    exported = shell(folder, "plugins", "export", "links", "links.zip")
    assert (exported.code, "settings are left out, because" in exported.err) == (0, True)
    assert shell(folder, "plugins", "uninstall", "links", "--yes").code == 0


def test_an_unknown_name_is_refused_with_the_nearest(folder: Path) -> None:
    done = shell(folder, "plugins", "uninstall", "link", "--yes")

    assert done.code == 1
    assert "did you mean 'links'?" in done.err


def test_an_export_of_its_own_leaves_all_in_place(folder: Path) -> None:
    shell(folder, "plugins", "set", "threads", "depth=3")
    assert shell(folder, "plugins", "export", "threads", "threads.zip").code == 0

    assert states(folder)["threads"] == "on"
    assert "depth=3" in shell(folder, "plugins", "set", "threads").out
    json.loads(shell(folder, "plugins", "hooks", "--json").out)
