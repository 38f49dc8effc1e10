"""Whatever anybody sends to a public page, no answer is a 5xx."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.rows import PostRow
from blog.testing import SiteUnderTest, hidden_fields

pytestmark = pytest.mark.slow
QUERY = "p page_id before after rest comment key replytocom next feed s".split()
FIELDS = (
    "comment author email url comment_post_ID comment_parent csrf_token name password next"
    " wp-comment-cookies-consent title language timezone site_url"
).split()
ODD = st.sampled_from(
    [
        *(b"\xff\xfe", b"\x00", b"%", b"\xed\xa0\x80", "\u202e\u2066".encode(), b"\r\nX: y"),
        *(b"-1", b"0", b"1", b"2147483648", b"9" * 40, b"1e9", b"0x1", "٣".encode(), b"1-1"),
        *(b"//evil.example", b"http://[", b"https://a:b", b"javascript:1", b"[" * 500, b"<" * 500),
    ]
)
VALUES = ODD | st.binary(max_size=40) | st.text(max_size=20).map(lambda one: one.encode("utf-8"))
TRIES = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FORM = "application/x-www-form-urlencoded"


def encoded(values: dict[str, bytes]) -> str:
    """Write a query or a form of any bytes."""
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in values.items())


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site where a network may send what it likes."""
    made = make_site()
    (made.instance / "config.toml").write_text("flood_limit = 1000000\n", "utf-8")
    made.close()
    return SiteUnderTest(made.instance, made.environ)


@TRIES
@given(
    values=st.dictionaries(st.sampled_from(QUERY), VALUES, max_size=4),
    place=st.sampled_from(["/", "post", "/login/", "/feed.atom", "/comments.atom", "/2026/"]),
)
def test_no_query_is_a_5xx(
    site: SiteUnderTest, post: PostRow, values: dict[str, bytes], place: str
) -> None:
    path = post.path if place == "post" else place

    assert site.get(f"{path}?{encoded(values)}").status_code < 500


@TRIES
@given(
    values=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
    place=st.sampled_from(["comments", "/login/", "/logout/", "/setup/x", "/", "/wp-login.php"]),
    signed=st.booleans(),
)
def test_no_form_is_a_5xx(
    site: SiteUnderTest, post: PostRow, values: dict[str, bytes], place: str, signed: bool
) -> None:
    path = f"/comments/{post.id}" if place == "comments" else place
    if signed:  # a good token lets the rest of the form through
        fresh = hidden_fields(site.get(post.path).text)
        values = {**{name: text.encode() for name, text in fresh.items()}, **values}

    assert site.client.post(path, data=encoded(values), content_type=FORM).status_code < 500


@TRIES
@given(raw=VALUES, method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]))
def test_no_address_is_a_5xx(site: SiteUnderTest, raw: bytes, method: str) -> None:
    path = f"/{quote_from_bytes(raw)}/"

    assert site.client.open(path, method=method).status_code < 500


@TRIES
@given(
    raw=VALUES,
    name=st.sampled_from(
        ["Cookie", "If-None-Match", "If-Modified-Since", "Accept-Encoding", "Range", "User-Agent"]
    ),
)
def test_no_header_is_a_5xx(site: SiteUnderTest, post: PostRow, raw: bytes, name: str) -> None:
    value = raw.decode("latin-1").translate({10: None, 13: None, 0: None})
    if name == "Cookie":
        value = f"palabre_reader={value}; session={value}"

    assert site.get(post.path, headers={name: value}).status_code < 500
