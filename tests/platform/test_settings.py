"""Settings: defaults, then what is stored, then the file, then the environment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from blog import settings
from blog.db import writing
from blog.models import StoredSettings
from blog.platform.loading import Plugin
from blog.platform.settings import BadSetting, effective, parse, storable
from blog.testing import SiteUnderTest
from tests.platform.samples import imported, put, single

CODE = """
from datetime import date
from decimal import Decimal
from blog import SettingsForm
from wtforms import (
    BooleanField, DateField, DecimalField, IntegerField, SelectMultipleField, StringField
)
from wtforms.validators import InputRequired, NumberRange, ValidationError

class Settings(SettingsForm):
    allowed = IntegerField("Allowed", default=3, validators=[NumberRange(0, 9)])
    loud = BooleanField("Loud", default=True)
    name = StringField("Name", default="x", validators=[InputRequired()])
    since = DateField("Since", default=date(2026, 1, 1))
    weight = DecimalField("Weight", default=Decimal("1.5"))
    kinds = SelectMultipleField("Kinds", choices=["a", "b"], default=["a"])

    def validate_name(self, field):
        if field.data == "bad":
            raise ValidationError("not that one")
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    single(tmp_path / "plugins", "links", CODE)
    return imported(tmp_path, "links")


def test_defaults_hold_where_nothing_else_is_said(plugin: Plugin) -> None:
    found = effective(plugin, {}, {})

    assert (found.allowed, found.loud, found.name, found.kinds) == (3, True, "x", ["a"])


def test_what_is_stored_wins_over_the_default_and_the_pinned_over_both(plugin: Plugin) -> None:
    found = effective(plugin, {"allowed": 4, "name": "stored"}, {"allowed": 5})

    assert (found.allowed, found.name) == (5, "stored")


@pytest.mark.parametrize("value", ["abc", 77, None, [], "bad"])
def test_what_is_stored_and_invalid_falls_back(plugin: Plugin, value: object) -> None:
    assert effective(plugin, {"allowed": value, "name": value or "bad"}, {}).allowed == 3
    assert effective(plugin, {"name": "bad"}, {}).name == "x"


def test_what_is_stored_and_unknown_is_ignored(plugin: Plugin) -> None:
    assert not hasattr(effective(plugin, {"former": 1}, {}), "former")


def test_zero_and_false_are_values(plugin: Plugin) -> None:
    found = effective(plugin, {"loud": False}, {"allowed": 0})

    assert (found.allowed, found.loud) == (0, False)


@pytest.mark.parametrize(
    ("text", "value"), [("0", False), ("no", False), ("off", False), ("1", True), ("Yes", True)]
)
def test_switches_are_typed_as_people_type_them(plugin: Plugin, text: str, value: bool) -> None:
    assert parse(plugin, "loud", text) is value


def test_a_switch_that_is_neither_is_refused(plugin: Plugin) -> None:
    with pytest.raises(BadSetting, match="must be true or false"):
        parse(plugin, "loud", "maybe")


def test_a_misspelt_setting_names_the_nearest(plugin: Plugin) -> None:
    with pytest.raises(BadSetting, match="did you mean 'allowed'"):
        parse(plugin, "alowed", "3")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("allowed", "12", "between 0 and 9"),
        ("name", "bad", "not that one"),
        ("name", "", "required"),
    ],
)
def test_a_value_that_the_form_refuses_is_refused_in_its_words(
    plugin: Plugin, name: str, text: str, reason: str
) -> None:
    with pytest.raises(BadSetting, match=reason):
        parse(plugin, name, text)


@pytest.mark.parametrize(
    ("name", "text"), [("since", "2026-03-04"), ("weight", "2.25"), ("kinds", ["b"])]
)
def test_every_kind_of_value_survives_being_stored(plugin: Plugin, name: str, text: object) -> None:
    value = parse(plugin, name, text)

    assert getattr(effective(plugin, {name: storable(value)}, {}), name) == value


def test_the_file_wins_over_the_database_and_the_environment_over_the_file(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    put(site, "links", CODE)
    site.set("links", allowed=4, name="stored")
    (site.instance / "config.toml").write_text("[plugins.links]\nallowed = 5\nname = 'file'\n")
    environ = {**site.environ, "BLOG_PLUGIN_LINKS_NAME": "environment"}
    again = SiteUnderTest(site.instance, environ)

    with again.context():
        found = settings["links"]
        assert (found.allowed, found.name) == (5, "environment")
    again.close()


def test_a_pinned_value_that_is_refused_leaves_the_plugin_out_with_the_reason(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    put(site, "links", CODE)
    again = SiteUnderTest(site.instance, {**site.environ, "BLOG_PLUGIN_LINKS_ALOWED": "3"})

    assert again.get("/").status_code == 200
    with again.context() as current:
        assert "did you mean 'allowed'" in current.failures["links"]
    again.close()


def test_a_row_of_settings_that_is_none_breaks_no_page(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    put(site, "links", CODE)
    with site.wsgi.database_only(), writing() as write:
        write.merge(StoredSettings(owner="links", data=["x"]))
    again = SiteUnderTest(site.instance, site.environ)

    assert again.get("/").status_code == 200
    again.close()


def test_a_stored_setting_of_the_core_that_is_invalid_falls_back(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    site.set("core", timezone="Nowhere/Here", posts_per_page=0, title="Ici")
    site.write_post()

    assert "Ici" in site.get("/").text
