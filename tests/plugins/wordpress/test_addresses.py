"""Keep the addresses of a blog, its slugs, and what tells its items apart."""

from dataclasses import replace

import pytest

from blog_plugins.wordpress import addresses, wxr
from blog_plugins.wordpress.records import Channel, Meta

from .conftest import comment_with, item_with

ROOT = wxr.channel_of(())


def blog_at(address: str) -> Channel:
    """Make the channel of a blog."""
    return replace(ROOT, blog_url=address)


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://b.example/2025/07/arbre/", "/2025/07/arbre/"),
        ("http://b.example/archives/12.html", "/archives/12.html"),
        ("http://b.example/justice-%e2%80%a0/", "/justice-†/"),
        ("http://b.example/x-%ff/", "/x-%ff/"),
        ("http://b.example/?p=7", None),
        ("http://b.example/", None),
        ("http://b.example", None),
        ("http://b.example/../etc/", None),
        ("http://b.example/a//b/", None),
        ("http://b.example/a%00b/", None),
        ("http://b.example/a\\b/", None),
        ("http://b.example/" + "a" * 600, None),
        ("http://[", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_the_permalink_is_the_path_of_the_link(link: str, path: str | None) -> None:
    assert addresses.addresses_of(item_with(link=link), ROOT).path == path


def test_a_blog_in_a_folder_keeps_the_folder() -> None:
    post = item_with(link="http://b.example/carnet/2010/arbre/")

    found = addresses.addresses_of(post, blog_at("http://b.example/carnet"))

    assert found == ("/carnet/2010/arbre/", ("/carnet/?p=7", "/?p=7"))


def test_the_front_page_of_a_folder_is_no_permalink() -> None:
    post = item_with(link="http://b.example/carnet/")

    assert addresses.addresses_of(post, blog_at("http://b.example/carnet/")).path is None


def test_the_number_in_the_link_comes_before_the_id() -> None:
    post = item_with(link="http://b.example/?p=1", post_id="10")

    assert addresses.addresses_of(post, ROOT).former == ("/?p=1", "/?p=10")


def test_a_page_is_found_by_both_kinds_of_number() -> None:
    page = item_with(post_type="page", link="http://b.example/?page_id=2", post_id="2")

    assert addresses.addresses_of(page, ROOT).former == ("/?p=2", "/?page_id=2")


def test_former_slugs_are_former_addresses() -> None:
    metas = (Meta("_wp_old_slug", "arbe"), Meta("_wp_old_slug", "../x"), Meta("other", "y"))
    post = replace(item_with(link="http://b.example/2010/arbre/", post_name="arbre"), metas=metas)

    assert addresses.addresses_of(post, ROOT).former == ("/?p=7", "/2010/arbe/")


@pytest.mark.parametrize(
    ("texts", "slug"),
    [
        ({"post_name": "sous-l-arbre"}, "sous-l-arbre"),
        ({"post_name": "%ce%b5%cf%80-2"}, "επ-2"),
        ({"post_name": "a%2fb"}, "a-b"),
        ({"post_name": "", "title": "L’été à Lomé !"}, "l-ete-a-lome"),
        ({"title": "भाषा और 東京"}, "भाषा-और-東京"),
        ({"title": "…"}, "post-7"),
        ({"post_type": "page"}, "page-7"),
    ],
)
def test_a_missing_slug_is_made_of_the_title_else_of_the_id(
    texts: dict[str, str], slug: str
) -> None:
    assert addresses.slug_of(item_with(**texts)) == slug


def test_two_items_without_id_or_title_get_different_slugs() -> None:
    first, second = (item_with(post_id="", post_date=f"2010-01-0{day}") for day in (1, 2))

    assert addresses.slug_of(first) != addresses.slug_of(second)


@pytest.mark.parametrize(
    ("channel", "source"),
    [
        (replace(ROOT, blog_url="https://B.example/", site_url="http://net.example"), "b.example"),
        (replace(ROOT, blog_url="http://b.example/carnet"), "b.example/carnet"),
        (replace(ROOT, link="http://b.example", site_url="http://net.example"), "b.example"),
        (ROOT, "i.example"),
    ],
)
def test_a_blog_is_named_by_where_it_was(channel: Channel, source: str) -> None:
    assert addresses.source_of(channel, "http://i.example/a/") == source


def test_an_item_without_an_id_is_told_by_the_number_in_its_link() -> None:
    assert addresses.key_of(item_with(post_id="", link="http://b.example/?p=19")) == "19"


def test_an_item_without_any_number_is_told_by_its_text() -> None:
    first, same, other = (item_with(post_id="", title=title) for title in ("A", "A", "B"))

    assert addresses.key_of(first) == addresses.key_of(same) != addresses.key_of(other)


def test_a_comment_without_an_id_is_told_by_who_wrote_what_and_when() -> None:
    first, same, other = (comment_with(content=text) for text in ("Oui", "Oui", "Non"))
    keys = [addresses.comment_key_of(comment) for comment in (first, same, other)]

    assert keys[0] == keys[1] != keys[2]
