"""``plugins check``: findings for people and for scripts, with and without a site."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from click.testing import CliRunner, Result

from blog.cli import palabre
from blog.platform.check import PluginRefused
from blog.platform.checking import check
from blog.platform.checks.beside import Beside, without_site
from blog.platform.checks.grade import Grade
from blog.platform.discovery import bundled, find
from blog.testing import SiteUnderTest
from tests.docs.examples import Step, blocks
from tests.platform.samples import put, single, whole

BUNDLED = find(Path("nowhere"))
WRONG = "@hookimpl\ndef slot_foter(post): ..."
MARKED = "from blog import lazy_gettext as _\nTITLE = _('Links')"
CATALOGUE = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Links"\n'


def run(instance: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(
        palabre, ["--instance", str(instance), "plugins", "check", *map(str, words)]
    )


def grade(path: Path) -> tuple[Grade, tuple[str, ...]]:
    checked = check(path, without_site(), probing=False)
    return checked.grade, checked.missing


@pytest.mark.slow
def test_a_plugin_is_checked_without_a_site(tmp_path: Path) -> None:
    path = single(tmp_path, "links", WRONG)

    answer = run(tmp_path / "none", path)

    assert answer.exit_code == 1
    assert answer.stdout == (
        f"{path}:8: error slot-unknown implements 'slot_foter', which no hook is called;"
        " did you mean 'slot_footer'?\n"
    )
    assert "links: grade D" in answer.stderr


@pytest.mark.slow
def test_a_script_reads_an_array_of_objects(tmp_path: Path) -> None:
    path = single(tmp_path, "links", WRONG)

    answer = run(tmp_path / "none", path, "--json")

    assert answer.exit_code == 1
    assert json.loads(answer.stdout) == [
        {
            "code": "slot-unknown",
            "severity": "error",
            "file": str(path),
            "line": 8,
            "message": "implements 'slot_foter', which no hook is called",
            "mend": "did you mean 'slot_footer'?",
        }
    ]


@pytest.mark.slow
@pytest.mark.parametrize("code", ["", "from flask import flash\nx = lambda: flash('A word')"])
def test_without_errors_it_succeeds(tmp_path: Path, code: str) -> None:
    assert run(tmp_path / "none", single(tmp_path, "links", code)).exit_code == 0


def test_a_path_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    assert run(tmp_path, tmp_path / "links.py").exit_code == 2


def test_what_is_no_plugin_is_a_mistake_of_usage(tmp_path: Path) -> None:
    (tmp_path / "links.txt").write_text("")

    assert run(tmp_path, tmp_path / "links.txt").exit_code == 2


def test_a_version_that_is_none_is_a_mistake_of_usage(tmp_path: Path) -> None:
    answer = run(tmp_path, single(tmp_path, "links"), "--against", "old")

    assert answer.exit_code == 2


@pytest.mark.slow
def test_a_version_is_compared_with_what_a_plugin_uses(tmp_path: Path) -> None:
    path = single(tmp_path, "links", "@hookimpl\ndef routes(): ...")

    assert "not-in-version" in run(tmp_path, path, "--against", "0.9").stdout
    assert run(tmp_path, path, "--against", "1.0").stdout == ""


@pytest.mark.slow
def test_in_a_site_what_is_on_there_is_looked_at(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(["threads"])
    for name, value in site.environ.items():
        monkeypatch.setenv(name, value)
    path = single(tmp_path, "links", requires=["threads>=9"], conflicts=["spam"])

    assert [one["code"] for one in json.loads(run(site.instance, path, "--json").stdout)] == [
        "requirement-version"
    ]


def test_a_plugin_with_an_error_is_not_turned_on_and_all_findings_are_told(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])

    with pytest.raises(PluginRefused) as refused:
        put(site, "links", WRONG + "\n@hookimpl\ndef rotes(): ...")

    assert str(refused.value) == (
        "links: implements 'slot_foter', which no hook is called (links.py line 8);"
        " did you mean 'slot_footer'? (and 1 more, see palabre plugins check)"
    )
    assert [(one.code, Path(one.file).parent.name) for one in refused.value.findings] == [
        ("slot-unknown", "plugins"),
        ("hook-unknown", "plugins"),
    ]


def test_a_plugin_with_warnings_is_turned_on(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([])

    put(site, "links", "from flask import flash\nx = lambda: flash('A word')")

    with site.context() as current:
        assert "links" in [one.name for one in current.plugins]


def test_an_import_that_ends_the_process_never_reaches_a_worker(
    make_site: Callable[..., SiteUnderTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site([])
    for name, value in site.environ.items():
        monkeypatch.setenv(name, value)
    single(site.instance / "plugins", "links", "import os\nos._exit(3)")

    words = ["--instance", str(site.instance), "plugins", "enable", "links"]
    answer = CliRunner().invoke(palabre, words)

    assert answer.exit_code == 1
    assert "its import ended the process with the status 3" in answer.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_each_bundled_plugin_has_no_finding_and_the_top_grade(name: str) -> None:
    checked = check(BUNDLED[name].path, Beside(BUNDLED, frozenset(BUNDLED), is_site=True))

    assert (checked.findings, checked.missing, checked.grade) == ((), (), Grade.A)


SINGLE = re.compile(r"instance/plugins/\w+\.py")


@pytest.mark.parametrize(
    "step",
    [step for _, step in blocks("python") if SINGLE.fullmatch(step.title)],
    ids=lambda step: Path(step.title).stem,
)
def test_the_plugins_of_the_documentation_have_no_errors_but_those_meant(
    tmp_path: Path, step: Step
) -> None:
    path = tmp_path / Path(step.title).name
    path.write_text(step.text, "utf-8")
    wanted = {"slot-unknown"} if path.stem == "misspelt" else set()

    found = check(path, without_site(), probing=False).findings

    assert {one.code for one in found if one.severity == "error"} == wanted


def test_a_grade_is_made_of_findings_first(tmp_path: Path) -> None:
    (tmp_path / "test_links.py").touch()
    path = single(tmp_path, "links", summary="Links.")

    assert grade(path) == (Grade.A, ())
    assert grade(single(tmp_path, "links", "x = 1"))[0] is Grade.B
    assert (
        grade(single(tmp_path, "links", "from flask import flash\nflash('A word')"))[0] is Grade.C
    )
    assert grade(single(tmp_path, "links", WRONG))[0] is Grade.D


@pytest.mark.parametrize(
    ("files", "manifest", "missing"),
    [
        ({}, {"summary": ""}, "a summary in the manifest"),
        ({"tests/test_links.py": None}, {}, "tests, inside of it or beside it"),
        (
            {"settings.py": "from blog import SettingsForm\nfrom wtforms import IntegerField\n"
             "class Settings(SettingsForm):\n    depth = IntegerField(default=1)"},
            {},
            "a label for the setting depth",
        ),
        ({"text.py": MARKED}, {}, "a translation into fr"),
        (
            {"text.py": MARKED,
             "translations/fr/LC_MESSAGES/messages.po": CATALOGUE + 'msgstr ""\n'},
            {},
            "a translation into fr that is compiled (messages.mo)",
        ),
    ],
)  # fmt: skip
def test_what_a_better_grade_lacks_is_named(
    tmp_path: Path, files: dict[str, str | None], manifest: dict[str, str], missing: str
) -> None:
    given = {"tests/test_links.py": "", **files}
    kept = {name: text for name, text in given.items() if text is not None}

    path = whole(tmp_path, "links", "", kept, **{"summary": "Links.", **manifest})

    assert grade(path) == (Grade.B, (missing,))


@pytest.mark.parametrize(
    "test", ["../tests/plugins/links/test_page.py", "tests/test_linksmore.py", "test_linksmore.py"]
)
def test_tests_of_a_neighbour_are_none_of_its_own(tmp_path: Path, test: str) -> None:
    place = tmp_path / "plugins"
    path = whole(place, "links", "", {}, summary="Links.")
    (place / test).parent.mkdir(parents=True, exist_ok=True)
    (place / test).write_text("")

    assert grade(path) == (Grade.B, ("tests, inside of it or beside it",))


def test_tests_beside_a_plugin_are_its_own(tmp_path: Path) -> None:
    path = whole(tmp_path, "links", "", {}, summary="Links.")
    (tmp_path / "test_links_pages.py").write_text("")

    assert grade(path) == (Grade.A, ())


def test_what_is_bundled_has_its_tests_where_palabre_keeps_them() -> None:
    assert grade(bundled()[0])[0] is Grade.A


def translated(folder: Path, **texts: str) -> Path:
    """Write a plugin that marks two messages, and compile translations of some of them."""
    code = MARKED + '\nLABEL = _("Some")\n'
    page = '<p>{{ ngettext("%(num)s link", "%(num)s links", 2) }} {{ _("Edit") }}</p>'
    files = {"text.py": code, "tests/test_links.py": "", "templates/links/page.html": page}
    path = whole(folder, "links", "", files, summary="Links.")
    catalogue = Catalog("fr", fuzzy=False)
    for message, text in texts.items():
        catalogue.add(message, text)
    catalogue.add(("%(num)s link", "%(num)s links"), ("%(num)s lien", "%(num)s liens"))
    place = path / "translations" / "fr" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    return path


def test_a_catalogue_that_is_complete_lacks_nothing(tmp_path: Path) -> None:
    assert grade(translated(tmp_path, Links="Liens", Some="Quelques")) == (Grade.A, ())


def test_a_message_that_is_not_translated_is_counted_and_named(tmp_path: Path) -> None:
    missing = "1 of 4 messages in the translation into fr, the first 'Some'"

    assert grade(translated(tmp_path, Links="Liens")) == (Grade.B, (missing,))


def test_a_single_file_cannot_translate_messages_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_links.py").touch()
    missing = "a translation into fr, which only a folder can have"

    assert grade(single(tmp_path, "links", MARKED, summary="Links.")) == (Grade.B, (missing,))


def test_what_the_core_says_in_french_needs_no_translation(tmp_path: Path) -> None:
    (tmp_path / "test_links.py").touch()
    code = MARKED.replace("Links", "Edit")

    assert grade(single(tmp_path, "links", code, summary="Links.")) == (Grade.A, ())
