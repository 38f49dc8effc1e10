"""Speak the site's language: look in the owner's catalogue first, then in the core's."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from babel import Locale, dates
from babel.support import LazyProxy, NullTranslations, Translations

from blog.platform.context import Generation, NoSite, config, generation, using
from blog.platform.tables import owner_of

DOMAIN = "messages"
UNITS = ("byte", "kilobyte", "megabyte", "gigabyte")
THOUSAND = 1000
log = logging.getLogger("blog.language")


def gettext(message: str, /, **values: Any) -> str:
    """Translate a message from the catalogue of the calling module's plugin, then the core's."""
    return translate(_caller(), message, **values)


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """Translate a message with a number by the plural rule of the language."""
    return translate_plural(_caller(), one, many, count, **values)


def lazy_gettext(message: str, /, **values: Any) -> Any:
    """Translate a message each time it is shown, for labels made at import."""
    return LazyProxy(translate, _caller(), message, enable_cache=False, **values)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language than the site's for a while, as to somebody who sets it up."""
    current = generation()
    config = replace(current.config, language=language)
    settings = {**current.settings, "core": config}
    with using(replace(current, config=config, settings=settings, catalogues={})):
        yield


def translate(owner: str, message: str, /, **values: Any) -> str:
    """Translate a message for an owner: ``core`` or the name of a plugin."""
    found = message
    for catalogue in _catalogues(owner):
        found = catalogue.gettext(message)
        if found != message:
            break
    return found % values if values else found.replace("%%", "%")


def translate_of(folder: Path | None, message: str) -> str:
    """Translate what a plugin says of itself, from its folder, though it may not be loaded."""
    catalogues = _catalogues("core")
    if folder is not None and folder.is_dir():
        catalogues = [_load(str(folder / "translations"), config().language), *catalogues]
    for catalogue in catalogues:
        found = catalogue.gettext(message)
        if found != message:
            return found
    return message


def translate_plural(owner: str, one: str, many: str, count: int, /, **values: Any) -> str:
    """Translate a message with a number for an owner."""
    found = one if count == 1 else many
    for catalogue in _catalogues(owner):
        shown = catalogue.ngettext(one, many, count)
        if shown != found:
            found = shown
            break
    return found % {"num": count, **values}


def locale() -> Locale:
    """Give the locale of the site."""
    return _locale(config().language)


def zone() -> ZoneInfo:
    """Give the zone in which the site shows times."""
    return ZoneInfo(config().timezone)


def format_date(time: datetime) -> str:
    """Show a day in the site's language and zone."""
    return dates.format_date(_local(time, zone()), "long", locale())


def format_period(time: datetime, by: str) -> str:
    """Show the year, the month or the day that a list of posts is of."""
    pattern = {"year": "y", "month": "yMMMM", "day": "yMMMMd"}[by]
    return dates.format_skeleton(pattern, time, locale=locale())


def format_time(time: datetime) -> str:
    """Show a day and a time of day in the site's language and zone."""
    return _format_time(time, config().timezone, config().language)


def format_size(size: int) -> str:
    """Show a number of bytes as the site's language does, with one decimal at most."""
    from babel.units import format_unit  # noqa: PLC0415 - few pages show a size

    amount: float = size
    for unit in UNITS:
        if round(amount, 1) < THOUSAND or unit == UNITS[-1]:
            break
        amount /= THOUSAND
    length: Literal["short", "long"] = "long" if unit == UNITS[0] else "short"
    return format_unit(amount, f"digital-{unit}", length, format="#,##0.#", locale=locale())


def sort_key(text: str) -> tuple[str, str]:
    """Give the key that sorts texts as a reader looks for them: accents and capitals folded."""
    plain = "".join(one for one in normalize("NFKD", text) if not combining(one))
    return plain.casefold(), text


@lru_cache(maxsize=4096)
def _format_time(time: datetime, zone_name: str, language: str) -> str:
    local, where = _local(time, ZoneInfo(zone_name)), _locale(language)
    day = dates.format_date(local, "long", where)
    return f"{day}, {dates.format_time(local, 'short', locale=where)}"


def _local(time: datetime, where: ZoneInfo) -> datetime:
    """Give a time in a zone; the first and last hours of all time stay as they are."""
    try:
        return time.astimezone(where)
    except OverflowError:
        return time


def _caller() -> str:
    return owner_of(sys._getframe(2).f_globals.get("__name__", ""))  # noqa: SLF001 - whose words


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def _catalogues(owner: str) -> list[NullTranslations]:
    try:
        current = generation()
    except NoSite:
        return []
    found = current.catalogues.get(owner)
    if found is None:
        found = current.catalogues[owner] = _find(owner, current)
    return found


def _find(owner: str, current: Generation) -> list[NullTranslations]:
    language = current.config.language
    catalogues = [_load(str(Path(__file__).parent / "translations"), language)]
    plugin = current.plugin(owner)
    if plugin is not None and plugin.folder is not None:
        catalogues.insert(0, _load(str(plugin.folder / "translations"), language))
    return [one for one in catalogues if one is not _NONE]


@lru_cache(maxsize=64)
def _load(folder: str, language: str) -> NullTranslations:
    if language == "en":
        return _NONE
    try:
        return Translations.load(folder, [language], DOMAIN)
    except Exception as error:  # a damaged file: its words are shown as they were written
        log.warning("the translations in %s cannot be read: %s", folder, error)
        return _NONE


_NONE = NullTranslations()
