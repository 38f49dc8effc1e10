"""What roles may do, and what those read who may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import Client, TestResponse

from blog import identity
from blog import site as sites
from blog.testing import SiteUnderTest, hidden_fields
from blog_plugins.accounts import services

GUARDED = '''
"""Guard an address."""
# /// plugin
# title = "Guarded"
# summary = "Guard an address."
# version = "1.0"
# api = 1
# reach.routes = ["/guarded/"]
# ///

from collections.abc import Sequence

from flask import Blueprint

from blog import Permission, hookimpl, identity

bp = Blueprint("guarded", __name__)


@bp.route("/guarded/", methods=["GET", "POST"])
def guarded():
    identity.require("guarded.enter")
    return "inside"


@hookimpl
def routes() -> Blueprint:
    return bp


@hookimpl
def permissions() -> Sequence[Permission]:
    return [
        Permission("guarded.enter", "Enter"),
        Permission("guarded.look", "Look", ("owner", "moderator")),
    ]
'''


@pytest.fixture
def guarded(site: SiteUnderTest) -> SiteUnderTest:
    """Give a site with an address that only owners see."""
    site.place("guarded", GUARDED)
    return site


def test_without_an_owner_the_guarded_says_how_to_get_one(guarded: SiteUnderTest) -> None:
    answer = guarded.get("/guarded/")

    assert answer.status_code == 403
    assert "<code>palabre setup-link</code>" in answer.text


def test_the_anonymous_log_in_and_come_back(
    guarded: SiteUnderTest, afi: SiteUnderTest, log_in: Callable[..., TestResponse]
) -> None:
    answer = guarded.get("/guarded/?page=2&q=a%20b")

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login/?next=")
    back = log_in(afi, next="/guarded/?page=2&q=a b")
    assert afi.follow(back).text == "inside"


def test_what_the_anonymous_send_is_refused_where_they_are(
    guarded: SiteUnderTest, afi: SiteUnderTest
) -> None:
    token = hidden_fields(afi.get("/login/").text)

    assert afi.post("/guarded/", token).status_code == 403


@pytest.mark.needs("members")
def test_an_owner_may_everything_and_a_moderator_what_names_the_role(
    guarded: SiteUnderTest, owner: SiteUnderTest, moderator: SiteUnderTest
) -> None:
    assert owner.get("/guarded/").text == "inside"
    assert moderator.get("/guarded/").status_code == 403
    with guarded.context():
        assert services.permissions_of("owner") >= {"guarded.enter", identity.MANAGE}
        assert services.permissions_of("moderator") == {
            "guarded.look",
            "members.read",
            *(one.name for one in identity.PERMISSIONS if "moderator" in one.roles),
        }


def test_who_is_asking_is_opaque_to_the_core(site: SiteUnderTest) -> None:
    with site.context():
        user = services.add("Afi", "long enough to be taken", "owner", display_name="Afi K.")
        who = services.identity_of(user)

    assert (who.id, who.name) == (f"accounts:{user.id}", "Afi K.")


def test_two_names_that_look_like_one_are_refused(site: SiteUnderTest) -> None:
    with site.context():
        services.add("Éric", "long enough to be taken", "owner")
        for name in ("éric", "E\u0301RIC", " ÉRIC\u200f "):
            with pytest.raises(services.BadUser):
                services.add(name, "long enough to be taken", "moderator")


def test_without_the_plugin_nobody_is_signed_in_and_the_guarded_stays_shut(
    guarded: SiteUnderTest, owner: SiteUnderTest
) -> None:
    guarded.disable("accounts")

    answer = owner.get("/guarded/")

    assert answer.status_code == 403
    assert owner.get("/").status_code == 200


def test_while_developing_the_command_is_whole(guarded: SiteUnderTest) -> None:
    developing = sites.Site(guarded.instance, environ=guarded.environ, debug=True)
    page = Client(developing).get("/guarded/", base_url="http://localhost:8001").text
    developing.close()

    command = f"--instance {guarded.instance} setup-link --address http://localhost:8001"
    assert command in page
    assert str(guarded.instance) not in guarded.get("/guarded/").text
