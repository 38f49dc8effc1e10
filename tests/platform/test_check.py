"""Loading: a plugin's mistake is caught with its mend, and the rest runs."""

from pathlib import Path

import pytest

from blog.platform.check import PluginRefused
from blog.platform.discovery import find
from blog.platform.loading import fit, load
from blog.platform.report import Report
from tests.platform.samples import imported, single, whole

MISTAKES = {
    "unknown": ("@hookimpl\ndef posts_loadet(posts): ...", "did you mean 'posts_loaded'?"),
    "argument": (
        "@hookimpl\ndef posts_loaded(post): ...",
        "no argument 'post'; did you mean 'posts'?",
    ),
    "argument of none": ("@hookimpl\ndef routes(app): ...", "it has none"),
    "default": (
        "@hookimpl\ndef posts_loaded(posts=()): ...",
        "gives 'posts' a default, so it would never be filled",
    ),
    "old wrapper": (
        "@hookimpl(hookwrapper=True)\ndef posts_loaded(posts):\n    yield",
        "is a wrapper: hooks of Palabre are plain functions",
    ),
    "wrapper": (
        "@hookimpl(wrapper=True)\ndef posts_loaded(posts):\n    return (yield)",
        "is a wrapper",
    ),
    "async": ("@hookimpl\nasync def posts_loaded(posts): ...", "is async: write it as a plain"),
    "generator": (
        "@hookimpl\ndef posts_loaded(posts):\n    yield posts",
        "yields: let it return its answer",
    ),
}
IMPORTS = {
    "import nothing_of_that_name": "ModuleNotFoundError",
    "def broken(:": "SyntaxError",
    "1 / 0": "ZeroDivisionError",
    "raise SystemExit(3)": "SystemExit: 3",
    "class Panic(BaseException): ...\nraise Panic('no')": "Panic: no",
}


def load_all(instance: Path, *names: str):
    return load(find(instance), names, {}, Report())


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_hook_is_named_with_its_mend_and_its_line(
    tmp_path: Path, mistake: str
) -> None:
    code, mend = MISTAKES[mistake]
    single(tmp_path / "plugins", "links", code)
    failures: dict[str, str] = {}

    names = fit({"links": imported(tmp_path, "links")}, {}, failures)

    assert names == []
    assert mend in failures["links"]
    assert "links.py:" in failures["links"]


@pytest.mark.parametrize("code", IMPORTS)
def test_what_a_plugin_raises_when_imported_is_its_reason(tmp_path: Path, code: str) -> None:
    single(tmp_path / "plugins", "links", code)

    with pytest.raises(PluginRefused, match=IMPORTS[code]):
        imported(tmp_path, "links")


def test_an_import_that_failed_is_tried_anew_when_it_is_mended(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "links", "1 / 0")
    with pytest.raises(PluginRefused):
        imported(tmp_path, "links")

    single(tmp_path / "plugins", "links", "mark = 'mended'")

    assert imported(tmp_path, "links").module.mark == "mended"


@pytest.mark.parametrize(("api", "mend"), [(2, "upgrade it"), (0, "the first is 1")])
def test_another_api_is_refused(tmp_path: Path, api: int, mend: str) -> None:
    single(tmp_path / "plugins", "links", api=api)

    with pytest.raises(PluginRefused, match=mend):
        imported(tmp_path, "links")


def test_an_optional_hook_may_be_missing(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "links", "@hookimpl(optionalhook=True)\ndef menu_of_x(): ...")

    assert not load_all(tmp_path, "links").failures


def test_a_module_that_holds_the_session_can_be_checked_anywhere(tmp_path: Path) -> None:
    code = "from blog import hooks, session, settings\nfrom flask import request"
    single(tmp_path / "plugins", "links", code)

    assert not load_all(tmp_path, "links").failures


def test_a_plugin_left_out_leaves_the_rest_running(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "bad", "1 / 0")
    single(tmp_path / "plugins", "good", "@hookimpl\ndef posts_loaded(posts): ...")

    loaded = load_all(tmp_path, "bad", "good", "gone")

    assert [one.name for one in loaded.plugins] == ["good"]
    assert "ZeroDivisionError" in loaded.failures["bad"]
    assert "put it back or disable it" in loaded.failures["gone"]


def test_who_needs_a_plugin_that_was_left_out_is_left_out_too(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "base", "@hookimpl\ndef no_such_hook(): ...")
    single(tmp_path / "plugins", "middle", requires=["base"])
    single(tmp_path / "plugins", "top", requires=["middle"])

    failures = load_all(tmp_path, "base", "middle", "top").failures

    assert "palabre plugins enable base" in failures["middle"]
    assert "palabre plugins enable middle" in failures["top"]


def test_an_older_version_than_needed_is_named(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "base", version="1.4")
    single(tmp_path / "plugins", "top", requires=["base>=2"])

    assert "base is 1.4" in load_all(tmp_path, "base", "top").failures["top"]


def test_a_cycle_leaves_out_its_members_alone(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "a", before=["b"])
    single(tmp_path / "plugins", "b", before=["a"])
    single(tmp_path / "plugins", "c")

    loaded = load_all(tmp_path, "a", "b", "c")

    assert [one.name for one in loaded.plugins] == ["c"]
    assert "a" in loaded.failures["b"]


HOOKS = """
from blog import Kind, hookspec

@hookspec(kind=Kind.COLLECT, since="1.0")
def {name}() -> str:
    \"\"\"Say something.\"\"\"
"""


def test_a_plugin_may_declare_hooks_for_others(tmp_path: Path) -> None:
    code = "from . import hookspecs\nfrom blog import hookimpl\n"
    whole(tmp_path / "plugins", "host", code, {"hookspecs.py": HOOKS.format(name="host_says")})
    single(tmp_path / "plugins", "guest", "@hookimpl\ndef host_says():\n    return 'oui'")

    table = load_all(tmp_path, "guest", "host").table

    assert [tuple(one) for one in table.host_says()] == [("guest", "oui")]


def test_a_hook_declared_twice_leaves_out_the_second_with_both_names(tmp_path: Path) -> None:
    code = "from . import hookspecs\n"
    for name in ("one", "two"):
        whole(tmp_path / "plugins", name, code, {"hookspecs.py": HOOKS.format(name="says")})
    whole(tmp_path / "plugins", "thief", code, {"hookspecs.py": HOOKS.format(name="routes")})

    loaded = load_all(tmp_path, "one", "two", "thief")

    assert loaded.failures["two"] == "declares the hook 'says', which one has: rename it"
    assert "which the core has" in loaded.failures["thief"]
    assert [one.name for one in loaded.plugins] == ["one"]


def test_code_changed_in_place_is_another_module(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "links", "mark = 1")
    before = imported(tmp_path, "links").module
    single(tmp_path / "plugins", "links", "mark = 22")

    assert (before.mark, imported(tmp_path, "links").module.mark) == (1, 22)
