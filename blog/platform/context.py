"""Hold what belongs to this request: the generation, its hooks and its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from blog.platform.dispatch import HookTable
from blog.platform.loading import Plugin
from blog.platform.tables import owner_of

if TYPE_CHECKING:
    from blog.config import Config, Pinned


class NoSite(RuntimeError):
    """A hook or setting was used outside of a request, a command or a job."""


@dataclass(frozen=True)
class Generation:
    """Hold one set of plugins with their order and settings; nothing in it ever changes."""

    number: int
    config: Config
    plugins: tuple[Plugin, ...]
    table: HookTable
    settings: Mapping[str, Any]
    pinned: Pinned
    failures: Mapping[str, str] = field(default_factory=dict)
    behind: frozenset[str] = frozenset()
    instance: Path = Path("instance")
    # Found once for each owner, because a page asks for them hundreds of times.
    catalogues: dict[str, Any] = field(default_factory=dict, compare=False)

    def plugin(self, name: str) -> Plugin | None:
        """Give a loaded plugin by its name."""
        return next((one for one in self.plugins if one.name == name), None)


def generation() -> Generation:
    """Give the generation that this request began with."""
    current = _generation.get()
    if current is None:
        raise NoSite("no site here: use it in a request, a command, a job or a test site")
    return current


def config() -> Config:
    """Give the settings of the core in this generation."""
    return generation().config


def is_behind(module: str) -> bool:
    """Tell whether a plugin's derived rows may lack some; call it as ``is_behind(__name__)``."""
    return owner_of(module) in generation().behind


def enter(current: Generation) -> None:
    """Make this the generation of the current context, for as long as that lasts."""
    _generation.set(current)


@contextmanager
def using(current: Generation) -> Iterator[None]:
    """Make this the generation of everything below."""
    token = _generation.set(current)
    try:
        yield
    finally:
        _generation.reset(token)


class _ContextHooks:
    def __getattr__(self, name: str) -> Any:
        return getattr(generation().table, name)


class _ContextSettings:
    def __getitem__(self, owner: str) -> Any:
        return generation().settings[owner]


hooks = cast(HookTable, _ContextHooks())
settings = cast("Mapping[str, Any]", _ContextSettings())

_generation: ContextVar[Generation | None] = ContextVar("generation", default=None)
