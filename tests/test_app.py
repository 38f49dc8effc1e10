"""An application: what plugins may do around requests, and what no GET does."""

import pytest

from blog.testing import SiteUnderTest

GUARD = '''"""Let nobody in."""
# /// plugin
# title = "Wall"
# version = "1.0"
# api = 1
# ///

from flask import Blueprint

from blog import hookimpl, identity

bp = Blueprint("wall", __name__)


@bp.before_app_request
def stop():
    identity.require("wall.pass")


@hookimpl
def routes():
    return bp
'''
WRITER = '''"""Write while a page is read."""
# /// plugin
# title = "Scribe"
# version = "1.0"
# api = 1
# ///

from blog import StoredSettings, hookimpl, writing


@hookimpl
def posts_loaded(posts):
    with writing() as session:
        session.execute("DELETE FROM post")
'''


def test_a_plugin_may_refuse_every_request(site: SiteUnderTest) -> None:
    site.place("wall", GUARD)

    assert site.get("/").status_code == 403
    site.work()
    assert site.errors() == []


def test_no_plugin_writes_while_a_page_is_read(site: SiteUnderTest) -> None:
    site.place("scribe", WRITER.replace("StoredSettings, ", ""))
    site.write_post("Il est là")

    page = site.get("/")
    site.work()

    assert page.status_code == 200
    assert "Il est là" in page.text
    assert [row.plugin for row in site.errors()] == ["scribe"]
    assert "a GET never writes" in site.errors()[0].message


@pytest.mark.needs("admin")
def test_a_slash_too_many_leads_to_the_page(site: SiteUnderTest) -> None:
    assert site.get("/admin/comments/").headers["Location"] == "/admin/comments"
    assert site.get("/nowhere/").status_code == 404


def test_each_blueprint_of_the_core_has_its_own_pages_alone(site: SiteUnderTest) -> None:
    with site.context():
        functions = site.wsgi.served().app.view_functions.items()
    places = {name.rpartition(".")[0]: set[str]() for name, _ in functions}
    for name, function in functions:
        places[name.rpartition(".")[0]].add(function.__module__)

    assert places["core"] == {"blog.views"}
    assert places["core.trial"] == {"blog.banner"}
