"""Let the file of settings go elsewhere: without secrets and what belongs to its place."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blog.platform import code
from blog.platform.discovery import Found, find
from blog.platform.states import CORE

DATABASE = "database_url"  # belongs to a place, and not to a blog


def free_of_secrets(
    name: str, data: Mapping[str, Any], found: Mapping[str, Found], instance: Path
) -> dict[str, Any]:
    """Give settings of the core or a plugin without secrets; none where nobody knows those.

    What a copy of its code calls secret is one too: that may have stored it.
    """
    if name == CORE:
        return dict(data)
    now = found[name].manifest if name in found else None
    if now is None:
        return {}
    known = (now, *code.manifests(instance, name))
    secret = {key for manifest in known for key in manifest.reach.get("secrets", ())}
    return {key: value for key, value in data.items() if key not in secret}


def shared(text: str, instance: Path, *, with_secrets: bool) -> str:
    """Give settings without the address of the database, and unless asked without secrets.

    What needs no change is given as it was typed.
    """
    table = tomllib.loads(text)
    kept = {key: value for key, value in table.items() if key != DATABASE}
    if "plugins" in table and not with_secrets:
        own, found = table["plugins"].items(), find(instance)
        kept["plugins"] = {key: free_of_secrets(key, one, found, instance) for key, one in own}
    return text if kept == table else _written(kept)


def placed(text: str, there: str) -> str:
    """Give settings that were shared with the address of the database that is used there."""
    address = tomllib.loads(there).get(DATABASE)
    return f"{DATABASE} = {json.dumps(address)}\n{text}" if address else text


def _written(table: Mapping[str, Any]) -> str:
    """Write values as TOML, in which the texts, numbers and lists of JSON are the same."""
    lines = _lines({key: value for key, value in table.items() if key != "plugins"})
    for name, values in table.get("plugins", {}).items():
        lines += ["", f"[plugins.{name}]", *_lines(values)]
    return "\n".join([*lines, ""])


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items()]
