"""Manifests: read without an import, and every mistake with its mend."""

import os
from pathlib import Path

import pytest

from blog.db import Base
from blog.platform.discovery import find
from blog.platform.manifest import RESERVED, BadManifest, read
from tests.platform.samples import single, whole

MISTAKES = {
    'title = "X"\nversion = "1"': "lacks 'api'",
    'title = "X"\napi = 1': "lacks 'version'",
    'version = "1"\napi = 1': "lacks 'title'",
    'title = "X"\nversion = "one"\napi = 1': "'one' is no version, for example '1.0'",
    'title = "X"\nversion = 1.0\napi = 1': "'version' must be a text in quotes",
    'title = 3\nversion = "1"\napi = 1': "'title' must be a text in quotes",
    'title = "X"\nversion = "1"\napi = "1"': "'api' must be a whole number, for example 1",
    'title = "X"\nversion = "1"\napi = true': "'api' must be a whole number, for example 1",
    'title = "X"\nversion = "1"\napi = 1\nrequire = []': "'require' in the manifest; did you mean",
    'title = "X"\nversion = "1"\napi = 1\nzzz = 1': "unknown key 'zzz'",
    'title = "X"\nversion = "1"\napi = 1\nafter = "threads"': "'after' must be a list of names",
    'title = "X"\nversion = "1"\napi = 1\nbefore = [1]': "'before' must be a list of names",
    'title = "X"\nversion = "1"\napi = 1\nrequires = ["a=>1"]': "for example 'threads>=1'",
    'title = "X"\nversion = "1"\napi = 1\nreach = 1': "'reach' must be a table",
    'title = "X"\nversion = "1"\napi = 1\n[reach]\nhost = []': "'host'; did you mean 'hosts'?",
    'title = "X"\nversion = "1"\napi = 1\n[reach]\nhosts = "a"': "'hosts' must be a list of names",
    'title = "X': "cannot be read",
}


@pytest.mark.parametrize("source", MISTAKES)
def test_a_mistake_in_a_manifest_is_named_with_its_mend(tmp_path: Path, source: str) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "plugin.toml").write_text(source)

    with pytest.raises(BadManifest) as refused:
        read(tmp_path / "links")

    assert "links" in str(refused.value)
    assert MISTAKES[source] in str(refused.value)


def test_a_manifest_tells_what_a_plugin_is_needs_and_touches(tmp_path: Path) -> None:
    path = whole(
        tmp_path, "links", summary="All links.", requires=["threads>=1"], uses=["spam"],
        conflicts=["ties"], before=["a"], after=["b"],
    )  # fmt: skip
    (path / "plugin.toml").open("a").write('[reach]\nhosts = ["example.org"]\n')

    found = read(path)

    assert (found.name, found.title, found.summary) == ("links", "Links", "All links.")
    assert [str(one) for one in found.requires] == ["threads>=1"]
    assert (found.uses, found.conflicts, found.before, found.after) == (
        ("spam",), ("ties",), ("a",), ("b",),
    )  # fmt: skip
    assert found.reach == {"hosts": ["example.org"]}


def test_a_single_file_holds_its_manifest_in_a_comment_block(tmp_path: Path) -> None:
    path = single(tmp_path, "links", "raise RuntimeError('imported')", summary="All links.")

    assert read(path).summary == "All links."


def test_a_comment_block_may_come_after_the_docstring_and_end_lines_as_windows_does(
    tmp_path: Path,
) -> None:
    path = single(tmp_path, "links")
    path.write_bytes(b'"""Links."""\r\n' + path.read_bytes().replace(b"\n", b"\r\n"))

    assert read(path).title == "Links"


def test_a_file_without_a_block_is_told_how_to_begin_one(tmp_path: Path) -> None:
    (tmp_path / "links.py").write_text("x = 1\n")

    with pytest.raises(BadManifest, match="begin one with a line '# /// plugin'"):
        read(tmp_path / "links.py")


def test_a_block_that_is_not_closed_is_told_how_to_end_it(tmp_path: Path) -> None:
    (tmp_path / "links.py").write_text('# /// plugin\n# title = "X"\n')

    with pytest.raises(BadManifest, match="end it with '# ///'"):
        read(tmp_path / "links.py")


def test_a_folder_without_a_manifest_is_told_which_file_to_write(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()

    with pytest.raises(BadManifest, match=r"write .*links/plugin\.toml"):
        read(tmp_path / "links")


def test_bytes_that_are_not_text_are_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "links.py").write_bytes(b"# /// plugin\n# title = \xff\n# ///\n")

    with pytest.raises(BadManifest, match="cannot be read"):
        read(tmp_path / "links.py")


ENDLESS = "1" * 5000


@pytest.mark.parametrize(
    "source",
    [
        f'title = "A"\nversion = "{ENDLESS}"\napi = 1\n',
        f'title = "A"\nversion = "1"\napi = {ENDLESS}\n',
        f'title = "A"\nversion = "1"\napi = 1\nrequires = ["threads>={ENDLESS}"]\n',
        f'title = "A"\nversion = "1"\napi = 1\nx = {"[" * 3000}\n',
        f'title = "{"A" * 30_000}"\nversion = "1"\napi = 1\n',
        'title = "A\\u001b[31m"\nversion = "1"\napi = 1\n',
        'title = "A\\nB"\nversion = "1"\napi = 1\n',
    ],
    ids=["version", "api", "requires", "nested", "long", "escape", "line"],
)
def test_an_odd_manifest_stops_nobody_from_listing_plugins(tmp_path: Path, source: str) -> None:
    (tmp_path / "plugins" / "links").mkdir(parents=True)
    (tmp_path / "plugins" / "links" / "plugin.toml").write_text(source)

    found = find(tmp_path)

    assert "links" in found["links"].problem
    assert found["threads"].problem == ""


def test_a_pipe_among_plugins_is_none(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    os.mkfifo(tmp_path / "plugins" / "links.py")

    assert "links" not in find(tmp_path)


@pytest.mark.parametrize("name", ["My", "two_words", "9lives", "été", "a-b"])
def test_a_name_that_is_none_is_refused_with_an_example(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadManifest, match="for example 'links'"):
        read(single(tmp_path, name))


@pytest.mark.parametrize("name", RESERVED)
def test_a_name_of_the_core_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadManifest, match="keeps the name"):
        read(single(tmp_path, name))


def test_no_plugin_name_can_be_the_prefix_of_a_core_table() -> None:
    prefixes = {name.partition("_")[0] for name in Base.metadata.tables if "_" in name}

    assert prefixes <= set(RESERVED)
