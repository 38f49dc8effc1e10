"""Nothing lost: the server is killed while comments come, and each that was answered is there."""

import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text

from blog import Comment, CommentRow, Post, PostRow, Status, session
from blog.testing import SiteUnderTest, hidden_fields
from tests.served import HOST, Process, free_port, get

pytestmark = pytest.mark.slow
COMMENTS = 2000
SENDERS = 4
KILLS = 4
LIMIT_SECONDS = 480
# As the plugin threads keeps it: eight bytes of a path for each level.
LEVEL = 8


class Answer(NamedTuple):
    """Say what a sender was told of a comment."""

    number: int
    is_published: bool
    is_reply: bool


class Sender(threading.Thread):
    """Post comments one after the other, each again until it is answered."""

    def __init__(
        self, port: int, post: PostRow, parent: int, texts: list[str], number: int
    ) -> None:
        super().__init__(daemon=True)
        self.port, self.post, self.parent, self.texts, self.number = (
            port,
            post,
            parent,
            texts,
            number,
        )
        self.answered: dict[str, Answer] = {}
        self.refused: list[tuple[int, str]] = []
        self.form = hidden_fields(get(port, post.path)[1])

    def run(self) -> None:
        """Post them all."""
        for index, words in enumerate(self.texts):
            while True:
                try:
                    status, place = self.send(words, index)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.05)  # the server was killed: the same form is sent again
                    continue
                if status == 303:
                    number = int(place.rpartition("#comment-")[2])
                    self.answered[words] = Answer(number, "key=" not in place, bool(index % 2))
                else:
                    self.refused.append((status, words))
                break

    def send(self, words: str, index: int) -> tuple[int, str]:
        """Send one form; give the status of the answer and the place that it leads to."""
        parent = str(self.parent) if index % 2 else "0"
        form = {**self.form, "comment": words, "comment_parent": parent, "author": "Ama"}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"10.{self.number}.{index % 250}.7",
        }
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request("POST", f"/comments/{self.post.id}", urlencode(form), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers["Location"] or ""
        finally:
            connection.close()


def test_every_comment_that_was_answered_is_there_once_with_its_verdict_and_its_place(
    make_site: Callable[..., SiteUnderTest], backend: str, tmp_path: Path
) -> None:
    site = make_site()
    post = site.write_post()
    parent = site.write_comment(post, "Le premier mot")
    port, many = free_port(), COMMENTS
    environ = {
        **site.environ, "BLOG_FLOOD_LIMIT": "100000", "BLOG_TRUSTED_PROXIES": HOST,
        "BLOG_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    words = ("--instance", str(site.instance), "serve", "--workers", "2", "--port", str(port))

    def start() -> Process:
        server = Process(tmp_path, port, *words, environ=environ)
        server.wait_until_ready()
        return server

    server = start()
    texts = [f"Mot {number} sous l’arbre, dit {number * 7919} fois" for number in range(many)]
    senders = [
        Sender(port, post, parent.number, texts[number::SENDERS], number)
        for number in range(SENDERS)
    ]
    for one in senders:
        one.start()
    deadline = time.monotonic() + LIMIT_SECONDS
    for turn in range(1, KILLS + 1):
        while sum(len(one.answered) for one in senders) < turn * many // (KILLS + 1):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        server.kill()
        server = start()
    for one in senders:
        one.join(max(1, deadline - time.monotonic()))
    server.kill()

    assert [one.refused for one in senders] == [[]] * SENDERS
    answered = {words: said for one in senders for words, said in one.answered.items()}
    assert sorted(answered) == sorted(texts)
    check_what_is_kept(site, parent, answered)


def check_what_is_kept(
    site: SiteUnderTest, parent: CommentRow, answered: dict[str, Answer]
) -> None:
    with site.context():
        every = list(session.scalars(select(Comment)))
        rows = session.execute(text("SELECT comment_id, path, shown FROM threads_node"))
        places = {row.comment_id: row for row in rows}
        count = session.scalar(select(Post.comment_count).where(Post.id == parent.post_id))
    kept = [one for one in every if one.id != parent.id]
    assert sorted(one.body for one in kept) == sorted(answered)
    assert all(one.reasons for one in kept)
    assert {one.body: told_of(one) for one in kept} == answered
    assert {one.parent_id for one in kept} <= {None, parent.id}
    assert count == sum(one.status == Status.PUBLISHED for one in every)
    for one in kept:
        place = places[one.id]
        above = bytes(places[parent.id].path) if one.parent_id else b""
        assert bytes(place.path)[:-LEVEL] == above
        assert bool(place.shown) is (one.status == Status.PUBLISHED)
    assert len({one.number for one in every}) == len(every)


def told_of(one: Comment) -> Answer:
    return Answer(one.number, one.status == Status.PUBLISHED, one.parent_id is not None)
