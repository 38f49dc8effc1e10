"""Make SQLite databases in a folder, with the same methods as the PostgreSQL server."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path


class Files:
    """Make and drop databases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def create(self, template: str | None = None) -> str:
        """Name a new file, empty or a copy of the one at an address; return its address."""
        path = self.folder / f"{next(self._numbers)}.sqlite3"
        if template:
            source, copy = sqlite3.connect(_path(template)), sqlite3.connect(path)
            with closing(source), closing(copy):
                source.backup(copy)
        return f"sqlite:///{path}"

    def drop(self, address: str) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for path in self.folder.glob(f"{_path(address).name}*"):
            path.unlink()


def _path(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))
