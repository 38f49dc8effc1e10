"""Make the addresses that pages show: permalinks, assets, absolute links."""

from __future__ import annotations

import hmac
from hashlib import sha256
from pathlib import Path

from flask import current_app, has_request_context, request

from blog.platform.context import config
from blog.rows import CommentRow, PostRow


class NoSiteUrl(LookupError):
    """Nobody has said at which address the site is, and no request tells it."""

    def __init__(self) -> None:
        super().__init__(
            "where the site is is known in requests alone: "
            "set site_url in the admin, in config.toml or as BLOG_SITE_URL"
        )


def base_url() -> str:
    """Give the base of absolute links, without a slash at its end.

    In a job, a command or at night it is the setting ``site_url``; raise ``NoSiteUrl`` there when
    that is empty.
    """
    found = config().site_url
    if not found and not has_request_context():
        raise NoSiteUrl
    return (found or request.host_url).rstrip("/")


def absolute(path: str) -> str:
    """Make a path a whole address; raise ``NoSiteUrl`` as ``base_url`` does."""
    return base_url() + path


def comment_base(post: PostRow) -> str:
    """Give what a comment's permalink begins with, before its number."""
    return f"{post.path}{'&' if '?' in post.path else '?'}comment="


def comment_path(post: PostRow, number: int, key: str = "") -> str:
    """Give the permalink of a comment; ``key`` shows one that waits to its author alone."""
    secret = f"&key={key}" if key else ""
    return f"{comment_base(post)}{number}{secret}#comment-{number}"


def page_path(post: PostRow, name: str, number: int) -> str:
    """Give the address of another page of a thread: ``after`` or ``rest`` of a comment."""
    mark = "&" if "?" in post.path else "?"
    return f"{post.path}{mark}{name}={number}#comments"


def sign(purpose: str, *parts: object) -> str:
    """Sign values for one purpose with the site's key."""
    secret = str(current_app.secret_key).encode()
    text = "\x00".join([purpose, *map(str, parts)])
    return hmac.new(secret, text.encode("utf-8", "replace"), sha256).hexdigest()[:32]


def is_signed(key: str, purpose: str, *parts: object) -> bool:
    """Tell whether a signature is ours, in constant time."""
    return hmac.compare_digest(key.encode("utf-8", "replace"), sign(purpose, *parts).encode())


def comment_key(comment: CommentRow) -> str:
    """Give the key under which a waiting comment is shown to its author."""
    return sign("comment", comment.post_id, comment.number, comment.id)


class Assets:
    """Find static files of the core and of plugins, each under a name with its content's hash."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self._folders = folders
        self._paths: dict[tuple[str, str], str] = {}

    def path(self, owner: str, name: str) -> str:
        """Give the address of a file; raise ``LookupError`` when there is none."""
        key = (owner, name)
        if key not in self._paths:
            file = self.file(owner, name)
            if file is None:
                raise LookupError(f"{owner} has no static file {name!r}")
            mark = sha256(file.read_bytes()).hexdigest()[:10]
            stem, dot, suffix = name.rpartition(".")
            self._paths[key] = f"/assets/{owner}/{stem}.{mark}{dot}{suffix}"
        return self._paths[key]

    def file(self, owner: str, name: str) -> Path | None:
        """Find a static file; ``None`` outside of the owner's folder."""
        folder = self._folders.get(owner)
        if folder is None or "\x00" in name:
            return None
        file = (folder / name).resolve()
        return file if file.is_file() and file.is_relative_to(folder.resolve()) else None

    def named(self, owner: str, name: str) -> Path | None:
        """Find a file by the name that carries its hash; ``None`` for any other name."""
        stem, _, rest = name.rpartition(".")
        plain, _, _mark = stem.rpartition(".")
        found = self.file(owner, f"{plain}.{rest}")
        path = f"/assets/{owner}/{name}"
        return found if found and self.path(owner, f"{plain}.{rest}") == path else None

    def clear(self) -> None:
        """Forget the hashes, because files change while developing."""
        self._paths.clear()
