"""Install the system's programs that tests use: Chromium and Java.

Only as root on Debian and its kin, and only what is not there;
elsewhere the tests say at their end what is missing.
"""

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
    "default-jre-headless": ("java",),
}
APT = ("apt-get", "-qq", "-o=Dpkg::Use-Pty=0")


def main() -> None:
    """Install what is missing where that can be done unasked."""
    missing = [name for name, programs in PACKAGES.items() if not any(map(shutil.which, programs))]
    if os.environ.get("PALABRE_CHROMIUM"):
        missing = [name for name in missing if name != "chromium"]
    if missing and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing)


def install(packages: list[str]) -> None:
    """Ask apt for packages; a failure is shown and left to the tests to judge."""
    print(f"Installing {' and '.join(packages)} …", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        answer = subprocess.run([*APT, *step], env=quiet, capture_output=True, text=True)
        if answer.returncode:
            print(answer.stdout, answer.stderr, file=sys.stderr)


if __name__ == "__main__":
    main()
