"""Order the comments of a post so that each follows what it answers."""

import time

from blog_plugins.wordpress.records import Comment
from blog_plugins.wordpress.replies import thread_of

from .conftest import comment_with


def comments(*pairs: tuple[str, str]) -> list[Comment]:
    """Make comments of (id, parent)."""
    return [comment_with(id=own, parent=parent, content=own) for own, parent in pairs]


def test_a_reply_follows_what_it_answers_even_where_the_file_has_it_before() -> None:
    thread = thread_of(comments(("3", "2"), ("2", "1"), ("1", "0"), ("4", "")))

    assert [(reply.key, reply.parent) for reply in thread.replies] == [
        ("1", None),
        ("2", "1"),
        ("3", "2"),
        ("4", None),
    ]


def test_an_answer_to_what_is_not_there_stands_at_the_top_and_is_told() -> None:
    thread = thread_of(comments(("1", "0"), ("2", "99")))

    assert [(reply.key, reply.parent) for reply in thread.replies] == [("1", None), ("2", None)]
    assert [comment.id for comment in thread.orphans] == ["2"]


def test_a_circle_is_cut_once_and_told() -> None:
    thread = thread_of(comments(("5", "2"), ("1", "3"), ("2", "1"), ("3", "2"), ("4", "4")))

    assert [(reply.key, reply.parent) for reply in thread.replies] == [
        ("2", None),
        ("5", "2"),
        ("3", "2"),
        ("1", "3"),
        ("4", None),
    ]
    assert [comment.id for comment in thread.circular] == ["2", "4"]


def test_a_second_comment_of_the_same_id_is_kept_under_another_key() -> None:
    pair = [comment_with(id="11", content="a"), comment_with(id="11", content="b")]

    thread = thread_of([*pair, comment_with(id="12", parent="11")])

    assert [reply.comment.body for reply in thread.replies] == ["a", "", "b"]
    assert len({reply.key for reply in thread.replies}) == 3
    assert thread.doubled == [pair[1]]


def test_comments_without_ids_are_all_kept() -> None:
    thread = thread_of([comment_with(content="Oui"), comment_with(content="Oui")])

    assert len({reply.key for reply in thread.replies}) == 2


def test_a_chain_of_10_000_replies_is_ordered_without_recursion() -> None:
    chain = comments(*((str(n), str(n - 1)) for n in range(10_000, 0, -1)))
    started = time.process_time()

    thread = thread_of(chain)

    assert [reply.key for reply in thread.replies[:2]] == ["1", "2"]
    assert time.process_time() - started < 2
