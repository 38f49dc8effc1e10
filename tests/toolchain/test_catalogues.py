"""The catalogue script finds every message and every fault of a translation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import catalogues

MODULE = '''
"""Count leaves."""
# /// plugin
# title = "Leaves"
# summary = "Count leaves."
# ///
from blog import lazy_gettext as _, ngettext
LABEL = _("A leaf")
def show(count): return ngettext("one leaf", "%(num)s leaves", count)
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a core and a plugin with a few messages."""
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    (tmp_path / "blog" / "templates").mkdir(parents=True)
    (tmp_path / "blog" / "templates" / "page.html").write_text('{{ _("Comment") }}')
    (tmp_path / "plugins" / "tree").mkdir(parents=True)
    (tmp_path / "plugins" / "tree" / "__init__.py").write_text('_("Comment"); _("Bark")')
    (tmp_path / "plugins" / "tree" / "plugin.toml").write_text('title = "Tree"')
    (tmp_path / "plugins" / "leaves.py").write_text(MODULE)
    return tmp_path


@pytest.fixture
def ids(project: Path) -> Callable[[str], set[object]]:
    """List the messages of an owner by the name of its folder."""

    def find(name: str) -> set[object]:
        found = {owner.folder.name: catalog for owner, catalog in catalogues.templates().items()}
        return {message.id for message in found[name] if message.id}

    return find


def test_a_template_is_read(ids: Callable[[str], set[object]]) -> None:
    assert "Comment" in ids("blog")


def test_a_plugin_of_one_file_speaks_through_the_core(ids: Callable[[str], set[object]]) -> None:
    plural = ("one leaf", "%(num)s leaves")

    assert ids("blog") == {"Comment", "A leaf", plural, "Leaves", "Count leaves."}


def test_a_plugin_leaves_out_what_the_core_says(ids: Callable[[str], set[object]]) -> None:
    assert ids("tree") == {"Bark", "Tree"}


def test_an_update_asks_for_each_translation(project: Path) -> None:
    owner, template = list(catalogues.templates().items())[-1]

    catalogues.update(owner.file("fr"), "fr", template)

    faults = list(catalogues.review(owner.file("fr"), "fr", template))
    assert [line.partition(": ")[2] for line in faults] == [
        "not translated: 'Bark'",
        "not translated: 'Tree'",
    ]


def test_a_catalogue_changed_after_compiling_is_stale(project: Path) -> None:
    owner, template = list(catalogues.templates().items())[-1]
    file = owner.file("fr")
    catalogues.update(file, "fr", template)

    file.write_text(file.read_text().replace('"Bark"\nmsgstr ""', '"Bark"\nmsgstr "Écorce"'))

    assert any("not compiled" in line for line in catalogues.review(file, "fr", template))


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("Bonjour\u202f!", True),
        ("Bonjour !", False),
        ("Bonjour!", False),
        ("Nom\u00a0:", True),
        ("Nom :", False),
        ("Nom:", False),
        ("«\u00a0Palabre\u00a0»", True),
        ("« Palabre »", False),
        ("l’arbre", True),
        ("l'arbre", False),
        ("https://example.org", True),
    ],
)
def test_french_typography_is_held(text: str, fine: bool) -> None:
    assert (list(catalogues._typography(text)) == []) is fine
