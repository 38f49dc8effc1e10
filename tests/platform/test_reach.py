"""Reach: what a plugin has and does not declare keeps it off, and its owner reads the rest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from blog.platform import reach, routes
from blog.platform.check import PluginRefused
from blog.platform.discovery import find
from blog.testing import SiteUnderTest
from tests.platform.samples import imported, put, turn_on, whole

CODE = """
from flask import Blueprint
from blog import SecretField, SettingsForm, hookimpl
from .models import Base

bp = Blueprint("links", __name__, url_prefix="/links")

class Settings(SettingsForm):
    token = SecretField("Token")

@bp.get("/<int:number>")
def page(number):
    return "here"

@hookimpl
def routes():
    return bp

@hookimpl
def jobs():
    return {"check": lambda payload: None}
"""
MODELS = """
from blog import plugin_base
from sqlalchemy.orm import Mapped, mapped_column

Base = plugin_base(__name__)

class Link(Base):
    __tablename__ = "links_link"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
WHOLE = {
    "tables": ["links_link"],
    "routes": ["/links/"],
    "secrets": ["token"],
    "jobs": ["check"],
}


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def folder(instance: Path, declared: dict[str, list[str]], models: str = MODELS) -> None:
    whole(instance / "plugins", "links", CODE, {"models.py": models}, reach=declared)


def test_what_is_declared_is_all_that_is_found(tmp_path: Path) -> None:
    folder(tmp_path, WHOLE)
    plugin = imported(tmp_path, "links")

    assert reach.undeclared(plugin) == {}
    reach.check(plugin)


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("tables", 'tables = ["links_link"]'),
        ("routes", 'routes = ["/links/<int:number>"]'),
        ("secrets", 'secrets = ["token"]'),
        ("jobs", 'jobs = ["check"]'),
    ],
)
def test_what_is_not_declared_is_refused_with_the_line_to_add(
    tmp_path: Path, missing: str, named: str
) -> None:
    folder(tmp_path, {key: value for key, value in WHOLE.items() if key != missing})

    with pytest.raises(PluginRefused) as refused:
        reach.check(imported(tmp_path, "links"))

    assert f"add to [reach] {named}" in str(refused.value)


def test_an_undeclared_address_is_refused_at_enabling(bare: SiteUnderTest) -> None:
    with pytest.raises(PluginRefused, match="links: has what its manifest does not declare"):
        put(bare, "links", CODE.replace("from .models import Base", ""))


def test_a_plugin_that_is_on_and_declares_too_little_is_left_out(bare: SiteUnderTest) -> None:
    folder(bare.instance, {})
    turn_on(bare, "links")

    assert bare.get("/links/1").status_code == 404
    with bare.context() as current:
        assert "does not declare" in current.failures["links"]


@pytest.mark.parametrize("table", ["post", "threads_link", "links_version"])
def test_a_table_that_is_not_its_own_is_refused(tmp_path: Path, table: str) -> None:
    folder(tmp_path, {**WHOLE, "tables": [table]}, MODELS.replace("links_link", table))

    with pytest.raises(PluginRefused, match=f"keeps the table '{table}'"):
        reach.check(imported(tmp_path, "links"))


def test_bundled_plugins_declare_what_they_have(site: SiteUnderTest) -> None:
    with site.context() as current:
        missing = {one.name: reach.undeclared(one) for one in current.plugins}

    assert {name: found for name, found in missing.items() if found} == {}


def test_the_owner_reads_what_a_plugin_touches_and_it_is_not_imported(
    bare: SiteUnderTest,
) -> None:
    declared = {"hosts": ["*"], "routes": ["/links/"], "files": ["links/"]}
    whole(bare.instance / "plugins", "links", "raise RuntimeError", reach=declared)

    manifest = find(bare.instance)["links"].manifest
    assert manifest is not None
    assert reach.lines(manifest.reach) == [
        "talks to: any host",
        "answers at: /links/",
        "touches files: links/",
    ]


@pytest.mark.parametrize(
    ("rule", "declared", "answer"),
    [
        ("/links/", ["/links/"], True),
        ("/links", ["/links/"], True),
        ("/links/<int:number>", ["/links/"], True),
        ("/links/<int:number>", ["/links/NUMBER"], True),
        ("/links/<int:number>.atom", ["/links/ID.atom"], True),
        ("/links/new", ["/links/<x>"], False),
        ("/links/new", ["/link"], False),
        ("/linksnew", ["/links/"], False),
        ("/links/", ["/"], False),
        ("/", ["/"], True),
    ],
)
def test_an_address_is_declared_by_itself_or_by_what_is_above(
    rule: str, declared: list[str], answer: bool
) -> None:
    assert routes.is_declared(rule, declared) is answer
