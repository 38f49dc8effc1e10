"""People with names and passwords."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from werkzeug.test import TestResponse

from blog.testing import SiteUnderTest, hidden_fields
from blog_plugins.accounts import passwords, services

PASSWORD = "sous l’arbre à palabres"


@pytest.fixture
def costly_passwords(real_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hash of a password cost what it does on a site."""
    monkeypatch.setattr(passwords, "_hasher", real_hasher)


@pytest.fixture
def afi(site: SiteUnderTest) -> SiteUnderTest:
    """Give a site whose owner Afi is not signed in."""
    with site.context():
        services.add("Afi", PASSWORD, services.OWNER)
    return site


@pytest.fixture
def log_in() -> Callable[..., TestResponse]:
    """Fill in the log-in form and send it."""

    def send(
        site: SiteUnderTest, name: str = "Afi", password: str = PASSWORD, **more: str
    ) -> TestResponse:
        form = hidden_fields(site.get("/login/").text)
        return site.post("/login/", {**form, "name": name, "password": password, **more})

    return send
