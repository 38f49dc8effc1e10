"""Hold plugins to the limits of the site, and comments for judges that cannot be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from blog.config import Config
from blog.kinds import Kind
from blog.models import PluginState
from blog.platform.discovery import Found
from blog.platform.dispatch import HookTable
from blog.platform.report import Report
from blog.platform.switch import Limits


def impose(
    report: Report,
    config: Config,
    table: HookTable,
    found: Mapping[str, Found],
    left_out: Iterable[str],
    rows: Mapping[str, PluginState],
) -> None:
    """Tell the report and the hooks of a new generation what plugins may do, and who is missing.

    A judge that is left out or was switched off holds every comment, as one that fails does,
    until its owner enables or disables it.
    """
    report.obey(Limits(config.plugin_failures, config.plugin_failure_minutes, config.plugin_budget))
    off = (name for name, row in rows.items() if row.reason and not row.enabled)
    missing = [found[name] for name in {*left_out, *off} if name in found]
    judging = (hook.name for hook in table if hook.info.kind is Kind.JUDGE)
    absent = {hook: [one.name for one in missing if mentions(one, hook)] for hook in judging}
    table.hold({hook: names for hook, names in absent.items() if names})


def mentions(found: Found, hook: str) -> bool:
    """Tell from its source whether a plugin may take part in a hook, importing nothing."""
    word = re.compile(rf"\b{re.escape(hook)}\b".encode())
    return any(word.search(_source(path)) for path in _modules(found.path))


def _modules(path: Path) -> Iterable[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
