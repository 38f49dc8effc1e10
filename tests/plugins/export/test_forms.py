"""Export as Markdown and JSON, from a shell and from the admin, with what plugins add."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from blog import Comment, Leftover, Post, PostStatus, Status, posts, writing
from blog.cli import palabre
from blog.testing import SiteUnderTest, hidden_fields
from tests.plugins.export.test_round_trip import HOSTILE, call

PAGE = "/admin/export/"
NAMES = ("wordpress.xml", "markdown.zip", "json.json")
PNG = b"\x89PNG\r\n\x1a\n"
SMALL, LARGE, GROWTH = 10_000, 100_000, 40_000

MORE = '''"""Hold terms and files."""
# /// plugin
# title = "More"
# summary = "Hold terms and files."
# version = "1.0"
# api = 1
# ///

from blog import hookimpl


@hookimpl(optionalhook=True)
def export_term_list():
    """Name them."""
    return {
        "category": [{"slug": "arbres", "name": "Arbres & <bois>"},
                     {"slug": "fromagers", "name": "Fromagers", "parent": "arbres"}],
        "post_tag": [],
        "town": [{"slug": "lome", "name": "Lomé"}],
    }


@hookimpl(optionalhook=True)
def export_terms(post_ids):
    """Give every post two."""
    names = (("category", "arbres", "Arbres & <bois>"), ("town", "lome", "Lomé"))
    return {one: [dict(zip(("taxonomy", "slug", "name"), name)) for name in names]
            for one in post_ids}


@hookimpl(optionalhook=True)
def export_attachments():
    """Name a picture."""
    return [{"address": "/media/a.png", "title": "A & b", "alt": "Un <arbre>"}]
'''
PEAK = (
    "import resource, sys; from blog.cli import palabre\n"
    "palabre.main(sys.argv[1:], standalone_mode=False)\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with all that the tests of exports need."""
    return make_site(["export", "wordpress", "markdown", "accounts", "admin"])


def files(folder: Path) -> dict[str, bytes]:
    """Read a folder by the names in it."""
    return {
        str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }


def send(person: SiteUnderTest, name: str) -> Any:
    """Press a button."""
    return person.post(PAGE + name, hidden_fields(person.get(PAGE).text))


def as_json(site: SiteUnderTest, folder: Path) -> dict[str, Any]:
    """Export as JSON and read that."""
    call(site, "export", "json", folder / "site.json")
    found: dict[str, Any] = json.loads((folder / "site.json").read_text("utf-8"))
    return found


def test_json_holds_all_also_the_trash(site: SiteUnderTest, tmp_path: Path) -> None:
    post = site.write_post("Jeté", HOSTILE)
    site.write_comment(post, "Mot", email="ama@example.org", status=Status.SPAM)
    with site.context():
        posts.set_status([post.id], PostStatus.TRASH)

    found = as_json(site, tmp_path)

    assert (found["format"], found["version"]) == ("palabre", 1)
    assert [(one["title"], one["status"], one["body"]) for one in found["posts"]] == [
        ("Jeté", "trash", HOSTILE)
    ]
    assert [(one["email"], one["status"]) for one in found["comments"]] == [
        ("ama@example.org", "spam")
    ]


def test_json_tells_nothing_by_which_a_sender_is_known(site: SiteUnderTest, tmp_path: Path) -> None:
    site.write_comment(site.write_post())

    (comment,) = as_json(site, tmp_path)["comments"]

    assert not {"sender", "digest"} & comment.keys()


def test_an_empty_site_is_whole_json(site: SiteUnderTest, tmp_path: Path) -> None:
    found = as_json(site, tmp_path)

    assert [found[name] for name in ("posts", "comments", "terms", "files")] == [[], [], [], []]


def test_markdown_has_front_matter_that_is_read_back(site: SiteUnderTest, tmp_path: Path) -> None:
    post = site.write_post('"Titre": #1 é', "Un *mot*.", author="Awa", excerpt="Court: oui")
    site.write_comment(post, "Bonjour")

    call(site, "export", "markdown", tmp_path / "out")

    found = files(tmp_path / "out")
    (name,) = (one for one in found if one.endswith("index.md"))
    head, _, text = found[name].decode().removeprefix("---\n").partition("---\n\n")
    lines = dict(line.split(": ", 1) for line in head.splitlines())
    assert json.loads(lines["title"]) == '"Titre": #1 é'
    assert (json.loads(lines["summary"]), lines["draft"]) == ("Court: oui", "false")
    assert text == "Un *mot*.\n"
    comments = json.loads(found[name.replace("index.md", "comments.json")])
    assert [one["body"] for one in comments] == ["Bonjour"]


def test_pictures_lie_beside_the_text(site: SiteUnderTest, tmp_path: Path) -> None:
    folder = site.instance / "media" / "wp-content" / "uploads"
    folder.mkdir(parents=True)
    (folder / "un arbre.png").write_bytes(PNG)
    (folder.parent / "secret.png").write_bytes(b"secret")
    site.write_post(
        "Un",
        "![a](/wp-content/uploads/un%20arbre.png) ![b](/wp-content/uploads/../secret.png)"
        " ![c](/wp-content/uploads/none.png) ![d](https://a.example/wp-content/uploads/un%20arbre.png)",
    )

    call(site, "export", "markdown", tmp_path / "out")

    found = files(tmp_path / "out")
    (text,) = (one.decode() for name, one in found.items() if name.endswith("index.md"))
    assert [one for name, one in found.items() if name.endswith(".png")] == [PNG]
    assert "![a](1-un-arbre.png)" in text
    assert "![c](/wp-content/uploads/none.png)" in text
    assert "https://a.example/wp-content/uploads/un%20arbre.png" in text


def test_posts_with_one_name_get_folders_of_their_own(site: SiteUnderTest, tmp_path: Path) -> None:
    site.set("core", permalink="/{id}/{slug}/")
    for _ in range(2):
        site.write_post("Le même")
    for _ in range(2):
        site.write_post("é" * 300, status=PostStatus.DRAFT)

    call(site, "export", "markdown", tmp_path / "out")

    assert len([one for one in files(tmp_path / "out") if one.endswith("index.md")]) == 4


def test_a_folder_with_something_in_it_is_refused(site: SiteUnderTest, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")

    line = ["--instance", str(site.instance), "export", "markdown", str(tmp_path)]
    answer = CliRunner().invoke(palabre, line, env=dict(site.environ))

    assert answer.exit_code != 0
    assert "not empty" in answer.output
    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"


def test_a_file_that_cannot_be_written_is_told_in_a_line(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    line = ["--instance", str(site.instance), "export", "json", str(tmp_path / "file" / "x.json")]
    answer = CliRunner().invoke(palabre, line, env=dict(site.environ))

    assert answer.exit_code != 0
    assert "Traceback" not in answer.output


def test_what_was_exported_is_for_its_owner_alone(site: SiteUnderTest, tmp_path: Path) -> None:
    as_json(site, tmp_path)

    assert stat.S_IMODE((tmp_path / "site.json").stat().st_mode) == 0o600


def test_terms_and_files_of_plugins_come_out(site: SiteUnderTest, tmp_path: Path) -> None:
    site.place("more", MORE)
    site.write_post("Un")
    with site.context(), writing() as write:
        for number, name in enumerate(("category", "genre")):
            data = {
                "taxonomy": name,
                "slug": "arbres",
                "element": {"name": "wp:term", "text": name},
            }
            write.add(Leftover(source="a.example", kind="term", original=str(number), data=data))

    call(site, "export", "wordpress", tmp_path / "site.xml")
    call(site, "export", "markdown", tmp_path / "out")

    written = (tmp_path / "site.xml").read_text("utf-8")
    assert "<wp:category_parent>arbres</wp:category_parent>" in written
    assert '<category domain="town" nicename="lome">Lomé</category>' in written
    assert "<wp:term>genre</wp:term>" in written
    assert "<wp:term>category</wp:term>" not in written
    assert "<wp:attachment_url>http://localhost/media/a.png</wp:attachment_url>" in written
    (text,) = (one.decode() for name, one in files(tmp_path / "out").items() if "index" in name)
    assert '"categories": ["Arbres & <bois>"]' in text


def test_readers_and_moderators_export_nothing(
    site: SiteUnderTest, moderator: SiteUnderTest
) -> None:
    assert site.get(PAGE).status_code in (302, 303, 403)
    assert moderator.get(PAGE).status_code == 403
    for name in NAMES:
        assert site.post(PAGE + name).status_code in (400, 403, 422)
        form = hidden_fields(moderator.get("/admin/comments").text)
        assert moderator.post(PAGE + name, form).status_code == 403


def test_no_other_site_can_press_a_button(owner: SiteUnderTest) -> None:
    assert {owner.post(PAGE + name).status_code for name in NAMES} <= {400, 422}


def test_the_owner_gets_the_same_files_from_the_admin(owner: SiteUnderTest, tmp_path: Path) -> None:
    owner.write_comment(owner.write_post("Un", HOSTILE), HOSTILE)
    for name, target in zip(
        ("wordpress", "json", "markdown"), ("a.xml", "a.json", "a"), strict=True
    ):
        call(owner, "export", name, tmp_path / target)

    answers = {name: send(owner, name) for name in NAMES}

    page = owner.get(PAGE).text
    assert all(f'action="{PAGE}{name}"' in page for name in NAMES)
    assert '<a href="/admin/export/" aria-current="page">' in page
    assert answers["json.json"].data == (tmp_path / "a.json").read_bytes()
    assert "attachment" in answers["wordpress.xml"].headers["Content-Disposition"]
    date = b"<pubDate>"
    lines = [one for one in answers["wordpress.xml"].data.splitlines() if date not in one]
    assert lines == [
        one for one in (tmp_path / "a.xml").read_bytes().splitlines() if date not in one
    ]
    with ZipFile(BytesIO(answers["markdown.zip"].data)) as archive:
        assert archive.testzip() is None
        zipped = {name: archive.read(name) for name in archive.namelist()}
    assert zipped == files(tmp_path / "a")


def test_an_unknown_form_is_not_found(owner: SiteUnderTest) -> None:
    assert send(owner, "pdf.pdf").status_code == 404


def test_the_export_stands_without_any_other_plugin(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    alone = make_site(["export"])
    alone.write_post("Un", "Un *mot*")

    assert as_json(alone, tmp_path)["posts"][0]["body"] == "Un *mot*"
    call(alone, "export", "markdown", tmp_path / "out")
    person = alone.as_person(permissions={"site.manage"})
    assert person.get(PAGE).status_code == 200


def test_the_page_speaks_french(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(["export", "admin"], language="fr")

    assert "Exporter en JSON" in site.as_person(permissions={"site.manage"}).get(PAGE).text


@pytest.mark.slow
def test_memory_does_not_grow_with_the_comments(site: SiteUnderTest, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("resource tells the peak in other units")
    peaks, last = [], 0
    post = site.write_post()
    for number in (SMALL, LARGE):
        with site.context(), writing() as write:
            rows = [
                {"post_id": post.id, "number": one, "body": "Un mot de plus. " * 12,
                 "html": "<p>Autre</p>", "status": "published", "parent_id": None}
                for one in range(last + 1, number + 1)
            ]  # fmt: skip
            for start in range(0, len(rows), 5000):
                write.execute(insert(Comment), rows[start : start + 5000])
            write.get_one(Post, post.id).last_number = number
        last = number
        line = ["--instance", str(site.instance), "export", "wordpress", str(tmp_path / "a.xml")]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *line],
            env={**os.environ, **site.environ},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < GROWTH, peaks
