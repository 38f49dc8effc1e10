"""Making somebody the owner of a new site, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from blog import control, now, posts, session, welcome, writing
from blog.testing import SiteUnderTest, hidden_fields
from blog.welcome import say_welcome
from blog_plugins.accounts import services
from blog_plugins.accounts.models import Link

SENTENCE = "un deux trois, soleil"
TYPED = {
    "title": "L’arbre",
    "name": "Afi",
    "password": SENTENCE,
    "language": "fr",
    "timezone": "Africa/Lome",
    "site_url": "",
}

BAD = [
    ("title", " "),
    ("title", "t" * 201),
    ("name", "\x00\u202e"),
    ("name", "n" * 61),
    ("password", "neuf char"),
    ("password", "p" * 1001),
    ("language", "tlh"),
    ("timezone", "Mars/Olympus"),
    ("timezone", "../../etc/passwd"),
    ("site_url", "javascript:alert(1)"),
    ("site_url", "https://example.org/blog?x"),
    ("site_url", "http://["),
    ("site_url", "http://a:99999"),
]


@pytest.fixture
def link(site: SiteUnderTest) -> str:
    with site.context():
        return f"/setup/{services.make_link()}"


def fill_in(site: SiteUnderTest, link: str, **changes: str) -> TestResponse:
    token = hidden_fields(site.get(link).text)
    return site.post(link, {**token, **TYPED, **changes})


def settings_of(site: SiteUnderTest) -> dict[str, object]:
    with site.context():
        return control.stored_settings()


def test_a_link_makes_an_owner_who_is_signed_in(site: SiteUnderTest, link: str) -> None:
    answer = fill_in(site, link)

    assert answer.status_code == 303
    assert 'action="/logout/"' in site.get("/").text
    with site.context():
        assert [(one.name, one.role) for one in services.users()] == [("Afi", "owner")]


def test_what_was_typed_becomes_the_settings(site: SiteUnderTest, link: str) -> None:
    fill_in(site, link, site_url="http://localhost/")

    found = settings_of(site)
    assert (found["title"], found["language"]) == ("L’arbre", "fr")
    assert (found["timezone"], found["site_url"]) == ("Africa/Lome", "http://localhost/")


def test_a_link_works_once(site: SiteUnderTest, link: str) -> None:
    form = hidden_fields(site.get(link).text)
    other = site.another()
    other_form = hidden_fields(other.get(link).text)
    site.post(link, {**form, **TYPED})

    answer = other.post(link, {**other_form, **TYPED, "name": "Kodjo"})

    assert answer.status_code == 403
    assert 'href="/login/"' in answer.text
    with site.context():
        assert len(services.users()) == 1


def test_of_two_who_set_up_at_once_one_becomes_the_owner(site: SiteUnderTest) -> None:
    with site.context():
        tokens = [services.make_link() for _ in range(4)]
    ready = Barrier(len(tokens))

    def set_up(token: str) -> bool:
        with site.context():
            user = services.made(f"name {token}", SENTENCE, services.OWNER)
            ready.wait()
            try:
                services.set_up(token, user)
            except services.LinkGone:
                return False
        return True

    with ThreadPoolExecutor(len(tokens)) as pool:
        assert sum(pool.map(set_up, tokens)) == 1
    with site.context():
        assert len(services.users()) == 1


def test_an_old_link_says_how_to_get_a_new_one(site: SiteUnderTest, link: str) -> None:
    with site.context(), writing() as write:
        write.execute(update(Link).values(expires_at=now() - timedelta(seconds=1)))

    answer = site.get(link)

    assert answer.status_code == 403
    assert "palabre setup-link" in answer.text


def test_a_link_is_valid_for_thirty_minutes(site: SiteUnderTest, link: str) -> None:
    with site.context():
        (kept,) = session.scalars(select(Link))

    assert timedelta(minutes=29) < kept.expires_at - now() <= timedelta(minutes=30)


def test_a_link_nobody_made_is_refused(site: SiteUnderTest) -> None:
    assert site.get("/setup/x").status_code == 403
    assert site.get("/setup/%00%FF").status_code == 403


def test_the_token_is_not_in_the_database(site: SiteUnderTest, link: str) -> None:
    with site.context():
        (kept,) = session.scalars(select(Link))

    assert link.removeprefix("/setup/") not in kept.digest


def test_bad_input_comes_back_with_what_was_typed(site: SiteUnderTest, link: str) -> None:
    for field, value in BAD:
        answer = fill_in(site, link, **{field: value})

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert "L’arbre" in answer.text or field == "title"
    with site.context():
        assert services.users() == []


@pytest.mark.parametrize("address", ["https://wwww.example.org", "http://127.0.0.1"])
def test_an_address_that_would_shut_the_owner_out_is_refused(
    site: SiteUnderTest, link: str, address: str
) -> None:
    base = "https://www.example.org"
    form = hidden_fields(site.get(link, base_url=base).text)

    answer = site.post(
        link, {**form, **TYPED, "site_url": address}, base_url=base, headers={"Referer": base}
    )

    assert answer.status_code == 422
    assert 'id="site_url-error"' in answer.text
    assert "www.example.org" in answer.text.partition('id="site_url-error"')[2].partition("<")[0]
    assert f'value="{address}"' in answer.text
    assert "L’arbre" in answer.text


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://www.example.org", "https://www.example.org/"),
        ("http://www.example.org:8000", "https://WWW.example.org"),
        ("http://xn--caf-dma.example", "https://café.example"),
        ("http://127.0.0.1:8000", "http://localhost:8000"),
    ],
)
def test_the_address_where_the_owner_is_is_taken_whatever_its_port(
    site: SiteUnderTest, link: str, base: str, address: str
) -> None:
    form = hidden_fields(site.get(link, base_url=base).text)

    answer = site.post(
        link, {**form, **TYPED, "site_url": address}, base_url=base, headers={"Referer": base}
    )

    assert answer.status_code == 303
    assert site.get("/", base_url=base).status_code == 200


def test_a_megabyte_of_password_is_an_error_in_the_form(site: SiteUnderTest, link: str) -> None:
    assert fill_in(site, link, password="p" * 1_000_000).status_code == 422


def test_a_password_may_hold_any_character(site: SiteUnderTest, link: str) -> None:
    password = "🌳 \x00\u202eé'\"<b>"
    fill_in(site, link, password=password)
    with site.context():
        assert services.is_password(services.named("afi"), password)


def test_a_form_open_too_long_keeps_what_was_typed(site: SiteUnderTest, link: str) -> None:
    answer = site.post(link, {**TYPED, "csrf_token": "old"})

    assert answer.status_code == 422
    assert "L’arbre" in answer.text
    assert site.post(link, {**hidden_fields(answer.text), **TYPED}).status_code == 303


def test_without_script_the_form_speaks_from_the_request(site: SiteUnderTest, link: str) -> None:
    page = site.get(
        link,
        base_url="https://blog.example",
        headers={"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"},
    ).text

    assert '<option value="fr" lang="fr" selected>' in page
    assert "<option selected>Europe/Paris</option>" in page
    assert 'value="https://blog.example"' in page


def test_the_address_of_ones_own_machine_is_left_empty(site: SiteUnderTest, link: str) -> None:
    page = site.get(link, base_url="http://127.0.0.1:8000").text

    assert 'name="site_url" type="url" value=""' in page


def test_the_cookie_of_a_safe_connection_stays_on_it(site: SiteUnderTest, link: str) -> None:
    base = "https://blog.example"
    form = hidden_fields(site.get(link, base_url=base).text)

    answer = site.post(link, {**form, **TYPED}, base_url=base, headers={"Referer": base})

    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_nobody_has_a_password_at_first(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site()
    with site.context():
        assert services.users() == []


def test_the_form_speaks_the_language_of_the_browser(site: SiteUnderTest, link: str) -> None:
    page = site.get(link, headers={"Accept-Language": "fr-TG,fr;q=0.9"}).text

    assert '<html lang="fr"' in page
    assert "Mot de passe" in page


def test_the_example_is_told_again_in_the_language_that_was_chosen(
    site: SiteUnderTest, link: str
) -> None:
    say_welcome(site.wsgi)

    fill_in(site, link)

    with site.context():
        post = posts.get(welcome.example() or 0)
        assert (post.language, post.comment_count) == ("fr", 3)
        assert len(posts.stream().posts) == 1


def test_an_example_that_somebody_answered_stays(site: SiteUnderTest, link: str) -> None:
    say_welcome(site.wsgi)
    with site.context():
        before = posts.get(welcome.example() or 0)
    site.write_comment(before, "Bonjour")

    fill_in(site, link)

    with site.context():
        assert welcome.example() == before.id
