"""Anonymous readers send forms outside of comments, with no cookie and no session."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from blog.testing import Clock, SiteUnderTest, hidden_fields
from tests.docs.examples import steps
from tests.platform.samples import put

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "plugins" / "reader-form.md"
FORM = """
from blog import ReaderForm, csrf_exempt
from flask import Blueprint
from wtforms import StringField
from wtforms.validators import Length
bp = Blueprint("ask", __name__)
class Ask(ReaderForm):
    ask_town = StringField("Town", validators=[Length(min=3, message="Too short.")])
@bp.route("/ask/<key>", methods=["GET", "POST"])
@csrf_exempt
def ask(key):
    form = Ask(f"ask:{key}")
    if form.validate_on_submit():
        return f"Thanks for {form.ask_town.data}"
    return f"<form>{form.csrf_token}{form.ask_town}{form.errors}</form>"
@hookimpl
def routes():
    return bp
"""
Make = Callable[..., SiteUnderTest]


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    site = make_site([])
    put(site, "ask", FORM, reach={"routes": ["/ask/"]})
    return site


def token(site: SiteUnderTest, path: str = "/ask/a") -> str:
    return hidden_fields(site.get(path).text)["csrf_token"]


def test_what_was_sent_arrives(site: SiteUnderTest) -> None:
    sent = {"csrf_token": token(site), "ask_town": "Lomé"}

    assert site.post("/ask/a", sent).text == "Thanks for Lomé"


def test_the_page_sets_no_cookie_and_stays_the_same(site: SiteUnderTest) -> None:
    first, second = site.get("/ask/a"), site.another().get("/ask/a")

    assert first.data == second.data
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("bad", ["", "1.x", "é", "x" * 5000])
def test_a_token_that_is_not_ours_is_refused(site: SiteUnderTest, bad: str) -> None:
    answer = site.post("/ask/a", {"csrf_token": bad, "ask_town": "Lomé"})

    assert "Thanks" not in answer.text
    assert 'value="Lomé"' in answer.text


def test_a_token_of_another_form_is_refused(site: SiteUnderTest) -> None:
    post = site.write_post()
    for path in ("/ask/b", post.path):
        sent = {"csrf_token": token(site, path), "ask_town": "Lomé"}
        assert "Thanks" not in site.post("/ask/a", sent).text


def test_a_token_of_last_month_brings_the_form_back(site: SiteUnderTest, clock: Clock) -> None:
    sent = {"csrf_token": token(site), "ask_town": "Lomé"}
    clock.move(days=6)
    assert "Thanks" in site.post("/ask/a", sent).text
    clock.move(days=2)

    again = site.post("/ask/a", sent)

    assert "open too long" in unescape(again.text)
    assert 'value="Lomé"' in again.text
    fresh = hidden_fields(again.text)
    assert "Thanks" in site.post("/ask/a", {**sent, **fresh}).text


def test_an_error_brings_the_text_back(site: SiteUnderTest) -> None:
    answer = site.post("/ask/a", {"csrf_token": token(site), "ask_town": "Lo"})

    assert "Too short." in answer.text
    assert 'value="Lo"' in answer.text


def test_who_is_signed_in_needs_the_token_of_their_session(site: SiteUnderTest) -> None:
    person = site.as_person()
    sent = {"csrf_token": token(site), "ask_town": "Lomé"}
    assert "Thanks" not in person.post("/ask/a", sent).text

    sent["csrf_token"] = token(person)
    assert person.post("/ask/a", sent).text == "Thanks for Lomé"
    assert "Thanks" not in site.as_person("Kodjo").post("/ask/a", sent).text


def test_the_vote_of_the_documentation_counts_once(make_site: Make) -> None:
    site = make_site([])
    for step in steps(PAGE):
        if step.title:
            file = site.instance / step.title.removeprefix("instance/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, "utf-8")
    site.enable("vote")
    post = site.write_post()
    page = site.get(post.path).text
    sent = hidden_fields(page[page.index("vote-box") :].partition("</form>")[0])

    for _each in range(2):
        assert site.post(f"/vote/{post.id}", {**sent, "answer": "yes"}).status_code == 303
    assert "1 does." in site.get(post.path).text
    assert site.post(f"/vote/{post.id}", {**sent, "answer": "maybe"}).status_code == 422
    assert site.post(f"/vote/{post.id}", {"answer": "yes"}).status_code == 422
    assert site.post("/vote/99", {**sent, "answer": "yes"}).status_code == 404
    assert site.get(post.path).text.count('id="csrf_token"') <= 1
    assert site.statements(post.path) <= 6
