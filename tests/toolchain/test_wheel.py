"""The built wheel holds every file, and serves from an empty environment."""

import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("blog", "plugins", "pyproject.toml", "README.md", "LICENSE")
START_SECONDS = 30

pytestmark = [pytest.mark.wheel, pytest.mark.slow]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, since setuptools leaves folders behind."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    options = ("--quiet", "--no-deps", "--no-build-isolation")
    _run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder / "dist", folder)
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def palabre(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment and name its command."""
    folder = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", folder)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input")
    _run(*pip, "--require-hashes", "-r", ROOT / "requirements" / "run.txt")
    _run(*pip, "--no-deps", wheel)
    return folder / "bin" / "palabre"


@pytest.fixture
def address(palabre: Path, tmp_path: Path) -> Iterator[str]:
    """Make a new site with the installed command and serve it."""
    site = (palabre, "--instance", tmp_path / "site")
    _run(*site, "init", "--no-input", cwd=tmp_path)
    port = _free_port()
    command = [*map(str, site), "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(command, cwd=tmp_path) as server:
        yield f"http://127.0.0.1:{port}/"
        server.terminate()


def test_wheel_holds_every_file_of_the_sources(wheel: Path) -> None:
    folders = {"blog": ROOT / "blog", "blog_plugins": ROOT / "plugins"}
    sources = {
        f"{name}/{path.relative_to(folder).as_posix()}"
        for name, folder in folders.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == sources


def test_wheel_serves_from_an_empty_environment(address: str) -> None:
    assert "<html" in _get(address)


def _get(address: str) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _run(*command: str | Path, cwd: Path = ROOT) -> None:
    answer = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
