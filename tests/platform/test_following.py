"""Template overrides: each can extend the next one of its name, through every level."""

from collections.abc import Callable

import pytest

from blog.testing import SiteUnderTest
from tests.platform.samples import whole

EXTENDING = (
    '{{% extends "next/post.html" %}}{{% block content %}}{0} [{{{{ super() }}}}]{{% endblock %}}'
)


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def override(site: SiteUnderTest, name: str, text: str, template: str = "post.html") -> None:
    whole(site.instance / "plugins", name, "", {f"templates/{template}": text})
    site.enable(name)


def place(site: SiteUnderTest, text: str, template: str = "post.html") -> None:
    path = site.instance / "templates" / template
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def shown(site: SiteUnderTest, *words: str) -> list[str]:
    """Give the words that a post's page shows, in their order."""
    post = site.write_post("Sous l’arbre")
    page = site.get(post.path).text
    assert "Sous l’arbre</h1>" in page
    return sorted((one for one in words if f"{one} [" in page), key=page.index)


def test_overrides_extend_one_another_from_the_site_down_to_the_core(bare: SiteUnderTest) -> None:
    override(bare, "second", EXTENDING.format("second plugin"))
    override(bare, "first", EXTENDING.format("first plugin"))
    place(bare, EXTENDING.format("the site’s own"))

    words = ("the site’s own", "first plugin", "second plugin")
    assert shown(bare, *words) == list(words)


def test_the_next_one_is_that_of_the_generation(bare: SiteUnderTest) -> None:
    override(bare, "second", EXTENDING.format("second plugin"))
    override(bare, "first", EXTENDING.format("first plugin"))
    assert shown(bare, "first plugin", "second plugin") == ["first plugin", "second plugin"]

    bare.disable("second")
    assert shown(bare, "first plugin", "second plugin") == ["first plugin"]
    bare.enable("second")
    bare.disable("first")
    assert shown(bare, "first plugin", "second plugin") == ["second plugin"]


def test_a_template_of_a_plugin_is_extended_from_another_plugin(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site(["accounts"])
    text = '{% extends "next/accounts/login.html" %}{% block title %}Ici{% endblock %}'
    override(site, "door", text, "accounts/login.html")

    page = site.get("/login/").text
    assert "<title>Ici" in page
    assert 'type="password"' in page


def test_a_part_may_be_included_from_the_next_one(bare: SiteUnderTest) -> None:
    override(bare, "first", 'first plugin [{% include "next/error.html" %}]', "error.html")

    page = bare.get("/nowhere/").text
    assert "first plugin [" in page
    assert "<h1" in page


def test_an_override_without_a_next_one_is_named_and_the_page_of_others_stays(
    bare: SiteUnderTest,
) -> None:
    text = '{% extends "next/nothing.html" %}'
    override(bare, "first", text)
    post = bare.write_post("Sous l’arbre")

    assert "Sous l’arbre</h1>" in bare.get(post.path).text
    bare.work()
    error = next(one for one in bare.errors() if one.plugin == "first")
    assert "the next nothing.html after that of first" in error.message


def test_a_broken_one_in_the_middle_is_left_out_of_the_chain(bare: SiteUnderTest) -> None:
    override(bare, "second", EXTENDING.format("second plugin").replace("super()", "1 // 0"))
    override(bare, "first", EXTENDING.format("first plugin"))

    assert shown(bare, "first plugin", "second plugin") == ["first plugin"]
    bare.work()
    assert "second" in {one.plugin for one in bare.errors()}
