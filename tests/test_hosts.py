"""Which hosts a site answers to."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.test import Client

from blog import site as sites
from blog.testing import SiteUnderTest

MakeSite = Callable[..., SiteUnderTest]


def ask(site: SiteUnderTest, host: str) -> int:
    return site.get("/", headers={"Host": host}).status_code


def test_without_an_address_every_host_is_served(make_site: MakeSite) -> None:
    assert ask(make_site([]), "anything.example") == 200


def test_the_host_of_the_site_is_served(make_site: MakeSite) -> None:
    site = make_site([], site_url="https://blog.example")

    for host in ("blog.example", "BLOG.example", "blog.example:8000"):
        assert ask(site, host) == 200


def test_another_host_is_refused(make_site: MakeSite) -> None:
    site = make_site([], site_url="https://blog.example")

    for host in ("evil.example", "blog.example.evil.example", "localhost", "127.0.0.1:8000", "["):
        assert ask(site, host) == 400


def test_a_refused_host_reads_where_the_site_is(make_site: MakeSite) -> None:
    site = make_site([], site_url="https://blog.example")

    assert "https://blog.example" in site.get("/", headers={"Host": "evil.example"}).text


def test_all_names_of_this_machine_are_one(make_site: MakeSite) -> None:
    site = make_site([], site_url="http://127.0.0.1:8000")

    for host in ("localhost:8000", "127.0.0.1:8001", "[::1]:8000"):
        assert ask(site, host) == 200


def test_an_address_on_this_machine_refuses_other_hosts(make_site: MakeSite) -> None:
    assert ask(make_site([], site_url="http://127.0.0.1:8000"), "evil.example") == 400


def test_while_developing_this_machine_is_served_beside_the_site(make_site: MakeSite) -> None:
    made = make_site([], site_url="https://blog.example")
    developing = sites.Site(made.instance, environ=made.environ, debug=True)

    answers = {
        host: Client(developing).get("/", headers={"Host": host}).status_code
        for host in ("localhost:8000", "evil.example")
    }
    developing.close()

    assert answers == {"localhost:8000": 200, "evil.example": 400}


def test_a_name_with_accents_is_the_one_on_the_wire(make_site: MakeSite) -> None:
    assert ask(make_site([], site_url="https://café.example"), "xn--caf-dma.example") == 200
