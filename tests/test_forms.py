"""What bad input gets: a clear answer, what was typed still there, never a 5xx."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from blog import PostRow, Status, now
from blog.db import writing
from blog.models import Comment, Post
from blog.testing import Clock, SiteUnderTest, hidden_fields
from tests.platform.samples import put

TYPED = re.compile(r'<textarea id="comment"[^>]*>\n(.*?)</textarea>', re.DOTALL)
ODD_BYTES = (
    b"\xff\xfe\xfa",
    b"%FF%FE%80",
    b"%00a%00",
    b"%ED%A0%80 lone",
    b"%F0%9F%8C",
    b"a%0D%0Ab%0Dc",
    b"%E2%80%AE%E2%81%A6rtl",
    b"%",
    b"%zz",
)
ODD_ADDRESSES = (
    "/%00/",
    "/%ff%fe/",
    "/?p=%00",
    "/?p=99999999999999999999",
    "/?p=-1",
    "/?before=99999999999999999-1",
    "/?before=-99999999999999999-1",
    "/?before=%00",
    "/0001/",
    "/0000/",
    "/9999/12/31/",
    "/2026/02/31/",
    "/%F0%9F%8C%B3/",
    "/" + "a" * 5000,
    "/assets/core/..%2f..%2fapp.py",
    "/assets/x/y",
)
TOKENS = ("", "x", "1.2.3", "ffffffffff.0", "é.é", "\ufffd", "0." + "a" * 32)
EMOJI = "🌳" * 65_525


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site([])


@pytest.fixture
def published(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site that publishes comments at once."""
    return make_site([], comments_publish=True)


def typed(response: TestResponse) -> str:
    """Read the text that a form came back with."""
    found = TYPED.search(response.text)
    assert found, "there is no form"
    return found[1]


def form(site: SiteUnderTest, post: PostRow, **fields: str) -> dict[str, str]:
    return {**hidden_fields(site.get(post.path).text), "comment": "Bonjour", **fields}


def send(site: SiteUnderTest, post: PostRow, fields: dict[str, str]) -> TestResponse:
    return site.post(f"/comments/{post.id}", fields)


def age(site: SiteUnderTest, by: timedelta) -> None:
    """Make every comment older."""
    with site.context(), writing() as write:
        write.execute(update(Comment).values(created_at=now() - by))


def close(site: SiteUnderTest, post: PostRow) -> None:
    with site.context(), writing() as write:
        write.execute(update(Post).where(Post.id == post.id).values(comments_open=False))


# Fields


def test_a_comment_without_words_is_sent_back(site: SiteUnderTest, post: PostRow) -> None:
    for text in ("", "   ", "\n\n\t", "\u200b\u200d\ufeff", "\x00\x01"):
        response = site.comment(post, text, author="Ama")

        assert response.status_code == 422
        assert "Please write something." in response.text
        assert 'value="Ama"' in response.text


def test_the_longest_text_is_taken(site: SiteUnderTest, post: PostRow) -> None:
    assert site.comment(post, "x" * 65_525).status_code == 303


def test_a_text_that_is_too_long_comes_back_whole(site: SiteUnderTest, post: PostRow) -> None:
    response = site.comment(post, "x" * 65_527)

    assert response.status_code == 422
    assert "The text is 2 characters too long." in response.text
    assert typed(response) == "x" * 65_527


def test_every_emoji_counts_as_one(site: SiteUnderTest, post: PostRow) -> None:
    response = site.comment(post, EMOJI)

    assert response.status_code == 303
    assert EMOJI in site.follow(response).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("author", "x" * 246, "This may have 245 characters at most."),
        ("email", "a" * 60 + "@" + "b" * 60 + ".org", "This may have 100 characters at most."),
        ("email", "nobody", "This is no e-mail address."),
        ("url", "https://x.example/" + "y" * 200, "This may have 200 characters at most."),
        ("url", "javascript:alert(1)", "This is no web address."),
    ],
)
def test_a_field_that_is_wrong_says_why(
    site: SiteUnderTest, post: PostRow, field: str, value: str, sentence: str
) -> None:
    response = site.comment(post, "Bonjour", parent=None, **{field: value})

    assert response.status_code == 422
    assert sentence in response.text
    assert f'aria-describedby="{field}-error"' in response.text
    assert f'<a href="#{field}">' in response.text
    assert typed(response) == "Bonjour"


def test_a_name_is_needed_where_the_owner_asks_for_one(site: SiteUnderTest, post: PostRow) -> None:
    site.set("core", require_name=True, require_email=True)

    response = site.comment(post, "Bonjour")

    assert response.status_code == 422
    assert "Please give a name." in response.text
    assert "Please give an e-mail address." in response.text


def test_the_box_stays_empty_after_an_error(site: SiteUnderTest, post: PostRow) -> None:
    response = site.comment(post, "", author="Ama")

    assert not re.search(r'id="wp-comment-cookies-consent"[^>]*checked', response.text)


def test_what_was_typed_comes_back_as_text(site: SiteUnderTest, post: PostRow) -> None:
    hostile = '</textarea><script>alert(1)</script>"'

    response = site.comment(post, hostile, email="wrong", author=hostile)

    assert "<script>alert" not in response.text


# The post and the comment answered


def test_a_closed_post_gives_the_text_back(site: SiteUnderTest, post: PostRow) -> None:
    fields = form(site, post, comment="Trop tard")
    close(site, post)

    response = send(site, post, fields)

    assert response.status_code == 403
    assert "Trop tard</textarea>" in response.text


def test_a_closed_post_gives_the_text_back_of_an_old_form_too(
    site: SiteUnderTest, post: PostRow
) -> None:
    fields = form(site, post, comment="Trop tard", csrf_token="1.x")
    close(site, post)

    response = send(site, post, fields)

    assert response.status_code == 403
    assert "Trop tard</textarea>" in response.text


def test_a_reply_to_what_is_not_there_keeps_the_text(site: SiteUnderTest, post: PostRow) -> None:
    for parent in ("99", "-1", "x", "9999999999", "1" * 50, "٣", "1.5"):
        response = send(site, post, form(site, post, comment_parent=parent))

        assert response.status_code == 409
        assert typed(response) == "Bonjour"
        assert hidden_fields(response.text)["comment_parent"] == "0"


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.TRASH])
def test_a_reply_to_what_is_not_shown_keeps_the_text(
    site: SiteUnderTest, post: PostRow, status: Status
) -> None:
    held = site.write_comment(post, status=status)

    response = send(site, post, form(site, post, comment_parent=str(held.number)))

    assert response.status_code == 409
    assert typed(response) == "Bonjour"


def test_the_text_kept_can_be_sent_as_a_comment_of_its_own(
    site: SiteUnderTest, post: PostRow
) -> None:
    refused = send(site, post, form(site, post, comment_parent="99"))
    again = {**hidden_fields(refused.text), "comment": typed(refused)}

    assert send(site, post, again).status_code == 303


@pytest.mark.parametrize("path", ["/comments/99", "/comments/99999999999999999999999"])
def test_a_comment_on_no_post_is_answered_404(site: SiteUnderTest, path: str) -> None:
    assert site.post(path, {"comment": "Bonjour"}).status_code == 404
    assert site.get(path).status_code == 404


def test_a_page_with_an_error_can_be_loaded_again(site: SiteUnderTest, post: PostRow) -> None:
    response = site.get(f"/comments/{post.id}")

    assert response.status_code == 303
    assert response.headers["Location"] == f"{post.path}#respond"


# The same again, and too much


def test_the_same_within_an_hour_goes_to_what_is_there(
    published: SiteUnderTest,
) -> None:
    post = published.write_post()
    first = published.comment(post, "Bonjour")
    age(published, timedelta(minutes=59))

    assert published.comment(post, "Bonjour").headers["Location"] == first.headers["Location"]


def test_the_same_later_is_refused_with_the_text(published: SiteUnderTest) -> None:
    post = published.write_post()
    published.comment(post, "Bonjour")
    age(published, timedelta(minutes=61))

    response = published.comment(post, "Bonjour")

    assert response.status_code == 409
    assert typed(response) == "Bonjour"


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_the_same_under_another_name_is_new(published: SiteUnderTest) -> None:
    post = published.write_post()
    published.comment(post, "Bonjour", author="Ama")
    published.comment(post, "Bonjour", author="Kofi")

    assert published.get(post.path).text.count('<li id="comment-') == 2


def test_a_flood_is_told_to_wait(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([])
    (site.instance / "config.toml").write_text("flood_limit = 2\n", "utf-8")
    site = SiteUnderTest(site.instance, site.environ)
    post = site.write_post()
    for text in ("un", "deux"):
        assert site.comment(post, text).status_code == 303

    response = site.comment(post, "trois")

    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert typed(response) == "trois"
    site.close()


def test_a_flood_from_one_network_does_not_stop_another(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    (site.instance / "config.toml").write_text("flood_limit = 1\n", "utf-8")
    site = SiteUnderTest(site.instance, site.environ)
    post = site.write_post()
    fields = form(site, post)
    answers = [
        site.post(
            f"/comments/{post.id}",
            {**fields, "comment": address},
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for address in ("192.0.2.1", "192.0.2.200", "192.0.3.1", "2001:db8::1")
    ]

    assert answers == [303, 429, 303, 303]
    site.close()


# The token


def at(clock: Clock, hours: float) -> None:
    """Let hours pass for the form's token."""
    clock.set(datetime.now(UTC) + timedelta(hours=hours))


def test_a_form_is_taken_for_seven_days(site: SiteUnderTest, post: PostRow, clock: Clock) -> None:
    fields = form(site, post)
    at(clock, 7 * 24 - 1)

    assert send(site, post, fields).status_code == 303


def test_an_old_form_comes_back_fresh_with_its_text(
    site: SiteUnderTest, post: PostRow, clock: Clock
) -> None:
    fields = form(site, post)
    at(clock, 7 * 24 + 2)

    response = send(site, post, fields)

    assert response.status_code == 422
    assert typed(response) == "Bonjour"
    again = {**hidden_fields(response.text), "comment": "Bonjour"}
    assert send(site, post, again).status_code == 303


def test_forged_tokens_are_refused(site: SiteUnderTest, post: PostRow) -> None:
    fields = form(site, post)

    answers = [send(site, post, {**fields, "csrf_token": one}).status_code for one in TOKENS]

    assert set(answers) == {422}


def test_a_token_is_of_one_post(site: SiteUnderTest, post: PostRow) -> None:
    other = site.write_post("Autre")

    assert send(site, other, form(site, post)).status_code == 422


def test_the_bytes_of_a_page_stay_the_same_for_an_hour(
    site: SiteUnderTest, post: PostRow, clock: Clock
) -> None:
    clock.set(datetime.fromtimestamp(1_800_000_000, UTC))
    first = site.get(post.path).data
    clock.move(minutes=30)

    assert site.get(post.path).data == first


# Bytes


FIELD = """
from wtforms import BooleanField
from wtforms.validators import InputRequired
from blog import Verdict
@hookimpl
def comment_form_fields():
    return {"%s": BooleanField("Rules", validators=[InputRequired()])}
@hookimpl
def check_comment(draft):
    return None if draft.extra.get("rules_known") == "y" else Verdict.hold("knows no rules")
"""


def test_a_field_without_the_name_of_its_plugin_is_a_failure_of_it(
    site: SiteUnderTest, post: PostRow
) -> None:
    put(site, "rules", FIELD % "known")

    assert site.get(post.path).status_code == 200
    assert [(one.plugin, one.hook) for one in site.errors()] == [("rules", "comment_form_fields")]
    assert "'known' does not begin with 'rules'" in site.errors()[0].message


@pytest.mark.parametrize(("ticked", "status"), [({}, 422), ({"rules_known": "y"}, 303)])
def test_a_box_that_must_be_ticked(
    site: SiteUnderTest, post: PostRow, ticked: dict[str, Any], status: int
) -> None:
    put(site, "rules", FIELD % "rules_known")

    assert site.comment(post, "Hello", **ticked).status_code == status


def test_a_judge_holds_what_came_without_a_field_that_broke(
    site: SiteUnderTest, post: PostRow
) -> None:
    put(site, "rules", FIELD.replace("return {", "1 / 0; return {") % "rules_known")

    site.comment(post, "Hello")

    assert "Hello" not in site.get(post.path).text


def test_a_body_over_the_limit_is_answered_413(site: SiteUnderTest, post: PostRow) -> None:
    response = site.post(f"/comments/{post.id}", {"comment": "x" * 1_200_000})

    assert response.status_code == 413
    assert "Too large" in response.text


def test_many_fields_are_no_5xx(site: SiteUnderTest, post: PostRow) -> None:
    fields = {**form(site, post), **{f"f{n}": "x" for n in range(2000)}}

    assert send(site, post, fields).status_code < 500


@pytest.mark.parametrize("field", ["comment", "author", "url", "comment_parent", "csrf_token"])
def test_no_bytes_are_a_5xx(site: SiteUnderTest, post: PostRow, field: str) -> None:
    fields = form(site, post)
    fields.pop(field, None)
    known = b"&".join(f"{name}={value}".encode() for name, value in fields.items())

    def status(raw: bytes) -> int:
        body = b"&".join((known, field.encode() + b"=" + raw))
        kind = "application/x-www-form-urlencoded"
        return site.client.post(f"/comments/{post.id}", data=body, content_type=kind).status_code

    assert [raw for raw in ODD_BYTES if status(raw) >= 500] == []
    assert site.get(post.path).status_code == 200


def test_a_form_of_another_type_is_no_5xx(site: SiteUnderTest, post: PostRow) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        answer = site.client.post(f"/comments/{post.id}", data=b'{"a": 1}', content_type=kind)
        assert answer.status_code < 500


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_nul_and_controls_are_dropped(published: SiteUnderTest) -> None:
    post = published.write_post()
    published.comment(post, "a\x00b\x07c", author="A\x00ma")

    html = published.get(post.path).text

    assert "abc" in html
    assert ">Ama<" in html


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_a_name_cannot_turn_the_direction_of_others(published: SiteUnderTest) -> None:
    post = published.write_post()
    published.comment(post, "Bonjour", author="\u202eamA\u2066\u200f")

    assert '<b class="fn p-name">amA</b>' in published.get(post.path).text


def test_no_address_is_a_5xx(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([], timezone="Europe/Paris")

    assert [path for path in ODD_ADDRESSES if site.get(path).status_code >= 500] == []


def test_no_query_of_a_thread_is_a_5xx(site: SiteUnderTest, post: PostRow) -> None:
    names = "after rest comment replytocom key".split()
    values = ["x", "-1", "0", "999999999", "9" * 40, "%00", "%ff"]
    asked = [f"{post.path}?{name}={value}" for name in names for value in values]

    assert [path for path in asked if site.get(path).status_code != 200] == []
