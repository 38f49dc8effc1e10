"""Import from a shell: what is printed, what is refused, what a crash leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from blog import Comment, Leftover, Post, session
from blog.cli import palabre
from blog.testing import SiteUnderTest
from tests.plugins.wordpress.conftest import HEAD, TAIL, Export

SMALL, LARGE = 5, 50
GROWTH = 40_000
"""Kilobytes that the larger of the two files may cost more, which is less than it is larger."""

PEAK = (
    "import resource, sys; from blog.cli import palabre\n"
    "palabre.main(sys.argv[1:], standalone_mode=False)\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def call(site: SiteUnderTest, *words: object) -> Result:
    """Call ``palabre import wordpress`` on a site."""
    line = ["--instance", str(site.instance), "import", "wordpress", *map(str, words)]
    return CliRunner().invoke(palabre, line, env=dict(site.environ))


def start(site: SiteUnderTest, *arguments: object) -> subprocess.Popen[str]:
    """Start Python beside the test on the same site."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, **site.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def written(path: Path, megabytes: int) -> Path:
    """Write an export of a given size, in posts of 50 kB with two comments each."""
    body = ("Sous l’arbre, on parle jusqu’au soir. " * 115 + "\n\n") * 10
    comment = (
        "<wp:comment><wp:comment_id>{}</wp:comment_id><wp:comment_content>Oui</wp:comment_content>"
        "<wp:comment_approved>1</wp:comment_approved><wp:comment_parent>{}</wp:comment_parent>"
        "</wp:comment>"
    )
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(1, megabytes * 20 + 1):
            file.write(
                f"<item><title>{number}</title><content:encoded>{body}</content:encoded>"
                f"<wp:post_id>{number}</wp:post_id><wp:post_type>post</wp:post_type>"
                "<wp:status>publish</wp:status><wp:post_date_gmt>2024-05-01 10:00:00"
                f"</wp:post_date_gmt>{comment.format(number * 2, 0)}"
                f"{comment.format(number * 2 + 1, number * 2)}</item>\n"
            )
        file.write(TAIL)
    return path


def counted(site: SiteUnderTest) -> tuple[int, int, int]:
    """Count posts, comments and leftovers."""
    with site.context():
        found = [session.scalar(select(func.count(one.id))) for one in (Post, Comment, Leftover)]
    posts, comments, kept = (number or 0 for number in found)
    return posts, comments, kept


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with the importer and nested replies."""
    return make_site(["wordpress", "threads"])


@pytest.fixture
def file(tmp_path: Path, export: Export, item: Callable[..., str]) -> Path:
    """Write a small export."""
    path = tmp_path / "blog.xml"
    path.write_bytes(export(item(post_date_gmt="2024-05-01 10:00:00")).getvalue())
    return path


def test_the_report_is_an_array_of_objects(site: SiteUnderTest, file: Path) -> None:
    result = call(site, file, "--json")

    rows: list[dict[str, Any]] = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {
        "what": "item",
        "type": "post",
        "status": "publish",
        "outcome": "published",
        "note": "",
        "count": 1,
    } in rows
    assert "imported 1 post, 0 pages, 0 comments" in result.stderr


def test_the_report_names_the_posts_that_were_changed(
    site: SiteUnderTest, tmp_path: Path, export: Export, item: Callable[..., str]
) -> None:
    body = "<content:encoded>[contact-form-7 id='1']</content:encoded>"
    date = "2024-05-01 10:00:00"
    file = tmp_path / "blog.xml"
    items = [item(body, post_date_gmt=date, post_name=f"a-{n}") for n in range(30)]
    items.append(item(post_id="9", post_password="sésame", post_date_gmt=date, post_name="clos"))
    file.write_bytes(export(*items).getvalue())

    rows = json.loads(call(site, file, "--json").stdout)

    named = {row["note"] or row["outcome"]: row.get("posts", []) for row in rows}
    assert len(named["not shown"]) == len(named["id of another item"]) == 20
    assert [one["title"] for one in named["password"]] == ["Sous l’arbre"]
    assert named["not shown"][0]["path"].endswith("/a-0/")


def test_a_dry_run_imports_nothing(site: SiteUnderTest, file: Path) -> None:
    result = call(site, file, "--dry-run")

    assert result.exit_code == 0
    assert "would import 1 post" in result.stderr
    assert counted(site) == (0, 0, 0)


def test_a_second_run_says_what_was_here(site: SiteUnderTest, file: Path) -> None:
    call(site, file)

    result = call(site, file)

    assert "imported 0 posts, 0 pages, 0 comments; 1 were here already" in result.stderr


def test_a_broken_file_is_refused_in_one_line_with_its_place(
    site: SiteUnderTest, file: Path
) -> None:
    file.write_bytes(file.read_bytes()[:-30])

    result = call(site, file)

    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert "Line" in lines[0]
    assert counted(site) == (0, 0, 0)


def test_a_file_that_is_missing_is_a_wrong_call(site: SiteUnderTest, tmp_path: Path) -> None:
    assert call(site, tmp_path / "none.xml").exit_code == 2


@pytest.mark.parametrize(("name", "is_told"), [("2024/05/tree.png", False), ("tree.png", True)])
def test_a_folder_without_the_pictures_is_told(
    site: SiteUnderTest,
    tmp_path: Path,
    export: Export,
    item: Callable[..., str],
    name: str,
    is_told: bool,
) -> None:
    address = "https://carnet.example/wp-content/uploads/2024/05/tree.png"
    url = f"<wp:attachment_url>{address}</wp:attachment_url>"
    file = tmp_path / "blog.xml"
    file.write_bytes(export(item(url, post_type="attachment", status="inherit")).getvalue())
    picture = tmp_path / "old" / name
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")

    result = call(site, file, "--uploads", tmp_path / "old")

    line = f"no pictures found in {tmp_path / 'old'}: it should be wp-content/uploads"
    assert (line in result.stderr) is is_told


def test_an_empty_folder_of_pictures_is_told(
    site: SiteUnderTest, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()

    assert "no pictures found" in call(site, file, "--uploads", tmp_path / "old").stderr


@pytest.mark.slow
def test_memory_stays_flat_with_the_size_of_the_file(site: SiteUnderTest, tmp_path: Path) -> None:
    peaks = []
    for megabytes in (SMALL, LARGE):
        path = written(tmp_path / f"{megabytes}.xml", megabytes)
        words = ["--instance", site.instance, "import", "wordpress", path, "--json"]
        out, errors = start(site, "-c", PEAK, *words).communicate(timeout=600)
        assert "imported" in errors
        peaks.append(int(out.splitlines()[-1]))

    assert peaks[1] - peaks[0] < GROWTH


@pytest.mark.slow
def test_an_import_that_was_killed_is_completed_by_running_it_again(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    path = written(tmp_path / "blog.xml", SMALL)
    words = ["--instance", str(site.instance), "import", "wordpress", str(path)]

    for _ in range(2):
        process = start(site, "-c", "from blog.cli import palabre; palabre()", *words)
        before, limit = counted(site)[0], time.monotonic() + 60
        while process.poll() is None and time.monotonic() < limit:
            if counted(site)[0] > before:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.02)
        process.communicate(timeout=60)
    cut = counted(site)
    assert call(site, path).exit_code == 0

    assert 0 < cut[0] < SMALL * 20
    assert cut[0] * 2 == cut[1]  # a post is never there without its comments
    assert counted(site)[:2] == (SMALL * 20, SMALL * 40)
