"""Let tables change only while there is room on the disk."""

import shutil
from collections.abc import Sequence

from blog import generation, hookimpl

NEEDED = 100_000_000


@hookimpl
def before_migration(owners: Sequence[str]) -> str | None:
    """Hold a migration where the disk is nearly full."""
    if shutil.disk_usage(generation().instance).free < NEEDED:
        return f"the disk is nearly full: free some of it before {', '.join(owners)} changes"
    return None
