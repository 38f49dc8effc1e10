"""What the docs tell other programs is well-formed."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.examples import blocks

SERVICE = [text for _page, (_, _, text, _, _) in blocks("ini") if "[Unit]" in text]
NGINX = [text for _page, (_, _, text, _, _) in blocks("nginx")]
ROOT = Path(__file__).resolve().parents[2]
CADDY = [text for _page, (_, _, text, _, _) in blocks("caddy")]


@pytest.mark.parametrize("text", SERVICE)
def test_the_unit_is_one_that_systemd_takes(text: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        unit = configparser.RawConfigParser(strict=False)
        unit.read_string(text)
        assert unit.get("Service", "ExecStart")
        return
    file = tmp_path / "palabre.service"
    here = Path(sys.executable).parent
    file.write_text(text.replace("/srv/palabre/.venv/bin", str(here)), "utf-8")

    answer = subprocess.run([program, "verify", file], capture_output=True, text=True)

    assert [line for line in answer.stderr.splitlines() if "palabre.service" in line] == []


@pytest.mark.parametrize("text", NGINX)
def test_the_configuration_of_nginx_is_one_that_it_takes(text: str, tmp_path: Path) -> None:
    program = shutil.which("nginx")
    if program is None:
        assert _closes_what_it_opens(text)
        assert all(re.search(r"[;{}]$", line) for line in _lines(text))
        return
    # Its certificate is nowhere here, and neither are the ports of the privileged.
    plain = re.sub(r"^\s*ssl_\w+ .*\n", "", text, flags=re.MULTILINE).replace(" ssl;", ";")
    file = tmp_path / "nginx.conf"
    file.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{plain}\n}}\n", "utf-8")
    answer = subprocess.run([program, "-t", "-c", file], capture_output=True, text=True)

    assert "syntax is ok" in answer.stderr


@pytest.mark.parametrize("text", NGINX)
def test_nginx_replaces_every_header_that_palabre_believes(text: str) -> None:
    source = (ROOT / "blog" / "delivery.py").read_text("utf-8")
    believed = set(re.findall(r"HTTP_(X_FORWARDED_\w+)", source))
    told = {one.replace("-", "_").upper() for one in re.findall(r"proxy_set_header (\S+)", text)}

    assert believed
    assert believed <= told


@pytest.mark.parametrize("text", CADDY)
def test_the_configuration_of_caddy_is_one_that_it_takes(text: str, tmp_path: Path) -> None:
    program = shutil.which("caddy")
    if program is None:
        assert _closes_what_it_opens(text)
        return
    file = tmp_path / "Caddyfile"
    file.write_text(text, "utf-8")
    command = [program, "adapt", "--config", str(file), "--adapter", "caddyfile"]

    assert subprocess.run(command, capture_output=True).returncode == 0


def _lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _closes_what_it_opens(text: str) -> bool:
    return text.count("{") == text.count("}") > 0
