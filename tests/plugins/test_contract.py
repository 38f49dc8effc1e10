"""Every bundled plugin keeps the contract."""

from pathlib import Path

import pytest

from blog.platform.discovery import Place, find
from blog.testing import contract

# One of them quickly, whatever it is that breaks.
QUICK = "threads"

for name, found in find(Path("nowhere")).items():
    if found.place is Place.BUNDLED:
        kept = contract(name)
        globals()[f"Test{name.title()}"] = kept if name == QUICK else pytest.mark.slow(kept)
del kept
