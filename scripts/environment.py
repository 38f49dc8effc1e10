"""Make .venv hold what a lock file says.

Run by make with any Python 3.11 or later and nothing installed; does nothing when all is there.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Whoever has the development lock has the other one too.
ENOUGH = {"run": ("run", "dev"), "dev": ("dev",)}


def main(lock: str) -> None:
    """Install the lock named ``run`` or ``dev``, unless it is installed already."""
    if sys.version_info < (3, 11):
        sys.exit("Palabre needs Python 3.11 or later: make PYTHON=python3.12 …")
    with (ROOT / ".venv.lock").open("w") as turn:
        # Two makes at once would install over each other.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_installed(lock):
            install(lock)


def is_installed(lock: str) -> bool:
    """Say whether a stamp of this lock, or of a larger one, is up to date."""
    return PYTHON.exists() and any(
        stamp(name).exists() and stamp(name).read_text() == digest(name) for name in ENOUGH[lock]
    )


def install(lock: str) -> None:
    """Create the environment where it is missing and fill it from the lock."""
    print(f"Installing into {VENV.name} from requirements/{lock}.txt …", flush=True)
    if not can_run():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    for name in ENOUGH["run"]:
        stamp(name).unlink(missing_ok=True)
    pip("--require-hashes", "-r", str(ROOT / "requirements" / f"{lock}.txt"))
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    stamp(lock).write_text(digest(lock))


def can_run() -> bool:
    """Say whether the environment's own pip starts; a moved or half-made one does not."""
    if not PYTHON.exists():
        return False
    answer = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, text=True)
    return answer.returncode == 0 and str(VENV) in answer.stdout


def pip(*arguments: str) -> None:
    """Install quietly; show what pip said only when it failed."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", *arguments]
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    answer = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if answer.returncode:
        sys.exit(f"{answer.stdout}\nInstalling failed; mend the cause above and try again.")


def stamp(lock: str) -> Path:
    """Name the file that remembers what was installed."""
    return VENV / f"installed-{lock}"


def digest(lock: str) -> str:
    """Hash what an installation depends on: the lock, the project and the folder's place."""
    # Here, so that an older Python gets as far as being told that it is too old.
    import tomllib  # noqa: PLC0415

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    setup = [project["build-system"], project["project"], project["tool"]["setuptools"]]
    locked = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return hashlib.sha256(json.dumps([setup, locked, str(VENV)]).encode()).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1])
