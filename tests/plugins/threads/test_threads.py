"""Threads: order, depth, pages, cuts, and catching up."""

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from blog import Comment, CommentKind, CommentRow, PostRow, Status, comments, importing, session
from blog.importing import ImportedComment
from blog.testing import SiteUnderTest

ITEM = re.compile(r'<li id="comment-(\d+)" class="([^"]*)"')
DEPTH = re.compile(r"depth-(\d+)")
HINT = re.compile(r'class="comment-parent" href="[^"]*#comment-(\d+)">([^<]*)<')


def load(site: SiteUnderTest, post: PostRow, said: list[dict[str, Any]]) -> None:
    """Store comments given as id, parent, created and text, through an import."""
    found = [
        ImportedComment(
            original=str(one["id"]),
            parent=None if one["parent"] is None else str(one["parent"]),
            number=index,
            author=one.get("author", "Afi"),
            email="",
            url="",
            body=one.get("text", "Bonjour"),
            status=Status.PUBLISHED,
            kind=CommentKind.COMMENT,
            created_at=one["created"],
        )
        for index, one in enumerate(said, 1)
    ]
    with site.context(), importing.batch() as batch:
        batch.comments("test", post.id, found)


def shown(html: str) -> list[tuple[int, int]]:
    """Read numbers and depths off a page."""
    return [(int(number), int(DEPTH.search(names)[1])) for number, names in ITEM.findall(html)]  # type: ignore[index]


def onward(html: str, name: str) -> str | None:
    """Find the link that leads on."""
    links = rf'<a (?:class="comment-rest"|rel="next")[^>]*href="([^"#]*\?{name}=\d+)#'
    found = re.search(links, html)
    return found[1] if found else None


def walk(site: SiteUnderTest, post: PostRow) -> tuple[list[list[tuple[int, int]]], list[int]]:
    """Read a whole thread by its links, the rest of a conversation before the next one.

    Give what each page shows, and the size of each page.
    """
    waiting, pages, sizes, known = [post.path], [], [], set[str]()
    while waiting:
        path = waiting.pop()
        if path in known:
            continue
        known.add(path)
        response = site.get(path)
        sizes.append(len(response.data))
        pages.append(shown(response.text))
        for name in ("after", "rest"):
            following = onward(response.text, name)
            if following:
                waiting.append(following)
    return pages, sizes


def joined(pages: list[list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Put pages behind one another."""
    return [one for page in pages for one in page]


def expected(said: list[dict[str, Any]], most: int) -> list[tuple[int, int]]:
    """Order a thread by a walk of its tree, siblings by time."""
    children: dict[Any, list[int]] = {}
    for index, one in enumerate(said, 1):
        children.setdefault(one["parent"], []).append(index)
    key = {index: (one["created"], index) for index, one in enumerate(said, 1)}
    stack = [(one, 1) for one in sorted(children.get(None, []), key=key.__getitem__, reverse=True)]
    order = []
    while stack:
        index, depth = stack.pop()
        order.append((index, min(depth, most)))
        below = sorted(children.get(said[index - 1]["id"], []), key=key.__getitem__, reverse=True)
        stack += [(one, depth + 1) for one in below]
    return order


def remove(site: SiteUnderTest, row: CommentRow, for_good: bool) -> None:
    """Move a comment to the trash, or delete it from there."""
    with site.context():
        comments.set_status([row.id], Status.TRASH)
        if for_good:
            comments.remove([row.id])


def parents_first(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put every comment behind the one that it answers."""
    known, order, waiting = {None}, [], said
    while waiting:
        ready = [one for one in waiting if one["parent"] in known]
        waiting = [one for one in waiting if one["parent"] not in known]
        known |= {one["id"] for one in ready}
        order += ready
    return order


@pytest.fixture
def real_thread(material: Path) -> list[dict[str, Any]]:
    """Read the real discussion of 2,112 comments."""
    lines = (material / "threads" / "thread_A_2112.jsonl").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    for one in said:
        one["created"] = datetime.fromisoformat(one["created"])
        one["text"] = one["body_md"] or "…"
    return parents_first(said)


@pytest.mark.material
@pytest.mark.parametrize("depth", [5, 10])
def test_a_real_thread_keeps_order_and_depth_over_its_pages(
    make_site: Callable[..., SiteUnderTest], real_thread: list[dict[str, Any]], depth: int
) -> None:
    site = make_site(["threads"])
    site.set("threads", depth=depth)
    post = site.write_post()
    load(site, post, real_thread)

    pages, sizes = walk(site, post)

    assert len(pages) > 1
    assert joined(pages) == expected(real_thread, depth)
    assert max(sizes) < 200_000


@pytest.mark.material
def test_a_thread_that_was_stored_while_off_catches_up(
    make_site: Callable[..., SiteUnderTest], real_thread: list[dict[str, Any]]
) -> None:
    site = make_site([])
    post = site.write_post()
    load(site, post, real_thread[:600])

    site.enable("threads")

    assert joined(walk(site, post)[0]) == expected(real_thread[:600], 5)


def test_reading_order_is_that_of_a_walk(site: SiteUnderTest, post: PostRow) -> None:
    dice = random.Random(7)
    said: list[dict[str, Any]] = []
    for index in range(1, 41):
        parent = dice.choice([None, *range(1, index)]) if index > 1 else None
        moment = datetime(2026, 1, 1, 0, dice.randrange(60), tzinfo=UTC)
        said.append({"id": index, "parent": parent, "created": moment})
    load(site, post, said)

    assert shown(site.get(post.path).text) == expected(said, 5)


def test_a_page_ends_before_a_top_level_comment(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site(["threads"])
    post = site.write_post()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    said: list[dict[str, Any]] = []
    for top in range(30):
        said.append({"id": f"t{top}", "parent": None, "created": moment})
        said += [{"id": f"t{top}r{i}", "parent": f"t{top}", "created": moment} for i in range(3)]
    load(site, post, said)

    first = site.get(post.path).text

    assert len(shown(first)) == 48
    assert shown(site.get(onward(first, "after") or "").text)[0] == (49, 1)


def test_a_long_subtree_is_cut_with_a_link_to_its_rest(site: SiteUnderTest, post: PostRow) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    said = [{"id": 1, "parent": None, "created": moment}]
    said += [{"id": i, "parent": 1, "created": moment} for i in range(2, 121)]
    said.append({"id": 121, "parent": None, "created": moment})
    load(site, post, said)

    first = site.get(post.path).text
    seen = joined(walk(site, post)[0])

    assert len(shown(first)) == 50
    assert onward(first, "rest") == f"{post.path}?rest=50"
    assert seen == expected(said, 5)


@pytest.mark.parametrize("number", [1, 50, 51, 77, 120, 121])
def test_the_permalink_of_a_comment_shows_it(
    site: SiteUnderTest, post: PostRow, number: int
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    said = [{"id": 1, "parent": None, "created": moment}]
    said += [{"id": i, "parent": 1, "created": moment} for i in range(2, 121)]
    said.append({"id": 121, "parent": None, "created": moment})
    load(site, post, said)

    page = site.get(f"{post.path}?comment={number}").text

    assert f'id="comment-{number}"' in page


def test_two_thousand_answers_to_answers_are_shown(site: SiteUnderTest, post: PostRow) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    said = [
        {"id": i, "parent": i - 1 if i > 1 else None, "created": moment} for i in range(1, 2001)
    ]
    load(site, post, said)

    seen = joined(walk(site, post)[0])

    assert [number for number, _depth in seen] == list(range(1, 2001))


def test_answers_to_a_comment_in_the_trash_stay(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow]
) -> None:
    first = comment(post, "un")
    second = comment(post, "deux", parent=first)
    with site.context():
        comments.set_status([first.id], Status.TRASH)

    assert shown(site.get(post.path).text) == [(second.number, 1)]


@pytest.mark.parametrize("for_good", [False, True])
def test_an_answer_to_what_is_gone_never_stands_below_somebody_else(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow], for_good: bool
) -> None:
    above = comment(post, "un")
    gone = comment(post, "deux")
    answer = comment(post, "trois", parent=gone)
    below = comment(post, "quatre", parent=answer)
    remove(site, gone, for_good)

    page = site.get(post.path).text

    assert shown(page) == [(above.number, 1), (answer.number, 1), (below.number, 2)]
    assert page.count('<ol class="children">') == 1
    assert HINT.findall(page) == [(str(gone.number), "in reply to an earlier comment")]


@pytest.mark.parametrize("for_good", [False, True])
def test_an_answer_to_what_is_gone_stays_in_its_conversation(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow], for_good: bool
) -> None:
    top = comment(post, "un")
    gone = comment(post, "deux", parent=top)
    answer = comment(post, "trois", parent=gone)
    last = comment(post, "quatre", parent=top)
    remove(site, gone, for_good)

    page = site.get(post.path).text

    assert shown(page) == [(top.number, 1), (answer.number, 2), (last.number, 2)]
    assert HINT.findall(page) == [(str(gone.number), "in reply to an earlier comment")]


def test_the_rest_of_a_conversation_keeps_its_depths(site: SiteUnderTest, post: PostRow) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    parents = {1: None, 2: 1, 3: 2, 61: 2, 62: 61, 63: 1}
    said = [
        {"id": i, "parent": parents.get(i, 3), "created": moment + timedelta(minutes=i)}
        for i in range(1, 64)
    ]
    load(site, post, said)
    with site.context():
        ids = list(session.scalars(select(Comment.id).where(Comment.number == 61)))
        comments.set_status(ids, Status.TRASH)

    rest = shown(site.get(f"{post.path}?rest=50").text)

    assert rest == [*((i, 4) for i in range(51, 61)), (62, 3), (63, 2)]


def test_a_page_sends_as_many_statements_at_ten_comments_as_at_a_thousand(
    site: SiteUnderTest, post: PostRow
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    load(site, post, [{"id": i, "parent": None, "created": moment} for i in range(10)])
    few = site.statements(post.path)
    other = site.write_post("Autre")
    load(site, other, [{"id": f"x{i}", "parent": None, "created": moment} for i in range(1000)])

    assert site.statements(other.path) == few
    assert few <= 6
