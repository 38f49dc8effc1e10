"""Fetch the old blog's files when the owner asks, from the hosts that the owner ticks."""

from __future__ import annotations

import pytest

from blog.testing import OutgoingStub, SiteUnderTest, hidden_fields
from blog_plugins.wordpress import services

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
    "name", ["../../../config.toml.jpg", "%2e%2e/x.jpg", "a%00.jpg", ".x.jpg", "x.php"]
)
def test_a_hostile_name_is_left_out(owner, export, item, outgoing_stub, name: str) -> None:
    url = f"<wp:attachment_url>{OLD}/{name}</wp:attachment_url>"
    with owner.context():
        services.run(export(item(url, post_type="attachment", status="inherit")))

    assert "Nothing is missing" in owner.get(PAGE).text


def test_only_owners_fetch(site: SiteUnderTest, moderator: SiteUnderTest) -> None:
    assert site.get(PAGE).status_code in (303, 403)
    assert moderator.get(PAGE).status_code == 403
