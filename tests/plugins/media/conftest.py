"""Make pictures, and send them as a browser without script does."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from blog.testing import SiteUnderTest

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (1200, 800), mode: str = "RGB", **more: Any
) -> bytes:
    """Give a picture with a red left half."""
    image = Image.new(mode, size, "white" if mode == "RGB" else (0, 0, 0, 0))
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


@pytest.fixture
def upload() -> Callable[..., TestResponse]:
    """Send a file to a page of the plugin, with the token of a page that the person sees."""

    def upload(
        person: SiteUnderTest,
        data: bytes | None,
        name: str = "fleuve.jpg",
        path: str = "/admin/media/",
        **fields: str,
    ) -> TestResponse:
        found = TOKEN.search(person.get("/admin/media/").text)
        form = {"csrf_token": found[1] if found else "", "media_alt": "Le fleuve", **fields}
        file = {"media_file": (BytesIO(data), name)} if data is not None else {}
        return person.post(path, {**form, **file}, content_type="multipart/form-data")

    return upload
