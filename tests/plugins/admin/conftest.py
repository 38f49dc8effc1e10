"""Fill in the admin's forms as a browser without script does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from blog.testing import SiteUnderTest

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
SEEN = re.compile(r'name="seen"[^>]*value="([^"]*)"')


@pytest.fixture
def send() -> Callable[..., TestResponse]:
    """Send a form to an address of the admin, with the token of a page that the person sees."""

    def send(person: SiteUnderTest, path: str, **fields: Any) -> TestResponse:
        found = TOKEN.search(person.get("/admin/comments").text)
        return person.post(path, {"csrf_token": found[1] if found else "", **fields})

    return send


@pytest.fixture
def seen() -> Callable[[SiteUnderTest, int], str]:
    """Read when a post had been saved, as its editor remembers it."""

    def seen(person: SiteUnderTest, number: int) -> str:
        found = SEEN.search(person.get(f"/admin/posts/{number}").text)
        assert found is not None
        return found[1]

    return seen
