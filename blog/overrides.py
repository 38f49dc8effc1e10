"""Find templates in a chain of folders; one that is broken leaves its place to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from traceback import walk_tb
from typing import Any, NamedTuple

from flask.templating import Environment
from jinja2 import BaseLoader, FileSystemLoader, Template, TemplateNotFound
from jinja2 import Environment as AnyEnvironment

from blog import following
from blog.db import is_out_of_order
from blog.following import Place
from blog.platform import interrupts
from blog.platform.report import Report

MOST_OTHERS = 16


class Override(NamedTuple):
    """Name a template in a place that stands before another of the same name."""

    place: Place
    name: str


class Chain(BaseLoader):
    """Look in folders one after the other, without some overrides that are broken."""

    def __init__(
        self, places: Sequence[Place], report: Report, without: frozenset[Override] = frozenset()
    ) -> None:
        self.places = places
        self.report = report
        self.without = without
        self._loaders = {place: FileSystemLoader(place.folder) for place in places}

    def get_source(
        self, environment: AnyEnvironment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Give the source of the first template of a name."""
        name, places = following.split(template, self.places)
        for _, loader in self._holding(name, places):
            return loader.get_source(environment, name)
        raise TemplateNotFound(template)

    def load(
        self,
        environment: AnyEnvironment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - as Jinja names it
    ) -> Template:
        """Compile the first template of a name, or the next where that one cannot be."""
        plain, places = following.split(name, self.places)
        found = list(self._holding(plain, places))
        for index, (place, loader) in enumerate(found):
            try:
                return loader.load(environment, plain, globals)
            except BaseException as error:
                interrupts.heed(error)
                if index == len(found) - 1:
                    raise
                self.report.failed(place.owner, f"template {plain}", error)
        raise TemplateNotFound(name)

    def list_templates(self) -> list[str]:
        """Name every template."""
        return sorted({one for loader in self._loaders.values() for one in loader.list_templates()})

    def at_fault(self, error: BaseException, without: frozenset[Override]) -> Override | None:
        """Find the innermost override in which a page failed, when another can stand for it."""
        files = [frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__)]
        for file in reversed(files):
            for place in self.places:
                if Path(file).is_relative_to(place.folder):
                    name = Path(file).relative_to(place.folder).as_posix()
                    held = self._holding(name, following.in_order(name, self.places))
                    others = [one for one, _ in held if (one, name) not in without]
                    return Override(place, name) if place in others[:-1] else None
        return None

    def _holding(
        self, name: str, places: Sequence[Place]
    ) -> Iterator[tuple[Place, FileSystemLoader]]:
        parts = name.split("/")
        if ".." in parts:
            return
        for place in places:
            if place.folder.joinpath(*parts).is_file() and (place, name) not in self.without:
                yield place, self._loaders[place]


class Pages:
    """Render templates; a page that an override breaks is rendered again without that one."""

    def __init__(self, environment: Environment, chain: Chain) -> None:
        self._environment = environment
        self._others: dict[frozenset[Override], Environment] = {frozenset(): environment}
        self._chain = chain

    def render(self, template: str, values: dict[str, Any]) -> str:
        """Render a template."""
        without: frozenset[Override] = frozenset()
        while True:
            environment = self._others.get(without) or self._without(without)
            try:
                return environment.get_template(template).render(values)
            except BaseException as error:
                interrupts.heed(error)
                broken = None if is_out_of_order(error) else self._chain.at_fault(error, without)
                if broken is None:
                    raise
                self._chain.report.failed(broken.place.owner, f"template {broken.name}", error)
                without |= {broken}

    def _without(self, overrides: frozenset[Override]) -> Environment:
        """Give an environment that leaves out some overrides, and that keeps what it compiled."""
        chain = Chain(self._chain.places, self._chain.report, overrides)
        made = self._environment.overlay(loader=chain, cache_size=100)
        if len(self._others) < MOST_OTHERS:
            self._others[overrides] = made
        return made
