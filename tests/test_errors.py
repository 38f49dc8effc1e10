"""Error pages: pages of the site, in its language, with the right status."""

from collections.abc import Callable

import pytest

from blog.testing import SiteUnderTest

SOURCE = '''"""Answer with what is asked for."""
from blog import hookimpl
from flask import Blueprint, abort
from sqlalchemy.exc import OperationalError

bp = Blueprint("failing", __name__)


@bp.get("/fail/<int:status>")
def fail(status):
    if status == 500:
        raise RuntimeError("a secret of the inside")
    if status == 503:
        raise OperationalError("SELECT secret", {}, Exception("locked"))
    abort(status)


@hookimpl
def routes():
    """Give the address that fails."""
    return bp
'''
POSTED = """

@bp.post("/fail/sent")
def sent():
    return "taken"
"""
MANIFEST = """# /// plugin
# title = "Failing"
# version = "1.0"
# api = 1
# reach.routes = ["/fail/"]
# ///
"""
STATUSES = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)
FRENCH = {
    403: "Accès réservé",
    404: "Il n’y a rien ici",
    409: "Cela a changé entre-temps",
    413: "Trop volumineux",
    422: "Il manque quelque chose",
    429: "Trop vite",
    500: "Quelque chose s’est cassé de notre côté",
    503: "De retour dans un instant",
}


@pytest.fixture
def failing(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    site = make_site([], language="fr", title="Chez nous")
    docstring, _, rest = SOURCE.partition("\n")
    site.place("failing", f"{docstring}\n{MANIFEST}{rest}")
    return site


def test_every_error_is_a_page_of_the_site_in_its_language(failing: SiteUnderTest) -> None:
    for status, title in FRENCH.items():
        response = failing.get(f"/fail/{status}")

        assert response.status_code == status
        assert f'<h1 class="entry-title">{title}</h1>' in response.text
        assert '<html lang="fr"' in response.text
        assert "Chez nous" in response.text


def test_every_error_says_what_to_do(failing: SiteUnderTest) -> None:
    for status in STATUSES:
        text = failing.get(f"/fail/{status}").text

        assert 'class="entry-content"' in text
        assert "Vers les derniers articles" in text


def test_an_error_tells_nothing_of_the_inside(failing: SiteUnderTest) -> None:
    for status in (500, 503):
        text = failing.get(f"/fail/{status}").text

        assert "secret" not in text
        assert "Traceback" not in text


def test_a_busy_site_says_when_to_try_again(failing: SiteUnderTest) -> None:
    assert failing.get("/fail/503").headers["Retry-After"].isdecimal()


def test_a_wrong_method_names_the_right_ones(failing: SiteUnderTest) -> None:
    response = failing.client.delete("/")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "Impossible ici" in response.text


def test_an_error_keeps_the_safety_headers(failing: SiteUnderTest) -> None:
    for status in (404, 500):
        headers = failing.get(f"/fail/{status}").headers

        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_error_of_a_plugin_is_recorded_under_its_name(failing: SiteUnderTest) -> None:
    from blog.db import session
    from blog.platform.report import errors

    failing.get("/fail/500")
    failing.work()

    with failing.context():
        assert [(one.plugin, one.hook) for one in errors(session)] == [
            ("failing", "route failing.fail")
        ]


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "This form cannot be taken", "did not come from a page of this site"),
        ("fr", "Ce formulaire ne peut être accepté", "ne vient pas d’une page de ce site"),
    ],
)
def test_a_form_without_a_token_is_refused_in_words_that_agree(
    make_site: Callable[..., SiteUnderTest], language: str, title: str, text: str
) -> None:
    site = make_site([], language=language)
    site.place("failing", MANIFEST + SOURCE + POSTED)

    answer = site.post("/fail/sent", {"word": "baobab"})

    assert answer.status_code == 422
    assert f'<h1 class="entry-title">{title}</h1>' in answer.text
    assert text in answer.text
