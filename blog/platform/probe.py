"""Import a plugin in a child process first: what hangs, exits or reaches out stays there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIMIT = 10.0
# A slow or busy machine may need long to start a Python at all, which is no plugin's fault.
STARTING = 30.0
# What a child needs to start; settings and secrets of the site are not among it.
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMPDIR", "PYTHONPYCACHEPREFIX")
MODULE = "blog.platform.probing"


@dataclass(frozen=True, slots=True)
class Probed:
    """Hold what an import in a child process showed.

    ``failure`` is a finding's code, empty when the import went well; ``effects`` are what it
    tried to reach; the rest is what the plugin declared, as rows.
    """

    failure: str = ""
    message: str = ""
    file: str = ""
    line: int = 1
    effects: list[Mapping[str, Any]] = field(default_factory=list)
    hooks: list[Mapping[str, Any]] = field(default_factory=list)
    routes: list[Mapping[str, Any]] = field(default_factory=list)
    settings: list[Mapping[str, Any]] = field(default_factory=list)
    tables: list[Mapping[str, Any]] = field(default_factory=list)
    permissions: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    undeclared: Mapping[str, list[str]] = field(default_factory=dict)


def probe(path: Path, name: str = "", module: str = "", limit: float = LIMIT) -> Probed:
    """Import a plugin's folder or file in a child process; give what came of it.

    ``module`` is the name to import for a bundled or packaged plugin; ``limit`` is in seconds.
    """
    words = [str(path.absolute()), name or path.stem, module, str(limit)]
    with subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", MODULE, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    ) as child:
        try:
            said, _ = child.communicate(timeout=STARTING + limit)
        except subprocess.TimeoutExpired:
            said = b""
            return Probed("import-hangs", hanging(limit))
        finally:
            _end(child)
    return _understood(said, child.returncode)


def hanging(limit: float) -> str:
    """Say that an import did not end."""
    return f"its import did not end within {limit:g} s"


def _understood(said: bytes, status: int) -> Probed:
    try:
        return Probed(**json.loads(said))
    except (ValueError, TypeError):
        reason = f"with the status {status}"
        if status < 0:
            with suppress(ValueError):
                reason = f"by the signal {signal.Signals(-status).name}"
        return Probed("import-exits", f"its import ended the process {reason}")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join(str(Path(one).absolute()) for one in sys.path)
    return {**kept, "PYTHONPATH": path}


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started; nothing of it can keep the parent waiting."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()
    if child.stdout:
        child.stdout.close()
