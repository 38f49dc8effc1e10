"""The command line in a real shell: a folder becomes a site, and says what to do."""

import re
import shutil
import stat
import tomllib
from pathlib import Path

import pytest

from blog import config
from tests.shell import shell

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a site from a shell."""
    folder = tmp_path_factory.mktemp("made")
    said = shell(folder, "init", "--no-input", "--language", "fr", "--title", "Essai")
    assert said.code == 0, said.err
    return folder


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """Give a folder of one's own with the site that was made."""
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_init_makes_folder_key_settings_and_a_migrated_database(made: Path) -> None:
    instance = made / "instance"

    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert (instance / "palabre.sqlite").stat().st_size > 0
    for folder in ("plugins", "templates", "media"):
        assert (instance / folder).is_dir()
    assert shell(made, "posts", "list", "--json").rows == []
    assert "migrations" in shell(made, "doctor").out


def test_init_writes_settings_that_are_explained_and_set_nothing(made: Path) -> None:
    written = (made / "instance" / "config.toml").read_text("utf-8")

    assert tomllib.loads(written) == {}
    for name, one in config.SETTINGS.items():
        assert f"\n# {name} = " in written
        assert one.metadata["help"] in written


def test_every_line_of_the_settings_may_be_uncommented(made: Path) -> None:
    path = made / "instance" / "config.toml"
    lines = path.read_text("utf-8").splitlines()
    names = "|".join(config.SETTINGS)
    path.write_text("\n".join(re.sub(rf"^# ({names}) = ", r"\1 = ", one) for one in lines), "utf-8")

    assert config.read(made / "instance", {}).core == config.defaults()


def test_init_twice_is_harmless(made: Path) -> None:
    before = (made / "instance" / "secret_key").read_text()
    (made / "instance" / "config.toml").write_text("posts_per_page = 3\n")
    said = shell(made, "init", "--no-input", "--title", "Autre")

    assert said.code == 0
    assert "nothing was changed" in said.err
    assert (made / "instance" / "secret_key").read_text() == before
    assert (made / "instance" / "config.toml").read_text() == "posts_per_page = 3\n"


def test_init_makes_a_welcome_post_unless_nothing_may_be_asked(tmp_path: Path) -> None:
    shell(tmp_path, "init")
    rows = shell(tmp_path, "posts", "list", "--json").rows

    assert [one["comments"] for one in rows] == [3]


def test_init_refuses_another_language_as_a_usage_error(tmp_path: Path) -> None:
    said = shell(tmp_path, "init", "--no-input", "--language", "xx")

    assert (said.code, said.out) == (2, "")
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    "words", [("posts", "list"), ("plugins", "list"), ("serve",), ("migrate",), ("work", "--once")]
)
def test_a_folder_without_a_site_is_told_in_one_line_what_to_do(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = shell(tmp_path, *words)

    assert (said.code, said.out) == (1, "")
    assert re.fullmatch(r"palabre: no site in .*: make one with palabre init\n", said.err)


def test_a_misspelt_command_names_the_nearest(made: Path) -> None:
    said = shell(made, "posst", "list")

    assert (said.code, said.out) == (2, "")
    assert "Did you mean 'posts'?" in said.err


def test_a_misspelt_setting_names_file_key_and_the_nearest(made: Path) -> None:
    (made / "instance" / "config.toml").write_text('tittle = "x"\n')
    said = shell(made, "posts", "list")

    assert said.code == 1
    assert re.search(r"config\.toml: unknown setting 'tittle'; did you mean 'title'", said.err)


def test_help_names_the_commands_of_core_and_plugins(made: Path) -> None:
    said = shell(made, "--help")

    assert said.code == 0
    for name in ("init", "run", "serve", "posts", "comments", "plugins", "users", "setup-link",
                 "migrate", "doctor", "version"):  # fmt: skip
        assert f"\n  {name} " in said.out


def test_help_is_there_whatever_is_wrong_with_a_site(made: Path) -> None:
    (made / "instance" / "config.toml").write_text("nonsense")

    assert shell(made, "--help").code == 0


def test_version_is_printed_without_a_site(tmp_path: Path) -> None:
    said = shell(tmp_path, "version")

    assert said.code == 0
    assert re.fullmatch(r"palabre \d\S+\n", said.out)


def test_the_doctor_answers_in_a_folder_without_a_site(tmp_path: Path) -> None:
    said = shell(tmp_path, "doctor")

    assert said.code == 1
    assert "make one with palabre init" in said.out


def test_a_pipe_hears_no_progress(made: Path) -> None:
    (made / "x.txt").write_text("Un texte.")
    said = shell(made, "posts", "new", "Titre", "--file", "x.txt", "--publish")

    assert said.code == 0
    assert "\r" not in said.out + said.err
    assert re.fullmatch(r"\d+\n", said.out)
