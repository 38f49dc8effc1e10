"""A hook that goes is told to whoever still uses it."""

import json
import warnings
from collections.abc import Callable

import pytest

from blog.kinds import PluginDeprecation
from blog.testing import SiteUnderTest
from tests.platform.samples import single, whole
from tests.shell import shell

SPECS = """
from collections.abc import Sequence
from blog import Kind, hookspec

@hookspec(kind=Kind.COLLECT, since="1.0", deprecated="use links_shown instead", removed_in="3.0")
def links_wanted() -> Sequence[str]:
    \"\"\"Ask for links.\"\"\"

@hookspec(kind=Kind.COLLECT, since="1.1")
def links_shown() -> Sequence[str]:
    \"\"\"Show links.\"\"\"
"""
OLD = "@hookimpl\ndef links_wanted():\n    return []\n"
NEW = OLD.replace("links_wanted", "links_shown")


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with a plugin that declares an old hook and a new one."""
    made = make_site([])
    whole(made.instance / "plugins", "links", "from . import hookspecs", {"hookspecs.py": SPECS})
    made.enable("links")
    return made


def test_the_author_is_warned_with_plugin_hook_line_and_what_to_use(site: SiteUnderTest) -> None:
    single(site.instance / "plugins", "proverb", OLD)

    with pytest.warns(PluginDeprecation) as told:
        site.enable("proverb")

    said = "proverb: the hook links_wanted is deprecated and gone in 3.0: use links_shown instead"
    assert str(told[0].message) == said
    assert told[0].filename.endswith("proverb.py")
    assert told[0].lineno > 1


def test_a_plugin_that_uses_it_still_runs(site: SiteUnderTest) -> None:
    with pytest.warns(PluginDeprecation):
        site.place("proverb", single(site.instance / "plugins", "proverb", OLD).read_text("utf-8"))

    with site.context() as current:
        assert current.table.implements("proverb", "links_wanted")


def test_who_uses_the_new_hook_hears_nothing(site: SiteUnderTest) -> None:
    single(site.instance / "plugins", "proverb", NEW)

    with warnings.catch_warnings():
        warnings.simplefilter("error", PluginDeprecation)
        site.enable("proverb")
        site.get("/")

    assert site.errors() == []


def test_the_check_tells_it_and_refuses_nothing(
    site: SiteUnderTest, site_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLOG_DATABASE_URL", site_database_url)
    path = single(site.instance / "plugins", "proverb", OLD)

    said = shell(site.instance.parent, "plugins", "check", str(path), "--json")

    (found,) = json.loads(said.out)
    assert (said.code, found["code"], found["severity"]) == (0, "deprecated", "warning")
    assert "gone in 3.0" in found["message"]
    assert found["mend"] == "use links_shown instead"
