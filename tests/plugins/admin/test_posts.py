"""Writing posts and pages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from sqlalchemy import update

from blog import Post, PostKind, PostStatus, writing
from blog.db import statements
from blog.testing import SiteUnderTest
from blog_plugins.admin import services


def ahead(days: int = 2) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def number_of(answer) -> int:
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


@pytest.fixture
def write(owner: SiteUnderTest, send):
    """Send the editor of a new post."""

    def write(**fields: str):
        return send(owner, "/admin/posts/new", **{"title": "Pluies", "body": "Enfin.", **fields})

    return write


def test_a_published_post_is_there_for_the_next_reader(site: SiteUnderTest, write) -> None:
    write(do="publish")
    assert "Pluies" in site.get("/").text


def test_a_draft_is_for_its_owner_who_is_told_so(site, owner, write) -> None:
    number = number_of(write(do="draft"))
    assert site.get(f"/?p={number}").status_code == 404
    assert "Only you see this: it is a draft." in owner.get(f"/?p={number}").text


def test_a_post_is_scheduled_in_the_sites_zone(site, owner, write) -> None:
    site.set("core", timezone="Asia/Tokyo")
    number = number_of(write(do="schedule", published="2099-12-24T18:30"))
    with site.context():
        from blog import Post, session

        post = session.get(Post, number)
        assert post is not None
        assert post.status == PostStatus.SCHEDULED
        assert post.published_at == datetime(2099, 12, 24, 9, 30, tzinfo=UTC)
    assert "Pluies" not in site.get("/").text


def test_scheduling_without_a_time_to_come_says_so_and_keeps_the_text(write) -> None:
    answer = write(do="schedule", body="Texte long")
    assert answer.status_code == 422
    assert "choose a date and a time to come" in answer.text
    assert "Texte long" in answer.text


def test_publishing_what_was_planned_for_later_publishes_it_now(site, write) -> None:
    write(do="publish", published=ahead())
    assert "Pluies" in site.get("/").text


def test_a_page_has_its_place_in_the_menu(site, write) -> None:
    write(do="publish", title="À propos", kind="page", position="1")
    assert 'href="/a-propos/"' in site.get("/").text


def test_a_private_post_is_for_its_owner_alone(site, owner, write) -> None:
    number = number_of(write(do="private"))
    assert site.get(f"/?p={number}").status_code == 404
    assert "it is private" in owner.get(f"/?p={number}", follow_redirects=True).text


def test_a_changed_post_is_there_for_the_next_reader(site, owner, send, seen, post) -> None:
    path, when = f"/admin/posts/{post.id}", seen(owner, post.id)
    send(owner, path, title="Autre titre", body="Neuf", do="keep", seen=when)
    assert "Autre titre" in site.get(post.path).text


def test_a_changed_slug_leaves_a_redirect(site, owner, send, seen, post) -> None:
    path, when = f"/admin/posts/{post.id}", seen(owner, post.id)
    send(owner, path, slug="ailleurs", do="keep", seen=when)
    assert site.get(post.path).headers["Location"].endswith("/ailleurs/")


def test_a_taken_address_is_said_beside_it_and_the_text_kept(site, owner, send, seen) -> None:
    site.write_post("Un")
    two = site.write_post("Deux")
    fields = {"slug": "un", "body": "Mon texte", "do": "keep", "seen": seen(owner, two.id)}
    answer = send(owner, f"/admin/posts/{two.id}", **fields)
    assert answer.status_code == 422
    assert "Another post has this address already" in answer.text
    assert "Mon texte" in answer.text


def test_a_new_post_that_gets_another_address_than_asked_for_says_so(site, owner, write) -> None:
    write(slug="pluies", do="publish")
    write(slug="pluies", do="publish")
    assert "it ends with pluies-2 now" in owner.get("/admin/posts").text


def test_who_saves_later_is_warned_and_keeps_the_text(owner, send, seen, post) -> None:
    path, when = f"/admin/posts/{post.id}", seen(owner, post.id)
    send(owner, path, body="Le premier", do="keep", seen=when)
    answer = send(owner, path, body="Le second", do="keep", seen=when)
    assert answer.status_code == 409
    assert "Le second" in answer.text
    assert "Afi saved this" in answer.text
    assert "Le premier" in owner.get(post.path).text


def test_the_editor_says_who_saved_last(owner, send, seen, post) -> None:
    path, when = f"/admin/posts/{post.id}", seen(owner, post.id)
    send(owner, path, body="Neuf", do="keep", seen=when)
    assert "Last saved by Afi" in owner.get(path).text


def test_a_preview_shows_the_text_and_saves_nothing(site, owner, send, post) -> None:
    path = f"/admin/posts/{post.id}/preview"
    answer = send(owner, path, body="**Gras** <script>alert(1)</script>", markup="markdown")
    assert "<strong>Gras</strong>" in answer.text
    assert "<script>alert" not in answer.text
    assert "Gras" not in site.get(post.path).text


def test_a_form_open_too_long_keeps_the_text(owner: SiteUnderTest) -> None:
    answer = owner.post("/admin/posts/new", {"title": "T", "body": "Gardé", "csrf_token": "x"})
    assert answer.status_code == 422
    assert "Gardé" in answer.text
    assert "open too long" in answer.text


def test_the_trash_is_undone_and_empties_only_from_there(site, owner, send, post) -> None:
    send(owner, "/admin/posts/change", ids=post.id, do="delete")
    assert site.get(post.path).status_code == 200
    send(owner, "/admin/posts/change", ids=post.id, do="trash")
    assert site.get(post.path).status_code == 404
    send(owner, f"/admin/posts/untrash?numbers={post.id}")
    assert site.get(post.path).status_code == 200
    send(owner, "/admin/posts/change", ids=post.id, do="trash")
    send(owner, "/admin/posts/change", ids=post.id, do="delete")
    assert owner.get(f"/admin/posts/{post.id}").status_code == 404


def test_a_scheduled_post_published_from_the_list_appears_now(site, owner, send) -> None:
    later = site.write_post("Demain", published_at=datetime.now(UTC) + timedelta(days=2))
    send(owner, "/admin/posts/change", ids=later.id, do="publish")
    assert "Demain" in site.get("/").text


def test_publishing_while_another_takes_the_address_fails_in_words_alone(
    site: SiteUnderTest, owner: SiteUnderTest, send
) -> None:
    draft = site.write_post("Pluies", status=PostStatus.DRAFT)
    other = site.write_post("Autre")
    path = f"/{datetime.now(UTC):%Y/%m}/pluies/"

    with ThreadPoolExecutor(1) as pool:
        with site.context(), writing() as write:
            write.execute(update(Post).where(Post.id == other.id).values(path=path))
            answer = pool.submit(send, owner, "/admin/posts/change", ids=draft.id, do="publish")
            sleep(1)  # for it to wait for this write: PostgreSQL fails then, SQLite goes on
        assert answer.result().status_code == 303

    page = owner.get("/admin/posts").text
    assert ("took one of these addresses" in page) != ("1 published" in page)
    assert site.get(path).status_code == 200


def test_the_ticked_lines_are_looked_up_at_once(site: SiteUnderTest) -> None:
    numbers = [site.write_post(f"Titre {n}").id for n in range(20)]
    with site.context():
        before = statements()
        assert services.there([*numbers, 10**9]) == numbers
        assert statements() - before == 1


def test_comments_close_after_the_days_that_are_asked_for(site, write) -> None:
    write(do="publish", comments="days", days="3", published="2020-01-01T00:00")
    assert "Comments are closed." in site.get("/2020/01/pluies/").text


def test_the_list_is_searched_by_title_and_text(site, owner) -> None:
    site.write_post("Le fleuve", "Une pirogue")
    site.write_post("La colline", "Un baobab")
    found = owner.get("/admin/posts?q=baobab").text
    assert "La colline" in found
    assert "Le fleuve" not in found


def test_a_search_takes_percent_signs_as_they_are(site, owner) -> None:
    site.write_post("Le fleuve")
    assert "Le fleuve" not in owner.get("/admin/posts?q=%25").text


def test_the_list_is_paged_without_losing_or_doubling_one(site, owner) -> None:
    from re import findall

    numbers = [site.write_post(f"Titre {n}").id for n in range(55)]
    first = owner.get("/admin/posts").text
    following = findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    ids = findall(r'name="ids" value="(\d+)"', first + owner.get(following).text)
    assert sorted(map(int, ids)) == numbers


def test_a_page_is_listed_among_pages(site, owner) -> None:
    site.write_post("À propos", kind=PostKind.PAGE)
    assert "À propos" in owner.get("/admin/pages").text
    assert ">À propos<" not in owner.get("/admin/posts").text


WRONG = [
    ("published", "0000-00-00T99:99"),
    ("published", "0001-01-01T00:00"),
    ("published", "99999-01-01"),
    ("language", "<script>"),
    ("title", "é" * 501),
    ("slug", "x" * 201),
    ("author", "x" * 246),
    ("excerpt", "x" * 2001),
]


def test_what_cannot_be_is_said_beside_its_field_and_the_text_kept(write) -> None:
    for field, value in WRONG:
        answer = write(body="Gardé", do="publish", **{field: value})
        assert answer.status_code == 422, (field, value)
        assert f'id="{field}-error"' in answer.text
        assert "Gardé" in answer.text


def test_odd_characters_break_nothing(owner, send) -> None:
    for text in ("\x00", "a\x00b", "\ud800", "\u202e", "😀" * 2000, "0" * 300):
        raw = text.encode("utf-8", "surrogatepass")
        for field in ("title", "body", "slug", "days", "position", "seen", "markup", "do", "kind"):
            answer = send(owner, "/admin/posts/new", **{"title": "T", field: raw})
            assert answer.status_code in (303, 422), (field, text)
        assert owner.get("/admin/posts", query_string={"q": raw, "before": raw}).status_code == 200
