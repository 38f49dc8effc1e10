"""Give each plugin a base of its own for its tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from blog.db import NAMING
from blog.platform.discovery import BUNDLE

PLACED = "palabre_site_"


def plugin_base(module: str) -> Any:
    """Make the declarative base of a plugin; call it as ``plugin_base(__name__)``.

    Tables are named ``NAME_…`` after the plugin.
    Point at core rows with ``ForeignKey(Post.id, ondelete="CASCADE")``.
    """
    name = owner_of(module)
    metadata = _declared[module] = MetaData(naming_convention=NAMING, info={"plugin": name})
    return type("Base", (DeclarativeBase,), {"metadata": metadata, "__module__": module})


def owner_of(module: str) -> str:
    """Give the name of the plugin that a module belongs to, or ``core``."""
    for package, name in _packages.items():
        if module == package or module.startswith(f"{package}."):
            return name
    top, _, rest = module.partition(".")
    if top == BUNDLE or top.startswith(PLACED):
        return rest.partition(".")[0] or "core"
    return "core"


def claim(module: str, name: str) -> None:
    """Remember that an installed package holds this plugin."""
    _packages[module] = name


def declared_in(package: str) -> list[str]:
    """Name the tables that the imported modules of a plugin declare."""
    below = f"{package}."
    found = [one for module, one in _declared.items() if f"{module}.".startswith(below)]
    return sorted(table for metadata in found for table in metadata.tables)


_declared: dict[str, MetaData] = {}
_packages: dict[str, str] = {}
