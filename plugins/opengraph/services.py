"""Choose the pictures of posts, or draw and keep them."""

import re
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from html import unescape
from threading import Lock
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from blog import PostRow, generation, links, posts, settings
from blog import gettext as _

WIDE = 600  # what cards need at least, to be shown large
IMAGE = re.compile(r'<img((?:\s+[\w-]+(?:="[^"]*")?)*)')
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_drawing = Lock()


class Picture(NamedTuple):
    """Show where the picture of a post is, how large it is if that is known, what it shows."""

    url: str
    width: int
    height: int
    alt: str


def is_shown(post: PostRow) -> bool:
    """Tell whether everyone may read a post, so that others may show a link to it."""
    return posts.is_live(post) and not post.guard


def address(post: PostRow) -> str:
    """Give the whole address of a post in ASCII."""
    return quote(links.absolute(post.path), safe=":/?&=[]")


def picture(post: PostRow) -> Picture:
    """Choose the first picture of a post that is wide enough, else its first, else a drawn one."""
    found = _first_of(post.html)
    if found is not None:
        with suppress(ValueError):  # half an address
            url = urljoin(address(post), found.url)
            if urlsplit(url).scheme in ("http", "https"):
                return found._replace(url=quote(url, safe=":/?&=[]%,;@+~!$'()*#"))
    url = links.absolute(drawn_path(post))
    return Picture(url, 1200, 630, post.title or settings["core"].title)


def drawn_path(post: PostRow) -> str:
    """Give the address of a post's drawn picture, which changes when it would look otherwise."""
    text = f"1\x00{post.title}\x00{settings['core'].title}\x00{settings['core'].language}"
    mark = sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    return f"/opengraph/{post.id}-{mark}.png"


def drawn(post: PostRow) -> bytes | None:
    """Give a drawn picture: drawn once and kept, one at a time; ``None`` while others are."""
    file = generation().instance / drawn_path(post).strip("/")
    with suppress(OSError):
        return file.read_bytes()
    if not _drawing.acquire(timeout=0.2):
        return None
    try:
        with suppress(OSError):  # another request drew it meanwhile
            return file.read_bytes()
        from . import drawing  # noqa: PLC0415 - no start should pay for what few requests need

        data = drawing.draw(post.title or _("Untitled"), settings["core"].title)
        with suppress(OSError):  # a full disk costs time, and no picture
            file.parent.mkdir(exist_ok=True)
            for old in file.parent.glob(f"{post.id}-*"):
                old.unlink(missing_ok=True)
            part = file.with_suffix(".part")
            part.write_bytes(data)
            part.replace(file)
        return data
    finally:
        _drawing.release()


@lru_cache(maxsize=256)
def _first_of(html: str) -> Picture | None:
    """Read the pictures of a text; a drawing (SVG) is nothing that cards show."""
    found = []
    for tag in IMAGE.finditer(html):
        values = {name: unescape(value) for name, value in ATTRIBUTE.findall(tag[1])}
        source = values.get("src", "").strip()
        if source and not source.lower().partition("?")[0].endswith(".svg"):
            sizes = (values.get(one, "")[:5] for one in ("width", "height"))
            width, height = (int(one) if one.isdecimal() else 0 for one in sizes)
            found.append(Picture(source, width, height, values.get("alt", "")))
    return next((one for one in found if one.width >= WIDE), found[0] if found else None)
