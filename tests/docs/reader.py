"""Do what a page says, in a folder of its own, as a person would who reads it."""

import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from time import sleep
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from click.testing import CliRunner
from sqlalchemy import select

from blog import session
from blog.cli import palabre
from blog.models import Comment
from blog.testing import SiteUnderTest, hidden_fields
from tests.docs.examples import ROOT, Step

SERVERS = ("run", "serve")
TOOLS = {
    "cp": ["cp"],
    "mkdir": ["mkdir"],
    "pytest": [sys.executable, "-m", "pytest", "-q"],
    "pybabel": [sys.executable, "-m", "babel.messages.frontend", "-q"],
}
GET = re.compile(r"GET (\S+) (shows|hides): (.*)", re.DOTALL)
COMMENT = re.compile(r"COMMENT on (\S+) becomes (\w+)(?: \((.*?)\))?: (.*)", re.DOTALL)
GIVEN = re.compile(r"given (\S+) as (\S+)")


class Reader:
    """Follow a page step by step; raise ``AssertionError`` where it is wrong."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.instance = folder / "instance"
        self.environ = environ
        self.output = ""

    def follow(self, step: Step) -> None:
        """Do one step, or pass over a block that only a person can follow."""
        if step.kind == "check":
            self.check(step.text)
        elif step.kind == "shell":
            self.output = "".join(self.run(line, step.refused) for line in step.text.splitlines())
        elif step.title == "Output":
            assert re.fullmatch(_pattern(step.text), self.output.strip()), self.output
        elif step.title and not step.title.startswith("/"):
            self.write(step.title, step.text)

    def run(self, line: str, refused: bool = False) -> str:
        """Run one command, make a site first where it needs one, and give what it printed."""
        program, *words = shlex.split(line)
        if program != "palabre":
            self.need_site()
        if program == "sqlite3":
            return _ask_sqlite(self.folder / words[0], words[1])
        if program in TOOLS:
            subprocess.run([*TOOLS[program], *words], check=True, cwd=self.folder)
            return ""
        assert program == "palabre", f"this is not run in shell blocks: {line}"
        if words[0] in SERVERS:
            return self.serve(words)
        if words[0] not in ("init", "version"):
            self.need_site()
        answer = CliRunner().invoke(palabre, words, env=self.environ)
        assert answer.exit_code == (1 if refused else 0), f"{line}: {answer.output}"
        return answer.output

    def serve(self, words: list[str]) -> str:
        """Start a server, load its first page, stop it, and give what it said."""
        if words[0] == "serve":
            self.need_site()
            words = [*words, "--port", str(_free_port())]
        command = [sys.executable, "-c", "from blog.cli import main; main()", *words]
        with subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as server:
            try:
                said = _greeting(server.stdout)
                assert _answers(said.partition("Your blog: ")[2].partition("\n")[0]), said
            finally:
                # The one that takes changed files is a child of the one that we started.
                os.killpg(server.pid, signal.SIGTERM)
        return said

    def write(self, title: str, text: str) -> None:
        """Put a block where its title says."""
        if not title.startswith("instance/config"):
            self.need_site()
        path = self.folder / title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def check(self, text: str) -> None:
        """Ask the site whether it does what the page promises."""
        if given := GIVEN.fullmatch(text):
            shutil.copy(ROOT / given[1], self.folder / given[2])
            return
        self.need_site()
        site = SiteUnderTest(self.instance, self.environ)
        try:
            if asked := GET.fullmatch(text):
                shown = site.get(asked[1], follow_redirects=True).text
                assert (asked[3] in shown) is (asked[2] == "shows"), text
            elif said := COMMENT.fullmatch(text):
                saved = _comment(site, said[1], said[4])
                reasons = [one["text"] for one in saved.reasons or ()]
                assert saved.status == said[2], f"{text}\n{saved.status}: {reasons}"
                assert said[3] is None or said[3] in reasons, f"{text}\n{reasons}"
            else:
                raise AssertionError(f"nobody knows how to check: {text}")
        finally:
            site.close()

    def need_site(self) -> None:
        """Make a site with its welcome post, as ``palabre init`` does, unless there is one."""
        if not (self.instance / "secret_key").exists():
            CliRunner().invoke(palabre, ["init"], env=self.environ, catch_exceptions=False)


def _comment(site: SiteUnderTest, path: str, text: str) -> Comment:
    page = site.get(path, follow_redirects=True)
    form = hidden_fields(page.text)
    site.post(f"/comments/{form['comment_post_ID']}", {**form, "comment": text})
    with site.context():
        return session.scalars(select(Comment).order_by(Comment.id.desc()).limit(1)).one()


def _ask_sqlite(path: Path, statement: str) -> str:
    """Do what the program of that name does, which need not be installed."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    return ""


def _pattern(text: str) -> str:
    """Let … stand for anything, and months and ports be those of the day."""
    pattern = re.escape(text.strip()).replace("…", "(?s:.*)")
    pattern = re.sub(r"/\d{4}/\d\d/", r"/\\d{4}/\\d\\d/", pattern)
    return re.sub(r":8\d{3}", r":\\d+", pattern)


def _greeting(lines: Iterable[str] | None) -> str:
    said = ""
    for line in lines or ():
        said += line
        if line.startswith("Stop it"):
            break
    return said


def _answers(address: str) -> bool:
    """Wait until a server takes requests, and tell whether its first page is well."""
    for _attempt in range(100):
        try:
            with urlopen(address, timeout=10) as page:
                return bool(page.status == 200)
        except HTTPError:
            return False
        except (URLError, ConnectionError):
            sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
