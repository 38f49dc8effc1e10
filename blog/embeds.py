"""Put links in the place of frames, films and other embeds of a body."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlsplit

EMBEDS = frozenset({"audio", "embed", "iframe", "object", "video"})
INSIDE = frozenset({"param", "source", "track"})
PRESENT = re.compile(r"<(?:audio|embed|iframe|object|video)\b", re.IGNORECASE)
ATTRIBUTES = {
    "audio": {"src"},
    "embed": {"src"},
    "iframe": {"src", "title"},
    "object": {"data"},
    "param": {"name", "value"},
    "source": {"src"},
    "video": {"src"},
}
TAG = re.compile(r"""<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?:"[^"]*"|[^">])*)>""")
ATTRIBUTE = re.compile(r"""\s([a-z-]+)="([^"]*)\"""")
FRAME_END = "</iframe>"
VOID = INSIDE | {"embed"}
SOURCES = ("src", "data")
PARAMETERS = ("movie", "src", "url")


def are_in(html: str) -> bool:
    """Tell whether HTML may have an embed."""
    return PRESENT.search(html) is not None


def linked(html: str) -> str:
    """Replace each embed by a link to what it shows; ``html`` is well-formed, as nh3 gives it."""
    reader = _Reader()
    at = 0
    while found := TAG.search(html, at):
        reader.text(html[at : found.start()])
        at = found.end()
        if found["name"] == "iframe" and not found["end"]:
            # What is in a frame is no HTML; it ends where the frame does.
            end = html.find(FRAME_END, at)
            at = end if end >= 0 else len(html)
        reader.tag(found)
    reader.text(html[at:])
    return "".join(reader.pieces)


class _Reader:
    """Copy what is read, except embeds and all that is inside of them."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.depth = 0
        self.address = self.title = ""

    def text(self, text: str) -> None:
        if not self.depth:
            self.pieces.append(text)

    def tag(self, found: re.Match[str]) -> None:
        name = found["name"]
        if name not in EMBEDS and not (self.depth and name in INSIDE):
            self.text(found[0])
        elif found["end"]:
            self._end()
        else:
            self._start(name, found["attributes"])

    def _start(self, name: str, attributes: str) -> None:
        if not self.depth:
            self.address = self.title = ""
        self._learn(name, {key: unescape(value) for key, value in ATTRIBUTE.findall(attributes)})
        if name == "embed" and not self.depth:
            self._link()
        elif name not in VOID:
            self.depth += 1

    def _end(self) -> None:
        if self.depth:
            self.depth -= 1
            if not self.depth:
                self._link()

    def _learn(self, name: str, attributes: dict[str, str]) -> None:
        """Keep the first address that an embed names, and its title."""
        found = next((attributes[one] for one in SOURCES if attributes.get(one)), "")
        if name == "param" and attributes.get("name", "").lower() in PARAMETERS:
            found = attributes.get("value", "")
        self.address = self.address or _address(found)
        self.title = self.title or attributes.get("title", "").strip()

    def _link(self) -> None:
        if self.address:
            text = self.title or self.address
            self.pieces.append(f'<a href="{escape(self.address)}">{escape(text)}</a>')


def _address(text: str) -> str:
    """Give an address that a link may have, or nothing."""
    text = text.strip()
    if text.startswith("//"):
        text = f"https:{text}"
    try:
        return text if urlsplit(text).scheme in ("", "http", "https") else ""
    except ValueError:
        return ""
