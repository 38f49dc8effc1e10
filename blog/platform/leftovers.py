"""Have workers replaced where one imported code that readers are not to have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from blog.db import writing
from blog.migrate import MigrationFailed
from blog.platform import states
from blog.platform.check import PluginRefused
from blog.platform.tables import owner_of


@contextmanager
def left_behind() -> Iterator[None]:
    """Look after what imports code of a plugin in a server, and may refuse it afterwards.

    Listeners and threads of that code would stay, and its next version come beside it.
    """
    before = set(sys.modules)
    try:
        yield
    except (PluginRefused, MigrationFailed) as error:
        # An import that failed half-way is no module any more, and left what it did until then.
        has_failed_here = isinstance(error.__cause__, PluginRefused)
        if has_failed_here or any(owner_of(one) != "core" for one in sys.modules.keys() - before):
            replace_workers()
        raise


def replace_workers() -> None:
    """Ask for workers that have imported nothing but what is on."""
    with writing() as write:
        states.replace_workers(write)
