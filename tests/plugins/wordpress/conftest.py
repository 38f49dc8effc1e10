"""Write small exports for the tests of the importer."""

from collections.abc import Callable
from io import BytesIO

import pytest

from blog_plugins.wordpress import wxr
from blog_plugins.wordpress.elements import Element
from blog_plugins.wordpress.records import Comment, Item

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
  xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Carnet</title><link>https://carnet.example</link><language>fr-FR</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://carnet.example</wp:base_site_url>
<wp:base_blog_url>https://carnet.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>awa</wp:author_login>
<wp:author_display_name><![CDATA[Awa Diop]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel>\n</rss>\n"

Export = Callable[..., BytesIO]


@pytest.fixture
def export() -> Export:
    """Make a file of the elements given as they stand inside ``channel``."""

    def make(
        *elements: str, head: str = HEAD, tail: str = TAIL, encoding: str = "utf-8"
    ) -> BytesIO:
        return BytesIO("".join([head, *elements, tail]).encode(encoding))

    return make


@pytest.fixture
def item() -> Callable[..., str]:
    """Write an item: a published post, with other elements where they are given."""

    def make(*elements: str, **texts: str) -> str:
        values = {"post_id": "7", "post_type": "post", "status": "publish", "post_name": "arbre"}
        inner = "".join(f"<wp:{k}>{v}</wp:{k}>" for k, v in (values | texts).items())
        return f"<item><title>Sous l’arbre</title>{inner}{''.join(elements)}</item>\n"

    return make


def item_with(**texts: str) -> Item:
    """Make a post of WXR elements given by name without their prefix."""
    names = {"title": "title", "creator": "dc:creator", "link": "link", "pubDate": "pubDate"}
    values = {"post_id": "7", "post_type": "post", "status": "publish"} | texts
    children = tuple(
        Element(names.get(name, f"wp:{name}"), {}, text, (), 1) for name, text in values.items()
    )
    return wxr.item_of(Element("item", {}, "", children, 1))


def comment_with(**texts: str) -> Comment:
    """Make a comment of its elements, given by name without their prefix."""
    children = tuple(Element(f"wp:comment_{name}", {}, text, (), 1) for name, text in texts.items())
    return wxr.comment_of(Element("wp:comment", {}, "", children, 1))
