"""The editor's fields and the page on which terms are looked after."""

import re
from collections.abc import Callable

import pytest

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
    send(owner, "/admin/tags/2", do="delete")
    assert labels(site) == ["Infos"]


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/admin/tags/", {"name": " "}, "Type a name first."),
        ("/admin/tags/1", {"do": "merge", "name": "Nobody"}, "There is no other"),
        ("/admin/tags/1", {"do": "merge", "name": "News"}, "There is no other"),
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
    for name in ("Lomé", "Kpalimé", "a, b", "100%"):
        send(owner, "/admin/tags/", kind="tag", name=name)

    assert owner.get("/admin/tags/complete/tag?q=IMÉ").json == ["Kpalimé"]
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
