"""Run ``palabre serve`` and ``palabre run`` as a person does, on a free port."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAM = "import sys; from blog.cli import main; main(sys.argv[1:])"
HOST = "127.0.0.1"
START_SECONDS = 60


class Process:
    """Hold a server with its processes, all in one group."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *words: str,
        environ: Mapping[str, str],
        program: str = PROGRAM,
    ) -> None:
        self.port = port
        self.log = folder / f"log-{time.monotonic_ns()}"
        with self.log.open("wb") as log, self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, *words],
                cwd=folder,
                env={**os.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                start_new_session=True,
            )

    @property
    def out(self) -> Path:
        """Name the file of what it says."""
        return self.log.with_suffix(".out")

    def wait_until_ready(self) -> None:
        """Wait for the first page."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if get(self.port, "/")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"no answer; it said: {self.log.read_text()[-2000:]}")

    def signal(self, number: int) -> None:
        """Tell the first process something."""
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End every process of the group at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)


@contextmanager
def serving(process: Process) -> Iterator[Process]:
    """Serve for as long as the block lasts."""
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.kill()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str) -> tuple[int, str]:
    """Ask for a page on a connection of its own."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
