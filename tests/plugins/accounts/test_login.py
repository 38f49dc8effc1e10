"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from threading import Barrier
from time import process_time
from urllib.parse import quote_from_bytes

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from blog import now, session, writing
from blog.testing import SiteUnderTest, hidden_fields
from blog_plugins.accounts import forms, passwords, services
from blog_plugins.accounts.models import Attempt

from .conftest import PASSWORD

LogIn = Callable[..., TestResponse]


BAD = [
    ("", PASSWORD),
    ("Afi", ""),
    ("\x00", "\x00"),
    ("\x00Afi\ud800", PASSWORD + "\ud800"),
    ("\u202e", "x"),
    ("n" * 100_000, "x"),
    ("Afi", "p" * 1_000_000),
    ("🌳" * 5000, "🌳" * 300),
]


def is_signed_in(site: SiteUnderTest) -> bool:
    return 'action="/logout/"' in site.get("/").text


def test_the_footer_shows_who_is_signed_in(owner: SiteUnderTest, site: SiteUnderTest) -> None:
    assert "Afi" in owner.get("/").text
    assert is_signed_in(owner)
    assert not is_signed_in(site)
    assert 'href="/login/"' in site.get("/").text


def test_the_link_in_the_footer_can_be_left_out(site: SiteUnderTest) -> None:
    site.set("accounts", footer=False)

    assert "/login/" not in site.get("/").text


def test_a_name_is_known_whatever_its_case(afi: SiteUnderTest, log_in: LogIn) -> None:
    assert log_in(afi, "  aFI ").status_code == 303


def test_a_wrong_password_keeps_the_name_that_was_typed(afi: SiteUnderTest, log_in: LogIn) -> None:
    answer = log_in(afi, "Afi", "wrong")

    assert answer.status_code == 422
    assert 'value="Afi"' in answer.text
    assert "wrong" not in answer.text
    assert not is_signed_in(afi)


def test_an_unknown_name_is_answered_like_a_wrong_password(
    afi: SiteUnderTest, log_in: LogIn
) -> None:
    known = log_in(afi, "Afi", "wrong").text
    unknown = log_in(afi, "Efa", "wrong").text

    assert known.count("do not belong together") == unknown.count("do not belong together") > 0


@pytest.mark.usefixtures("costly_passwords")
def test_an_unknown_name_takes_as_long_as_a_known_one(afi: SiteUnderTest) -> None:
    def seconds(name: str) -> float:
        started = process_time()
        services.is_password(services.named(name), "wrong")
        return process_time() - started

    with afi.context():
        known = median(seconds("Afi") for _ in range(5))
        unknown = median(seconds("Efa") for _ in range(5))

    assert 0.4 < unknown / known < 2.5
    assert not passwords.is_outdated(passwords.NOBODY)


def test_logging_out_ends_the_session(owner: SiteUnderTest) -> None:
    token = hidden_fields(owner.get("/").text)

    answer = owner.post("/logout/", token)

    assert answer.status_code == 303
    assert not is_signed_in(owner)


def test_logging_out_ends_the_session_of_a_copied_cookie(owner: SiteUnderTest) -> None:
    cookie = owner.client.get_cookie("palabre_session")
    assert cookie is not None
    thief = owner.another()
    thief.client.set_cookie("palabre_session", cookie.value)
    assert is_signed_in(thief)

    owner.post("/logout/", hidden_fields(owner.get("/").text))

    assert not is_signed_in(thief)


def test_an_old_cookie_logs_nobody_out(afi: SiteUnderTest, log_in: LogIn) -> None:
    log_in(afi)
    with afi.context():
        user = services.named("Afi")
        assert user is not None
        services.end_sessions({services.SESSION: [user.id, "old"]})
        services.end_sessions({})

    assert is_signed_in(afi)


def test_nobody_is_logged_out_from_elsewhere(owner: SiteUnderTest) -> None:
    assert owner.post("/logout/").status_code == 422
    assert owner.get("/logout/").status_code in (404, 405)
    assert is_signed_in(owner)


def test_a_new_password_ends_other_sessions(owner: SiteUnderTest) -> None:
    with owner.context():
        services.set_password("afi", "another password")

    assert not is_signed_in(owner)


def test_a_session_begins_empty(afi: SiteUnderTest, log_in: LogIn) -> None:
    afi.get("/login/")
    before = afi.client.get_cookie("palabre_session")

    log_in(afi)

    after = afi.client.get_cookie("palabre_session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert "csrf" not in after.value


def test_a_session_lasts_as_long_as_the_browser_unless_asked(
    afi: SiteUnderTest, log_in: LogIn
) -> None:
    assert "Expires" not in log_in(afi).headers["Set-Cookie"]
    assert "Expires" in log_in(afi.another(), remember="yes").headers["Set-Cookie"]


def test_a_forged_cookie_is_nobodys(owner: SiteUnderTest) -> None:
    cookie = owner.client.get_cookie("palabre_session")
    assert cookie is not None
    owner.client.set_cookie("palabre_session", cookie.value[:-3] + "abc")

    assert not is_signed_in(owner)


def test_one_goes_back_to_where_one_was(afi: SiteUnderTest, log_in: LogIn) -> None:
    form = hidden_fields(afi.get("/login/?next=/2025/%3Fa%3D1%26b%3D2").text)

    answer = log_in(afi, next=form["next"].replace("&amp;", "&"))

    assert answer.headers["Location"] == "/2025/?a=1&b=2"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil",
        "/\tevil",
        "/\n/evil.example",
        "/\x00",
        "/" + "a" * 3000,
        "",
    ],
)
def test_one_never_goes_elsewhere(path: str) -> None:
    assert forms.local_path(path) == ""


def test_the_way_elsewhere_is_dropped_from_the_form(afi: SiteUnderTest, log_in: LogIn) -> None:
    assert "evil" not in afi.get("/login/?next=//evil.example").text
    assert "evil" not in log_in(afi, next="//evil.example").headers["Location"]


def test_bad_input_is_an_error_in_the_form(afi: SiteUnderTest) -> None:
    token = hidden_fields(afi.get("/login/").text)["csrf_token"]

    def answer(name: str, password: str) -> int:
        typed = {"csrf_token": token, "name": name, "password": password}
        body = "&".join(
            f"{key}={quote_from_bytes(text.encode('utf-8', 'surrogatepass'))}"
            for key, text in typed.items()
        )
        kind = "application/x-www-form-urlencoded"
        return afi.client.post("/login/", data=body, content_type=kind).status_code

    assert [answer(*one) for one in BAD] == [422] * len(BAD)


def test_bytes_that_are_no_text_are_an_error_in_the_form(afi: SiteUnderTest) -> None:
    answer = afi.client.post(
        "/login/",
        data=b"name=\xff\xfe&password=\xff",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 422


def test_a_form_open_too_long_comes_back_fresh(afi: SiteUnderTest) -> None:
    answer = afi.post("/login/", {"name": "Afi", "password": PASSWORD, "csrf_token": "old"})

    assert answer.status_code == 422
    assert 'value="Afi"' in answer.text
    again = {**hidden_fields(answer.text), "name": "Afi", "password": PASSWORD}
    assert afi.post("/login/", again).status_code == 303


def test_after_many_failures_even_the_right_password_waits(
    afi: SiteUnderTest, log_in: LogIn
) -> None:
    afi.set("accounts", attempts=3)
    for _ in range(3):
        assert log_in(afi, "afi", "wrong").status_code == 422

    answer = log_in(afi, "Afi", PASSWORD)

    assert answer.status_code == 429
    assert 840 <= int(answer.headers["Retry-After"]) <= 901
    assert "15 minutes" in answer.text
    assert 'value="Afi"' in answer.text


def test_the_pause_ends(afi: SiteUnderTest, log_in: LogIn) -> None:
    afi.set("accounts", attempts=3)
    for _ in range(3):
        log_in(afi, "Afi", "wrong")
    with afi.context(), writing() as write:
        write.execute(update(Attempt).values(created_at=now() - timedelta(minutes=16)))

    assert log_in(afi).status_code == 303


def test_the_pause_is_for_one_network(afi: SiteUnderTest, log_in: LogIn) -> None:
    afi.set("accounts", attempts=3)
    for _ in range(3):
        log_in(afi, "Afi", "wrong")
    elsewhere = afi.another()
    form = hidden_fields(elsewhere.get("/login/").text)

    answer = elsewhere.client.post(
        "/login/",
        data={**form, "name": "Afi", "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )

    assert answer.status_code == 303


def test_one_network_cannot_try_name_after_name(afi: SiteUnderTest, log_in: LogIn) -> None:
    afi.set("accounts", attempts=3)

    codes = [log_in(afi, f"name{number}", "wrong").status_code for number in range(16)]

    assert codes == [422] * 15 + [429]


def test_many_at_once_do_not_pass_the_limit(afi: SiteUnderTest) -> None:
    ready = Barrier(12)

    def attempt(_number: int) -> bool:
        with afi.context():
            asker = services.Asker("name and network", "network")
            ready.wait()
            try:
                services._count(asker, 3)
            except services.TooManyAttempts:
                return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(12))) == 3


def test_logging_in_forgets_the_failures_before(afi: SiteUnderTest, log_in: LogIn) -> None:
    log_in(afi, "Afi", "wrong")
    log_in(afi)

    with afi.context():
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_the_night_forgets_attempts_whose_pause_is_over(afi: SiteUnderTest, log_in: LogIn) -> None:
    log_in(afi, "Afi", "wrong")
    with afi.context(), writing() as write:
        write.execute(update(Attempt).values(created_at=now() - timedelta(minutes=16)))

    with afi.context():
        services.forget_old({})
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_attempts_keep_neither_name_nor_address(afi: SiteUnderTest, log_in: LogIn) -> None:
    log_in(afi, "Afi", "wrong")

    with afi.context():
        (kept,) = session.scalars(select(Attempt))
        assert "127.0" not in kept.asker + kept.network
        assert "afi" not in kept.asker + kept.network


def test_the_address_of_wordpress_leads_here(site: SiteUnderTest) -> None:
    answer = site.get("/wp-login.php?redirect_to=%2Fwp-admin%2F")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/login/")


def test_a_reader_who_only_reads_gets_no_cookie(afi: SiteUnderTest) -> None:
    assert "Set-Cookie" not in afi.get("/").headers


def test_what_a_signed_in_person_sees_is_kept_by_nobody(owner: SiteUnderTest) -> None:
    assert owner.get("/").headers["Cache-Control"] == "private, no-store"


def test_a_lasting_session_is_never_sent_with_files_for_everybody(
    afi: SiteUnderTest, log_in: LogIn
) -> None:
    log_in(afi, remember="yes")
    page = afi.get("/").text
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

    answer = afi.get(sheet)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
