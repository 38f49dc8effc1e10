"""Compare what a plugin has with what its manifest says that it touches."""

from __future__ import annotations

from collections.abc import Iterator

from blog.platform.checks import manifests
from blog.platform.checks.source import Source
from blog.platform.findings import Finding
from blog.platform.manifest import Manifest
from blog.platform.probe import Probed

WORDS = {"tables": "table", "routes": "address", "secrets": "secret", "jobs": "job"}


def check(source: Source, manifest: Manifest | None, probed: Probed) -> Iterator[Finding]:
    """Find what an import showed and the manifest does not name: each, at the line to change."""
    for kind, names in probed.undeclared.items():
        declared = [*(manifest.reach.get(kind, ()) if manifest else ()), *names]
        listed = ", ".join(f'"{one}"' for one in dict.fromkeys(declared))
        key = kind if manifest and kind in manifest.reach else "reach"
        for name in names:
            message = f"the {WORDS[kind]} {name!r} is not in [reach]"
            mend = f"write {kind} = [{listed}] there"
            yield manifests.at_key(source, key, "reach-undeclared", message, mend)
