"""Share: links that work without a script, for what everybody may read."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from blog import PostKind, PostStatus, now
from blog.platform.settings import BadSetting, parse
from blog.testing import SiteUnderTest

LINK = re.compile(r'<li><a class="share-(\w+)" href="([^"]+)" rel="nofollow noopener">')
FOREIGN = re.compile(r'<(?:script|link|img|iframe|use)[^>]+(?:src|href)="https?://(?!palabre)')
TRICKY = "Émoji 😀 & <b>50 %</b>\nsuite #1 + “oui”"


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["share"], site_url="https://palabre.example")


def links(html: str) -> dict[str, str]:
    """Read the links of the row, in their order."""
    return {name: unescape(href) for name, href in LINK.findall(html)}


def typed(site: SiteUnderTest, name: str, value: str) -> object:
    """Type a setting as an owner does."""
    with site.context() as current:
        plugin = current.plugin("share")
        assert plugin
        return parse(plugin, name, value)


def page(site: SiteUnderTest, path: str) -> str:
    return site.get(path, base_url="https://palabre.example").text


def test_whatsapp_and_facebook_come_first(site: SiteUnderTest) -> None:
    names = list(links(page(site, site.write_post().path)))

    assert names[:3] == ["whatsapp", "facebook", "x"]
    assert names[3:] == "telegram linkedin reddit bluesky threads mastodon email".split()


@pytest.mark.parametrize(
    ("place", "title_in", "url_in"),
    [
        ("whatsapp", "text", "text"),
        ("facebook", None, "u"),
        ("x", "text", "url"),
        ("telegram", "text", "url"),
        ("linkedin", None, "url"),
        ("reddit", "title", "url"),
        ("bluesky", "text", "text"),
        ("threads", "text", "url"),
        ("email", "subject", "body"),
    ],
)
def test_title_and_address_arrive_whole(
    site: SiteUnderTest, place: str, title_in: str | None, url_in: str
) -> None:
    post = site.write_post(TRICKY, slug="émoji")

    sent = parse_qs(urlsplit(links(page(site, post.path))[place]).query, strict_parsing=True)

    assert f"https://palabre.example{post.path}" in sent[url_in][0]
    if title_in:
        given = " ".join(sent[title_in][0].split())
        assert given.startswith(" ".join(TRICKY.split()))


def test_nothing_in_a_link_needs_more_than_ascii(site: SiteUnderTest) -> None:
    post = site.write_post(TRICKY, slug="村の木")

    for href in links(page(site, post.path)).values():
        assert href.isascii()
        assert not set(href) & set(" \n<>\"'")


def test_the_subject_of_a_mail_is_one_line_and_its_body_two(site: SiteUnderTest) -> None:
    href = links(page(site, site.write_post("un\ndeux").path))["email"]

    assert "subject=un%20deux&" in href
    assert "%0D%0A" in href.partition("&body=")[2]


def test_a_lone_surrogate_breaks_no_link(site: SiteUnderTest) -> None:
    from blog_plugins.share import services

    assert services.link("x", "a\ud800b", "https://palabre.example/").isascii()


def test_mastodon_asks_readers_for_their_server(site: SiteUnderTest) -> None:
    href = links(page(site, site.write_post().path))["mastodon"]

    assert href.startswith("https://share.joinmastodon.org/#text=")


def test_mastodon_goes_to_the_server_that_the_owner_names(site: SiteUnderTest) -> None:
    site.set("share", mastodon="mastodon.example")

    href = links(page(site, site.write_post().path))["mastodon"]

    assert href.startswith("https://mastodon.example/share?text=")


def test_the_owner_chooses_places_and_their_order(site: SiteUnderTest) -> None:
    site.set("share", places="email, Reddit, print")

    html = page(site, site.write_post().path)

    assert list(links(html)) == ["email", "reddit"]
    assert "share-print" in html
    assert "share-copy" not in html


def test_no_places_means_no_row(site: SiteUnderTest) -> None:
    site.set("share", places="")

    assert 'class="share"' not in page(site, site.write_post().path)


def test_a_misspelt_place_is_answered_with_the_nearest(site: SiteUnderTest) -> None:
    with pytest.raises(BadSetting, match="Did you mean whatsapp"):
        typed(site, "places", "watsapp, facebook")


def test_what_is_no_server_is_refused(site: SiteUnderTest) -> None:
    with pytest.raises(BadSetting, match="no server"):
        typed(site, "mastodon", "javascript:alert(1)")


def test_buttons_are_hidden_until_their_script_shows_them(site: SiteUnderTest) -> None:
    html = page(site, site.write_post().path)

    assert re.findall(r'<li hidden><button type="button" class="share-(\w+)"', html) == [
        "copy",
        "print",
        "native",
    ]


def test_the_script_comes_with_posts_alone(site: SiteUnderTest) -> None:
    post = site.write_post()
    about = site.write_post("Qui parle", kind=PostKind.PAGE)

    assert "/assets/share/share." in page(site, post.path)
    assert "/assets/share/" not in page(site, about.path)
    assert "/assets/share/" not in page(site, "/")


def test_signs_and_script_are_served_from_here(site: SiteUnderTest) -> None:
    html = page(site, site.write_post().path)

    for path in set(re.findall(r"/assets/share/[\w.]+", html)):
        assert site.get(path, base_url="https://palabre.example").status_code == 200
    assert not re.findall(
        r'<(?:script|link|img|iframe)[^>]+(?:src|href)="https?://(?!palabre)', html
    )


def test_what_others_cannot_read_is_not_shared(site: SiteUnderTest) -> None:
    from blog_plugins.share import services

    private = site.write_post("Privé", status=PostStatus.PRIVATE)
    later = site.write_post("Demain", published_at=now() + timedelta(days=1))

    assert not services.is_shared(private)
    assert not services.is_shared(later)


def test_a_french_site_shares_in_french(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(["share"], language="fr")

    html = site.get(site.write_post().path).text

    for label in ("Partager", "Copier le lien", "Imprimer"):
        assert label in html
