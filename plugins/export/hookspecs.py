"""Declare the hooks through which other plugins add to exports; all with ``optionalhook=True``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from blog import Kind, hookspec


@hookspec(kind=Kind.COLLECT, since="1.0")
def export_forms() -> Mapping[str, Callable[[ModuleType], Iterator[str]]]:
    """Add forms of export, each of which gets a command and a button.

    A key is the word of the command and the ending of the file: ``wordpress.xml``.
    The function is called with the module ``services`` of this plugin, which gives all that the
    site holds, and yields the text bit by bit; its docstring's first line says what it writes.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def export_term_list() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Name the terms that this plugin holds, by taxonomy, such as ``category`` or ``post_tag``.

    A term has ``slug`` and ``name``, and may have ``parent`` (a slug) and ``description``.
    What an import kept of a taxonomy that is named here, even without a term, is left out.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def export_terms(post_ids: Sequence[int]) -> Mapping[int, Sequence[Mapping[str, str]]]:
    """Give the terms of some posts by the posts' ids: ``taxonomy``, ``slug``, ``name`` of each."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def export_attachments() -> Sequence[Mapping[str, str]]:
    """Name the files that this plugin holds, but for those that an import kept.

    Each has an ``address`` (below the site, or whole), and may have ``title``, ``alt`` and
    ``created_at`` (ISO 8601).
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def export_files(addresses: Sequence[str]) -> Mapping[str, Path]:
    """Find the files that are served at addresses below the site, as a body names them."""
