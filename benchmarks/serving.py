"""Start servers for a while, and ask them as fast as they answer."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"


@contextmanager
def palabre(environ: Mapping[str, str], workers: int = 1) -> Iterator[tuple[int, int]]:
    """Run ``palabre serve``; give its port and process id."""
    port = free_port()
    program = str(Path(sys.executable).parent / "palabre")
    command = [program, "serve", "--port", str(port), "--workers", str(workers)]
    with _running(command, port, environ) as pid:
        yield port, pid


@contextmanager
def reference(environ: Mapping[str, str], database: Path) -> Iterator[tuple[int, int]]:
    """Run the by-hand reference under the same server with the same threads."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning"]
    command += ["benchmarks.reference:app"]
    with _running(command, port, {**environ, "REFERENCE_DATABASE": str(database)}) as pid:
        yield port, pid


def requests_a_second(port: int, path: str, seconds: float, clients: int = 2) -> float:
    """Count the whole answers that several clients get on connections that stay open."""
    counts = [0] * clients
    until = time.monotonic() + seconds

    def ask(index: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        while time.monotonic() < until:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            counts[index] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(clients)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - started)


def fetch(port: int, path: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Get the bytes of one answer as they come over the wire."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path, headers=dict(headers or {}))
    body = connection.getresponse().read()
    connection.close()
    return body


def memory(pid: int) -> float:
    """Give the megabytes of a server and its workers; what they share counts once."""
    total = 0
    for process in [pid, *_children(pid)]:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, environ: Mapping[str, str]) -> Iterator[int]:
    process = subprocess.Popen(
        command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait(port)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait(port: int, seconds: float = 20) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            fetch(port, "/")
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError("the server does not answer")


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found
