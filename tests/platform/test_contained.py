"""Containment: what a plugin breaks around a page stays with it, and the page is whole."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog import session
from blog.models import PluginError
from blog.testing import SiteUnderTest
from tests.platform.samples import put, whole

Make = Callable[..., SiteUnderTest]


@pytest.fixture
def bare(make_site: Make) -> SiteUnderTest:
    """Give a site without plugins, with a post."""
    site = make_site([])
    site.write_post("Sous l’arbre")
    return site


def serve(site: SiteUnderTest, code: str, name: str = "links") -> None:
    """Enable a plugin with pages of its own."""
    routes = re.findall(r"""\.get\(['"](.+?)['"]\)""", START + code)
    routes = [one.replace("links", name) for one in routes]
    put(site, name, (START + code).replace("links", name), reach={"routes": routes})


def failures(site: SiteUnderTest) -> dict[tuple[str, str], str]:
    site.wsgi.housekeep()
    with site.wsgi.database_only():
        rows = session.scalars(select(PluginError))
        return {(row.plugin, row.hook): row.message for row in rows}


def whole_page(site: SiteUnderTest, path: str = "/") -> str:
    page = site.get(path)
    assert page.status_code == 200
    assert "Sous l’arbre" in page.text
    assert "</html>" in page.text
    return page.text


# What slots and filters answer

SHOWN = {
    "a lone surrogate": "Markup('half \\ud800')",
    "a mark in a Markup of its own": "Odd('<b>half</b> \\udfff')",
}
ODD = """
from markupsafe import Markup

class Odd(Markup):
    def _fail(self, *_):
        raise RuntimeError("used")
    __html__ = __str__ = __add__ = __radd__ = __len__ = __iter__ = __mod__ = __getitem__ = _fail
    __hash__ = __eq__ = __contains__ = encode = isascii = join = format = escape = unescape = _fail
"""


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_a_text_that_no_page_can_hold_is_left_out(bare: SiteUnderTest, shown: str) -> None:
    put(bare, "links", f"{ODD}\n@hookimpl\ndef slot_footer():\n    return {shown}")

    assert "half" not in whole_page(bare)
    assert "surrogate" in failures(bare)["links", "slot_footer"]


def test_a_text_whose_methods_raise_is_shown_all_the_same(bare: SiteUnderTest) -> None:
    put(bare, "links", f"{ODD}\n@hookimpl\ndef slot_footer():\n    return Odd('<b>seen</b>')")

    assert "<b>seen</b>" in whole_page(bare)
    assert failures(bare) == {}


def test_texts_of_many_items_are_looked_at_too(bare: SiteUnderTest) -> None:
    code = (
        "@hookimpl\ndef slot_after_posts(posts):\n    return {one.id: Odd('seen') for one in posts}"
    )
    put(bare, "links", f"{ODD}\n{code}")
    code = code.replace("Odd('seen')", "Markup('\\ud800')")
    put(bare, "ties", f"{ODD}\n{code}")

    assert "seen" in whole_page(bare, bare.write_post("Sous l’arbre").path)
    assert set(failures(bare)) == {("ties", "slot_after_posts")}


ROWS = {
    "a number for a title": "title=5",
    "a title that raises": "title=Odd('x')",
    "no date of change": "updated_at=None",
}


@pytest.mark.parametrize("change", list(ROWS.values())[::2], ids=list(ROWS)[::2])
def test_a_row_with_a_wrong_field_is_no_row(bare: SiteUnderTest, change: str) -> None:
    code = (
        f"@hookimpl\ndef posts_loaded(posts):\n    return [one._replace({change}) for one in posts]"
    )
    put(bare, "links", f"{ODD}\n{code}")

    whole_page(bare)
    assert "hook-answer" in failures(bare)["links", "posts_loaded"]


def test_half_a_character_in_a_title_costs_no_page(bare: SiteUnderTest) -> None:
    code = "@hookimpl\ndef posts_loaded(posts):\n    return [posts[0]._replace(title='\\ud800')]"
    put(bare, "links", code)

    assert bare.get("/").status_code == 200


# Templates

BROKEN = {
    "no syntax": "{% block %}",
    "an error": "{{ 1 / 0 }}",
    "a parent that is not there": '{% extends "nowhere.html" %}',
}


def override(site: SiteUnderTest, plugin: str, name: str, source: str, **manifest: Any) -> None:
    path = whole(site.instance / "plugins", plugin, "", **manifest)
    (path / "templates").mkdir()
    (path / "templates" / name).write_text(source, "utf-8")
    site.enable(plugin)


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_a_broken_layout_of_a_plugin_leaves_its_place_to_the_core(
    bare: SiteUnderTest, source: str
) -> None:
    override(bare, "theme", "layout.html", source)

    whole_page(bare)
    assert bare.get("/nowhere/").status_code == 404
    assert ("theme", "template layout.html") in failures(bare)


def test_a_broken_override_leaves_its_place_to_the_next_plugin(bare: SiteUnderTest) -> None:
    override(bare, "second", "list.html", "second")
    override(bare, "first", "list.html", "{{ 1 / 0 }}", before=["second"])

    assert bare.get("/").text == "second"
    assert set(failures(bare)) == {("first", "template list.html")}


def test_two_broken_overrides_leave_their_places_to_the_core(bare: SiteUnderTest) -> None:
    override(bare, "second", "layout.html", "{{ nothing.at.all }}")
    override(bare, "first", "layout.html", "{{ 1 / 0 }}", before=["second"])

    whole_page(bare)
    assert {one for one, _ in failures(bare)} == {"first", "second"}


def test_an_override_that_fails_on_one_page_holds_on_the_others(bare: SiteUnderTest) -> None:
    source = "{% if status %}{{ 1 / 0 }}{% endif %}mine"
    override(bare, "theme", "layout.html", source)

    assert bare.get("/").text == "mine"
    assert "</html>" in bare.get("/nowhere/").text
    assert bare.get("/").text == "mine"


def test_a_broken_template_of_the_owner_leaves_its_place_too(bare: SiteUnderTest) -> None:
    (bare.instance / "templates" / "layout.html").write_text("{% block %}", "utf-8")

    whole_page(bare)
    assert ("core", "template layout.html") in failures(bare)


# Around requests

START = """
from flask import Blueprint
bp = Blueprint("links", __name__)

@hookimpl
def routes():
    return bp

@bp.get("/links/")
def index():
    return "links"
"""
AROUND = {
    "before: fails": "@bp.before_app_request\ndef one():\n    1 / 0",
    "before: answers a number": "@bp.before_app_request\ndef one():\n    return 5",
    "before: answers an object": "@bp.before_app_request\ndef one():\n    return object()",
    "before: exits": "@bp.before_app_request\ndef one():\n    raise SystemExit",
    "after: answers nothing": "@bp.after_app_request\ndef one(response):\n    pass",
    "after: answers a text": "@bp.after_app_request\ndef one(response):\n    return 'text'",
    "teardown": "@bp.teardown_app_request\ndef one(error):\n    1 / 0",
    "teardown exits": "@bp.teardown_app_request\ndef one(error):\n    raise SystemExit",
    "url defaults": "@bp.app_url_defaults\ndef one(endpoint, values):\n"
    "    values.clear()\n    1 / 0",
    "url values": "@bp.app_url_value_preprocessor\ndef one(endpoint, values):\n"
    "    values and values.clear()\n    1 / 0",
    "error handler": "@bp.app_errorhandler(404)\ndef one(error):\n    1 / 0",
    "error handler: odd": "@bp.app_errorhandler(404)\ndef one(error):\n    return object()",
}


@pytest.mark.parametrize("code", AROUND.values(), ids=AROUND)
def test_what_fails_around_every_page_costs_none(bare: SiteUnderTest, code: str) -> None:
    post = bare.write_post("Sous l’arbre")
    serve(bare, code)

    whole_page(bare)
    whole_page(bare, post.path)
    missing = bare.get("/nowhere/")
    assert (missing.status_code, "</html>" in missing.text) == (404, True)
    assert bare.get("/assets/core/nothing.css").status_code == 404
    assert bare.get("/links/").text == "links"
    assert set(failures(bare)) == {("links", "around requests: one")}


def test_a_plugin_may_answer_before_and_change_afterwards(bare: SiteUnderTest) -> None:
    code = """
@bp.before_app_request
def before():
    return ("closed", 503) if __import__("flask").request.path == "/" else None

@bp.after_app_request
def after(response):
    response.headers["X-Links"] = "yes"
    return response

@bp.app_errorhandler(404)
def missing(error):
    return "mine", 404
"""
    serve(bare, code)

    page = bare.get("/")
    assert (page.status_code, page.text, page.headers["X-Links"]) == (503, "closed", "yes")
    assert bare.get("/links/").text == "links"
    assert failures(bare) == {}


NAMES = """
@bp.app_template_filter("day")
def day(value):
    return 1 / 0

@bp.app_template_global("asset")
def asset(*_):
    return 1 / 0

@bp.app_template_filter("shout")
def shout(value):
    return value.upper()

@bp.app_context_processor
def context():
    return {"asset": None, "mine": "mine"}

@bp.get("/links/shown/")
def shown():
    from flask import render_template_string
    return render_template_string("{{ 'a'|shout }} {{ mine }} {{ asset is none }}")
"""


def test_names_of_the_core_in_templates_cannot_be_replaced(bare: SiteUnderTest) -> None:
    serve(bare, NAMES)

    whole_page(bare)
    assert bare.get("/links/shown/").text == "A mine False"
    found = failures(bare)
    assert "'day'" in found["links", "routes"] or "'asset'" in found["links", "routes"]
    assert "'asset'" in found["links", "around requests"]


@pytest.mark.parametrize("code", ["1 / 0", "return 5", "return {'a', 'b'}"])
def test_a_context_processor_that_fails_breaks_no_page_of_others(
    bare: SiteUnderTest, code: str
) -> None:
    serve(bare, f"@bp.app_context_processor\ndef one():\n    {code}")
    other = (
        "@bp.get('/links/shown/')\ndef shown():\n    from flask import render_template_string\n"
        "    return render_template_string('shown')"
    )
    serve(bare, other, "ties")

    assert bare.get("/ties/shown/").text == "shown"
    assert set(failures(bare)) == {("links", "around requests: one")}


# Pages of its own

PAGES = {
    "fails": "1 / 0",
    "answers an object": "return object()",
    "answers nothing": "return None",
    "exits": "raise SystemExit(3)",
    "has no template": "from blog import render\n    return render('links/none.html')",
}


@pytest.mark.parametrize("code", PAGES.values(), ids=PAGES)
def test_a_failing_page_of_a_plugin_is_an_error_page_alone(bare: SiteUnderTest, code: str) -> None:
    serve(bare, f"@bp.get('/links/bad/')\ndef bad():\n    {code}")

    page = bare.get("/links/bad/")
    assert (page.status_code, "</html>" in page.text) == (500, True)
    whole_page(bare)
    assert set(failures(bare)) == {("links", "route links.bad")}


def test_an_error_handler_of_its_own_that_fails_gets_the_page_of_the_core(
    bare: SiteUnderTest,
) -> None:
    code = "@bp.errorhandler(Exception)\ndef one(error):\n    raise error\n"
    serve(bare, f"{code}\n@bp.get('/links/bad/')\ndef bad():\n    1 / 0")

    page = bare.get("/links/bad/")
    assert (page.status_code, "</html>" in page.text) == (500, True)


def test_what_stands_before_its_own_pages_closes_them_when_it_fails(bare: SiteUnderTest) -> None:
    serve(bare, "@bp.before_request\ndef one():\n    1 / 0")

    assert bare.get("/links/").status_code == 500
    whole_page(bare)


def test_a_registration_that_exits_costs_no_page(bare: SiteUnderTest) -> None:
    serve(bare, "@bp.record\ndef one(state):\n    raise SystemExit")

    whole_page(bare)
    assert ("links", "routes") in failures(bare)


def test_every_list_of_functions_of_flask_is_known() -> None:
    from blog.blueprints import _WRAPPERS

    app = Flask("empty")
    lists = {
        name
        for name, value in vars(app).items()
        if name.endswith(("_funcs", "_functions", "_preprocessors", "_processors"))
        and isinstance(value, dict)
    }
    assert lists - {"view_functions"} == set(_WRAPPERS)


OWN_POST = """
from flask import Blueprint
from blog import hookimpl, render
bp = Blueprint("links", __name__)

@bp.get("/links/")
def links():
    return render("links/page.html", post={"of": "the plugin"})

@hookimpl
def routes():
    return bp
"""
OWN_PAGE = '{% extends "layout.html" %}{% block content %}{{ post.of }}{% endblock %}'


def test_a_page_that_calls_something_else_post_makes_nobody_else_fail(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site()
    files = {"templates/links/page.html": OWN_PAGE}
    whole(site.instance / "plugins", "links", OWN_POST, files, reach={"routes": ["/links/"]})
    site.enable("links")

    assert "the plugin" in site.get("/links/").text
    assert site.errors() == []
