"""The deletion test: without plugins/ people read, comment and publish, and nothing is unsafe."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent
READER = """
import importlib.util, json, sys
from pathlib import Path
from blog.testing import SiteUnderTest

assert importlib.util.find_spec("blog_plugins") is None
site = SiteUnderTest(Path(sys.argv[1]), {})
"""


class Bare:
    """Use a copy of the core that has no plugins beside it, as an owner does from a shell."""

    def __init__(self, folder: Path) -> None:
        self.code = folder / "code"
        self.instance = folder / "site"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "blog", self.code / "blog", ignore=ignored)

    def palabre(self, *words: str) -> str:
        """Run a command and give what it prints."""
        call = "from blog.cli import main; main()"
        return self._python(call, "--instance", str(self.instance), *words)

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Run a command that lists."""
        found: list[dict[str, Any]] = json.loads(self.palabre(*words, "--json"))
        return found

    def ask(self, script: str) -> Any:
        """Run a reader's steps, which print what they saw as JSON."""
        return json.loads(self._python(READER + script, str(self.instance)))

    def _python(self, source: str, *arguments: str) -> str:
        # Without site, no .pth file brings the plugins of an editable installation back.
        packages = sysconfig.get_path("purelib")
        done = subprocess.run(
            [sys.executable, "-S", "-c", source, *arguments],
            cwd=self.code,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(self.code), packages))},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    made = Bare(tmp_path_factory.mktemp("bare"))
    made.palabre("init", "--no-input", "--title", "Sans rien")
    return made


@pytest.fixture(scope="module")
def post(bare: Bare) -> int:
    """Publish a post from the shell and give its id."""
    body = "Premier alinéa.\n\nSecond <script>alert(1)</script>"
    return int(bare.palabre("posts", "new", "Sous l’arbre", "--body", body, "--publish"))


def comment(bare: Bare, post: int, text: str) -> dict[str, Any]:
    """Send a comment as a reader and look at the answers."""
    found: dict[str, Any] = bare.ask(
        f"""
with site.context():
    from blog import posts
    post = posts.get({post})
answer = site.comment(post, {text!r}, author="Ama")
print(json.dumps({{
    "status": answer.status_code,
    "mine": site.follow(answer).text,
    "everyone": site.get(post.path).text,
}}))
"""
    )
    return found


def read(bare: Bare, post: int) -> str:
    script = f'print(json.dumps(site.get("/?p={post}", follow_redirects=True).text))'
    found: str = bare.ask(script)
    return found


def test_no_plugin_is_there(bare: Bare) -> None:
    assert bare.rows("plugins", "list") == []


def test_a_post_published_from_the_shell_is_read(bare: Bare, post: int) -> None:
    html = read(bare, post)

    assert "<p>Premier alinéa.</p>" in html
    assert "Laisser" in html or "Leave a comment" in html


def test_what_is_typed_stays_harmless(bare: Bare, post: int) -> None:
    assert "<script>alert" not in read(bare, post)


def test_lists_and_errors_are_shown(bare: Bare, post: int) -> None:
    seen = bare.ask(
        'print(json.dumps([site.get("/").status_code, site.get("/rien/").status_code]))'
    )

    assert seen == [200, 404]


def test_a_comment_is_held_until_the_owner_approves_it(bare: Bare, post: int) -> None:
    seen = comment(bare, post, "Bonjour de loin")

    assert seen["status"] == 303
    assert "Bonjour de loin" in seen["mine"]
    assert "Bonjour de loin" not in seen["everyone"]
    [held] = bare.rows("comments", "list", "--status", "pending")

    bare.palabre("comments", "approve", str(held["id"]))

    assert "Bonjour de loin" in read(bare, post)
    assert bare.rows("posts", "list")[0]["comments"] == 1


def test_comments_are_published_where_the_owner_says_so(bare: Bare, post: int) -> None:
    config = bare.instance / "config.toml"
    config.write_text("comments_publish = true\n", "utf-8")
    try:
        seen = comment(bare, post, "Bonjour de près")
    finally:
        config.unlink()

    assert "Bonjour de près" in seen["everyone"]


def test_comments_are_a_flat_list(bare: Bare, post: int) -> None:
    assert '<ol class="children">' not in read(bare, post)


def test_strangers_cannot_reach_an_admin(bare: Bare, post: int) -> None:
    seen = bare.ask(
        "print(json.dumps([site.get(p).status_code for p in ('/admin/', '/login', '/setup/x')]))"
    )

    assert seen == [404, 404, 404]


def test_doctor_finds_nothing_wrong(bare: Bare, post: int) -> None:
    assert all(one["state"] != "wrong" for one in bare.rows("doctor"))
