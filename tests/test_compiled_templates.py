"""A server keeps compiled templates in the site's folder, so that its next start has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from blog import render_part
from blog.site import COMPILED, Site
from blog.templating import stored_bytecode
from blog.testing import SiteUnderTest

SOUND = "{{ 1 + 1 }}"


@pytest.fixture
def site(site: SiteUnderTest) -> SiteUnderTest:
    """Serve a site that has started once."""
    (site.instance / "templates" / "sum.html").write_text(SOUND, "utf-8")
    assert shown_by_next_start(site) == "2"
    return site


def compiled(site: SiteUnderTest) -> list[Path]:
    """Name the files of compiled templates."""
    return [one for one in (site.instance / COMPILED).rglob("*") if one.is_file()]


def shown_by_next_start(site: SiteUnderTest) -> str:
    """Show a template of the instance as a server does that starts now."""
    started = Site(site.instance, environ=site.environ)
    try:
        started.hold_back()
        started.warm_up()
        with started.context(), started.served().app.test_request_context():
            return str(render_part("sum.html"))
    finally:
        started.close()


def test_the_next_start_has_what_was_compiled(site: SiteUnderTest) -> None:
    before = {one: one.stat().st_ino for one in compiled(site)}

    shown_by_next_start(site)

    assert len(before) >= 4
    assert {one: one.stat().st_ino for one in before} == before


@pytest.mark.parametrize("address", ["", "https://blog.example"])
def test_the_first_page_and_the_newest_post_are_shown(
    make_site: Callable[..., SiteUnderTest], address: str
) -> None:
    site = make_site([], site_url=address)
    site.write_post()
    site.wsgi.warm_up()
    with site.context():
        kept = site.wsgi.served().app.jinja_env.cache

    assert kept is not None
    assert {"list.html", "post.html"} <= {name for _, name in kept.keys()}  # noqa: SIM118 - no mapping


def test_only_the_owner_can_read_and_write_there(site: SiteUnderTest) -> None:
    assert (site.instance / COMPILED).stat().st_mode & 0o777 == 0o700


def test_a_changed_template_is_compiled_again(site: SiteUnderTest) -> None:
    (site.instance / "templates" / "sum.html").write_text("{{ 1 + 2 }}", "utf-8")

    assert shown_by_next_start(site) == "3"


@pytest.mark.parametrize("kept", [0, 20, 200])
def test_a_damaged_file_is_compiled_again(site: SiteUnderTest, kept: int) -> None:
    for one in compiled(site):
        one.write_bytes(one.read_bytes()[:kept] + b"\xff" * 9)

    assert shown_by_next_start(site) == "2"


def test_a_folder_that_cannot_be_written_costs_time_only(site: SiteUnderTest) -> None:
    for one in compiled(site):
        one.unlink()
    for folder in (site.instance / COMPILED).iterdir():
        folder.rmdir()
        folder.write_text("no folder", "utf-8")

    assert shown_by_next_start(site) == "2"


def test_what_older_code_compiled_goes(site: SiteUnderTest) -> None:
    older = site.instance / COMPILED / "0123456789abcdef"
    older.mkdir()

    stored_bytecode(site.instance / COMPILED)

    assert not older.exists()
    assert compiled(site)
