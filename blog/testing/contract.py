"""Hold a plugin to what every plugin promises: the contract, in one line of a test file."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from blog import schema
from blog.platform import manifest, settings
from blog.platform.check import implementations
from blog.platform.discovery import find
from blog.platform.loading import Plugin
from blog.rows import PostRow
from blog.testing.catalogues import catalogues, faults
from blog.testing.sites import SiteUnderTest

MakeSite = Callable[..., SiteUnderTest]
FEW, MANY = 2, 12
WORD = re.compile(r"[A-Z]+")
PARAMETER = re.compile(r"<[^>]*>")


class Contract:
    """Try a plugin as its owners will: each test is one promise.

    Subclass it, or write ``TestContract = contract(…)``.
    """

    plugin: ClassVar[str | Path]

    @property
    def name(self) -> str:
        """Give the plugin's name."""
        return self.plugin if isinstance(self.plugin, str) else self.plugin.stem

    @pytest.fixture
    def without(self, make_site: MakeSite) -> SiteUnderTest:
        """Give a site with what the plugin needs and not the plugin."""
        return make_site(needs_of(self.plugin))

    @pytest.fixture
    def with_it(self, without: SiteUnderTest) -> SiteUnderTest:
        """Give a site with the plugin and what it needs."""
        self.bring(without)
        return without

    def bring(self, site: SiteUnderTest) -> None:
        """Turn the plugin on."""
        if isinstance(self.plugin, str):
            site.enable(self.plugin)
        else:
            site.bring(self.plugin)

    def loaded(self, site: SiteUnderTest) -> Plugin:
        """Give the plugin as the site runs it."""
        with site.context() as current:
            plugin = current.plugin(self.name)
            assert plugin is not None, current.failures.get(self.name, "it is not on")
            return plugin

    def test_pages_are_shown_with_and_without_it(self, without: SiteUnderTest) -> None:
        """Show every page, on and off, and fail nowhere."""
        post = without.write_post()
        show_pages(without, post)
        self.bring(without)
        show_pages(without, post)
        show_routes(without, self.name)
        without.disable(self.name)
        show_pages(without, post)

        assert failures(without) == []

    def test_it_is_turned_off_and_on_again(self, with_it: SiteUnderTest) -> None:
        """Be on again after it was off, and see what came meanwhile."""
        with_it.disable(self.name)
        post = with_it.write_post()
        with_it.write_comment(post)
        with_it.enable(self.name)
        with_it.work()

        self.loaded(with_it)
        with with_it.context() as current:
            assert self.name not in current.behind, "it has not caught up"
        show_pages(with_it, post)
        assert failures(with_it) == []

    def test_uninstalling_leaves_the_schema_as_it_was(self, without: SiteUnderTest) -> None:
        """Leave no table, index or row behind."""
        if isinstance(self.plugin, str):  # a new site has the tables of bundled ones
            without.uninstall(self.name)
        before = outline(without)
        self.bring(without)
        without.write_comment(without.write_post())
        without.uninstall(self.name)

        assert outline(without) == before
        assert [one for one in before if one.is_of(self.name)] == []

    def test_it_is_installed_again_after_it_was_uninstalled(self, with_it: SiteUnderTest) -> None:
        """Begin anew."""
        with_it.uninstall(self.name)
        self.bring(with_it)

        self.loaded(with_it)
        show_pages(with_it, with_it.write_post())
        assert failures(with_it) == []

    def test_no_page_is_lost_when_every_hook_of_it_fails(
        self, with_it: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Keep pages, take comments, and show nothing that the plugin guards."""
        break_hooks(self.loaded(with_it), monkeypatch)
        with_it.set("core", title="Broken")  # the next request builds what is broken now
        post = with_it.write_post()
        guarded = with_it.write_post("Hidden", guard=self.name)

        show_pages(with_it, post)
        assert with_it.comment(post, "Bonjour", author="Ama").status_code == 303
        assert with_it.get(guarded.path).status_code == 404

    def test_it_declares_its_tables_jobs_and_routes(self, with_it: SiteUnderTest) -> None:
        """Say in the manifest what it has, so that owners know before they turn it on."""
        plugin = self.loaded(with_it)
        reach = plugin.manifest.reach
        found = tables_of(with_it, self.name)

        assert found == set(reach.get("tables", ())), "[reach] tables"
        assert jobs_of(with_it, self.name) == set(reach.get("jobs", ())), "[reach] jobs"
        starts = tuple(WORD.sub("*", one) for one in reach.get("routes", ()))
        hidden = [one for one in routes_of(with_it, self.name) if not is_declared(one, starts)]
        assert hidden == [], "[reach] routes"

    def test_every_message_of_its_catalogues_is_translated(self, with_it: SiteUnderTest) -> None:
        """Leave no text of a catalogue in another language."""
        folder = self.loaded(with_it).folder
        found = list(catalogues(folder)) if folder else []
        if not found:
            pytest.skip("it has no catalogue")

        assert [fault for file in found for fault in faults(file)] == []

    def test_a_page_costs_no_more_statements_with_more_on_it(self, with_it: SiteUnderTest) -> None:
        """Ask the database for a whole page at once, never item by item."""
        post = with_it.write_post()
        for number in range(FEW):
            with_it.write_comment(post, f"Bonjour {number}")
            with_it.write_post(f"Article {number}")
        few = [with_it.statements(one) for one in ("/", post.path)]
        for number in range(MANY):
            with_it.write_comment(post, f"Bonsoir {number}")
            with_it.write_post(f"Histoire {number}")
        with_it.set("core", posts_per_page=MANY * 2)

        many = [with_it.statements(one) for one in ("/", post.path)]
        assert [max(0, now - then) for now, then in zip(many, few, strict=True)] == [0, 0]

    def test_the_defaults_of_its_settings_are_accepted(self, with_it: SiteUnderTest) -> None:
        """Begin with settings that its own form takes."""
        plugin = self.loaded(with_it)
        form = settings.form_of(plugin)
        with with_it.context():
            for field, one in (form()._fields if form else {}).items():
                settings.parse(plugin, field, settings.storable(one.data))


def contract(plugin: str | Path) -> type[Contract]:
    """Make the tests of a plugin, by its name or the path of its file or folder.

    ``TestContract = contract(Path("instance/plugins/proverb.py"))``
    """
    path = plugin if isinstance(plugin, str) else Path(plugin).resolve()
    return type("TestContract", (Contract,), {"plugin": path})


def needs_of(plugin: str | Path) -> list[str]:
    """Name the plugins that one needs, and those that they need."""
    known = find(Path("nowhere"))
    first = known[plugin].manifest if isinstance(plugin, str) else manifest.read(plugin)
    needed: list[str] = []
    waiting = [one.name for one in first.requires] if first else []
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.append(name)
            other = known[name].manifest if name in known else None
            waiting += [one.name for one in other.requires] if other else []
    return needed


def show_pages(site: SiteUnderTest, post: PostRow) -> None:
    """Ask for the pages that every site has."""
    for path in ("/", post.path, f"{post.path}?replytocom=1"):
        answer = site.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
    assert site.get("/nothing-is-here/").status_code == 404


def show_routes(site: SiteUnderTest, plugin: str) -> None:
    """Ask for each page of a plugin that needs nothing else to be known."""
    for route in routes_of(site, plugin):
        if "<" not in route:
            assert site.get(route).status_code < 500, route


def failures(site: SiteUnderTest) -> list[str]:
    """List where plugins failed."""
    site.work()
    return [f"{one.plugin} failed in {one.hook}: {one.message}" for one in site.errors()]


def outline(site: SiteUnderTest) -> Mapping[Any, str]:
    """Give all that the database holds besides rows."""
    with site.wsgi.database.reader.connect() as connection:
        return schema.outline(connection)


def tables_of(site: SiteUnderTest, plugin: str) -> set[str]:
    """Name the tables that begin with a plugin's name, but for virtual ones and their shadows."""
    real = {one.name for one in outline(site) if one.kind == schema.TABLE}
    return {one for one in real if one.startswith(f"{plugin}_")} - {f"{plugin}_version"}


def jobs_of(site: SiteUnderTest, plugin: str) -> set[str]:
    """Name the jobs of a plugin."""
    with site.context() as current:
        answer = current.table.ask(plugin, "jobs")
    return set(answer or ())


def routes_of(site: SiteUnderTest, plugin: str) -> Iterator[str]:
    """Give the addresses of a plugin that answer when a page is asked for."""
    with site.context():
        rules = list(site.wsgi.served().app.url_map.iter_rules())
    for rule in rules:
        if rule.endpoint.startswith(f"{plugin}.") and "GET" in (rule.methods or ()):
            yield rule.rule


def is_declared(route: str, starts: tuple[str, ...]) -> bool:
    """Tell whether an address begins like one that the manifest names.

    Words in capitals stand for what differs: ``/setup/TOKEN``.
    """
    return PARAMETER.sub("*", route).startswith(starts)


def break_hooks(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every hook of a plugin fail from the next generation on."""
    for name, function in named(plugin):
        monkeypatch.setattr(plugin.module, name, broken(function))


def named(plugin: Plugin) -> Iterator[tuple[str, Any]]:
    """Give the implementations of a plugin by the names that its module has for them."""
    functions = [function for function, _ in implementations(plugin.module)]
    for name, value in list(vars(plugin.module).items()):
        if any(value is one for one in functions):
            yield name, value


def broken(function: Any) -> Any:
    """Give a function in the place of another, with its arguments, that fails."""

    @functools.wraps(function)
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{function.__name__} fails, to see what is lost")

    return fail
