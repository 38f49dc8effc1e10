"""The editor's fields and the page on which terms are looked after."""

import re
from collections.abc import Callable

import pytest

from blog import PostStatus, posts
from blog.testing import SiteUnderTest
from blog_plugins.tags import services
from tests.conftest import signed_in

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["tags", "admin", "accounts"])


@pytest.fixture
def owner(site: SiteUnderTest) -> SiteUnderTest:
    return signed_in(site, "Afi", "owner")


def send(owner: SiteUnderTest, path: str, **fields: str) -> str:
    """Send a form, and give the page that follows."""
    found = TOKEN.search(owner.get("/admin/tags/").text)
    assert found is not None
    answer = owner.post(path, {"csrf_token": found[1], **fields}, follow_redirects=True)
    assert answer.status_code == 200, answer.status
    return answer.text


def labels(site: SiteUnderTest, kind: str = "category") -> list[str]:
    with site.context():
        return [one.label for one in services.listed(kind)]


def test_the_editor_keeps_and_shows_what_was_typed(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    shown = {"shown": ["tags_category", "tags_tag"]}
    send(owner, "/admin/posts/new", title="Un", do="publish", tags_category="A > B",
         tags_tag='x, "y, z"', **shown)  # type: ignore[arg-type]  # fmt: skip

    page = owner.get("/admin/posts/1").text

    assert 'value="A &gt; B"' in page
    assert 'value="x, &#34;y, z&#34;"' in page
    assert re.search('<datalist id="tags-tag"[^>]*><option value="x">', page)
    assert (labels(site), labels(site, "tag")) == (["A", "A > B"], ["x", "y, z"])


def test_a_term_is_made_renamed_moved_merged_and_deleted(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    send(owner, "/admin/tags/", kind="category", name="News")
    send(owner, "/admin/tags/", kind="category", name="Food > Fish")
    assert labels(site) == ["Food", "Food > Fish", "News"]
    site.write_post("Un", extra={"tags_category": "News"})
    said = send(owner, "/admin/tags/1", name="Food > Infos", slug="")
    assert "“Food &gt; Infos” is saved." in said
    assert site.get("/category/news/").headers["Location"] == "/category/food/infos/"
    send(owner, "/admin/tags/3", do="merge", name="Food > Infos")
    assert labels(site) == ["Food", "Food > Infos"]
    send(owner, "/admin/tags/2", do="delete", sure="on")
    assert labels(site) == ["Infos"]


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/admin/tags/", {"name": " "}, "A name is missing: nothing has changed."),
        ("/admin/tags/1", {"name": " "}, "A name is missing: nothing has changed."),
        ("/admin/tags/", {"name": ">"}, "A name is missing: nothing has changed."),
        ("/admin/tags/1", {"name": "a > > b"}, "A name is missing: nothing has changed."),
        ("/admin/tags/", {"name": "a, b"}, "One name; with a comma in it in quotes: &#34;Doe"),
        ("/admin/tags/1", {"do": "delete"}, "Tick the box first: nothing has changed."),
        ("/admin/tags/1", {"do": "merge", "name": "Nobody"}, "There is no other"),
        (
            "/admin/tags/1",
            {"do": "merge", "name": "news"},
            "That is the same one",
        ),
        ("/admin/tags/1", {"name": "News > News"}, "It cannot be below itself."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    site: SiteUnderTest, owner: SiteUnderTest, path: str, fields: dict[str, str], said: str
) -> None:
    send(owner, "/admin/tags/", kind="category", name="News")

    assert said in send(owner, path, **fields)
    assert labels(site) == ["News"]


def test_names_are_completed_by_any_part(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    for name in ("Lomé", "Kpalimé", '"a, b"', "100%"):
        send(owner, "/admin/tags/", kind="tag", name=name)

    for words in ("IMÉ", "ime"):
        assert owner.get(f"/admin/tags/complete/tag?q={words}").json == ["Kpalimé"]
    assert owner.get("/admin/tags/complete/tag?q=,").json == ['"a, b"']
    assert owner.get("/admin/tags/complete/tag?q=%25").json == ["100%"]


def test_strangers_and_moderators_change_nothing(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    moderator = signed_in(site, "Kodjo", "moderator")

    for person in (site, moderator):
        for path in ("/admin/tags/", "/admin/tags/complete/tag"):
            assert person.get(path).status_code in (303, 403)
    assert moderator.get("/admin/tags/1").status_code in (303, 403)


def test_a_long_list_has_pages(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    names = [f"t{number:03}" for number in range(services.PER_PAGE + 5)]
    site.write_post("Un", extra={"tags_tag": ", ".join(names)})

    page = owner.get("/admin/tags/?kind=tag").text
    following = re.search(r'rel="next" href="([^"]*)"', page)

    assert following is not None
    assert re.findall(r'row-title"[^>]*>(t\d+)<', page) == names[: services.PER_PAGE]
    last = owner.get(following[1].replace("&amp;", "&")).text
    assert re.findall(r'row-title"[^>]*>(t\d+)<', last) == names[services.PER_PAGE :]


def test_a_name_that_another_has_is_refused_in_any_case(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    for name in ("Musique", "Danse", "A > Danse"):
        send(owner, "/admin/tags/", kind="category", name=name)

    for name in ("Musique", "MUSIQUE"):
        said = send(owner, "/admin/tags/2", name=name)
        assert f"“{name}” is there already: merge the two?" in said
    send(owner, "/admin/tags/2", name="DANSE")
    assert labels(site) == ["A", "A > Danse", "DANSE", "Musique"]


def test_the_one_to_merge_with_is_found_in_any_case(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    for name in ("Musique", "Été"):
        send(owner, "/admin/tags/", kind="tag", name=name)

    send(owner, "/admin/tags/1", do="merge", name="ÉTÉ")

    assert labels(site, "tag") == ["Été"]


def test_a_deletion_says_first_what_it_takes(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    site.write_post("Un", extra={"tags_tag": "a"})
    site.write_post("Deux", extra={"tags_tag": "a"}, status=PostStatus.DRAFT)

    page = owner.get("/admin/tags/1").text

    assert "2 posts lose it; no post is deleted." in page
    assert 'name="sure" required' in page


def test_a_name_with_a_comma_is_read_as_in_the_editor(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    send(owner, "/admin/tags/", kind="tag", name='"Doe, John"')
    assert labels(site, "tag") == ["Doe, John"]
    assert 'name="name" value="&#34;Doe, John&#34;"' in owner.get("/admin/tags/1").text
    send(owner, "/admin/tags/1", name='"Doe, Jane"')
    assert labels(site, "tag") == ["Doe, Jane"]


def test_names_are_sorted_without_their_accents(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    for name in ("Musique", "Médias", "Zoo", "Été"):
        send(owner, "/admin/tags/", kind="category", name=name)

    assert labels(site) == ["Été", "Médias", "Musique", "Zoo"]


def test_what_readers_cannot_see_is_not_linked(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    post = site.write_post("Un", extra={"tags_tag": "a"}, status=PostStatus.DRAFT)
    assert "See its posts" not in owner.get("/admin/tags/1").text
    with site.context():
        posts.set_status([post.id], PostStatus.PUBLISHED)
    assert "See its posts" in owner.get("/admin/tags/1").text


def test_two_kinds_have_two_beginnings(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    for category, tag in (("mots", "mots"), ("mots/cles", "mots")):
        page = owner.get("/admin/plugins/tags/settings").text
        found = TOKEN.search(page)
        assert found is not None
        typed = {"csrf_token": found[1], "category_base": category, "tag_base": tag}
        answer = owner.post("/admin/plugins/tags/settings", typed)
        assert answer.status_code == 422
        assert "Categories and tags need two beginnings" in answer.text
