"""Copy the pictures of an old blog and serve them under the addresses that they had."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from blog.testing import SiteUnderTest
from blog_plugins.wordpress import services, uploads
from blog_plugins.wordpress.report import Report
from tests.plugins.wordpress.conftest import Export

PIXEL = bytes.fromhex("89504e470d0a1a0a") + b"pixels"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ADDRESS = "https://carnet.example/wp-content/uploads/2024/05/tree.png"


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with the importer."""
    return make_site(["wordpress"])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Make the folder of an old blog."""
    folder = tmp_path / "old"
    for name, content in {
        "2024/05/tree.png": PIXEL,
        "2024/05/draw.svg": SVG,
        "2024/05/page.html": b"<script>alert(1)</script>",
        "2024/05/shell.php": b"<?php ?>",
        "2024/05/list.docx": b"PK",
        ".htaccess": b"x",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def copied(site: SiteUnderTest, old: Path) -> Report:
    """Copy."""
    return uploads.copy(old, site.instance)


def test_a_picture_is_served_at_its_old_address(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)

    answer = site.get("/wp-content/uploads/2024/05/tree.png")

    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PIXEL)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_served_below_the_folder_of_the_blog(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)

    assert site.get("/blog/wp-content/uploads/2024/05/tree.png").data == PIXEL


def test_a_revisit_is_answered_304(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)
    etag = site.get("/wp-content/uploads/2024/05/tree.png").headers["ETag"]

    again = site.get("/wp-content/uploads/2024/05/tree.png", headers={"If-None-Match": etag})

    assert again.status_code == 304


def test_a_part_of_a_file_can_be_asked_for(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)

    answer = site.get("/wp-content/uploads/2024/05/tree.png", headers={"Range": "bytes=1-3"})

    assert (answer.status_code, answer.data) == (206, b"PNG")


def test_a_drawing_runs_no_script(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)

    answer = site.get("/wp-content/uploads/2024/05/draw.svg")

    assert answer.mimetype == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_document_is_offered_to_keep(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)

    answer = site.get("/wp-content/uploads/2024/05/list.docx")

    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["2024/05/page.html", "2024/05/shell.php", ".htaccess"])
def test_what_could_execute_is_not_copied(site: SiteUnderTest, old: Path, name: str) -> None:
    report = copied(site, old)

    assert not (uploads.media(site.instance) / name).exists()
    assert site.get(f"/wp-content/uploads/{name}").status_code == 404
    assert report.count("upload", outcome="left out") == 2


@pytest.mark.parametrize(
    "name", ["../../../secret_key", "..%2f..%2f..%2fsecret.png", "%2e%2e/secret.png", "a\\b.png"]
)
def test_nothing_outside_of_the_folder_is_served(site: SiteUnderTest, old: Path, name: str) -> None:
    copied(site, old)
    (site.instance / "secret.png").write_bytes(PIXEL)

    assert site.get(f"/wp-content/uploads/{name}").status_code in (301, 404)
    assert uploads.find(site.instance, "../../../secret.png") is None


def test_links_are_not_followed(site: SiteUnderTest, old: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "other.png").write_bytes(PIXEL)
    (old / "link.png").symlink_to(outside / "other.png")
    (old / "linked").symlink_to(outside)

    copied(site, old)

    assert not (uploads.media(site.instance) / "link.png").exists()
    assert not (uploads.media(site.instance) / "linked").exists()


def test_copying_twice_copies_nothing(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)

    report = copied(site, old)

    assert (report.count("upload", outcome="copied"), report.count("upload", outcome="known")) == (
        0,
        3,
    )


def test_another_file_that_is_there_stays(site: SiteUnderTest, old: Path) -> None:
    copied(site, old)
    (old / "2024/05/tree.png").write_bytes(PIXEL + b"!")

    report = copied(site, old)

    assert report.count("upload", note="another file is there") == 1
    assert site.get("/wp-content/uploads/2024/05/tree.png").data == PIXEL


def test_the_time_of_a_file_is_kept(site: SiteUnderTest, old: Path) -> None:
    os.utime(old / "2024/05/tree.png", (1_500_000_000, 1_500_000_000))

    copied(site, old)

    answer = site.get("/wp-content/uploads/2024/05/tree.png")
    assert answer.last_modified is not None
    assert int(answer.last_modified.timestamp()) == 1_500_000_000


def test_bodies_show_the_copies(
    site: SiteUnderTest, old: Path, export: Export, item: Callable[..., str]
) -> None:
    html = run(site, post(export, item, ADDRESS), old)

    assert 'src="/wp-content/uploads/2024/05/tree.png"' in html
    assert "carnet.example" not in html


def test_bodies_keep_pictures_that_were_not_copied(
    site: SiteUnderTest, old: Path, export: Export, item: Callable[..., str]
) -> None:
    address = ADDRESS.replace("tree", "lake")

    assert f'src="{address}"' in run(site, post(export, item, address), old)


def test_bodies_keep_pictures_of_other_sites(
    site: SiteUnderTest, old: Path, export: Export, item: Callable[..., str]
) -> None:
    address = ADDRESS.replace("carnet", "other")

    assert f'src="{address}"' in run(site, post(export, item, address), old)


def test_pictures_that_come_later_are_shown_then(
    site: SiteUnderTest, old: Path, export: Export, item: Callable[..., str]
) -> None:
    file = post(export, item, ADDRESS)
    run(site, file, None)

    assert 'src="/wp-content/uploads/2024/05/tree.png"' in run(site, file, old)


def post(export: Export, item: Callable[..., str], address: str) -> BytesIO:
    """Write an export of a post with a picture."""
    return export(
        item(
            f'<content:encoded><![CDATA[<img src="{address}" alt="">]]></content:encoded>',
            "<link>https://carnet.example/arbre/</link>",
            post_date_gmt="2024-05-01 10:00:00",
        )
    )


def run(site: SiteUnderTest, file: BytesIO, folder: Path | None) -> str:
    """Import, and give the page of the post."""
    with site.context():
        services.run(file, folder=folder)
    return site.get("/arbre/").text
