"""The reference pages say what the code says."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import blog
from blog import hookspecs
from blog.platform import manifest
from scripts import reference
from tests.docs.examples import steps

# Who guards a post is asked by name; the core hides what nobody answers for (test_guards.py).
ASKED_OF_GUARDS = {"may_read"}


@pytest.fixture(scope="module")
def pages() -> Iterator[dict[str, str]]:
    with reference.new_site() as running:
        yield reference.pages(running)


@pytest.mark.parametrize(
    "name",
    ["settings.md", "commands.md", "hooks.md", "slots.md", "public-names.md", "manifest.md"],
)
def test_a_reference_page_is_up_to_date(name: str, pages: dict[str, str]) -> None:
    assert (reference.FOLDER / name).read_text("utf-8") == pages[name]


def test_every_hook_has_its_place(pages: dict[str, str]) -> None:
    shown = pages["hooks.md"] + pages["slots.md"]

    assert [name for name in _declared(hookspecs) if f"### `{name}`" not in shown] == []


def test_every_hook_is_used_by_a_bundled_plugin(pages: dict[str, str]) -> None:
    sections = (pages["hooks.md"] + pages["slots.md"]).split("### `")[1:]
    unused = {one.partition("`")[0] for one in sections if "Used by no bundled plugin" in one}

    assert unused == ASKED_OF_GUARDS


def test_every_public_name_says_what_it_is(pages: dict[str, str]) -> None:
    rows = [line for line in pages["public-names.md"].splitlines() if line.startswith("| `")]

    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_public_name_has_its_place(pages: dict[str, str]) -> None:
    shown = pages["public-names.md"]

    assert [name for name in blog.__all__ if f"`{name}`" not in shown] == []


def test_every_key_of_a_manifest_says_what_it_is() -> None:
    assert set(reference.MANIFEST) == set(manifest.KEYS)
    assert set(reference.REACH) == set(manifest.REACH)


def test_the_example_of_a_manifest_can_be_read(tmp_path: Path) -> None:
    (example,) = [
        step.text for step in steps(reference.FOLDER / "manifest.md") if step.kind == "toml"
    ]
    folder = tmp_path / "proverb"
    folder.mkdir()
    (folder / "plugin.toml").write_text(example, "utf-8")

    assert manifest.read(folder).reach["routes"] == ["/proverbs/"]


def _declared(module: ModuleType) -> list[str]:
    return [name for name, one in vars(module).items() if hasattr(one, "palabre_hook")]
