"""Collisions: what two plugins claim is refused or reported, with both names."""

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from blog import addresses, control
from blog.cli import palabre
from blog.platform import routes
from blog.platform.check import PluginRefused
from blog.platform.checking import check
from blog.platform.checks.beside import without_site
from blog.platform.collisions import CORE_COMMANDS, CORE_ROUTES
from blog.platform.routes import Route
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, turn_on, whole

GET = frozenset({"GET", "HEAD"})
PAGE = """
from flask import Blueprint
bp = Blueprint("{name}", __name__)

@bp.{method}("{rule}")
def page(**_):
    return "{name} answers"

@hookimpl
def routes():
    return bp
"""
COMMAND = """
import click

@hookimpl
def commands():
    return {{"{words}": click.Command("x")}}
"""


def page(name: str, rule: str, method: str = "get") -> str:
    return PAGE.format(name=name, rule=rule, method=method)


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def give(site: SiteUnderTest, name: str, rule: str, method: str = "get") -> None:
    put(site, name, page(name, rule, method), reach={"routes": [rule]})


@pytest.mark.parametrize("names", [("first", "second"), ("second", "first")])
def test_an_address_that_another_plugin_has_is_refused_at_enabling_with_both_names(
    bare: SiteUnderTest, names: tuple[str, str]
) -> None:
    give(bare, names[0], "/links/")

    with pytest.raises(PluginRefused) as refused:
        give(bare, names[1], "/links/")

    assert names[0] in str(refused.value)
    assert names[1] in str(refused.value)
    assert bare.get("/links/").text == f"{names[0]} answers"


def test_the_later_of_two_that_are_on_is_left_out_with_both_names(bare: SiteUnderTest) -> None:
    for name in ("first", "second"):
        single(
            bare.instance / "plugins", name, page(name, "/links/"), reach={"routes": ["/links/"]}
        )
    turn_on(bare, "first", "second")

    assert bare.get("/links/").text == "first answers"
    with bare.context() as current:
        assert current.failures["second"] == (
            "answers at /links/, where first answers too: disable one of the two"
        )


def test_one_address_may_be_read_by_one_and_written_by_another(bare: SiteUnderTest) -> None:
    give(bare, "first", "/links/")
    give(bare, "second", "/links/", "post")

    with bare.context() as current:
        assert not current.failures


@pytest.mark.parametrize(
    "rule", ["/", "/2025/", "/assets/a/b.css", "/<four:year>/", "/favicon.ico"]
)
def test_an_address_of_the_core_is_refused(bare: SiteUnderTest, rule: str) -> None:
    with pytest.raises(PluginRefused, match="the core"):
        give(bare, "links", rule)


@pytest.mark.parametrize("rule", ["/<slug>/", "/<path:all>", "/<a>/<b>"])
def test_an_address_that_is_every_posts_is_refused(bare: SiteUnderTest, rule: str) -> None:
    with pytest.raises(PluginRefused, match=r"every address of a post|the core answers"):
        give(bare, "links", rule)


def test_an_address_that_is_a_posts_already_is_refused_with_its_title(
    bare: SiteUnderTest,
) -> None:
    bare.set("core", permalink="/{slug}/")
    bare.write_post("Links")

    give(bare, "first", "/links/<int:number>/")
    for rule in ("/links/", "/links"):
        with pytest.raises(PluginRefused, match="the post “Links”: give that another slug first"):
            give(bare, "second", rule)


def test_a_post_gets_no_address_that_a_plugin_answers(bare: SiteUnderTest) -> None:
    give(bare, "links", "/links/")
    bare.set("core", permalink="/{slug}/")

    assert bare.write_post("Links").path == "/links-2/"


@pytest.mark.exact_site("it lists every address of the core, and no other")
def test_the_list_of_the_cores_addresses_is_what_an_application_answers(
    bare: SiteUnderTest,
) -> None:
    with bare.context():
        found: dict[str, set[str]] = {}
        for one in bare.wsgi.served().app.url_map.iter_rules():
            found.setdefault(one.rule, set()).update((one.methods or set()) - {"OPTIONS"})

    catch_all = found.pop("/<path:path>")
    assert catch_all == {"GET", "HEAD"}
    assert found == {one.rule: set(one.methods) for one in CORE_ROUTES}


def test_every_address_of_core_and_bundle_is_kept_from_posts(site: SiteUnderTest) -> None:
    with site.context():
        rules = [one.rule for one in site.wsgi.served().app.url_map.iter_rules()]
    firsts = {one.split("/")[1] for one in rules} - {""}

    assert {one for one in firsts if "<" not in one} <= addresses.RESERVED


def test_the_list_of_the_cores_commands_is_complete() -> None:
    found = {
        f"{word} {below}".strip()
        for word, one in palabre.commands.items()
        for below in (one.commands if isinstance(one, click.Group) else [""])
    }

    assert found == CORE_COMMANDS


def test_bundled_plugins_claim_nothing_twice(site: SiteUnderTest) -> None:
    with site.context() as current:
        assert not current.failures
        assert control.shared_templates() == {}


def test_a_command_that_another_plugin_has_is_refused_with_its_name(bare: SiteUnderTest) -> None:
    put(bare, "first", COMMAND.format(words="count links"))

    with pytest.raises(PluginRefused, match="second: adds the command 'count links', which first"):
        put(bare, "second", COMMAND.format(words="count links"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("serve", "which the core has"),
        ("plugins list", "which the core has"),
        ("run fast", "where the core has 'run'"),
        ("plugins list all", "where the core has 'plugins list'"),
        ("posts", "where the core has 'posts "),
    ],
)
def test_a_command_at_a_place_of_the_core_is_refused(
    bare: SiteUnderTest, words: str, said: str
) -> None:
    with pytest.raises(PluginRefused, match=f"adds the command '{words}', {said}"):
        put(bare, "links", COMMAND.format(words=words))


@pytest.mark.slow
def test_a_command_of_the_core_is_found_by_the_check_at_its_line(tmp_path: Path) -> None:
    path = single(tmp_path, "links", COMMAND.format(words="plugins list"))

    [found] = check(path, without_site()).findings

    assert (found.code, found.line, found.mend) == ("command-taken", 12, "give it another name")


@pytest.mark.parametrize("words", ["plugins list", "run fast"])
def test_a_plugin_that_is_on_with_a_command_of_the_core_is_left_out(
    bare: SiteUnderTest, words: str
) -> None:
    single(bare.instance / "plugins", "links", COMMAND.format(words=words))
    turn_on(bare, "links")

    with bare.context() as current:
        assert f"adds the command '{words}'" in current.failures["links"]


def test_a_command_where_another_plugin_has_one_is_refused(bare: SiteUnderTest) -> None:
    put(bare, "first", COMMAND.format(words="count"))

    with pytest.raises(PluginRefused, match="'count links', where first has 'count': disable"):
        put(bare, "second", COMMAND.format(words="count links"))


def test_templates_that_two_plugins_have_are_named_in_order(bare: SiteUnderTest) -> None:
    for name in ("second", "first"):
        files = {"templates/post.html": "{{ title }}", f"templates/{name}/own.html": ""}
        whole(bare.instance / "plugins", name, "", files)
        bare.enable(name)

    with bare.context():
        assert control.shared_templates() == {"post.html": ["first", "second"]}


@pytest.mark.parametrize(
    ("rule", "path", "answer"),
    [
        ("/a/<int:b>/", "/a/7/", True),
        ("/a/<int:b>/", "/a/x/", False),
        ("/a/<b>.atom", "/a/7.atom", True),
        ("/a/<path:b>", "/a/b/c", True),
        ("/a/<b>", "/a/b/c", False),
        ("/a.b", "/aXb", False),
        ("/a/<any(x, y):b>/c", "/a/x/c", True),
    ],
)
def test_an_address_answers_paths_as_flask_reads_it(rule: str, path: str, answer: bool) -> None:
    assert routes.answers(rule, path) is answer


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("/links/", "/links", True),
        ("/links/<int:number>", "/links/<name>", True),
        ("/links/<name>", "/links/new", True),
        ("/links/<four:year>/", "/links/2025", True),
        ("/links/<int:number>", "/links/new", False),
        ("/links/", "/link/", False),
    ],
)
def test_addresses_overlap_when_one_is_a_case_of_the_other(
    one: str, other: str, answer: bool
) -> None:
    assert routes.overlap(Route(one, GET), Route(other, GET)) is answer
    assert routes.overlap(Route(other, GET), Route(one, GET)) is answer


def test_addresses_overlap_only_with_a_method_in_common() -> None:
    assert not routes.overlap(Route("/a/<b>", GET), Route("/a/<b>", frozenset({"POST"})))
