"""When plugins that render change, posts are rendered again; nothing else changes."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from blog import Post, PostRow, posts, session
from blog.testing import SiteUnderTest
from tests.platform.samples import single

LOUD = """
@hookimpl
def body_rendered(html, markup):
    return html.replace("quiet", "loud")
"""
VERSES = """
@hookimpl
def render_body(source, markup):
    return f"<blockquote>{source}</blockquote>" if markup == "verse" else None
"""


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with a plugin, still off, that changes what is rendered."""
    site = make_site([])
    single(site.instance / "plugins", "loud", LOUD)
    return site


def html_of(site: SiteUnderTest, post: PostRow) -> str:
    """Read what is stored of a post."""
    with site.context():
        return session.scalars(select(Post.html).where(Post.id == post.id)).one()


def test_a_filter_changes_the_html_that_is_stored(site: SiteUnderTest) -> None:
    site.enable("loud")

    assert (
        html_of(site, site.write_post("One", body="a quiet word", markup="plain"))
        == "<p>a loud word</p>"
    )


def test_what_a_filter_makes_is_sanitised(site: SiteUnderTest) -> None:
    single(site.instance / "plugins", "loud", LOUD.replace("loud", "<script>1</script>"))
    site.enable("loud")

    assert (
        html_of(site, site.write_post("One", body="a quiet word", markup="plain"))
        == "<p>a  word</p>"
    )


def test_posts_are_rendered_again_when_a_filter_is_turned_on_and_off(site: SiteUnderTest) -> None:
    written = [
        site.write_post(f"Post {one}", body="a quiet word", markup="plain") for one in range(25)
    ]

    site.enable("loud")
    site.wsgi.housekeep()
    assert {html_of(site, one) for one in written} == {"<p>a loud word</p>"}

    site.disable("loud")
    site.wsgi.housekeep()
    assert {html_of(site, one) for one in written} == {"<p>a quiet word</p>"}


def test_rendering_again_is_no_update_of_the_post(site: SiteUnderTest) -> None:
    before = site.write_post("One", body="a quiet word", markup="plain")
    site.enable("loud")
    site.wsgi.housekeep()

    with site.context():
        after = posts.get(before.id)
    assert (after.updated_at, after.path) == (before.updated_at, before.path)
    assert after.excerpt == "a loud word"


def test_a_markup_that_nobody_knows_any_more_stays_as_it_was_rendered(site: SiteUnderTest) -> None:
    single(site.instance / "plugins", "verses", VERSES)
    site.enable("verses")
    post = site.write_post("One", body="a quiet word", markup="verse")

    site.disable("verses")
    site.wsgi.housekeep()

    assert html_of(site, post) == "<blockquote>a quiet word</blockquote>"


def test_posts_stay_as_they_are_while_a_plugin_that_is_on_cannot_run(site: SiteUnderTest) -> None:
    site.enable("loud")
    post = site.write_post("One", body="a quiet word", markup="plain")
    site.place("broken", single(site.instance / "plugins", "broken", "").read_text())
    (site.instance / "plugins" / "loud.py").unlink()
    site.set("core", tagline="Next")

    site.wsgi.housekeep()

    assert html_of(site, post) == "<p>a loud word</p>"


def test_who_keeps_rows_of_posts_is_told_of_those_that_changed(site: SiteUnderTest) -> None:
    told = """
from pathlib import Path
@hookimpl
def posts_saved(posts, draft):
    with (Path(__file__).parents[2] / "told").open("a") as file:
        file.write("".join(f"{one.title}\\n" for one in posts))
"""
    site.write_post("Changed", body="a quiet word", markup="plain")
    site.write_post("Same", body="a word", markup="plain")
    single(site.instance / "plugins", "told", told)
    site.enable("told")
    site.enable("loud")
    site.wsgi.housekeep()

    assert next(site.instance.rglob("told")).read_text() == "Changed\n"
