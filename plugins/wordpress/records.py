"""Hold what a WordPress export says, as it says it: nothing is decoded or decided here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .elements import Element


@dataclass(frozen=True, slots=True)
class Author:
    """Hold one author of the blog; items name them by ``login``."""

    id: str
    login: str
    email: str
    name: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class Term:
    """Hold a category, a tag or a term of another taxonomy, as the channel lists it."""

    id: str
    taxonomy: str
    slug: str
    parent: str
    name: str
    description: str
    element: Element


@dataclass(frozen=True, slots=True)
class Label:
    """Hold a term as an item carries it; 1.0 also writes bare names without a taxonomy."""

    taxonomy: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Meta:
    """Hold a custom field; the value is often serialised PHP and is never decoded here."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Comment:
    """Hold one comment as exported: dates, ids and ``approved`` are text, empty where missing."""

    id: str
    parent: str
    author: str
    email: str
    url: str
    address: str
    date: str
    date_gmt: str
    body: str
    approved: str
    type: str
    user_id: str
    metas: tuple[Meta, ...]
    element: Element


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one item of any type: dates, ids and ``status`` are text, empty where missing.

    ``element`` is all of it, ``leftovers`` are the elements that have no field here.
    """

    id: str
    type: str
    status: str
    slug: str
    title: str
    link: str
    guid: str
    creator: str
    body: str
    excerpt: str
    date: str
    date_gmt: str
    modified: str
    modified_gmt: str
    sent: str
    parent: str
    menu_order: str
    password: str
    sticky: str
    comment_status: str
    attachment_url: str
    labels: tuple[Label, ...]
    metas: tuple[Meta, ...]
    comments: tuple[Comment, ...]
    leftovers: tuple[Element, ...]
    element: Element


@dataclass(frozen=True, slots=True)
class Channel:
    """Hold what the export says of the blog itself; ``version`` is 1.0 where none is written."""

    title: str
    link: str
    description: str
    language: str
    version: str
    site_url: str
    blog_url: str
    generator: str
    date: str
    authors: tuple[Author, ...]
    terms: tuple[Term, ...]
    leftovers: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Hold what a first pass over the whole file found.

    ``items`` counts by (type, status), ``comments`` by (type, approved), both as exported.
    ``file_hosts`` are those of attachments that are nowhere but at WordPress.com.
    ``first_link`` is the first item's, for a file whose channel does not say where the blog was.
    ``removed`` counts the control characters that XML forbids and that are left out.
    """

    channel: Channel
    items: Counter[tuple[str, str]]
    comments: Counter[tuple[str, str]]
    first_link: str
    removed: int
    encoding: str
    file_hosts: frozenset[str] = frozenset()
