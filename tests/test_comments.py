"""Comments: taking them, answering them, showing them."""

from collections.abc import Callable

from blog import CommentRow, PostRow, Status
from blog.testing import SiteUnderTest


def test_reply_to_a_held_comment_is_refused(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow]
) -> None:
    held = comment(post, status=Status.PENDING)

    response = site.comment(post, "Bonjour", parent=held)

    assert response.status_code == 409
    assert "Bonjour" in response.text


def test_a_comment_waits_and_only_its_author_sees_it(site: SiteUnderTest, post: PostRow) -> None:
    response = site.comment(post, "Bonjour à tous", author="Ama")

    assert response.status_code == 303
    assert "Bonjour à tous" in site.follow(response).text
    assert "Bonjour à tous" not in site.get(post.path).text


def test_the_same_form_sent_twice_adds_one_comment(site: SiteUnderTest, post: PostRow) -> None:
    first = site.comment(post, "Bonjour", author="Ama")
    second = site.comment(post, "Bonjour", author="Ama")

    assert second.status_code == 303
    assert second.headers["Location"] == first.headers["Location"]


def test_replies_are_nested_in_lists(
    site: SiteUnderTest, post: PostRow, comment: Callable[..., CommentRow]
) -> None:
    first = comment(post, "un")
    second = comment(post, "deux", parent=first)
    comment(post, "trois", parent=second)
    comment(post, "quatre")

    page = site.get(post.path).text.partition('<div id="comments"')[2]

    assert page.count('<ol class="children">') == 2
    assert page.count("<ol") == page.count("</ol>")
    assert page.count("<li ") == page.count("</li>")
    assert page.index("deux") < page.index("trois") < page.index("quatre")
