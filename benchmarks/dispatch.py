"""Show that calling plugins is cheap: beside a plain pluggy call, and on a page."""

import inspect
import shutil
import statistics
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pluggy

from benchmarks import serving, sites
from benchmarks.figures import MISSED, say
from blog import hookspecs
from blog.kinds import PROJECT, Kind, hookimpl, hookspec
from blog.platform import costs, lifecycle
from blog.platform.dispatch import Hook, HookTable, Implementation
from blog.platform.report import COST_SECONDS, Report
from blog.site import Site

ROUNDS = 60
CALLS = 1_000
SIZES = (0, 1, 5)
PLUGINS = 20
PAIRS = 20
SECONDS = 1.0
IDLE_PERCENT = 5
HEAD = """# /// plugin
# title = "{name}"
# version = "1.0"
# api = 1
# ///
from blog import hookimpl
"""
# Each takes part in what a page of comments asks, and has nothing to say.
IDLE_HOOKS = (
    "posts_loaded",
    "comments_loaded",
    "slot_head",
    "slot_header",
    "slot_footer",
    "slot_before_posts",
    "slot_after_posts",
    "slot_under_comments",
)
WORKING = """\
from markupsafe import Markup, escape

@hookimpl
def comments_loaded(comments):
    return [one._replace(author=one.author.strip()) for one in comments]

@hookimpl
def slot_after_posts(posts):
    return {one.id: Markup("<p>{}</p>").format(len(one.html.split())) for one in posts}

@hookimpl
def slot_under_comments(comments):
    return {one.id: Markup("<i>{}</i>").format(len(one.html)) for one in comments[::10]}

@hookimpl
def slot_footer():
    return Markup("<p>") + escape("a & b") + Markup("</p>")
"""


class Pair(NamedTuple):
    """Hold the same implementations behind our table and behind pluggy alone."""

    ours: Callable[[], object]
    theirs: Callable[[], object]


def main() -> None:
    """Measure, and fail where a bound is missed."""
    measure(quick="--quick" in sys.argv)
    if MISSED:
        sys.exit(f"Missed: {', '.join(MISSED)}.")


def measure(*, quick: bool) -> None:
    """Compare calls, then pages with 20 plugins more."""
    calls()
    pages(quick=quick)


def calls() -> None:
    """Call hooks through our table and through pluggy, in turns in the same run."""
    for spec in (looked_at, shown, told_first):
        for size in SIZES:
            for answer in ("None", "value"):
                compare(spec, size, answer)


def compare(spec: Callable[..., Any], size: int, answer: str) -> None:
    """Say how many of our calls fit into one of pluggy's, contained and measured.

    Each side's fastest round is what it costs when nothing else runs on the machine.
    """
    pair = paired(spec, size, answer)
    mine, other = [], []
    for _ in range(ROUNDS):
        mine.append(timeit.timeit(pair.ours, number=CALLS))
        other.append(timeit.timeit(pair.theirs, number=CALLS))
    said = "that answer nothing" if answer == "None" else "that answer"
    kind = spec.palabre_hook.kind  # type: ignore[attr-defined]
    times = f"{min(mine) / CALLS * 1e6:.2f} and {min(other) / CALLS * 1e6:.2f} µs"
    what = f"{kind} to {size} plugins {said}"
    say(what, f"{min(other) / min(mine):.2f} in one of pluggy's, {times}", least=1)


@hookspec(kind=Kind.FILTER, since="1.0")
def looked_at(value: str, other: int) -> str:  # type: ignore[empty-body]
    """Pass a text on."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def shown(value: str, other: int) -> str:  # type: ignore[empty-body]
    """Collect texts."""


@hookspec(kind=Kind.FIRST, since="1.0")
def told_first(value: str, other: int) -> str | None:
    """Ask for one text."""


def paired(spec: Callable[..., Any], size: int, answer: str) -> Pair:
    """Put the same functions behind our table and behind pluggy."""
    name = spec.__name__
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(cast(Any, SimpleNamespace(**{name: spec})))
    implementations = []
    for index in range(size):
        made: dict[str, Any] = {}
        exec(f"def {name}(value, other):\n    return {answer}", made)
        function = hookimpl(made[name])
        manager.register(SimpleNamespace(**{name: function}), f"plugin{index}")
        implementations.append(Implementation(f"plugin{index}", function, ("value", "other")))
    table = HookTable([Hook.declared(spec, implementations)], Report())
    return Pair(
        lambda: getattr(table, name)("text", 1),
        lambda: getattr(manager.hook, name)(value="text", other=1),
    )


def pages(*, quick: bool) -> None:
    """Serve the post with 50 comments with 20 plugins more that do nothing, then that work."""
    pairs = 2 if quick else PAIRS
    with tempfile.TemporaryDirectory() as name:
        plain = Path(name) / "plain"
        with sites.fresh(plain) as made:
            path = sites.write(made, "Sous l’arbre", 50).path
            sites.settle(made)
        idle = beside(plain, "idle", "".join(map(_idle, IDLE_HOOKS)))
        working = beside(plain, "working", WORKING)
        lost = percent_lost(plain, idle, path, pairs)
        say(f"{PLUGINS} idle plugins, % of requests lost", lost, most=IDLE_PERCENT)
        lost = percent_lost(plain, working, path, pairs)
        say(f"{PLUGINS} working plugins, % of requests lost", lost)
        show_costs(working)


def percent_lost(plain: Path, full: Path, path: str, pairs: int) -> str:
    """Ask a site without and a site with plugins in turns, each first every other time.

    The fastest turns of each are compared, and the median of the pairs is told beside that.
    """
    with (
        serving.palabre(sites.environment(plain)) as (without, _),
        serving.palabre(sites.environment(full)) as (with_them, _),
    ):
        for port in (without, with_them):
            serving.requests_a_second(port, path, 1)
        rates: dict[int, list[float]] = {without: [], with_them: []}
        for index in range(pairs):
            for port in (without, with_them) if index % 2 else (with_them, without):
                rates[port].append(serving.requests_a_second(port, path, SECONDS))
        time.sleep(COST_SECONDS + 2)  # costs are written now and then
    lost = [_lost(*pair) for pair in zip(rates[without], rates[with_them], strict=True)]
    fastest = _lost(max(rates[without]), max(rates[with_them]))
    return f"{fastest:.1f}, median {statistics.median(lost):.1f}"


def beside(plain: Path, kind: str, code: str) -> Path:
    """Copy a site and turn on 20 plugins more."""
    folder = plain.with_name(kind)
    shutil.copytree(plain, folder)
    for index in range(PLUGINS):
        name = f"{kind}{index}"
        source = HEAD.format(name=name) + code
        (folder / "plugins" / f"{name}.py").write_text(source, "utf-8")
    made = Site(folder, environ={})
    with made.database_only():
        for index in range(PLUGINS):
            lifecycle.enable(made.database, folder, f"{kind}{index}", probing=False)
    sites.settle(made)
    made.close()
    return folder


def show_costs(folder: Path) -> None:
    """List what each plugin cost, as its owner sees it."""
    made = Site(folder, environ={})
    with made.database_only():
        found = costs.by_plugin(costs.over(1))
    made.close()
    for one in found:
        figure = (
            f"{one.milliseconds:.0f} ms in {one.calls} calls, {one.per_call * 1000:.1f} µs each"
        )
        say(f"cost of {one.plugin}", figure)


def _lost(without: float, with_them: float) -> float:
    """Give the percentage of requests a second that plugins cost."""
    return 100 * (1 - with_them / without)


def _idle(name: str) -> str:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
    return f"\n@hookimpl\ndef {name}({arguments}):\n    return None\n"


if __name__ == "__main__":
    main()
