"""Every page of the docs is followed step by step."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from blog.cli import palabre
from tests.docs.examples import PAGES, ROOT, blocks, steps
from tests.docs.reader import Reader

# What a change of the platform breaks first; the others take a site each, or start a server.
QUICK = ("README.md", "first-plugin.md")
FOLLOWED = [
    pytest.param(
        page,
        id=str(page.relative_to(ROOT)),
        marks=[] if page.name in QUICK else [pytest.mark.slow],
    )
    for page in PAGES
    if page.name != "postgresql.md"
]


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Sit down in an empty folder with no settings in the environment."""
    for name in [name for name in os.environ if name.startswith("BLOG_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, {})


@pytest.mark.slow
@pytest.mark.parametrize("page", FOLLOWED)
def test_a_page_can_be_followed(page: Path, reader: Reader) -> None:
    for step in steps(page):
        try:
            reader.follow(step)
        except AssertionError as error:
            pytest.fail(f"{page.relative_to(ROOT)}:{step.line}: {error}")


@pytest.mark.postgres
def test_the_page_about_postgresql_can_be_followed(reader: Reader, postgres_url: str) -> None:
    address = re.compile(r"postgresql://[^\s\"]+")

    for step in steps(ROOT / "docs" / "how-to" / "postgresql.md"):
        reader.follow(step._replace(text=address.sub(lambda _: postgres_url, step.text)))


@pytest.mark.slow
def test_every_plugin_of_the_docs_passes_the_check_at_load(reader: Reader) -> None:
    reader.need_site()
    refused = {"misspelt"}
    names = set()
    for step in (step for page in PAGES for step in steps(page)):
        if step.title.startswith("instance/plugins/") and "/tests/" not in step.title:
            reader.write(step.title, step.text)
            names.add(Path(step.title).relative_to("instance/plugins").parts[0].removesuffix(".py"))
    for name in sorted(names - refused):
        reader.run(f"palabre plugins enable {name}")

    listed = CliRunner().invoke(palabre, ["plugins", "list", "--json"])
    states = {one["name"]: one["state"] for one in json.loads(listed.stdout)}
    assert {states[name] for name in names - refused} == {"on"}


def test_every_python_example_says_which_file_it_is() -> None:
    unnamed = [f"{page.name}:{step.line}" for page, step in blocks("python") if not step.title]

    assert not unnamed
