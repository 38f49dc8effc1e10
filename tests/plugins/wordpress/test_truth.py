"""Compare what is read of real exports with what an independent parser counted in them."""

import json
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from blog_plugins.wordpress import wxr
from blog_plugins.wordpress.broken import BrokenExport, Problem
from blog_plugins.wordpress.records import Comment, Item

pytestmark = pytest.mark.material

WHOLE = [
    "alienlebarge",
    "isso__wordpress",
    "mythz",
    "pelican__wordpressexport",
    "wpimporter__a11y-unit-test-data",
    "wpimporter__missing-tags",
    "wpimporter__slashes",
    "wpimporter__small-export",
    "wpimporter__test-serialized-postmeta-with-cdata",
    "wpimporter__theme-unit-test-data",
    "wpimporter__valid-wxr-1.0",
    "wpimporter__valid-wxr-1.1",
    "wpimporter__wxr-simple",
    "wporg__themeunittestdata.wordpress",
    "wptt__theme-preview",
    "wptt__themeunittestdata.wordpress",
]
# An independent parser recovered something of these; a half of a file is refused instead.
BROKEN = {
    "wpimporter__crazy-cdata": (Problem.MALFORMED, 18),
    "wpimporter__malformed-simple": (Problem.CUT, 14),
}


@pytest.fixture
def exports(material: Path) -> Path:
    """Find the folder of the exports."""
    return material / "wordpress"


def test_every_file_of_the_material_is_compared(exports: Path) -> None:
    assert {path.stem for path in exports.glob("*.xml")} == {*WHOLE, *BROKEN}


@pytest.mark.parametrize("name", WHOLE)
def test_items_and_comments_equal_the_truth(exports: Path, name: str) -> None:
    truth = json.loads((exports / "truth" / f"{name}.json").read_text(encoding="utf-8"))

    with (exports / f"{name}.xml").open("rb") as file:
        found = [described(item) for item in wxr.items(file)]

    assert found == [present(item) for item in truth["items"]]


@pytest.mark.parametrize("name", WHOLE)
def test_the_first_pass_counts_what_the_truth_counts(exports: Path, name: str) -> None:
    truth = json.loads((exports / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    comments = [comment for item in truth["items"] for comment in item["comments"]]

    with (exports / f"{name}.xml").open("rb") as file:
        survey = wxr.check(file)

    assert survey.items.total() == len(truth["items"])
    assert survey.comments.total() == len(comments)
    assert survey.channel.title == (truth["title"] or "")
    assert survey.channel.link == (truth["link"] or "")
    assert [author.login for author in survey.channel.authors] == [
        author["author_login"] for author in truth["authors"]
    ]
    terms = len(truth["category"]) + len(truth["tag"]) + len(truth["term"])
    assert len(survey.channel.terms) == terms


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_line(exports: Path, name: str) -> None:
    with (exports / f"{name}.xml").open("rb") as file, pytest.raises(BrokenExport) as refused:
        wxr.check(file)

    assert (refused.value.problem, refused.value.line) == BROKEN[name]


def test_verdicts_of_akismet_stay_with_their_comments(exports: Path) -> None:
    with (exports / "alienlebarge.xml").open("rb") as file:
        keys = [
            meta.key
            for item in wxr.items(file)
            for comment in item.comments
            for meta in comment.metas
        ]

    assert (keys.count("akismet_result"), keys.count("akismet_history")) == (85, 126)


def described(item: Item) -> dict[str, Any]:
    """Say of an item what the truth says."""
    return {
        "id": item.id,
        "type": item.type,
        "status": item.status,
        "slug": item.slug,
        "title": item.title,
        "link": item.link,
        "date_gmt": item.date_gmt,
        "date": item.date,
        "creator": item.creator,
        "parent": item.parent,
        "password": bool(item.password),
        "sticky": item.sticky,
        "comment_status": item.comment_status,
        "attachment_url": item.attachment_url,
        "terms": sorted([label.taxonomy, label.slug, label.name] for label in item.labels),
        "body_chars": len(item.body),
        "body_sha1": digest(item.body),
        "excerpt_chars": len(item.excerpt),
        "n_meta": len(item.metas),
        "comments": [reply(comment) for comment in item.comments],
    }


def reply(comment: Comment) -> dict[str, Any]:
    """Say of a comment what the truth says."""
    return {
        "id": comment.id,
        "parent": comment.parent or "0",
        "approved": comment.approved,
        "type": comment.type,
        "author": comment.author,
        "date_gmt": comment.date_gmt,
        "chars": len(comment.body),
        "sha1": digest(comment.body),
    }


def digest(text: str) -> str:
    """Hash a text as the truth does."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def present(entry: dict[str, Any]) -> dict[str, Any]:
    """Read what is missing as empty, texts of one line without blanks around, terms in order."""
    filled: dict[str, Any] = {key: "" if value is None else value for key, value in entry.items()}
    filled |= {key: filled[key].strip() for key in ("title", "link") if key in filled}
    if "comments" in filled:
        filled["comments"] = [present(comment) for comment in filled["comments"]]
        filled["terms"] = sorted(filled["terms"])
    return filled
