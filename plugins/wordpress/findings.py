"""Say in a report what an import mended in an item, and what of it is not shown."""

from __future__ import annotations

from .plan import Plan
from .report import Line, Report
from .shortcodes import CAPTIONS, CODE, EMBEDS

# A figure, a link or code stands in their place.
REPLACED = CAPTIONS | CODE | EMBEDS


def tell_of_item(plan: Plan, report: Report) -> None:
    """Tell what was mended in an item itself, and of its shortcodes and blocks."""
    for note in plan.notes:
        report.add(Line("item", plan.item.type, plan.item.status, "mended", note))
    for name, count in plan.shortcodes.items():
        outcome = "replaced" if name in REPLACED else "not shown"
        report.add(Line("shortcode", name, outcome=outcome), count)
    for name, count in plan.blocks.items():
        report.add(Line("block", name, outcome="not shown"), count)


def tell_of_thread(plan: Plan, report: Report, renumbered: int) -> None:
    """Tell what was mended in the comments of an item."""
    for note, count in (
        ("renumbered", renumbered),
        ("answers a comment that is missing", len(plan.thread.orphans)),
        ("answers itself in the end", len(plan.thread.circular)),
        ("id of another comment", len(plan.thread.doubled)),
    ):
        report.add(Line("comment", outcome="mended", note=note), count)
