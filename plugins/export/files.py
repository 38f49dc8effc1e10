"""Write Markdown files with their pictures beside them."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZipFile

from flask import current_app

from blog import hooks

from . import services
from .services import Told, exact

ADDRESS = re.compile(r'\s(?:src|href)="(/[^"]+)"')
SIZES = re.compile(r'\s(?:srcset|sizes)="[^"]*"')
Files = Iterable[tuple[str, Iterable[str] | Path]]


def tree() -> Files:
    """Give a folder for each post: its text, what that names, its comments."""
    page = current_app.jinja_env.get_template("export/post.md")
    taken: set[str] = set()
    for post in services.posts():
        text, beside = _body(post)
        folder = _folder(post, taken)
        yield f"{folder}/index.md", (page.render(post=post, exact=exact), text, "\n")
        yield from ((f"{folder}/{name}", file) for name, file in beside.items())
        if post["last_number"]:
            yield f"{folder}/comments.json", services.array(services.comments(post))


def zipped() -> Iterator[bytes]:
    """Give the same files as a zip, while it is made."""
    pieces = _Pieces()
    with ZipFile(pieces, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, content in tree():
            with archive.open(name, "w", force_zip64=True) as file:
                file.writelines(services.bits(content))
            yield b"".join(pieces)
            pieces.clear()
    yield b"".join(pieces)


class _Pieces(list[bytes]):
    """Take what a zip writes, to be sent before the whole is there."""

    def write(self, data: bytes) -> int:
        self.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass


def _folder(post: Told, taken: set[str]) -> str:
    """Name the folder of a post: no two differ in case alone, and none is too long for a disk."""
    day = f"{post['published_at']:%Y-%m-%d}-" if post["published_at"] else ""
    name = f"{post['kind']}s/{day}{post['slug'].encode()[:150].decode(errors='ignore')}"
    name += f"-{post['id']}" if name.casefold() in taken else ""
    taken.add(name.casefold())
    return name


def _body(post: Told) -> tuple[str, dict[str, Path]]:
    """Give the text, and the files that it names by their names beside it."""
    is_text = post["markup"] in ("markdown", "plain")
    text = post["body"] if is_text else SIZES.sub("", post["html"])
    named = sorted({unescape(one) for one in ADDRESS.findall(post["html"])})
    beside: dict[str, Path] = {}
    for answer in hooks.export_files(named) if named else ():
        for address, file in answer.value.items():
            last = re.sub(r"[^\w.-]", "-", PurePosixPath(unquote(address)).name)[-100:]
            name = f"{len(beside) + 1}-{last}"
            beside[name] = file
            text = re.sub(rf"(?<![\w./:-]){re.escape(address)}(?![\w.%-])", name, text)
    return text, beside
