"""Chaos: a plugin that fails in every hook costs nobody a page, and shows nothing hidden."""

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import select

from blog import PostRow, Status, comments, hookspecs, session
from blog.kinds import Kind
from blog.models import PluginError
from blog.platform.discovery import Place, find
from blog.testing import SiteUnderTest
from tests.platform.samples import single

RAISING = ("raise RuntimeError('chaos')", "raise SystemExit('chaos')")
ANSWERS = ("object()", "5", "'text'", "[object()]", "[None]", "{'x': object()}", "{1: 'text'}")
SECRET = "Sous le sceau"


def declarations() -> Iterator[ModuleType]:
    """Give the hooks of the core and of every bundled plugin that declares some."""
    yield hookspecs
    for name, found in find(Path("nowhere")).items():
        if found.place is Place.BUNDLED and util.find_spec(f"{found.module}.hookspecs"):
            yield import_module(f"blog_plugins.{name}.hookspecs")


def hooks() -> dict[str, Callable[..., object]]:
    """Give every declared hook by its name."""
    return {
        name: function
        for module in declarations()
        for name, function in vars(module).items()
        if hasattr(function, "palabre_hook")
    }


def chaos(body: str) -> str:
    """Write a plugin that does the same thing in every hook."""
    return "\n".join(
        f"@hookimpl(optionalhook=True)\ndef {name}({', '.join(inspect.signature(one).parameters)}):"
        f"\n    {body}\n"
        for name, one in hooks().items()
    )


@pytest.fixture
def bring(site: SiteUnderTest) -> Callable[[str], SiteUnderTest]:
    """Enable chaos in front of every bundled plugin, on a site that is used."""

    def bring(body: str) -> SiteUnderTest:
        others = [name for name, one in find(Path("nowhere")).items() if not one.problem]
        single(site.instance / "plugins", "chaos", chaos(body), before=others)
        site.enable("chaos")
        return site

    return bring


BODIES = [*RAISING, *(f"return {one}" for one in ANSWERS)]
QUICK = (RAISING[0], f"return {ANSWERS[0]}")
PARAMS = [
    pytest.param(body, id=body, marks=() if body in QUICK else pytest.mark.slow) for body in BODIES
]


@pytest.fixture(params=PARAMS)
def chaotic(request: pytest.FixtureRequest, bring: Callable[[str], SiteUnderTest]) -> SiteUnderTest:
    """Give a site with one kind of chaos."""
    return bring(request.param)


@pytest.mark.needs("accounts", "admin", "feeds")
def test_every_page_is_still_there_and_every_comment_is_taken(chaotic: SiteUnderTest) -> None:
    site = chaotic
    post = site.write_post("Bonjour", "Un **texte** avec un mot.")
    first = site.write_comment(post, "Premier mot")
    guarded = site.write_post(SECRET, guard="chaos")
    site.write_comment(guarded, "Caché aussi")

    for path in ("/", post.path, f"{post.path}?replytocom={first.number}", "/login/", "/feed/",
                 "/comments/feed/", f"{post.path}feed/", "/2026/"):  # fmt: skip
        shown = site.get(path, follow_redirects=True)
        assert shown.status_code == 200, path
        assert SECRET not in shown.text
        assert "Caché aussi" not in shown.text
    assert f'id="comment-{first.number}"' in site.get(post.path).text
    assert site.get(guarded.path).status_code == 404
    assert site.get("/nothing-here/").status_code == 404
    assert site.get("/admin/").status_code in (302, 303, 403)

    answer = site.comment(post, "Un mot de plus", author="Ama")
    assert answer.status_code == 303
    assert "Ama" in site.follow(answer).text
    assert site.comment(post, "").status_code == 422
    number = int(re.search(r"comment=(\d+)", answer.headers["Location"])[1])  # type: ignore[index]
    assert kept(site, post, number) is Status.PENDING
    check_errors(site)


def kept(site: SiteUnderTest, post: PostRow, number: int) -> Status:
    """Give the status of a comment."""
    with site.context():
        return comments.numbered(post, number).status


def check_errors(site: SiteUnderTest) -> None:
    """See that chaos is named as the one that fails, and nobody else."""
    site.work()
    with site.context():
        rows = list(session.execute(select(PluginError.plugin, PluginError.hook)))
    assert {plugin for plugin, _ in rows} == {"chaos"}
    assert {"check_comment", "thread_page", "may_read"} <= {hook for _, hook in rows}


@pytest.mark.needs("admin", "threads")
def test_the_admin_works_and_lists_what_failed(
    chaotic: SiteUnderTest, owner: SiteUnderTest
) -> None:
    chaotic.write_comment(chaotic.write_post(), status=Status.PENDING)
    chaotic.get("/")
    chaotic.work()

    for path in ("/admin/", "/admin/posts", "/admin/pages", "/admin/posts/new", "/admin/posts/1",
                 "/admin/comments", "/admin/comments/1", "/admin/plugins", "/admin/settings",
                 "/admin/plugins/threads/settings"):  # fmt: skip
        assert owner.get(path).status_code == 200, path
    assert "chaos" in owner.get("/admin/plugins").text


def test_chaos_can_be_turned_off(chaotic: SiteUnderTest) -> None:
    chaotic.disable("chaos")

    assert chaotic.get("/").status_code == 200


def test_chaos_takes_part_in_every_hook_that_is_declared(
    bring: Callable[[str], SiteUnderTest],
) -> None:
    site = bring(RAISING[0])

    with site.context() as current:
        kinds = {hook.info.kind for hook in current.table}
        missing = [
            one.name for one in current.table if not current.table.implements("chaos", one.name)
        ]
    assert missing == []
    assert kinds == set(Kind)


FIELDS = {
    "a field that cannot be made": "{'chaos_x': StringField(nonsense=1)}",
    "a filter that fails": "{'chaos_x': StringField(filters=[lambda _: 1 / 0])}",
    "a validator that fails": "{'chaos_x': StringField(validators=[lambda *_: 1 / 0])}",
    "a field of the core": "{'comment': StringField(), 'chaos_x': StringField()}",
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_a_field_that_breaks_stops_no_comment(site: SiteUnderTest, fields: str) -> None:
    code = "from wtforms import StringField\n@hookimpl\ndef comment_form_fields():\n    return "
    single(site.instance / "plugins", "chaos", code + fields)
    site.enable("chaos")
    post = site.write_post()

    assert site.get(post.path).status_code == 200
    assert site.comment(post, "Un mot", chaos_x="x").status_code == 303


REACH = {"reach": {"routes": ["/chaos"]}}
AROUND = """
from flask import Blueprint
bp = Blueprint({name!r}, __name__)

@bp.before_app_request
def before():
    1 / 0

@bp.after_app_request
def after(response):
    1 / 0

@bp.get("/chaos")
def chaos():
    return "chaos"

@hookimpl
def routes():
    return bp
"""


def test_what_fails_around_every_request_costs_no_page(site: SiteUnderTest) -> None:
    single(site.instance / "plugins", "chaos", AROUND.format(name="chaos"), **REACH)
    site.enable("chaos")

    assert site.get("/").status_code == 200
    assert site.get("/chaos").text == "chaos"
    site.work()
    with site.context():
        failed = set(session.scalars(select(PluginError.hook)))
    assert failed == {"around requests: before", "around requests: after"}


def test_a_blueprint_is_named_like_its_plugin(site: SiteUnderTest) -> None:
    single(site.instance / "plugins", "chaos", AROUND.format(name="core"), **REACH)
    site.enable("chaos")

    assert site.get("/").status_code == 200
    assert site.get("/chaos").status_code == 404


def test_a_page_of_a_plugin_that_fails_is_recorded_with_its_name(site: SiteUnderTest) -> None:
    code = AROUND.format(name="chaos").replace('return "chaos"', "1 / 0")
    single(site.instance / "plugins", "chaos", code, **REACH)
    site.enable("chaos")

    assert site.get("/chaos").status_code == 500
    site.work()
    with site.context():
        assert "route chaos.chaos" in set(session.scalars(select(PluginError.hook)))
