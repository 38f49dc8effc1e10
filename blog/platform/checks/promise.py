"""Compare the hooks of a plugin with those that a version of Palabre has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.version import Version

from blog.platform.checks.hooks import implementations
from blog.platform.checks.source import Source
from blog.platform.checks.specs import CORE, Spec
from blog.platform.findings import Finding


def check(source: Source, specs: Mapping[str, Spec], version: str) -> Iterator[Finding]:
    """Find hooks that a version does not have yet, or not any more."""
    at, mend = Version(version), f"do without it, or leave {version} behind"
    for one in implementations(source):
        spec = specs.get(one.hook)
        if spec is None or spec.owner != CORE:
            continue
        info = spec.info
        if at < Version(info.since):
            message = f"the hook {one.hook} is there since {info.since}"
            yield one.module.finding("not-in-version", one.node, message, mend)
        elif info.removed_in and at >= Version(info.removed_in):
            message = f"the hook {one.hook} is gone since {info.removed_in}"
            yield one.module.finding("not-in-version", one.node, message, info.deprecated or mend)
