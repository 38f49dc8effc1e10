"""Declare the hooks through which other plugins add their addresses to the sitemap."""

from collections.abc import Mapping
from datetime import datetime

from blog import Kind, hookspec


@hookspec(kind=Kind.COLLECT, since="1.0")
def sitemap_files() -> Mapping[str, datetime | None]:
    """Name files of the sitemap, each with the time when anything in it changed last.

    A name is that of the plugin, or begins with it and a hyphen: ``tags``, ``tags-2``; small
    letters, digits and hyphens.
    Called for the index and for each file, so it must cost the same however many addresses there
    are: split what grows by ranges of a key.
    The time is ``None`` where it is not known; name no file that is empty.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def sitemap_addresses(file: str) -> Mapping[str, datetime | None]:
    """Give the addresses of a file, as paths from ``/`` on, each with the time of its last change.

    Only the plugin that named the file is asked; at most 50,000 addresses are shown.
    Give only what everyone may read by now; the time is ``None`` where it is not known.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """
