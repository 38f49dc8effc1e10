"""Settings: defaults, then what is stored, then the file, then the environment."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from wtforms import StringField

from blog import SettingsForm, control, session, settings
from blog.db import writing
from blog.models import PluginState, StoredSettings
from blog.platform import archive, lifecycle, states
from blog.platform.check import PluginRefused
from blog.platform.loading import Plugin
from blog.platform.settings import (
    BadSetting,
    effective,
    parse,
    shown,
    storable,
    tried,
)
from blog.testing import SiteUnderTest
from tests.platform.samples import imported, put, single, whole

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


SECRET = """
from blog import SecretField, SettingsForm
from wtforms import StringField
from wtforms.validators import Length

class Settings(SettingsForm):
    host = StringField("Host", default="example.org")
    token = SecretField("Token", validators=[Length(max=20)])
"""
REACH = {"secrets": ["token"]}


def with_secret(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    site = make_site([])
    whole(site.instance / "plugins", "links", SECRET, reach=REACH)
    site.enable("links")
    return site


def test_a_secret_is_a_text_that_does_not_show_itself(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = with_secret(make_site)
    site.set("links", token="abc")

    with site.context():
        found = settings["links"]
        assert found.token == "abc"
        assert "abc" not in repr(found)
        assert shown(imported(site.instance, "links"), vars(found))["token"] == "set"


@pytest.mark.parametrize("place", ["environment", "file of the environment", "config", "file"])
def test_a_secret_comes_from_environment_or_file(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path, place: str
) -> None:
    site = with_secret(make_site)
    file, environ = tmp_path / "token", dict(site.environ)
    file.write_text("from outside\n")
    config = site.instance / "config.toml"
    if place == "environment":
        environ["BLOG_PLUGIN_LINKS_TOKEN"] = "from outside"
    elif place == "file of the environment":
        environ["BLOG_PLUGIN_LINKS_TOKEN_FILE"] = str(file)
    elif place == "config":
        config.write_text("[plugins.links]\ntoken = 'from outside'\n")
    else:
        config.write_text(f"[plugins.links]\ntoken_file = '{file}'\n")
    again = SiteUnderTest(site.instance, environ)

    with again.context():
        assert settings["links"].token == "from outside"
        assert list(control.pinned("links")) == ["token"]
    again.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "cannot be read"), (b"\xff", "is no text"), (b"x" * 30, "longer than 20")],
)
def test_a_file_that_holds_no_good_secret_leaves_the_plugin_out_and_is_not_quoted(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path, content: bytes | None, reason: str
) -> None:
    site = with_secret(make_site)
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    place = {"BLOG_PLUGIN_LINKS_TOKEN_FILE": str(tmp_path / "token")}
    again = SiteUnderTest(site.instance, {**site.environ, **place})

    with again.context() as current:
        why = current.failures["links"]
    assert reason in why
    assert "BLOG_PLUGIN_LINKS_TOKEN_FILE" in why
    assert "xxx" not in why
    again.close()


def test_a_secret_that_is_given_twice_is_refused(plugin: Plugin, tmp_path: Path) -> None:
    whole(tmp_path / "plugins", "keys", SECRET, reach=REACH)
    found = imported(tmp_path, "keys")

    with pytest.raises(BadSetting, match="both set"):
        effective(found, {}, {"token": "a", "token_file": "b"})


def test_an_export_leaves_secrets_out(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    site = with_secret(make_site)
    site.set("links", host="here", token="hidden")

    with site.wsgi.database_only():
        contents = archive.export(site.wsgi.database, site.instance, "links", tmp_path / "x.zip")

    assert contents.settings == {"host": "here"}
    assert b"hidden" not in ZipFile(tmp_path / "x.zip").read("manifest.json")


def test_what_a_copy_of_the_code_calls_secret_is_in_no_export(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    site = with_secret(make_site)
    site.set("links", host="here", token="hidden")
    whole(site.instance / "plugins", "links", SECRET, reach={"secrets": ["password"]})

    with site.wsgi.database_only():
        contents = archive.export(site.wsgi.database, site.instance, "links", tmp_path / "x.zip")

    assert contents.settings == {"host": "here"}


def test_a_field_cannot_take_a_name_that_is_kept() -> None:
    with pytest.raises(TypeError, match="cannot be called 'try_values'"):
        type("Settings", (SettingsForm,), {"try_values": StringField()})


def versioned(version: int, move: str = "{**values, 'depth': values.get('deep', 0) * 10}") -> str:
    return f"""
from blog import SettingsForm
from wtforms import IntegerField

class Settings(SettingsForm):
    schema_version = {version}
    {"deep" if version == 1 else "depth"} = IntegerField("Depth", default=3)

    @staticmethod
    def move_values(values, from_version):
        return {move}
"""


def at_version(site: SiteUnderTest, code: str) -> SiteUnderTest:
    """Put newer code of a plugin in place, as an upgrade does, and start again."""
    whole(site.instance / "plugins", "links", code)
    return SiteUnderTest(site.instance, site.environ)


def kept(site: SiteUnderTest) -> tuple[dict[str, object], int]:
    with site.wsgi.database_only():
        row, state = session.get(StoredSettings, "links"), session.get(PluginState, "links")
        return dict(row.data) if row else {}, state.settings_version if state else -1


def reloaded(site: SiteUnderTest, code: str) -> SiteUnderTest:
    again = at_version(site, code)
    with again.wsgi.database_only(), writing() as write:
        write.get_one(PluginState, "links").code = ""
        states.bump(write)
    return again


@pytest.fixture
def old(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    site = make_site([])
    whole(site.instance / "plugins", "links", versioned(1))
    site.enable("links")
    site.set("links", deep=2)
    return site


def test_settings_of_an_older_version_are_moved_when_the_plugin_is_loaded(
    old: SiteUnderTest,
) -> None:
    again = reloaded(old, versioned(2))

    with again.context():
        assert settings["links"].depth == 20
    assert kept(again) == ({"deep": 2}, 0)
    again.work()
    assert kept(again) == ({"deep": 2, "depth": 20}, 2)
    again.close()


def test_settings_are_moved_once(old: SiteUnderTest) -> None:
    again = reloaded(old, versioned(2))
    again.work()
    again.work()
    again.enable("links")

    assert kept(again)[0]["depth"] == 20
    again.close()


def test_what_is_stored_beside_old_settings_moves_them_first(old: SiteUnderTest) -> None:
    again = reloaded(old, versioned(2))
    with again.context():
        lifecycle.store("links", {"depth": 7})

    assert kept(again) == ({"deep": 2, "depth": 7}, 2)
    again.close()


def test_settings_that_cannot_be_moved_leave_the_plugin_out_and_are_kept(
    old: SiteUnderTest,
) -> None:
    again = reloaded(old, versioned(2, "1 / 0"))

    assert again.get("/").status_code == 200
    with again.context() as current:
        assert "cannot be moved to 2: ZeroDivisionError" in current.failures["links"]
    again.work()
    assert kept(again) == ({"deep": 2}, 0)
    with pytest.raises(PluginRefused, match="cannot be moved"):
        again.enable("links")
    again.close()


def test_settings_of_a_newer_version_leave_an_older_plugin_out(old: SiteUnderTest) -> None:
    newer = reloaded(old, versioned(2))
    newer.work()
    again = reloaded(newer, versioned(1))

    with again.context() as current:
        assert "put the newer plugin back" in current.failures["links"]
    newer.close()
    again.close()


TESTED = """
from blog import SettingsForm
from wtforms import IntegerField
from wtforms.validators import NumberRange

class Settings(SettingsForm):
    depth = IntegerField("Depth", default=3, validators=[NumberRange(0, 9)])

    @staticmethod
    def try_values(values):
        if values.depth == 4:
            raise ValueError("four is unlucky")
        return f"{1 // (values.depth - 5) + values.depth} works"
"""


@pytest.fixture
def testing(tmp_path: Path) -> Plugin:
    whole(tmp_path / "plugins", "links", TESTED)
    return imported(tmp_path, "links")


def test_a_plugin_tests_its_settings_with_what_was_typed(testing: Plugin) -> None:
    assert tried(testing, effective(testing, {}, {}), {"depth": "6"}) == "7 works"


@pytest.mark.parametrize(
    ("value", "reason"),
    [("4", "four is unlucky"), ("5", "the test failed: ZeroDivision"), ("77", "between 0 and 9")],
)
def test_a_test_says_what_is_wrong(testing: Plugin, value: str, reason: str) -> None:
    with pytest.raises(BadSetting, match=reason):
        tried(testing, effective(testing, {}, {}), {"depth": value})


def test_a_plugin_without_a_test_says_so(plugin: Plugin) -> None:
    with pytest.raises(BadSetting, match="offers no test"):
        tried(plugin, effective(plugin, {}, {}), {})


def test_a_wrong_choice_is_refused_with_those_that_there_are(plugin: Plugin) -> None:
    with pytest.raises(BadSetting, match=r"Choose among a, b\."):
        parse(plugin, "kinds", ["c"])


FLOATS = """
from blog import SettingsForm
from wtforms import DecimalField, FloatField


class Settings(SettingsForm):
    rate = FloatField(default=1.0)
    price = DecimalField(default=1)
"""


@pytest.mark.parametrize("name", ["rate", "price"])
@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_refused_with_a_sentence(tmp_path: Path, name: str, text: str) -> None:
    single(tmp_path / "plugins", "links", FLOATS)

    with pytest.raises(BadSetting, match=r"must be a number|Not a valid"):
        parse(imported(tmp_path, "links"), name, text)
