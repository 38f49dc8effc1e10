"""The reference pages say what the code says."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import blog
from blog import hookspecs, identity, jobs, outgoing, writing
from blog.platform import manifest
from scripts import findings, names, reference
from tests.docs.examples import steps


@pytest.fixture(scope="module")
def pages() -> Iterator[dict[str, str]]:
    with reference.new_site() as running:
        yield reference.pages(running)


@pytest.mark.parametrize(
    "name",
    [
        *("settings.md", "commands.md", "hooks.md", "slots.md", "plugins.md"),
        *("public-names.md", "templates.md", "manifest.md", "findings.md"),
    ],
)
def test_a_reference_page_is_up_to_date(name: str, pages: dict[str, str]) -> None:
    assert (reference.FOLDER / name).read_text("utf-8") == pages[name]


def test_every_hook_has_its_place(pages: dict[str, str]) -> None:
    shown = pages["hooks.md"] + pages["slots.md"]

    assert [name for name in _declared(hookspecs) if f"### `{name}`" not in shown] == []


def test_every_hook_is_used_by_a_bundled_plugin(pages: dict[str, str]) -> None:
    sections = (pages["hooks.md"] + pages["slots.md"]).split("### `")[1:]
    unused = {one.partition("`")[0] for one in sections if "Used by no bundled plugin" in one}

    assert unused == set()


def test_every_finding_is_explained_and_every_explanation_found() -> None:
    folder = Path(inspect.getfile(manifest)).parent
    texts = [one.read_text("utf-8") for one in folder.rglob("*.py") if one.name != "findings.py"]
    said = {
        one for text in texts for one in re.findall(r'"([a-z]+(?:-[a-z]+)+|conflict|cycle)"', text)
    }
    others = {"switched-off", "import-e"}

    assert said - others == findings.CODES.keys() - {"deprecated"}


def test_every_public_name_says_what_it_is(pages: dict[str, str]) -> None:
    rows = [line for line in pages["public-names.md"].splitlines() if line.startswith("| `")]

    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_public_name_has_its_place(pages: dict[str, str]) -> None:
    shown = pages["public-names.md"]

    assert [name for name in blog.__all__ if f"`{name}`" not in shown] == []


def test_a_call_is_written_whole() -> None:
    assert names.signature("jobs.tell", jobs.tell) == "jobs.tell(**progress: Any) -> None"
    assert "\n    *,\n    headers: " in names.signature("outgoing.fetch", outgoing.fetch)


def test_what_is_used_in_a_block_says_so() -> None:
    assert names.signature("writing", writing) == "writing() -> AbstractContextManager[Session]"


def test_the_columns_of_a_model_are_listed(pages: dict[str, str]) -> None:
    section = pages["public-names.md"].partition("## `FormerAddress`")[2].partition("## `")[0]

    assert "| `path` | `str` | String(500), primary key | – |" in section


def test_every_permission_of_the_core_is_listed(pages: dict[str, str]) -> None:
    rows = [f'`"{one.name}"` | {one.label} |' for one in identity.PERMISSIONS]

    assert [row for row in rows if row not in pages["public-names.md"]] == []


def test_every_name_of_templates_says_what_it_is(pages: dict[str, str]) -> None:
    rows = [line for line in pages["templates.md"].splitlines() if line.startswith("| `")]

    assert len(rows) > 40
    assert [row for row in rows if row.endswith("|  |")] == []


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
