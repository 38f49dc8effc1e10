"""Read a WordPress export (WXR 1.0 to 1.2) item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from .elements import Element, Elements
from .records import Author, Channel, Comment, Item, Label, Meta, Survey, Term
from .urls import FILES, hostname_of

MOST_HOSTS = 10

AUTHOR = {
    "wp:author_id": "id",
    "wp:author_login": "login",
    "wp:author_email": "email",
    "wp:author_display_name": "name",
    "wp:author_first_name": "first_name",
    "wp:author_last_name": "last_name",
}
TERMS = {
    "wp:category": {
        "wp:term_id": "id",
        "wp:category_nicename": "slug",
        "wp:category_parent": "parent",
        "wp:cat_name": "name",
        "wp:category_description": "description",
    },
    "wp:tag": {
        "wp:term_id": "id",
        "wp:tag_slug": "slug",
        "wp:tag_name": "name",
        "wp:tag_description": "description",
    },
    "wp:term": {
        "wp:term_id": "id",
        "wp:term_taxonomy": "taxonomy",
        "wp:term_slug": "slug",
        "wp:term_parent": "parent",
        "wp:term_name": "name",
        "wp:term_description": "description",
    },
}
TAXONOMIES = {"wp:category": "category", "wp:tag": "post_tag"}
COMMENT = {
    "wp:comment_id": "id",
    "wp:comment_parent": "parent",
    "wp:comment_author": "author",
    "wp:comment_author_email": "email",
    "wp:comment_author_url": "url",
    "wp:comment_author_IP": "address",
    "wp:comment_date": "date",
    "wp:comment_date_gmt": "date_gmt",
    "wp:comment_content": "body",
    "wp:comment_approved": "approved",
    "wp:comment_type": "type",
    "wp:comment_user_id": "user_id",
}
ITEM = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "pubDate": "sent",
    "dc:creator": "creator",
    "content:encoded": "body",
    "excerpt:encoded": "excerpt",
    "wp:post_id": "id",
    "wp:post_type": "type",
    "wp:status": "status",
    "wp:post_name": "slug",
    "wp:post_date": "date",
    "wp:post_date_gmt": "date_gmt",
    "wp:post_modified": "modified",
    "wp:post_modified_gmt": "modified_gmt",
    "wp:post_parent": "parent",
    "wp:menu_order": "menu_order",
    "wp:post_password": "password",
    "wp:is_sticky": "sticky",
    "wp:comment_status": "comment_status",
    "wp:attachment_url": "attachment_url",
}
CHANNEL = {
    "title": "title",
    "link": "link",
    "description": "description",
    "language": "language",
    "pubDate": "date",
    "generator": "generator",
    "wp:wxr_version": "version",
    "wp:base_site_url": "site_url",
    "wp:base_blog_url": "blog_url",
}
WHOLE = {"body": "content", "excerpt": "excerpt"}
KNOWN = {*ITEM, "category", "wp:postmeta", "wp:comment"}


def check(file: BinaryIO) -> Survey:
    """Parse the whole file before anything is imported, and count what is in it.

    Raises ``BrokenExport`` with the place where the file is broken, cut or no export.
    """
    items: Counter[tuple[str, str]] = Counter()
    comments: Counter[tuple[str, str]] = Counter()
    links: list[str] = []
    hosts: set[str] = set()
    header: list[Element] = []
    file.seek(0)
    elements = Elements(file)
    for element in elements:
        if element.name != "item":
            header.append(element)
            continue
        item = item_of(element)
        items[item.type, item.status] += 1
        comments.update((comment.type, comment.approved) for comment in item.comments)
        if item.link and not links:
            links.append(item.link)
        host = hostname_of(item.attachment_url)
        if host.endswith(FILES) and len(hosts) < MOST_HOSTS:
            hosts.add(host)
    first_link = links[0] if links else ""
    read = elements.removed, elements.encoding, frozenset(hosts)
    return Survey(channel_of(header), items, comments, first_link, *read)


def items(file: BinaryIO) -> Iterator[Item]:
    """Give the items in the order of the file, from its beginning, one at a time."""
    file.seek(0)
    for element in Elements(file):
        if element.name == "item":
            yield item_of(element)


def channel_of(header: Iterable[Element]) -> Channel:
    """Read the blog's own data from the elements that stand beside the items."""
    elements = tuple(header)
    values = _values(elements, CHANNEL)
    known = {*CHANNEL, *TERMS, "wp:author"}
    return Channel(
        **values | {"version": values["version"] or "1.0"},
        authors=tuple(author_of(each) for each in elements if each.name == "wp:author"),
        terms=tuple(term_of(each) for each in elements if each.name in TERMS),
        leftovers=tuple(each for each in elements if each.name not in known),
    )


def author_of(element: Element) -> Author:
    """Read a ``wp:author``."""
    return Author(**_values(element.children, AUTHOR))


def term_of(element: Element) -> Term:
    """Read a ``wp:category``, ``wp:tag`` or ``wp:term``."""
    values = {"taxonomy": TAXONOMIES.get(element.name, ""), "parent": ""}
    return Term(**values | _values(element.children, TERMS[element.name]), element=element)


def item_of(element: Element) -> Item:
    """Read an ``item`` with its comments; body and excerpt keep every blank."""
    children = element.children
    texts = {each.name: each.text for each in reversed(children)}
    whole = {key: texts.get(f"{name}:encoded", "") for key, name in WHOLE.items()}
    return Item(
        **_values(children, ITEM) | whole,
        labels=tuple(label_of(each) for each in children if each.name == "category"),
        metas=tuple(meta_of(each) for each in children if each.name == "wp:postmeta"),
        comments=tuple(comment_of(each) for each in children if each.name == "wp:comment"),
        leftovers=tuple(each for each in children if each.name not in KNOWN),
        element=element,
    )


def comment_of(element: Element) -> Comment:
    """Read a ``wp:comment`` with its own custom fields, such as Akismet's verdicts."""
    children = element.children
    return Comment(
        **_values(children, COMMENT),
        metas=tuple(meta_of(each) for each in children if each.name == "wp:commentmeta"),
        element=element,
    )


def label_of(element: Element) -> Label:
    """Read a ``category`` of an item."""
    attributes = element.attributes
    return Label(attributes.get("domain", ""), attributes.get("nicename", ""), element.text.strip())


def meta_of(element: Element) -> Meta:
    """Read a ``wp:postmeta`` or ``wp:commentmeta``; the value keeps every blank."""
    texts = {child.name: child.text for child in element.children}
    return Meta(texts.get("wp:meta_key", "").strip(), texts.get("wp:meta_value", ""))


def _values(elements: Iterable[Element], fields: Mapping[str, str]) -> dict[str, str]:
    values = dict.fromkeys(fields.values(), "")
    for element in elements:
        field = fields.get(element.name)
        # The first one counts: some plugins repeat an element of WordPress for themselves.
        if field and not values[field]:
            values[field] = element.text.strip()
    return values
