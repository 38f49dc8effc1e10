"""What an export of Palabre says is read back, whatever somebody made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from sqlalchemy import select

from blog import Comment, Post, session
from blog.testing import SiteUnderTest
from blog_plugins.wordpress import services
from tests.plugins.wordpress.conftest import Export

ODD: list[Any] = [None, 7, -1, 2**70, 1.5, True, "", "x", "\0\ud800", [], [7], {}, {"a": []}]
OF_POST = (
    "id path former title slug excerpt author markup language guard identity position status body"
    " comments_days created_at published_at updated_at old_slugs".split()
)
OF_COMMENT = ("reasons", "identity", "created_at", "body", "html")


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with the importer alone."""
    return make_site(["wordpress"])


def meta(kind: str, key: str, value: str) -> str:
    """Write a custom field."""
    return (
        f"<wp:{kind}><wp:meta_key>{key}</wp:meta_key>"
        f"<wp:meta_value>{escape(value)}</wp:meta_value></wp:{kind}>"
    )


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_values_hinder_no_import(
    site: SiteUnderTest, export: Export, item: Callable[..., str], odd: object
) -> None:
    post = meta("postmeta", "_palabre_post", json.dumps(dict.fromkeys(OF_POST, odd)))
    said = meta("commentmeta", "_palabre_comment", json.dumps(dict.fromkeys(OF_COMMENT, odd)))
    comment = f"<wp:comment><wp:comment_id>3</wp:comment_id>{said}</wp:comment>"

    with site.context():
        services.run(export(item(post, comment, post_date_gmt="2024-05-01 10:00:00")))

        assert len(session.scalars(select(Post)).all()) == 1
        assert [one.number for one in session.scalars(select(Comment))] == [3]


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, '{"reasons": [NaN]}'])
def test_a_damaged_custom_field_says_nothing(
    site: SiteUnderTest, export: Export, item: Callable[..., str], text: str
) -> None:
    with site.context():
        services.run(export(item(meta("postmeta", "_palabre_post", text))))

        assert session.scalar(select(Post.title)) == "Sous l’arbre"


def test_html_that_is_brought_is_made_safe(
    site: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    said = json.dumps({"body": "x", "html": "<script>alert(1)</script><b>x</b>"})
    comment = meta("commentmeta", "_palabre_comment", said)
    post = meta("postmeta", "_palabre_post", json.dumps({"markup": "html", "body": "<script>1"}))
    with site.context():
        services.run(export(item(post, f"<wp:comment>{comment}</wp:comment>")))

        assert "<script" not in str(session.scalar(select(Comment.html)))
        assert "<script" not in str(session.scalar(select(Post.html)))
