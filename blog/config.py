"""List every setting of the core, with its default and its meaning, and read them in order."""

from __future__ import annotations

import json
import logging
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from string import Formatter
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

FILE = "config.toml"
HEAD = """\
# The settings of this site. What is set here wins over what the admin stores; the environment
# (BLOG_TITLE and so on) wins over both. Each line shows the default.
"""
FOOT = """\
# Settings of plugins stand in a table of their own; `palabre plugins set NAME` lists them.
# [plugins.threads]
# depth = 5
"""
log = logging.getLogger("blog.config")
DATABASES = ("sqlite", "postgresql", "postgres")
LANGUAGES = ("en", "fr")
PREFIX = "BLOG_"
TOKENS = ("year", "month", "day", "slug", "id")
PATTERN = re.compile(r"[A-Za-z0-9/._-]*")


class ConfigError(ValueError):
    """A setting is misspelt or has a wrong value; the message names file, key and mend."""


def _setting(default: Any, meaning: str, *, stored: bool = False) -> Any:
    return field(default=default, metadata={"help": meaning, "stored": stored})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Hold the core's settings; those marked *stored* can be changed in the admin."""

    title: str = _setting("Palabre", "The name of the site.", stored=True)
    tagline: str = _setting("", "A line under the name.", stored=True)
    language: str = _setting("en", "The language of the site: en or fr.", stored=True)
    timezone: str = _setting("UTC", "The zone that times are shown in.", stored=True)
    site_url: str = _setting(
        "", "The base of every absolute link, and the only host that is served.", stored=True
    )
    permalink: str = _setting(
        "/{year}/{month}/{slug}/", "The pattern of the addresses of new posts.", stored=True
    )
    posts_per_page: int = _setting(10, "How many posts a list shows.", stored=True)
    comments_publish: bool = _setting(
        False,
        "Publish comments that no plugin judges; otherwise a moderator looks first. The plugin "
        "Spam holds the first comment of each author, and those without an e-mail always, unless "
        "its setting first_time_held is off.",
        stored=True,
    )
    comments_days: int = _setting(
        0, "Close the comments of a post after so many days; 0 never.", stored=True
    )
    comments_per_page: int = _setting(50, "How many comments a page of a thread aims at.")
    require_name: bool = _setting(False, "Ask every commenter for a name.", stored=True)
    require_email: bool = _setting(False, "Ask every commenter for an e-mail.", stored=True)
    flood_limit: int = _setting(
        60, "How many comments one network may send in ten minutes before it is answered 429."
    )
    plugin_failures: int = _setting(
        20,
        "Switch a plugin off that fails so many times within plugin_failure_minutes; 0 never.",
        stored=True,
    )
    plugin_failure_minutes: int = _setting(
        10, "The minutes in which failures of a plugin are counted together.", stored=True
    )
    plugin_budget: int = _setting(
        200,
        "The milliseconds that one call of a plugin may take while a page waits; longer ones are "
        "counted and shown; 0 counts none.",
        stored=True,
    )
    database_url: str = _setting(
        "", "The database; empty is the file palabre.sqlite in the instance's folder."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "The networks of proxies whose X-Forwarded headers are believed."
    )
    log_level: str = _setting("INFO", "The least severe log line written: DEBUG to ERROR.")

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Give the trusted networks."""
        return tuple(ip_network(one, strict=False) for one in self.trusted_proxies)


SETTINGS: Mapping[str, Field[Any]] = {one.name: one for one in fields(Config)}


def defaults() -> dict[str, Any]:
    """Give every setting's default."""
    return {name: one.default for name, one in SETTINGS.items()}


def stored_names() -> list[str]:
    """Name the settings that the database may hold."""
    return [name for name, one in SETTINGS.items() if one.metadata["stored"]]


@dataclass(frozen=True)
class Pinned:
    """Hold what the file and the environment say, which wins over the database."""

    core: Mapping[str, Any]
    plugins: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, str]


def read(instance: Path, environ: Mapping[str, str] | None = None) -> Pinned:
    """Read ``config.toml`` and the environment; raise ``ConfigError`` for anything unknown."""
    core: dict[str, Any] = {}
    places: dict[str, str] = {}
    path = instance / FILE
    table = _table(path)
    plugins = _plugin_tables(table.pop("plugins", {}), path)
    places |= {f"{plugin}.{one}": str(path) for plugin, its in plugins.items() for one in its}
    for name, value in table.items():
        core[name] = check(name, value, str(path))
        places[name] = str(path)
    for key, text in sorted((os.environ if environ is None else environ).items()):
        _from_environment(key, text, core, plugins, places)
    return Pinned(core, plugins, places)


def effective(pinned: Pinned, stored: Mapping[str, Any]) -> Config:
    """Lay defaults, the database, the file and the environment over one another."""
    known = {}
    for name in stored_names():
        if name in stored:
            try:
                known[name] = check(name, stored[name], "stored settings")
            except ConfigError as error:  # written by another version; a page must not break
                log.warning("%s; its default holds", error)
    return Config(**{**known, **pinned.core})


def commented() -> str:
    """Give a file of settings in which each is explained and commented out."""
    parts = [HEAD]
    for name, one in SETTINGS.items():
        value = list(one.default) if isinstance(one.default, tuple) else one.default
        parts.append(f"# {one.metadata['help']}\n# {name} = {json.dumps(value)}\n")
    return "\n".join([*parts, FOOT])


def check(name: str, value: Any, place: str) -> Any:
    """Give a setting's value in its right type; raise ``ConfigError`` that names the place."""
    if name not in SETTINGS:
        near = get_close_matches(name, SETTINGS, 1)
        mend = f"did you mean {near[0]!r}?" if near else "see the settings reference"
        raise ConfigError(f"{place}: unknown setting {name!r}; {mend}")
    default = SETTINGS[name].default
    try:
        value = _typed(value, default)
        _CHECKS.get(name, lambda _: None)(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{place}: {name}: {error}") from error
    return value


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _plugin_tables(tables: Any, path: Path) -> dict[str, dict[str, Any]]:
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise ConfigError(f"{path}: settings of a plugin stand in a table [plugins.NAME]")
    return {name: dict(values) for name, values in tables.items()}


def _from_environment(
    key: str,
    text: str,
    core: dict[str, Any],
    plugins: dict[str, dict[str, Any]],
    places: dict[str, str],
) -> None:
    if not key.startswith(PREFIX) or key == "BLOG_INSTANCE":
        return
    name = key.removeprefix(PREFIX).lower()
    if name.startswith("plugin_") and name not in SETTINGS:
        plugin, _, setting = name.removeprefix("plugin_").partition("_")
        plugins.setdefault(plugin, {})[setting] = text
        places[f"{plugin}.{setting}"] = key
        return
    core[name] = check(name, text, f"environment {key}")
    places[name] = key


def _typed(value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        return _boolean(value)
    if isinstance(default, int):
        return _integer(value)
    if isinstance(default, tuple):
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
            raise TypeError("must be a list of texts")
        return tuple(one.strip() for one in parts if one.strip())
    if not isinstance(value, str):
        raise TypeError(f"must be a text in quotes, not {value!r}")
    return value.strip()


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise TypeError(f"must be true or false, not {value!r}")


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(f"must be a whole number, not {value!r}")
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise TypeError(f"must be a whole number, not {value!r}") from None
    if not 0 <= number <= 1_000_000:
        raise ValueError(f"must be between 0 and 1000000, not {number}")
    return number


def _check_language(value: str) -> None:
    if value not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}, not {value!r}")


def _check_timezone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"{value!r} is no time zone, for example Africa/Lome") from None


def _check_url(value: str) -> None:
    parts = urlsplit(value)
    plain = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/")
    plain = plain and parts.port != 0 and "@" not in parts.netloc
    if value and (not plain or parts.query or parts.fragment):
        raise ValueError(f"{value!r} is no address of a site, for example https://example.org")


def _check_permalink(value: str) -> None:
    parts = list(Formatter().parse(value))
    names = [name for _, name, _, _ in parts if name is not None]
    plain = all(not form and not conversion for _, _, form, conversion in parts)
    if not plain or not set(names) <= set(TOKENS):
        raise ValueError(f"may hold {', '.join(f'{{{one}}}' for one in TOKENS)}")
    if not PATTERN.fullmatch("".join(text for text, *_ in parts)) or "//" in value:
        raise ValueError("may hold letters, digits and / . _ - beside what is in brackets")
    if not value.startswith("/") or not {"slug", "id"} & set(names):
        raise ValueError("must begin with / and hold {slug} or {id}")


def _check_proxies(value: tuple[str, ...]) -> None:
    for one in value:
        ip_network(one, strict=False)


def _check_database(value: str) -> None:
    try:
        known = not value or make_url(value).get_backend_name() in DATABASES
    except ArgumentError:
        known = False
    if not known:  # without the value, which may hold a password
        raise ValueError("is no address of a database, for example postgresql://palabre@/palabre")


def _check_level(value: str) -> None:
    if value not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError(f"must be DEBUG, INFO, WARNING or ERROR, not {value!r}")


def _check_count(value: int) -> None:
    if value < 1:
        raise ValueError("must be at least 1")


_CHECKS: Mapping[str, Callable[[Any], None]] = {
    "language": _check_language,
    "timezone": _check_timezone,
    "site_url": _check_url,
    "permalink": _check_permalink,
    "trusted_proxies": _check_proxies,
    "log_level": _check_level,
    "database_url": _check_database,
    "posts_per_page": _check_count,
    "comments_per_page": _check_count,
    "flood_limit": _check_count,
    "plugin_failure_minutes": _check_count,
}
