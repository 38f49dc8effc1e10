"""Moderating comments."""

from typing import Any

import pytest
from sqlalchemy import event

from blog import Status
from blog.testing import SiteUnderTest

QUEUE = "/admin/comments"


@pytest.fixture
def held(post, comment):
    """Give two comments that wait."""
    return [comment(post, f"Parole {n}", author="Ama", status=Status.PENDING) for n in (1, 2)]


def test_the_queue_shows_text_author_post_and_the_reasons_of_the_verdict(site, moderator) -> None:
    post = site.write_post("Le fleuve")
    site.comment(post, "Bonjour de Lomé", author="Kossi")
    page = moderator.get(QUEUE).text
    for shown in ("Bonjour de Lomé", "Kossi", "Le fleuve", "(hold)"):
        assert shown in page


def test_an_approved_comment_is_there_for_the_next_reader(site, moderator, send, post, held):
    send(moderator, f"{QUEUE}/change", do=f"approve:{held[0].id}")
    page = site.get(post.path).text
    assert "Parole 1" in page
    assert "Parole 2" not in page


def test_many_are_moderated_at_once(site, moderator, send, post, held) -> None:
    send(moderator, f"{QUEUE}/change", do="approve", ids=[one.id for one in held])
    assert "2 comments approved." in moderator.get(QUEUE).text
    assert "Parole 2" in site.get(post.path).text


def test_undo_gives_each_comment_the_status_back_that_it_had(site, moderator, send, post, held):
    spam = site.write_comment(post, "Achetez", status=Status.SPAM)
    send(moderator, f"{QUEUE}/change", do="trash", ids=[held[0].id, spam.id])
    page = moderator.get(QUEUE).text
    path = page.partition('action="/admin/undo/')[2].partition('"')[0]
    answer = send(moderator, f"/admin/undo/{path}")
    assert answer.status_code == 303
    assert site.stored(held[0]).status == Status.PENDING
    assert site.stored(spam).status == Status.SPAM


def test_what_was_undone_can_be_redone(site, moderator, send, held) -> None:
    send(moderator, f"{QUEUE}/change", do=f"spam:{held[0].id}")
    send(moderator, "/admin/undo/1")
    send(moderator, "/admin/undo/2")
    assert site.stored(held[0]).status == Status.SPAM


def test_what_somebody_else_did_is_not_undone(site, owner, moderator, send, held) -> None:
    send(moderator, f"{QUEUE}/change", do=f"approve:{held[0].id}")
    send(owner, "/admin/undo/1")
    assert "undone already" in owner.get(QUEUE).text
    assert site.stored(held[0]).status == Status.PUBLISHED


def test_a_comment_is_deleted_for_good_only_from_spam_or_trash(site, moderator, send, held):
    send(moderator, f"{QUEUE}/change", do="delete", ids=held[0].id)
    assert moderator.get(f"{QUEUE}/{held[0].id}").status_code == 200
    send(moderator, f"{QUEUE}/change", do=f"trash:{held[0].id}")
    send(moderator, f"{QUEUE}/change", do="delete", ids=held[0].id)
    assert moderator.get(f"{QUEUE}/{held[0].id}").status_code == 404


def test_a_moderator_finds_each_comment_from_the_site(site, moderator, post, comment) -> None:
    said = comment(post)
    link = f'href="/admin/comments/{said.id}"'
    assert link in moderator.get(post.path).text
    assert link not in site.get(post.path).text


def test_an_owner_finds_the_editor_from_the_site_and_a_moderator_does_not(
    owner: SiteUnderTest, moderator: SiteUnderTest, post
) -> None:
    link = f'href="/admin/posts/{post.id}"'
    assert link in owner.get("/").text
    assert link not in moderator.get("/").text


def test_the_queue_is_paged_without_losing_one(site, moderator, post) -> None:
    from re import findall

    for number in range(52):
        site.write_comment(post, f"Parole {number}")
    first = moderator.get(f"{QUEUE}?status=published").text
    following = findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    ids = findall(r'name="ids" value="(\d+)"', first + moderator.get(following).text)
    assert len(ids) == len(set(ids)) == 52


def test_the_queue_costs_the_same_for_one_and_for_many(site, moderator, post) -> None:
    def statements() -> int:
        sent = []
        count = lambda *_: sent.append(1)  # noqa: E731
        event.listen(site.wsgi.database.reader, "before_cursor_execute", count)
        moderator.get(f"{QUEUE}?status=published")
        event.remove(site.wsgi.database.reader, "before_cursor_execute", count)
        return len(sent)

    site.write_comment(post, "Une")
    few = statements()
    for number in range(20):
        site.write_comment(post, f"Parole {number}")
    assert statements() == few


ODD: list[dict[str, Any]] = [
    {"do": "approve"},
    {"do": "nonsense", "ids": "1"},
    {"do": "approve:99999999999999999999"},
    {"do": "approve", "ids": ["x", "99999999999999999999", "٣", "-1", "\x00"]},
    {"do": "approve:1", "back": "//evil.example/"},
    {"do": "approve:1", "back": "https://evil.example/admin/"},
    {"do": "approve:1", "back": "/admin/\r\nSet-Cookie: a=b"},
]


def test_odd_forms_lead_back_to_the_queue(moderator, send) -> None:
    for fields in ODD:
        answer = send(moderator, f"{QUEUE}/change", **fields)
        assert answer.status_code == 303, fields
        assert answer.headers["Location"] == QUEUE


def test_odd_addresses_show_a_queue(moderator) -> None:
    for query in ("status=nonsense", "before=x", "before=" + "9" * 40):
        assert moderator.get(f"{QUEUE}?{query}").status_code == 200
