"""Decide what items and comments become: status, time, names."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from blog_plugins.wordpress import mapping, wxr

from .conftest import Export, comment_with, item_with

ItemText = Callable[..., str]


@pytest.mark.parametrize(
    ("exported", "status"),
    [
        ("publish", "published"),
        ("future", "scheduled"),
        ("pending", "draft"),
        ("draft", "draft"),
        ("private", "private"),
    ],
)
def test_an_item_gets_the_status_that_says_the_same(exported: str, status: str) -> None:
    assert mapping.fate_of(item_with(status=exported)) == (status, "")


@pytest.mark.parametrize(
    ("texts", "fate"),
    [
        ({"post_type": ""}, (None, "no type")),
        ({"post_type": "attachment", "status": "inherit"}, (None, "other type")),
        ({"post_type": "nav_menu_item"}, (None, "other type")),
        ({"status": "auto-draft"}, (None, "auto-draft")),
        ({"status": "trash"}, (None, "trashed")),
        ({"post_password": "sesame"}, ("private", "password")),
        ({"post_password": "sesame", "status": "draft"}, ("draft", "password")),
        ({"status": ""}, ("draft", "unknown status")),
        ({"status": "archived"}, ("draft", "unknown status")),
    ],
)
def test_what_is_not_imported_or_changed_says_why(
    texts: dict[str, str], fate: tuple[str | None, str]
) -> None:
    assert mapping.fate_of(item_with(**texts)) == fate


@pytest.mark.parametrize(
    ("approved", "status"),
    [
        ("1", "published"),
        ("0", "pending"),
        ("", "pending"),
        ("hold", "pending"),
        ("editorial-comment", "pending"),
        ("spam", "spam"),
        ("trash", "trash"),
        ("post-trashed", "trash"),
    ],
)
def test_a_comment_gets_the_status_that_says_the_same(approved: str, status: str) -> None:
    assert mapping.comment_status_of(comment_with(approved=approved)) == status


@pytest.mark.parametrize(
    ("exported", "kind"),
    [
        ("", "comment"),
        ("comment", "comment"),
        ("pingback", "pingback"),
        ("trackback", "trackback"),
        ("webmention", "webmention"),
        ("review", "comment"),
    ],
)
def test_a_comment_gets_the_kind_that_says_the_same(exported: str, kind: str) -> None:
    assert mapping.comment_kind_of(comment_with(type=exported)) == kind


def test_the_time_of_publication_is_the_one_in_utc() -> None:
    post = item_with(post_date="2025-07-15 10:00:00", post_date_gmt="2025-07-15 08:00:00")

    assert mapping.published_at(post) == datetime(2025, 7, 15, 8, tzinfo=UTC)


def test_a_zero_date_gives_way_to_the_local_one_in_the_zone_of_the_blog() -> None:
    post = item_with(post_date="2009-10-20 16:13:20", post_date_gmt="0000-00-00 00:00:00")

    found = mapping.published_at(post, ZoneInfo("Europe/Paris"))

    assert found == datetime(2009, 10, 20, 14, 13, 20, tzinfo=UTC)


def test_the_rss_date_is_the_last_resort() -> None:
    post = item_with(pubDate="Tue, 15 Jul 2025 08:00:00 +0000")

    assert mapping.published_at(post) == datetime(2025, 7, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"post_date_gmt": "0000-00-00 00:00:00", "post_date": "0000-00-00 00:00:00"},
        {"post_date": "2013-02-30 00:00:00"},
        {"pubDate": "Wed, 30 Nov -0001 00:00:00 +0000"},
        {"pubDate": "Tue, 30 Nov 1999 00:00:00 +0000"},
        {"pubDate": "yesterday"},
    ],
)
def test_no_date_is_made_up(texts: dict[str, str]) -> None:
    assert mapping.published_at(item_with(**texts)) is None


def test_a_date_at_the_edge_of_the_calendar_is_none() -> None:
    assert mapping.moment("0001-01-01 00:00:00", timezone(timedelta(hours=5))) is None


def test_an_item_that_never_changed_was_updated_when_it_was_published() -> None:
    post = item_with(post_date_gmt="2025-07-15 08:00:00", post_modified_gmt="0000-00-00 00:00:00")

    assert mapping.updated_at(post) == mapping.published_at(post)


def test_a_comment_without_utc_was_written_at_its_local_time() -> None:
    comment = comment_with(date="2007-09-03 20:49:03", date_gmt="")

    found = mapping.commented_at(comment, ZoneInfo("America/New_York"))

    assert found == datetime(2007, 9, 4, 0, 49, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exported", "shown"),
    [
        ("Markup: Title <em>With</em> <b>Mark<sup>up</sup></b>", "Markup: Title With Markup"),
        ("Le <html> des autres", "Le <html> des autres"),
        ("Toi &amp; moi&#8230;", "Toi & moi…"),
        ("1 < 2 et 3 > 2", "1 < 2 et 3 > 2"),
        ("deux\n  lignes", "deux lignes"),
    ],
)
def test_a_title_becomes_plain_text(exported: str, shown: str) -> None:
    assert mapping.title_of(item_with(title=exported)) == shown


def test_a_ping_shows_the_title_of_its_page() -> None:
    comment = comment_with(author="alb.example &middot; Épisode&nbsp;3")

    assert mapping.commenter_of(comment) == "alb.example · Épisode 3"


def test_an_author_shows_the_name_of_the_login_in_any_case(export: Export, item: ItemText) -> None:
    channel = wxr.check(export(item())).channel

    assert mapping.author_of(item_with(creator="Awa"), channel) == "Awa Diop"
    assert mapping.author_of(item_with(creator="koffi"), channel) == "koffi"


def test_the_language_of_the_blog_is_its_first_part(export: Export, item: ItemText) -> None:
    assert mapping.language_of(wxr.check(export(item())).channel) == "fr"


@pytest.mark.parametrize(
    ("exported", "number"),
    [("501", 501), ("0", None), ("", None), ("x1", None), ("99999999999", None), ("-3", None)],
)
def test_a_number_is_kept_where_it_is_one(exported: str, number: int | None) -> None:
    assert mapping.number_of(comment_with(id=exported)) == number


@pytest.mark.parametrize(
    ("exported", "taken"), [("open", True), ("closed", False), ("", None), ("registered", None)]
)
def test_comments_are_open_as_the_export_says(exported: str, taken: bool | None) -> None:
    assert mapping.comments_open(item_with(comment_status=exported)) is taken
