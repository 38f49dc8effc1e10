"""Configuration: which word counts, and what a slip of the pen is answered."""

from pathlib import Path

import pytest

from blog import config
from blog.config import Config, ConfigError


def written(folder: Path, text: str) -> Path:
    (folder / config.FILE).write_text(text, "utf-8")
    return folder


def test_every_setting_has_a_default_and_a_meaning() -> None:
    for name, one in config.SETTINGS.items():
        assert one.metadata["help"].endswith((".", ":")), name
        assert getattr(Config(), name) == one.default


def test_defaults_hold_where_nothing_is_said(tmp_path: Path) -> None:
    assert config.effective(config.read(tmp_path, {}), {}) == Config()


def test_the_database_wins_over_defaults(tmp_path: Path) -> None:
    found = config.effective(config.read(tmp_path, {}), {"title": "Base"})

    assert found.title == "Base"


def test_the_file_wins_over_the_database(tmp_path: Path) -> None:
    pinned = config.read(written(tmp_path, 'title = "Fichier"'), {})

    assert config.effective(pinned, {"title": "Base"}).title == "Fichier"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    pinned = config.read(written(tmp_path, 'title = "Fichier"'), {"BLOG_TITLE": "Environnement"})

    assert config.effective(pinned, {"title": "Base"}).title == "Environnement"


def test_the_database_holds_only_what_may_be_stored(tmp_path: Path) -> None:
    found = config.effective(config.read(tmp_path, {}), {"trusted_proxies": ["0.0.0.0/0"]})

    assert found.trusted_proxies == ()


def test_the_environment_of_others_is_left_alone(tmp_path: Path) -> None:
    assert config.read(tmp_path, {"PATH": "x", "BLOG_INSTANCE": "y"}).core == {}


def test_a_misspelt_key_in_the_file_names_file_key_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(written(tmp_path, 'tilte = "x"'), {})

    assert str(tmp_path / config.FILE) in str(caught.value)
    assert "'tilte'" in str(caught.value)
    assert "did you mean 'title'?" in str(caught.value)


def test_a_misspelt_key_in_the_environment_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"BLOG_TIMEZON: .*did you mean 'timezone'"):
        config.read(tmp_path, {"BLOG_TIMEZON": "UTC"})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("title = 3", "must be a text in quotes"),
        ("posts_per_page = true", "must be a whole number"),
        ('posts_per_page = "many"', "must be a whole number"),
        ("posts_per_page = 0", "must be at least 1"),
        ("comments_publish = 2", "must be true or false"),
        ("trusted_proxies = 3", "must be a list of texts"),
        ('trusted_proxies = ["x"]', "x"),
        ('language = "de"', "must be one of en, fr"),
        ('timezone = "Mars/Olympus"', "is no time zone"),
        ('site_url = "example.org"', "is no address of a site"),
        ('site_url = "https://example.org/blog"', "is no address of a site"),
        ('permalink = "/{yaer}/{slug}/"', "{year}"),
        ('permalink = "/{year}/"', "hold {slug} or {id}"),
        ('permalink = "{slug}"', "must begin with /"),
        ('log_level = "LOUD"', "must be DEBUG"),
    ],
)
def test_a_wrong_value_names_file_and_key(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(written(tmp_path, line), {})

    key = line.split(maxsplit=1)[0]
    assert f"{tmp_path / config.FILE}: {key}: " in str(caught.value)
    assert says in str(caught.value)


def test_a_broken_file_names_itself_and_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: .*line 2"):
        config.read(written(tmp_path, "\ntitle = = 1\n"), {})


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("0", False), ("On", True)])
def test_yes_and_no_are_read_from_the_environment(tmp_path: Path, text: str, value: bool) -> None:
    found = config.read(tmp_path, {"BLOG_COMMENTS_PUBLISH": text})

    assert found.core["comments_publish"] is value


def test_a_list_is_read_from_the_environment(tmp_path: Path) -> None:
    found = config.read(tmp_path, {"BLOG_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})

    assert found.core["trusted_proxies"] == ("10.0.0.0/8", "::1")


def test_settings_of_the_core_about_plugins_come_from_the_environment(tmp_path: Path) -> None:
    found = config.read(tmp_path, {"BLOG_PLUGIN_BUDGET": "300", "BLOG_PLUGIN_FAILURES": "5"})
    assert (found.core, found.plugins) == ({"plugin_budget": 300, "plugin_failures": 5}, {})


def test_settings_of_plugins_come_from_file_and_environment(tmp_path: Path) -> None:
    pinned = config.read(
        written(tmp_path, "[plugins.threads]\ndepth = 3\n[plugins.feeds]\nentries = 5"),
        {"BLOG_PLUGIN_THREADS_DEPTH": "7"},
    )

    assert pinned.plugins["threads"] == {"depth": "7"}
    assert pinned.plugins["feeds"] == {"entries": 5}


@pytest.mark.parametrize(
    "pattern",
    ["/{id.real}/{slug}", "/{slug:>99999}/", "//evil/{slug}/", "/{slug}?a", "/{{slug}}/", "/x/"],
)
def test_a_pattern_of_addresses_is_plain(pattern: str) -> None:
    with pytest.raises(ConfigError):
        config.check("permalink", pattern, "config.toml")
