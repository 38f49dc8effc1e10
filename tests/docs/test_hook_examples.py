"""The example of every hook in the reference is a plugin that runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from blog.testing import SiteUnderTest
from tests.calls import arguments, call, declared
from tests.platform.samples import single

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "examples"
SILENT = {"posts_saved", "comments_stored", "comment_submitted", "comments_changed",
          "import_leftovers", "may_read", "slot_head", "slot_before_posts", "slot_under_comments",
          "check_comment", "comment_notes", "export_files", "find_posts", "find_comments",
          "similar_posts", "before_migration", "attachment_here"}  # fmt: skip


def test_every_hook_has_an_example() -> None:
    assert {one.stem for one in FOLDER.glob("*.py")} == set(declared())


@pytest.fixture
def given(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["admin", "export", "feeds", "related", "sitemap", "wordpress"])


@pytest.mark.parametrize("hook", declared())
def test_the_example_of_a_hook_runs_and_its_answer_is_accepted(
    given: SiteUnderTest, hook: str
) -> None:
    source = (FOLDER / f"{hook}.py").read_text("utf-8")
    file = single(given.instance / "plugins", "example")
    head = file.read_text("utf-8").replace("from blog import hookimpl\n", "")
    reach = {
        "comment_submitted": 'jobs = ["tell"]',
        "jobs": 'jobs = ["greet", "tidy"]',
        "routes": 'routes = ["/hello/"]',
    }
    declares = f"# [reach]\n# {reach[hook]}\n# ///\n" if hook in reach else "# ///\n"
    file.write_text(head.strip().removesuffix("# ///") + declares + source, "utf-8")

    given.enable("example")
    sample = arguments(given)
    answer = call(given, "example", hook, sample)
    given.work()

    assert given.get(sample["post"].path).status_code == 200
    assert [(one.hook, one.message) for one in given.errors()] == []
    assert (answer is None or not answer) == (hook in SILENT or (not answer and hook == "catch_up"))
