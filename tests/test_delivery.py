"""Delivery: revisits, compression, cookies, safety headers, proxies."""

import gzip
import re
from collections.abc import Callable

import pytest

from blog import PostRow
from blog.delivery import believe_proxies, network_of
from blog.testing import SiteUnderTest

ASSET = re.compile(r"/assets/core/[\w.]+")


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site([])


# Revisits


def test_a_revisit_is_answered_304_without_a_body(site: SiteUnderTest, post: PostRow) -> None:
    tag = site.get(post.path).headers["ETag"]

    again = site.get(post.path, headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == tag


def test_a_new_comment_ends_the_tag(site: SiteUnderTest, post: PostRow) -> None:
    tag = site.get(post.path).headers["ETag"]
    site.write_comment(post)

    assert site.get(post.path, headers={"If-None-Match": tag}).status_code == 200


def test_an_asset_is_kept_for_ever(site: SiteUnderTest) -> None:
    for path in set(ASSET.findall(site.get("/").text)):
        response = site.get(path)

        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_asset_asked_again_is_not_sent_again(site: SiteUnderTest) -> None:
    path = ASSET.findall(site.get("/").text)[0]
    tag = {"If-None-Match": site.get(path).headers["ETag"]}

    assert site.get(path, headers=tag).status_code == 304


def test_an_asset_under_another_hash_is_not_there(site: SiteUnderTest) -> None:
    path = ASSET.findall(site.get("/").text)[0]
    wrong = re.sub(r"\.[0-9a-f]{10}\.", ".0123456789.", path)

    assert site.get(wrong).status_code == 404
    assert site.get("/assets/core/theme.css").status_code == 404


def test_head_answers_like_get_without_a_body(site: SiteUnderTest, post: PostRow) -> None:
    whole, head = site.get(post.path), site.client.head(post.path)

    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["ETag"] == whole.headers["ETag"]


# Compression


def test_a_page_is_compressed_for_those_who_take_it(site: SiteUnderTest, post: PostRow) -> None:
    plain = site.get(post.path)
    packed = site.get(post.path, headers={"Accept-Encoding": "br, gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_page_is_plain_for_those_who_do_not_ask(site: SiteUnderTest, post: PostRow) -> None:
    for accepted in ("", "identity", "gzip;q=0"):
        headers = site.get(post.path, headers={"Accept-Encoding": accepted}).headers
        assert "Content-Encoding" not in headers


def test_style_and_script_are_compressed_too(site: SiteUnderTest) -> None:
    for path in ASSET.findall(site.get("/").text):
        if path.endswith((".css", ".js")):
            response = site.get(path, headers={"Accept-Encoding": "gzip"})
            assert response.headers.get("Content-Encoding") == "gzip"


# Cookies and headers


def test_a_reader_who_reads_gets_no_cookie(site: SiteUnderTest, post: PostRow) -> None:
    for path in ("/", post.path, "/2026/", "/nothing/"):
        assert "Set-Cookie" not in site.get(path).headers


def test_a_reader_who_comments_gets_no_cookie_unasked(site: SiteUnderTest, post: PostRow) -> None:
    response = site.comment(post, "Bonjour", author="Ama")

    assert response.status_code == 303
    assert "Set-Cookie" not in response.headers


def test_a_reader_who_wants_it_is_remembered_by_one_cookie(
    site: SiteUnderTest, post: PostRow
) -> None:
    wishes = {"author": "Ama", "wp-comment-cookies-consent": "yes"}
    response = site.comment(post, "Bonjour", parent=None, **wishes)
    cookie = response.headers["Set-Cookie"]
    again = site.get(post.path)

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert 'name="author" type="text" value="Ama"' in again.text
    assert again.headers["Cache-Control"] == "private, no-store"


def test_the_page_of_a_waiting_comment_is_kept_by_nobody(
    site: SiteUnderTest, post: PostRow
) -> None:
    page = site.follow(site.comment(post, "Bonjour"))

    assert page.headers["Cache-Control"] == "private, no-store"


def test_a_page_for_everyone_may_be_kept_but_is_asked_for_again(site: SiteUnderTest) -> None:
    headers = site.get("/").headers

    assert headers["Cache-Control"] == "public, no-cache"
    assert "Cookie" in headers["Vary"]


def test_every_answer_carries_the_safety_headers(site: SiteUnderTest, post: PostRow) -> None:
    asset = ASSET.findall(site.get("/").text)[0]
    for path in ("/", post.path, "/nothing/", asset):
        headers = site.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_a_page_has_no_inline_script_or_style(site: SiteUnderTest, post: PostRow) -> None:
    html = site.get(post.path).text

    # JSON-LD is a block of data, which no browser runs.
    assert not re.findall(r'<script(?![^>]*\s(?:src=|type="application/ld\+json"))', html)
    assert not re.findall(r"<style|\sstyle=|\son\w+=", html)


# Who is asking


def through(address: str, forwarded: str, trusted: str = "10.0.0.0/8", **more: str) -> str:
    """Say whom the site takes for the client."""
    from ipaddress import ip_network

    environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded, **more}
    believe_proxies(environ, [ip_network(trusted)])
    return environ["REMOTE_ADDR"]


def test_without_a_trusted_proxy_nobody_is_believed() -> None:
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}
    believe_proxies(environ, [])

    assert environ["REMOTE_ADDR"] == "10.0.0.1"


def test_a_stranger_who_names_another_address_is_not_believed() -> None:
    assert through("203.0.113.9", "192.0.2.1") == "203.0.113.9"


def test_the_client_is_the_last_address_that_no_proxy_has() -> None:
    assert through("10.0.0.1", "192.0.2.1") == "192.0.2.1"
    assert through("10.0.0.1", "192.0.2.1, 10.0.0.7") == "192.0.2.1"


def test_what_a_client_put_before_its_own_address_is_ignored() -> None:
    assert through("10.0.0.1", "8.8.8.8, 192.0.2.1, 10.0.0.7") == "192.0.2.1"


def test_a_proxy_of_ipv4_that_comes_over_ipv6_is_known() -> None:
    assert through("::ffff:10.0.0.1", "192.0.2.1") == "192.0.2.1"


def test_scheme_and_host_of_a_stranger_are_ignored() -> None:
    environ = {
        "REMOTE_ADDR": "203.0.113.9",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_HOST": "palabre.example",
        "wsgi.url_scheme": "http",
    }
    from ipaddress import ip_network

    believe_proxies(environ, [ip_network("10.0.0.0/8")])

    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_HOST"] == "palabre.example"


def test_two_addresses_of_one_network_are_one_sender() -> None:
    assert network_of("192.0.2.1") == network_of("192.0.2.254") == "192.0.2.0/24"
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:9::9") == "2001:db8:1::/48"
    assert network_of("::ffff:192.0.2.1") == "192.0.2.0/24"
    assert network_of("not an address") == ""


def test_no_address_is_stored_with_a_comment(site: SiteUnderTest, post: PostRow) -> None:
    site.comment(post, "Bonjour")

    stored = site.stored(1)

    assert re.fullmatch(r"[0-9a-f]{32}", stored.sender)
    assert "127.0.0" not in repr(vars(stored))
