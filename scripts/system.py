"""Install what tests use of the system: Chromium, Java and a library of the browser's driver.

Only as root on Debian and its kin, and only what is not there;
elsewhere the tests say at their end what is missing.
"""

import ctypes
import os
import shutil
import subprocess
import sys

APT = ("apt-get", "-qq", "-o=Dpkg::Use-Pty=0")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def main() -> None:
    """Install what is missing where that can be done unasked."""
    packages = missing()
    if packages and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install(packages)


def missing() -> list[str]:
    """Name the Debian packages of what cannot be found here."""
    found = {
        "chromium": os.environ.get("PALABRE_CHROMIUM") or any(map(shutil.which, CHROMIUMS)),
        "default-jre-headless": shutil.which("java"),
        "libatomic1": has_library("libatomic.so.1"),
    }
    return [package for package, there in found.items() if not there]


def has_library(name: str) -> bool:
    """Say whether a shared library can be loaded."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def install(packages: list[str]) -> None:
    """Ask apt for packages; a failure is shown and left to the tests to judge."""
    print(f"Installing {', '.join(packages)} …", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        answer = subprocess.run([*APT, *step], env=quiet, capture_output=True, text=True)
        if answer.returncode:
            print(answer.stdout, answer.stderr, file=sys.stderr)


if __name__ == "__main__":
    main()
