"""Import from the admin: choose a file, watch it come, read the report."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from blog import Job, Post, jobs, session, writing
from blog.testing import SiteUnderTest, hidden_fields
from blog_plugins.wordpress.jobs import sweep
from tests.plugins.wordpress.conftest import Export

PAGE = "/admin/import/"


def send(person: SiteUnderTest, file: BytesIO | None, name: str = "blog.xml") -> TestResponse:
    """Fill the form in and send it."""
    form = hidden_fields(person.get(PAGE).text)
    data = {**form, **({"file": (file, name)} if file else {})}
    return person.post(PAGE, data, content_type="multipart/form-data")


def files(person: SiteUnderTest) -> list[Path]:
    """List the files that wait."""
    return list((person.instance / "wordpress").iterdir())


def test_readers_do_not_see_the_import(site: SiteUnderTest) -> None:
    assert site.get(PAGE).status_code in (302, 303, 403)
    assert site.post(PAGE).status_code in (400, 403)


def test_moderators_do_not_import(moderator: SiteUnderTest) -> None:
    assert moderator.get(PAGE).status_code == 403


def test_the_import_is_in_the_navigation(owner: SiteUnderTest) -> None:
    page = owner.get(PAGE)

    assert page.status_code == 200
    assert re.search(r'<a href="/admin/import/" aria-current="page">', page.text)


def test_an_export_is_imported_and_reported(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    answer = send(owner, export(item(post_date_gmt="2024-05-01 10:00:00")))
    waiting = owner.follow(answer)
    owner.work()
    done = owner.follow(answer)

    assert answer.status_code == 303
    assert waiting.headers["Refresh"] == "2"
    assert "<progress" in waiting.text
    assert "Refresh" not in done.headers
    assert "1 post, 0 pages, 0 comments" in done.text
    with owner.context():
        assert session.scalar(select(func.count(Post.id)).where(Post.markup == "wordpress")) == 1


def test_the_file_does_not_stay(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    send(owner, export(item()))
    waiting = files(owner)
    owner.work()

    assert len(waiting) == 1
    assert files(owner) == []


@pytest.mark.parametrize(("attempts", "stays"), [(0, 1), (jobs.MOST_ATTEMPTS - 1, 0)])
def test_the_file_goes_when_the_import_is_given_up(
    owner: SiteUnderTest, export: Export, item: Callable[..., str], attempts: int, stays: int
) -> None:
    send(owner, export(item()))
    (file,) = files(owner)
    file.unlink()
    file.symlink_to(owner.instance)  # cannot be read as a file
    with owner.context(), writing() as write:
        write.execute(update(Job).where(Job.job == "import").values(attempts=attempts))

    owner.work()

    assert len(files(owner)) == stays


def test_the_night_removes_files_that_no_job_waits_for(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    send(owner, export(item()))
    (waiting,) = files(owner)
    forgotten, young = (waiting.with_name(f"{name}.xml") for name in ("forgotten", "young"))
    for file in (forgotten, young):
        file.write_text("<rss/>", "utf-8")
    for file in (forgotten, waiting):
        os.utime(file, (0, 0))

    with owner.context():
        sweep({})

    assert {young, waiting} == set(files(owner))


def test_choosing_nothing_is_told(owner: SiteUnderTest) -> None:
    answer = send(owner, None)

    assert answer.status_code == 422
    assert "Choose the .xml file that WordPress exported." in answer.text


def test_a_broken_file_is_told_with_its_place(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    answer = send(owner, export(item(), tail="<item>"))

    assert answer.status_code == 422
    assert "The file ends before the export does" in answer.text
    assert re.search(r"Line \d+, column \d+", answer.text)


def test_a_large_broken_file_is_told_on_its_page(
    owner: SiteUnderTest, export: Export, item: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog_plugins.wordpress.views.CHECKED_AT_ONCE", 0)

    answer = send(owner, export(item(), tail="<item>"))
    owner.work()

    assert "The file ends before the export does" in owner.follow(answer).text


def test_a_file_beyond_the_bound_of_other_forms_is_taken(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    body = f"<content:encoded><![CDATA[{'mot ' * 400_000}]]></content:encoded>"

    assert send(owner, export(item(body))).status_code == 303


def test_without_its_token_nothing_is_taken(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    answer = owner.post(PAGE, {"file": (export(item()), "x.xml")})

    assert answer.status_code == 422
    assert not (owner.instance / "wordpress").exists()


@pytest.mark.html
def test_its_pages_are_valid_html(
    owner: SiteUnderTest, export: Export, item: Callable[..., str], vnu: Callable[..., list[str]]
) -> None:
    answer = send(owner, export(item()))
    waiting = owner.follow(answer).text
    owner.work()

    pages = [owner.get(PAGE).text, waiting, owner.follow(answer).text]

    assert [vnu(one) for one in pages] == [[], [], []]


def test_an_import_is_found_again(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    answer = send(owner, export(item(post_date_gmt="2024-05-01 10:00:00")))
    place = answer.headers["Location"]

    assert f'<a href="{place}">' in owner.get(PAGE).text
    assert "under way" in owner.get(PAGE).text
    owner.work()
    assert "under way" not in owner.get(PAGE).text


def test_the_report_leads_to_the_posts_that_it_is_about(
    owner: SiteUnderTest, export: Export, item: Callable[..., str]
) -> None:
    body = "<content:encoded>[contact-form-7 id='1']</content:encoded>"
    answer = send(owner, export(item(body, post_date_gmt="2024-05-01 10:00:00")))
    owner.work()

    link = '<li><a href="/admin/posts/1">Sous l’arbre</a></li>'
    assert owner.follow(answer).text.count(link) == 1
