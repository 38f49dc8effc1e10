"""Find what two plugins, or a plugin and the core, both claim; name the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from blog.db import session
from blog.models import Post
from blog.platform import routes
from blog.platform.check import PluginRefused
from blog.platform.routes import Route

if TYPE_CHECKING:
    from blog.platform.loading import Plugin

READ, WRITE = frozenset({"GET", "HEAD"}), frozenset({"POST"})
# What the core answers; a test compares it with a running application.
CORE_ROUTES = (
    Route("/", READ),
    Route("/<four:year>/", READ),
    Route("/<four:year>/<two:month>/", READ),
    Route("/<four:year>/<two:month>/<two:day>/", READ),
    Route("/assets/<owner>/<path:name>", READ),
    Route("/favicon.ico", READ),
    Route("/comments/<int:post_id>", READ | WRITE),
    Route("/trial/end", WRITE),
    Route("/trial/enable", WRITE),
)
# The core's commands, each in all its words; a test compares them with the command line.
CORE_COMMANDS = frozenset(
    {
        *(f"comments {one}" for one in ("approve", "list", "spam", "trash")),
        *(f"plugins {one}" for one in ("attention", "check", "cost", "disable", "enable")),
        *(f"plugins {one}" for one in ("export", "hooks", "list", "order", "reload")),
        *(f"plugins {one}" for one in ("restore", "set", "uninstall")),
        *(f"posts {one}" for one in ("edit", "list", "new", "publish", "trash")),
        *("doctor", "init", "migrate", "run", "serve", "version", "work"),
    }
)
OF_CORE = dict.fromkeys(CORE_COMMANDS, "the core")


class Clash(Exception):
    """Two plugins claim the same; the one that comes later has to go."""

    def __init__(self, loser: str, reason: str) -> None:
        self.loser = loser
        self.reason = reason
        super().__init__(reason)


def look(plugins: Mapping[str, Plugin], order: Sequence[str]) -> None:
    """Raise ``Clash`` for the first address or command that two claim, in the order of plugins."""
    taken: list[tuple[str, Route]] = [("the core", one) for one in CORE_ROUTES]
    commands: dict[str, str] = {**OF_CORE}
    for name in order:
        own = routes.of(plugins[name])
        for route in own:
            if routes.takes_everything(route.rule):
                reason = f"answers at {route.rule}, which is every address of a post: begin it with"
                raise Clash(name, f"{reason} a word of its own, as /{name}/…")
            for owner, other in taken:
                if routes.overlap(route, other):
                    raise Clash(name, _both(route.rule, other.rule, owner))
        taken += [(name, route) for route in own]
        added = routes.keys(plugins[name], "commands")
        for problem, mend in (claimed(words, commands) for words in added):
            if problem:
                raise Clash(name, f"{problem}: {mend}")
        commands |= dict.fromkeys(added, name)


def claimed(words: str, owners: Mapping[str, str]) -> tuple[str, str]:
    """Say why a command would never run beside those of others, and the mend; empty when it would.

    Another has it, or one of the two stands where the other needs a group.
    """
    for other, owner in sorted(owners.items()):
        mend = "give it another name" if owner == "the core" else "disable one of the two"
        if words == other:
            return f"adds the command {words!r}, which {owner} has", mend
        if f"{words} ".startswith(f"{other} ") or other.startswith(f"{words} "):
            return f"adds the command {words!r}, where {owner} has {other!r}", mend
    return "", ""


def refuse_taken(plugin: Plugin) -> None:
    """Raise ``PluginRefused`` where an address of a plugin is that of a post already."""
    for route in routes.of(plugin):
        start = route.rule.partition("<")[0]
        if "GET" not in route.methods or start == "/":
            continue
        bare = start.rstrip("/")
        near = or_(Post.path == bare, Post.path.startswith(f"{bare}/", autoescape=True))
        if "<" in route.rule and not start.endswith("/"):
            near = Post.path.startswith(start, autoescape=True)
        for path, title in session.execute(select(Post.path, Post.title).where(near)):
            if path and routes.answers(route.rule, path):
                raise PluginRefused(
                    f"{plugin.name}: answers at {route.rule}, which is the address of the post "
                    f"“{title}”: give that another slug first"
                )


def templates(plugins: Sequence[Plugin]) -> dict[str, list[str]]:
    """Name the templates that several plugins have, with those plugins in their order.

    The first is used; it can show the next one's with ``{% extends "next/NAME" %}``.
    """
    owners: dict[str, list[str]] = {}
    for plugin in plugins:
        for name in _templates(plugin.folder):
            owners.setdefault(name, []).append(plugin.name)
    return {name: found for name, found in sorted(owners.items()) if len(found) > 1}


def _templates(folder: Path | None) -> list[str]:
    root = folder / "templates" if folder else None
    if root is None or not root.is_dir():
        return []
    return [one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file()]


def _both(rule: str, other: str, owner: str) -> str:
    mend = "choose another address" if owner == "the core" else "disable one of the two"
    where = "too" if rule == other else f"at {other}"
    return f"answers at {rule}, where {owner} answers {where}: {mend}"
