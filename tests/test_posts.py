"""Posts: addresses, lists, times, and who may see what."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from blog import (
    FormerAddress,
    PostKind,
    PostRow,
    PostStatus,
    identity,
    now,
    posts,
    session,
    writing,
)
from blog.addresses import AddressTaken, slug_of
from blog.posts import PostDraft
from blog.testing import EVERYTHING, SiteUnderTest

TITLE = re.compile(
    r'<h2 class="entry-title p-name"><a href="[^"]*" rel="bookmark" class="u-url">(.*?)</a>'
)

MakeSite = Callable[..., SiteUnderTest]


@pytest.fixture
def site(make_site: MakeSite) -> SiteUnderTest:
    return make_site([])


def change(site: SiteUnderTest, post: PostRow, **values: Any) -> PostRow:
    """Save a post again with other values."""
    values = {"title": post.title, "body": "Un.", "status": PostStatus.PUBLISHED, **values}
    with site.context(), identity.acting_as(EVERYTHING):
        return posts.save(PostDraft(**values), post.id)


def titles(site: SiteUnderTest, path: str = "/") -> list[str]:
    return TITLE.findall(site.get(path).text)


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def where(site: SiteUnderTest, path: str) -> str | None:
    """Say where an old address sends for ever."""
    response = site.get(path)
    return response.headers.get("Location") if response.status_code == 301 else None


# Slugs and addresses


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Sous l’arbre", "sous-l-arbre"),
        ("Cœur à l'œuvre : été !", "coeur-a-l-oeuvre-ete"),
        ("  50 % & plus_vite  ", "50-plus-vite"),
        ("村の木", "村の木"),
        ("Đà Nẵng", "đa-nang"),
        ("…", ""),
        ("a" * 300, "a" * 200),
    ],
)
def test_a_slug_is_made_of_the_words_of_a_title(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_a_title_without_words_has_its_number_for_slug(site: SiteUnderTest) -> None:
    post = site.write_post("…")

    assert post.slug == "post-" + str(post.id)


def test_an_address_follows_the_pattern_in_the_site_s_zone(make_site: MakeSite) -> None:
    site = make_site([], timezone="Africa/Lagos", permalink="/{year}/{month}/{day}/{slug}/")

    post = site.write_post("Minuit", published_at=at(2026, 2, 28, 23))

    assert post.path == "/2026/03/01/minuit/"
    assert site.get(post.path).status_code == 200


def test_a_new_pattern_is_for_new_posts_alone(site: SiteUnderTest) -> None:
    old = site.write_post("Un")
    site.set("core", permalink="/{id}-{slug}")

    new = site.write_post("Deux")

    assert new.path == f"/{new.id}-deux"
    assert site.get(old.path).status_code == 200
    assert site.get(new.path).status_code == 200


def test_a_slug_that_is_taken_gets_a_number(site: SiteUnderTest) -> None:
    paths = [site.write_post("Un", published_at=at(2026, 1, 1)).path for _ in range(3)]

    assert paths == ["/2026/01/un/", "/2026/01/un-2/", "/2026/01/un-3/"]


def test_a_slug_asked_for_that_is_taken_is_refused(site: SiteUnderTest) -> None:
    site.write_post("Un", published_at=at(2026, 1, 1))
    other = site.write_post("Deux", published_at=at(2026, 1, 1))

    with pytest.raises(AddressTaken):
        change(site, other, slug="un")


@pytest.mark.parametrize("slug", ["admin", "feed", "comments", "2026"])
def test_a_page_cannot_take_what_the_site_needs(site: SiteUnderTest, slug: str) -> None:
    assert site.write_post(slug, kind=PostKind.PAGE).path == f"/{slug}-2/"


def test_a_changed_slug_leaves_a_redirect_for_ever(site: SiteUnderTest) -> None:
    post = site.write_post("Un", published_at=at(2026, 1, 1))
    change(site, post, slug="deux")
    change(site, post, slug="trois")

    assert where(site, "/2026/01/un/") == "/2026/01/trois/"
    assert where(site, "/2026/01/deux/") == "/2026/01/trois/"


def test_a_redirect_keeps_what_was_asked_for(site: SiteUnderTest) -> None:
    post = site.write_post("Un", published_at=at(2026, 1, 1))
    change(site, post, slug="deux")

    assert where(site, "/2026/01/un/?replytocom=3") == "/2026/01/deux/?replytocom=3"


def test_a_slug_taken_back_ends_its_redirect(site: SiteUnderTest) -> None:
    post = site.write_post("Un", published_at=at(2026, 1, 1))
    change(site, post, slug="deux")
    change(site, post, slug="un")

    assert site.get("/2026/01/un/").status_code == 200
    assert where(site, "/2026/01/deux/") == "/2026/01/un/"


def test_a_short_address_goes_to_the_post(site: SiteUnderTest) -> None:
    post = site.write_post()

    assert where(site, f"/?p={post.id}") == post.path
    assert where(site, f"/?page_id={post.id}") == post.path


def test_a_slash_too_few_is_mended(site: SiteUnderTest) -> None:
    post = site.write_post()

    assert where(site, post.path.rstrip("/")) == post.path


def test_an_old_page_of_comments_goes_to_the_thread(site: SiteUnderTest) -> None:
    post = site.write_post()

    assert where(site, f"{post.path}comment-page-2/") == f"{post.path}#comments"


def test_an_address_of_any_script_is_found(site: SiteUnderTest) -> None:
    post = site.write_post("村の木")

    assert site.get(post.path).status_code == 200


# Lists


def test_a_list_is_paged_without_gap_or_repetition(site: SiteUnderTest) -> None:
    site.set("core", posts_per_page=2)
    moment = at(2026, 1, 1)
    for number in range(5):  # all of one moment: only their ids tell them apart
        site.write_post(f"Post {number}", published_at=moment)
    seen, path = [], "/"
    while path:
        html = site.get(path).text
        seen += TITLE.findall(html)
        onward = re.search(r'<a rel="next" href="([^"]*)"', html)
        path = f"/{onward[1]}" if onward else ""

    assert seen == [f"Post {number}" for number in (4, 3, 2, 1, 0)]


def test_a_list_shows_excerpt_date_and_count(site: SiteUnderTest) -> None:
    post = site.write_post("Un", "Un texte sous l’arbre.")
    site.write_comment(post)

    html = site.get("/").text

    assert f'<article id="post-{post.id}"' in html
    assert "Un texte sous l’arbre." in html
    assert "<time" in html
    assert "one thought" in html


def test_archives_are_of_the_site_s_calendar(make_site: MakeSite) -> None:
    site = make_site([], timezone="Africa/Lagos")
    site.write_post("Avant", published_at=at(2026, 2, 28, 22))
    site.write_post("Après", published_at=at(2026, 2, 28, 23))

    assert titles(site, "/2026/02/") == ["Avant"]
    assert titles(site, "/2026/03/") == ["Après"]
    assert titles(site, "/2026/03/01/") == ["Après"]
    assert titles(site, "/2026/") == ["Après", "Avant"]


def test_december_ends_with_the_year(site: SiteUnderTest) -> None:
    site.write_post("Décembre", published_at=at(2025, 12, 31, 23))
    site.write_post("Janvier", published_at=at(2026, 1, 1, 0))

    assert titles(site, "/2025/12/") == ["Décembre"]
    assert titles(site, "/2025/12/31/") == ["Décembre"]
    assert titles(site, "/2026/") == ["Janvier"]


def test_an_archive_of_nothing_is_not_there(site: SiteUnderTest) -> None:
    for path in ("/1999/", "/2026/13/", "/2026/02/30/", "/2026/2/"):
        assert site.get(path).status_code == 404


def test_neighbours_are_the_post_before_and_the_one_after(site: SiteUnderTest) -> None:
    one, two, three = (
        site.write_post(title, published_at=at(2026, 1, day))
        for day, title in ((1, "Un"), (2, "Deux"), (3, "Trois"))
    )

    html = site.get(two.path).text

    assert f'<a href="{one.path}" rel="prev">' in html
    assert f'<a href="{three.path}" rel="next">' in html


def test_neighbours_leave_out_what_is_not_public(site: SiteUnderTest) -> None:
    one = site.write_post("Un", published_at=at(2026, 1, 1))
    two = site.write_post("Deux", published_at=at(2026, 1, 2), status=PostStatus.PRIVATE)
    three = site.write_post("Trois", published_at=at(2026, 1, 3), guard="nobody")

    html = site.get(one.path).text

    assert two.path not in html
    assert three.path not in html


def test_the_menu_shows_pages_in_their_order(site: SiteUnderTest) -> None:
    for title, position in (("Contact", 2), ("Qui", 1), ("Caché", None)):
        site.write_post(title, kind=PostKind.PAGE, position=position)

    menu = re.search(r'<nav class="site-nav".*?</nav>', site.get("/").text, re.DOTALL)

    assert menu
    assert re.findall(r">(\w+)</a>", menu[0]) == ["Qui", "Contact"]


def test_a_page_is_in_no_list(site: SiteUnderTest) -> None:
    page = site.write_post("Qui", kind=PostKind.PAGE)

    assert titles(site) == []
    assert page.path == "/qui/"
    assert site.get("/qui/").status_code == 200


# Who may see what, and when


def test_a_scheduled_post_appears_at_its_minute(
    site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = site.write_post("Demain", published_at=now() + timedelta(days=1))
    assert post.status is PostStatus.SCHEDULED
    assert site.get(post.path).status_code == 404
    assert titles(site) == []

    pass_time(monkeypatch, timedelta(days=1, seconds=1))

    assert site.get(post.path).status_code == 200
    assert titles(site) == ["Demain"]


@pytest.mark.parametrize("status", [PostStatus.DRAFT, PostStatus.PRIVATE, PostStatus.TRASH])
def test_what_is_not_published_is_not_there_for_readers(
    site: SiteUnderTest, status: PostStatus
) -> None:
    post = site.write_post("Secret")
    change(site, post, status=status)

    assert site.get(post.path).status_code == 404
    assert site.get(f"/?p={post.id}").status_code == 404
    assert site.post(f"/comments/{post.id}", {"comment": "x"}).status_code == 404
    assert titles(site) == []
    assert titles(site, "/2026/") == []


def test_a_former_address_does_not_tell_of_a_private_post(site: SiteUnderTest) -> None:
    post = site.write_post("Un", published_at=at(2026, 1, 1))
    change(site, post, slug="secret", status=PostStatus.PRIVATE)

    response = site.get("/2026/01/un/")

    assert response.status_code == 404
    assert "secret" not in response.text


def test_a_guarded_post_is_hidden_when_its_guard_is_gone(site: SiteUnderTest) -> None:
    post = site.write_post("Secret", guard="gone")

    assert site.get(post.path).status_code == 404
    assert titles(site) == []


def test_a_post_comes_back_from_the_trash_as_it_was(site: SiteUnderTest) -> None:
    post = site.write_post()
    with site.context():
        posts.set_status([post.id], PostStatus.TRASH)
    assert site.get(post.path).status_code == 404

    with site.context():
        posts.restore([post.id])

    assert site.get(post.path).status_code == 200


def test_only_what_is_in_the_trash_is_deleted(site: SiteUnderTest) -> None:
    kept, gone = site.write_post("Un"), site.write_post("Deux")
    site.write_comment(gone)
    with site.context():
        posts.set_status([gone.id], PostStatus.TRASH)
        posts.delete([kept.id, gone.id])

    assert site.get(kept.path).status_code == 200
    assert titles(site) == ["Un"]


def test_what_reads_cannot_write(site: SiteUnderTest) -> None:
    change_titles = text("UPDATE post SET title = 'x'")

    with site.context(), pytest.raises(DBAPIError):
        session.execute(change_titles)


def test_a_post_in_another_language_says_so(site: SiteUnderTest) -> None:
    post = site.write_post(language="fr")

    assert 'class="post entry single" lang="fr"' in site.get(post.path).text


def test_a_body_is_never_taken_for_a_page(site: SiteUnderTest) -> None:
    post = site.write_post(
        "<img src=x onerror=alert(1)>", "<script>alert(1)</script><b>gras</b>", markup="html"
    )

    html = site.get(post.path).text

    assert "<b>gras</b>" in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def pass_time(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let time pass for whatever asks the core what time it is."""
    import sys

    later = now() + by
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("blog", "blog_plugins") and hasattr(module, "now"):
            monkeypatch.setattr(module, "now", lambda: later)


def test_a_draft_is_found_beside_an_imported_post_of_its_number(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    imported = site.write_post("Importé")
    draft = site.write_post("Brouillon", status=PostStatus.DRAFT)
    with site.wsgi.database_only(), writing() as write:
        write.add(FormerAddress(path=f"/?p={draft.id}", post_id=imported.id))

    with site.context(), identity.acting_as(EVERYTHING):
        assert posts.short(str(draft.id)).title == "Brouillon"
    assert site.get(f"/?p={draft.id}").headers["Location"] == imported.path


def test_publishing_early_leaves_the_address_of_a_later_month(site: SiteUnderTest) -> None:
    later = site.write_post("Plus tard", published_at=now() + timedelta(days=400))

    with site.context(), identity.acting_as(EVERYTHING):
        posts.set_status([later.id], PostStatus.PUBLISHED)
        published = posts.get(later.id)

    assert published.path == f"/{now():%Y}/{now():%m}/plus-tard/"


def test_an_excerpt_keeps_words_and_their_signs_together(site: SiteUnderTest) -> None:
    body = "<p>Good <em>morning</em>, all.</p><p>Next</p>"

    assert site.write_post("Salut", body=body, markup="html").excerpt == "Good morning, all. Next"


@pytest.mark.parametrize("title", ["365", "24", "2024", "1"])
def test_a_title_of_digits_has_a_page(site: SiteUnderTest, title: str) -> None:
    post = site.write_post(title)
    page = site.write_post(title, kind=PostKind.PAGE, slug=f"p{title}")

    assert site.get(post.path).status_code == 200
    assert site.get(page.path).status_code == 200
    assert title in site.get(post.path).text


@pytest.mark.parametrize("pattern", ["/{id}/", "/{year}/{month}/{id}/", "/{year}/{slug}/"])
def test_every_pattern_that_is_taken_publishes(make_site: MakeSite, pattern: str) -> None:
    site = make_site([], permalink=pattern)

    found = [site.write_post(title) for title in ("Salut", "Salut", "12")]

    assert len({one.path for one in found}) == 3
    assert [site.get(one.path).status_code for one in found] == [200, 200, 200]
