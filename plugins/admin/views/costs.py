"""Show what plugins cost, in figures and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from babel.dates import format_time, get_timezone
from babel.numbers import format_decimal
from flask.typing import ResponseReturnValue

from blog import control, identity, settings, upkeep

from .frame import asked, bp, language, needs, show
from .plugins import HERE

HEIGHT = 100
SHOWN = 12
LARGE = 100

Hours = Sequence[tuple[datetime, float, int]]


class Bar(NamedTuple):
    """Draw one hour: the left edge, the upper edge and the height, and what it stands for."""

    x: float
    y: float
    height: float
    time: datetime
    milliseconds: float
    calls: int


class Picture(NamedTuple):
    """Draw the hours of a day side by side; the highest one is as high as the picture."""

    bars: list[Bar]
    most: float


@bp.get("/plugin-cost")
@needs(identity.MANAGE)
def cost() -> ResponseReturnValue:
    """Show time, calls, statements, errors and overruns by plugin and by hook."""
    hours = 1 if asked("over") == "hour" else 24
    by_hour = upkeep.costs_by_hour()
    most = picture(by_hour.values(), together=False).most
    by_hook = upkeep.costs_over(hours)
    return show(
        "cost.html",
        here=HERE,
        hours=hours,
        picture=picture(by_hour.values()) if by_hour else None,
        small={name: picture([one], most=most) for name, one in by_hour.items()},
        plugins=upkeep.costs_by_plugin(by_hook),
        by_hook=by_hook,
        shown=SHOWN,
        titles={one.name: one.title for one in control.plugins()},
    )


@bp.record_once
def offer_figures(state: Any) -> None:
    """Let templates write numbers, hours and places as the site's language does."""
    state.app.jinja_env.filters.update(figure=figure, clock=clock, place=upkeep.place)


def figure(value: float, digits: int = 0) -> str:
    """Write a number with at most so many decimals, and with none where it is large."""
    return str(format_decimal(round(value, digits if value < LARGE else 0), locale=language()))


def clock(time: datetime) -> str:
    """Write a time of day in the site's zone."""
    zone = get_timezone(settings["core"].timezone)
    return str(format_time(time, "short", tzinfo=zone, locale=language()))


def picture(plugins: Iterable[Hours], *, most: float = 0, together: bool = True) -> Picture:
    """Draw what plugins cost in each hour, added up; ``most`` milliseconds is the full height.

    Without ``together`` the full height is the most that a single plugin cost in an hour.
    """
    every = [list(one) for one in plugins]
    added = [_added(same) for same in zip(*every, strict=True)]
    alone = max((seconds for one in every for _time, seconds, _calls in one), default=0.0)
    highest = max((seconds for _time, seconds, _calls in added), default=0.0)
    most = most or (highest if together else alone) * 1000
    return Picture([_bar(index, one, most) for index, one in enumerate(added)], most)


def _added(same_hour: Sequence[tuple[datetime, float, int]]) -> tuple[datetime, float, int]:
    seconds, calls = sum(one[1] for one in same_hour), sum(one[2] for one in same_hour)
    return same_hour[0][0], seconds, calls


def _bar(index: int, hour: tuple[datetime, float, int], most: float) -> Bar:
    time, seconds, calls = hour
    height = round(seconds * 1000 / most * HEIGHT, 1) if most else 0.0
    if calls and height < 1:  # so that little is not nothing
        height = 1.0
    return Bar(index + 0.1, HEIGHT - height, height, time, seconds * 1000, calls)
