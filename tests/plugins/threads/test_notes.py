"""Moderators see in the queue what each reply answers."""

from collections.abc import Callable

import pytest

from blog import Status
from blog.testing import SiteUnderTest
from tests.platform.samples import put

QUEUE = "/admin/comments?status=pending"


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["threads", "admin"])


@pytest.fixture
def moderator(site: SiteUnderTest) -> SiteUnderTest:
    return site.as_person("Kodjo", {"comments.moderate", "posts.private"})


def test_a_reply_names_what_it_answers(site: SiteUnderTest, moderator: SiteUnderTest) -> None:
    post = site.write_post()
    first = site.write_comment(post, "Qui a <vu> " + "les chèvres " * 20, author="Ama & Co")
    site.write_comment(post, "Moi", parent=first, status=Status.PENDING)

    page = moderator.get(QUEUE).text

    assert "In reply to Ama &amp; Co: Qui a " in page
    assert "…</p>" in page


def test_a_comment_that_answers_none_has_no_note(
    site: SiteUnderTest, moderator: SiteUnderTest
) -> None:
    site.write_comment(site.write_post(), "Seul", status=Status.PENDING)

    page = moderator.get(QUEUE).text

    assert "Seul" in page
    assert "In reply to" not in page


def test_a_page_asks_once_however_many_replies(
    site: SiteUnderTest, moderator: SiteUnderTest
) -> None:
    post = site.write_post()
    first = site.write_comment(post, "Un")
    counts = []
    for _round in range(2):
        for number in range(3):
            site.write_comment(post, f"{_round} {number}", parent=first, status=Status.PENDING)
        counts.append(moderator.statements(QUEUE))

    assert counts[0] == counts[1]


def test_a_note_that_fails_costs_no_queue(site: SiteUnderTest, moderator: SiteUnderTest) -> None:
    put(site, "notes", "@hookimpl(optionalhook=True)\ndef comment_notes(comments):\n    1 / 0")
    site.write_comment(site.write_post(), "Seul", status=Status.PENDING)

    assert "Seul" in moderator.get(QUEUE).text
    assert [one.plugin for one in site.errors()] == ["notes"]


def test_plain_text_is_no_note(site: SiteUnderTest, moderator: SiteUnderTest) -> None:
    code = "    return {one.id: '<script>' for one in comments}"
    put(site, "notes", f"@hookimpl(optionalhook=True)\ndef comment_notes(comments):\n{code}")
    site.write_comment(site.write_post(), "Seul", status=Status.PENDING)

    assert "<script>" not in moderator.get(QUEUE).text
