"""Plugins add fields to the editor, keep what was typed, and guard posts by a box."""

from collections.abc import Callable

import pytest

from blog import Post, session
from blog.testing import SiteUnderTest, hidden_fields
from tests.platform.samples import put

MOOD = """
from wtforms import StringField
from wtforms.validators import Length
TOLD = []
@hookimpl(optionalhook=True)
def post_form_fields(post):
    return {"mood_word": StringField("Mood", default=post.title if post else "new",
        description="One word.", validators=[Length(max=4, message="Too long a mood.")])}
@hookimpl
def posts_saved(posts, draft):
    TOLD.append(dict(draft.extra) if draft else None)
"""
BOX = """
from wtforms import BooleanField
@hookimpl(optionalhook=True)
def post_form_fields(post):
    return {"NAME_guard": BooleanField("Shut by NAME")}
"""
BROKEN = {
    "raises": "    raise RuntimeError('no')",
    "no_choices": "    from wtforms import SelectField\n    return {'broken_x': SelectField('x')}",
    "no_label": "    from wtforms import StringField\n"
    "    return {'broken_x': StringField('x', filters=[lambda value: value.none])}",
    "validator": "    from wtforms import StringField\n"
    "    return {'broken_x': StringField('x', validators=[lambda form, field: 1 / 0])}",
    "foreign": "    from wtforms import StringField\n    return {'title': StringField('x')}",
}


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["admin"])


@pytest.fixture
def author(site: SiteUnderTest) -> SiteUnderTest:
    return site.as_person(permissions={"posts.write", "posts.private"})


def save(author: SiteUnderTest, path: str = "/admin/posts/new", **typed: object):
    """Open the editor and send what it holds with what was typed."""
    page = author.get(path).text
    shown = [one.partition('"')[0] for one in page.split('name="shown" value="')[1:]]
    form = {**hidden_fields(page), "shown": shown, "title": "Bonjour", "do": "publish"}
    return author.post(path, {**form, **typed})


def told(site: SiteUnderTest) -> list[dict[str, object] | None]:
    with site.context() as current:
        plugin = current.plugin("mood")
        assert plugin is not None
        return list(plugin.module.TOLD)


def guard_of(site: SiteUnderTest) -> str | None:
    with site.context():
        return session.get_one(Post, 1).guard


def test_what_was_typed_arrives_with_the_post(site: SiteUnderTest, author: SiteUnderTest) -> None:
    put(site, "mood", MOOD)

    assert 'value="new"' in author.get("/admin/posts/new").text
    assert save(author, mood_word="calm").status_code == 303
    assert told(site) == [{"mood_word": "calm"}]
    assert 'value="Bonjour"' in author.get("/admin/posts/1").text


def test_what_is_refused_comes_back_with_the_text(
    site: SiteUnderTest, author: SiteUnderTest
) -> None:
    put(site, "mood", MOOD)

    answer = save(author, mood_word="very calm", body="Mon texte")

    assert answer.status_code == 422
    for one in ("Too long a mood.", "very calm", "Mon texte", "Mood – Too long"):
        assert one in answer.text
    assert told(site) == []


def test_a_post_that_no_editor_sent_brings_no_fields(site: SiteUnderTest) -> None:
    put(site, "mood", MOOD)
    site.write_post()

    assert told(site) == [{}]


@pytest.mark.parametrize("name", BROKEN)
def test_a_field_that_fails_stops_no_post(
    site: SiteUnderTest, author: SiteUnderTest, name: str
) -> None:
    hook = "@hookimpl(optionalhook=True)\ndef post_form_fields(post):\n"
    put(site, "broken", hook + BROKEN[name])

    assert author.get("/admin/posts/new").status_code == 200
    assert save(author).status_code == 303
    assert [one.plugin for one in site.errors()] == ["broken"]


def test_a_box_guards_the_post_and_opens_it_again(
    site: SiteUnderTest, author: SiteUnderTest
) -> None:
    put(site, "gate", BOX.replace("NAME", "gate"))

    save(author, gate_guard="y")
    assert guard_of(site) == "gate"
    assert site.get("/?p=1", follow_redirects=True).status_code == 404
    assert 'checked id="gate_guard"' in author.get("/admin/posts/1").text
    save(author, "/admin/posts/1")
    assert guard_of(site) is None


def test_a_box_of_another_plugin_cannot_guard_for_this_one(
    site: SiteUnderTest, author: SiteUnderTest
) -> None:
    put(site, "gate", BOX.replace("NAME", "other"))

    assert "other_guard" not in author.get("/admin/posts/new").text


def test_a_box_that_was_ticked_hides_even_when_its_plugin_went_off(
    site: SiteUnderTest, author: SiteUnderTest
) -> None:
    put(site, "gate", BOX.replace("NAME", "gate"))
    page = hidden_fields(author.get("/admin/posts/new").text)
    site.disable("gate")

    author.post("/admin/posts/new", {**page, "title": "A", "do": "publish", "gate_guard": "y"})

    assert guard_of(site) == "gate"


def test_a_box_that_was_not_shown_opens_nothing(site: SiteUnderTest, author: SiteUnderTest) -> None:
    site.write_post(guard="gate")
    page = hidden_fields(author.get("/admin/posts/1").text)
    put(site, "gate", BOX.replace("NAME", "gate"))

    author.post("/admin/posts/1", {**page, "title": "A", "do": "keep"})

    assert guard_of(site) == "gate"


def test_one_plugin_alone_guards_a_post(site: SiteUnderTest, author: SiteUnderTest) -> None:
    put(site, "gate", BOX.replace("NAME", "gate"))
    put(site, "wall", BOX.replace("NAME", "wall"))

    answer = save(author, gate_guard="y", wall_guard="y")

    assert answer.status_code == 422
    assert "One plugin alone can guard a post" in answer.text
