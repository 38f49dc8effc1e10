"""Write plugins for tests, and turn on even what cannot be loaded."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blog.db import writing
from blog.models import PluginState
from blog.platform import states
from blog.platform.discovery import find
from blog.platform.loading import Plugin, import_plugin
from blog.testing import SiteUnderTest


def toml(name: str, **manifest: Any) -> str:
    """Give the manifest of a plugin."""
    table = {"title": name.title(), "version": "1.0", "api": 1, **manifest}
    reach = table.pop("reach", {})
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in table.items()]
    lines += [f"reach.{key} = {json.dumps(value)}\n" for key, value in reach.items()]
    return "".join(lines)


def single(folder: Path, name: str, code: str = "", **manifest: Any) -> Path:
    """Write a plugin of one file."""
    folder.mkdir(parents=True, exist_ok=True)
    comment = "".join(f"# {line}\n" for line in toml(name, **manifest).splitlines())
    path = folder / f"{name}.py"
    path.write_text(f"# /// plugin\n{comment}# ///\nfrom blog import hookimpl\n{code}\n", "utf-8")
    return path


def whole(
    folder: Path, name: str, code: str = "", files: Mapping[str, str] = {}, **manifest: Any
) -> Path:
    """Write a plugin that is a folder."""
    path = folder / name
    texts = {"plugin.toml": toml(name, **manifest), "__init__.py": code, **files}
    for relative, text in texts.items():
        file = path / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return path


def imported(instance: Path, name: str) -> Plugin:
    """Import a plugin of an instance."""
    return import_plugin(find(instance).get(name), name)


def turn_on(site: SiteUnderTest, *names: str, position: int | None = None) -> None:
    """Say that plugins are on, as a site has it whose plugins broke afterwards."""
    with site.wsgi.database_only(), writing() as write:
        for name in names:
            write.merge(PluginState(name=name, enabled=True, behind=False, position=position))
        states.bump(write)


def put(site: SiteUnderTest, name: str, code: str = "", **manifest: Any) -> None:
    """Write a plugin of one file into a site and enable it."""
    single(site.instance / "plugins", name, code, **manifest)
    site.enable(name)
