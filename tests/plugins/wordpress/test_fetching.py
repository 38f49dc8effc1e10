"""Fetch the old blog's files when the owner asks, from the hosts that the owner ticks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select, update

from blog import Job, Post, jobs, session, writing
from blog.testing import OutgoingStub, SiteUnderTest, hidden_fields
from blog_plugins.wordpress import fetching, services, uploads
from tests.plugins.media.conftest import picture

PAGE = "/admin/import/pictures"
OLD = "https://carnet.example/wp-content/uploads/2020/05"
BODY = f"""<content:encoded><![CDATA[<p><a href="{OLD}/lac.jpg"><img src="{OLD}/lac-300x200.jpg">
</a></p>]]></content:encoded>"""
JPEG = b"\xff\xd8\xff picture"
IMAGE = {"Content-Type": "image/jpeg"}


@pytest.fixture
def imported(owner: SiteUnderTest, export, item) -> SiteUnderTest:
    """Give a site with a post that shows a picture of the old blog, and an attachment."""
    url = f"<wp:attachment_url>{OLD}/carte.pdf</wp:attachment_url>"
    file = item(url, post_id="8", post_type="attachment", status="inherit", post_name="carte")
    with owner.context():
        services.run(export(item(BODY), file))
    return owner


def ask(owner: SiteUnderTest, *hosts: str) -> None:
    """Tick hosts and press the button, then let all jobs end."""
    form = hidden_fields(owner.get(PAGE).text)
    owner.post(PAGE, {"csrf_token": form["csrf_token"], "hosts": list(hosts)})
    owner.work()
    owner.wsgi.housekeep()


def test_nothing_is_asked_before_the_owner_asks(imported, outgoing_stub: OutgoingStub) -> None:
    page = imported.get(PAGE).text

    assert "carnet.example – 3 files" in page
    imported.work()
    assert outgoing_stub.urls == []


def test_files_come_and_posts_show_them(imported, outgoing_stub: OutgoingStub) -> None:
    for name in ("lac.jpg", "lac-300x200.jpg"):
        outgoing_stub.answer(f"{OLD}/{name}", JPEG, headers=IMAGE)
    outgoing_stub.answer(f"{OLD}/carte.pdf", b"%PDF-1.7")

    ask(imported, "carnet.example")

    assert "fetched: 3." in imported.get(PAGE).text
    assert imported.get("/wp-content/uploads/2020/05/lac.jpg").data == JPEG
    html = imported.follow(imported.get("/?p=7")).text
    assert 'src="/wp-content/uploads/2020/05/lac-300x200.jpg"' in html
    assert "carnet.example" not in html.partition("<article")[2].partition("</article")[0]


def test_a_report_names_what_did_not_come(imported, outgoing_stub: OutgoingStub) -> None:
    outgoing_stub.answer(f"{OLD}/lac.jpg", b"gone", status=404)
    outgoing_stub.answer(
        f"{OLD}/lac-300x200.jpg", "<h1>Sorry</h1>", headers={"Content-Type": "text/html"}
    )

    ask(imported, "carnet.example")

    page = imported.get(PAGE).text
    assert f"{OLD}/lac.jpg – not there any more" in page
    assert f"{OLD}/lac-300x200.jpg – not there any more" in page
    assert f"{OLD}/carte.pdf – not reached" in page
    assert list((imported.instance / "media").rglob("*.*")) == []


def test_a_host_that_nobody_ticked_is_not_asked(imported, outgoing_stub: OutgoingStub) -> None:
    ask(imported)
    ask(imported, "elsewhere.example")

    assert outgoing_stub.urls == []


def test_what_leads_to_another_host_is_not_followed(imported, outgoing_stub: OutgoingStub) -> None:
    outgoing_stub.answer(
        f"{OLD}/lac.jpg", status=302, headers={"Location": "https://evil.example/"}
    )

    ask(imported, "carnet.example")

    assert f"{OLD}/lac.jpg – its host is not chosen" in imported.get(PAGE).text
    assert "https://evil.example/" not in outgoing_stub.urls


def test_what_was_fetched_before_is_not_asked_for_again(
    imported, outgoing_stub: OutgoingStub
) -> None:
    outgoing_stub.answer(f"{OLD}/lac.jpg", JPEG, headers=IMAGE)
    ask(imported, "carnet.example")
    ask(imported, "carnet.example")

    assert outgoing_stub.urls.count(f"{OLD}/lac.jpg") == 1


@pytest.mark.parametrize(
    "name", ["../../../config.toml.jpg", "%2e%2e/x.jpg", "a%00.jpg", "a%0Ab.jpg", ".x.jpg", "x.php"]
)
def test_a_hostile_name_is_left_out(owner, export, item, outgoing_stub, name: str) -> None:
    url = f"<wp:attachment_url>{OLD}/{name}</wp:attachment_url>"
    with owner.context():
        services.run(export(item(url, post_type="attachment", status="inherit")))

    assert "Nothing is missing" in owner.get(PAGE).text


def test_pressing_the_button_without_a_host_is_told(imported: SiteUnderTest) -> None:
    form = hidden_fields(imported.get(PAGE).text)

    answer = imported.post(PAGE, {"csrf_token": form["csrf_token"]})

    assert answer.status_code == 422
    assert "Tick a host first." in answer.text


def test_an_import_in_the_shell_leads_to_the_pictures(imported: SiteUnderTest) -> None:
    assert f'href="{PAGE}"' in imported.get("/admin/import/").text


def test_a_blog_without_pictures_is_not_asked_for_them(owner: SiteUnderTest) -> None:
    assert f'href="{PAGE}"' not in owner.get("/admin/import/").text


def test_only_owners_fetch(site: SiteUnderTest, moderator: SiteUnderTest) -> None:
    assert site.get(PAGE).status_code in (303, 403)
    assert moderator.get(PAGE).status_code == 403


@pytest.fixture
def pictured(owner: SiteUnderTest, export, item, outgoing_stub: OutgoingStub) -> SiteUnderTest:
    """Give a site whose import names a picture that the old blog still has, at two widths."""
    url = f"<wp:attachment_url>{OLD}/lac.jpg</wp:attachment_url>"
    alt = "<wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>Le lac</wp:meta_value>"
    meta = f"<wp:postmeta>{alt}</wp:postmeta>"
    file = item(url, meta, post_id="8", post_type="attachment", status="inherit", post_name="lac")
    for name, size in (("lac.jpg", (900, 600)), ("lac-300x200.jpg", (300, 200))):
        outgoing_stub.answer(f"{OLD}/{name}", picture(size=size), headers=IMAGE)
    with owner.context():
        services.run(export(item(BODY), file))
    ask(owner, "carnet.example")
    return owner


def test_the_library_takes_what_was_fetched(pictured: SiteUnderTest) -> None:
    page = pictured.get("/admin/media/?q=lac").text

    assert "<span>Le lac</span>" in page
    (place,) = re.findall(r'href="(/admin/media/old[^"]+)"', page)
    assert ">Sous l’arbre</a>" in pictured.get(place).text


def test_posts_show_it_in_fitting_widths_and_it_stays_where_it_was(pictured: SiteUnderTest) -> None:
    html = pictured.follow(pictured.get("/?p=7")).text

    assert re.search(
        r'<picture><source type="image/webp" srcset="/media/\w{16}/\w{16}/lac-480', html
    )
    assert 'alt="Le lac"' in html
    for name in ("lac.jpg", "lac-300x200.jpg"):
        assert pictured.get(f"/wp-content/uploads/2020/05/{name}").status_code == 200


def test_the_library_takes_a_file_once(pictured: SiteUnderTest) -> None:
    with pictured.context():
        fetching.begin()
    pictured.work()

    assert pictured.get("/admin/media/").text.count("<span>Le lac</span>") == 1


def test_a_job_goes_on_where_the_one_before_ended(
    imported, outgoing_stub: OutgoingStub, monkeypatch
) -> None:
    monkeypatch.setattr(fetching, "STEP_SECONDS", 0.0)
    for name in ("lac.jpg", "lac-300x200.jpg"):
        outgoing_stub.answer(f"{OLD}/{name}", JPEG, headers=IMAGE)

    ask(imported, "carnet.example")

    with imported.context():
        payloads = session.scalars(select(Job.payload).where(Job.job == "fetch")).all()
    assert [one["after"] for one in payloads][:2] == [[0, 0], payloads[1]["after"]]
    assert len(payloads) == 3
    assert all("todo" not in one for one in payloads)
    assert imported.get("/wp-content/uploads/2020/05/lac.jpg").data == JPEG
    assert "not reached: 1, fetched: 2." in imported.get(PAGE).text


def test_what_the_owner_deletes_does_not_come_back(
    pictured: SiteUnderTest, outgoing_stub: OutgoingStub
) -> None:
    page = pictured.get("/admin/media/").text
    (place,) = set(re.findall(r'href="(/admin/media/old[^"]+)"', page))
    asked = len(outgoing_stub.urls)

    token = hidden_fields(pictured.get(place).text)["csrf_token"]
    pictured.post(place, {"csrf_token": token, "do": "delete"})
    for payload in ({}, {"hosts": ["carnet.example"]}):  # at night, and when the owner asks
        with pictured.context():
            fetching.fetch(payload)
        pictured.wsgi.housekeep()

    assert "Nothing yet." in pictured.get("/admin/media/").text
    for name in ("lac.jpg", "lac-300x200.jpg"):
        assert pictured.get(f"/wp-content/uploads/2020/05/{name}").status_code == 404
    html = pictured.follow(pictured.get("/?p=7")).text
    assert "carnet.example/wp-content" not in html
    assert len(outgoing_stub.urls) == asked
    assert "Nothing is missing" in pictured.get(PAGE).text


def test_what_the_library_refuses_is_read_once(
    imported: SiteUnderTest, outgoing_stub: OutgoingStub, monkeypatch
) -> None:
    outgoing_stub.answer(f"{OLD}/carte.pdf", b"no document")
    ask(imported, "carnet.example")
    read: list[Path] = []

    def watched(file: Path) -> bytes:
        read.append(file)
        return b""

    monkeypatch.setattr(Path, "read_bytes", watched)

    with imported.context():
        fetching.fetch({})

    assert [one for one in read if one.name == "carte.pdf"] == []


def test_pictures_of_a_blog_at_wordpress_com_come_and_are_shown(
    owner: SiteUnderTest, export, item, outgoing_stub: OutgoingStub
) -> None:
    old = "https://carnet.files.wordpress.com/2008/06/lac.jpg"
    body = f'<content:encoded><![CDATA[<img src="{old}?w=300&h=2">]]></content:encoded>'
    url = f"<wp:attachment_url>{old}</wp:attachment_url>"
    with owner.context():
        services.run(export(item(body), item(url, post_id="8", post_type="attachment")))
    outgoing_stub.answer(old, picture(), headers=IMAGE)

    assert "carnet.files.wordpress.com – 1 file<" in owner.get(PAGE).text
    ask(owner, "carnet.files.wordpress.com")

    assert outgoing_stub.urls == [old]
    assert "files.wordpress.com" not in owner.follow(owner.get("/?p=7")).text
    assert owner.get("/wp-content/uploads/2008/06/lac.jpg").status_code == 200


def marked(site: SiteUnderTest) -> int:
    """Count the posts that wait to be rendered again."""
    with site.context():
        return session.query(Post).where(Post.renderer == "").count()


def test_a_night_that_brings_nothing_renders_no_post_again(pictured: SiteUnderTest) -> None:
    with pictured.context():
        fetching.fetch({})

    assert marked(pictured) == 0


def test_a_night_that_finds_a_new_file_renders_posts_again(imported: SiteUnderTest) -> None:
    imported.work()
    imported.wsgi.housekeep()
    with imported.context():
        uploads.keep(b"%PDF-1.7", imported.instance, "2020/05/carte.pdf")
        fetching.fetch({})

    assert marked(imported) == 1


def test_a_fetch_that_was_cut_off_renders_posts_again(pictured: SiteUnderTest) -> None:
    with pictured.context():
        with writing() as write:
            job = jobs.add(write, "wordpress", "fetch", {"hosts": ["carnet.example"]})
            write.execute(update(Job).where(Job.id == job).values(attempts=2))
        fetching.fetch({"hosts": ["carnet.example"]})

    assert marked(pictured) == 1
