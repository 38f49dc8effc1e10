"""Show what machines read of a page, and serve drawn pictures."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blog import CommentRow, PostKind, PostRow, ThreadPage, identity, links, markup, posts, settings
from blog import gettext as _

from . import services

PROPERTY = Markup('<meta property="{name}" content="{value}">\n')
NAME = Markup('<meta name="{name}" content="{value}">\n')
DATA = Markup('<script type="application/ld+json">{data}</script>\n')
# Nothing in a text may end the script element, or begin a comment or another script in it.
UNSAFE = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
LOCALES = {"en": "en_US", "fr": "fr_FR"}


def blueprint() -> Blueprint:
    """Make the address of drawn pictures."""
    bp = Blueprint("opengraph", __name__)
    bp.add_url_rule("/opengraph/<int:post_id>-<mark>.png", "picture", _picture)
    return bp


def head(post: PostRow) -> Markup:
    """Describe a post in Open Graph, and ask for a large picture on cards."""
    shown = services.picture(post)
    return _tags(
        ("og:type", "article"),
        ("og:title", post.title or _("Untitled")),
        ("og:url", services.address(post)),
        ("og:description", post.excerpt),
        ("og:site_name", settings["core"].title),
        ("og:locale", LOCALES.get(post.language or settings["core"].language, "")),
        ("og:image", shown.url),
        ("og:image:width", str(shown.width or "")),
        ("og:image:height", str(shown.height or "")),
        ("og:image:alt", shown.alt),
        ("article:published_time", _time(post.published_at)),
        ("article:modified_time", _time(post.updated_at)),
        ("author", post.author),
        ("twitter:card", "summary" if 0 < shown.width < services.WIDE else "summary_large_image"),
    )


def home() -> Markup | None:
    """Describe the blog on the first page of its home."""
    if request.endpoint != "core.home" or request.args:
        return None
    core = settings["core"]
    return _tags(
        ("og:type", "website"),
        ("og:title", core.title),
        ("og:url", links.absolute("/")),
        ("og:description", core.tagline),
        ("og:site_name", core.title),
        ("og:locale", LOCALES[core.language]),
        ("twitter:card", "summary"),
    )


def data(post: PostRow, thread: ThreadPage) -> Markup:
    """Describe a post in JSON-LD, with the comments on this page and what each answers."""
    core, here = settings["core"], services.address(post)
    described = {
        "@context": "https://schema.org",
        "@type": "BlogPosting" if post.kind is PostKind.POST else "WebPage",
        "@id": here,
        "url": here,
        "headline": post.title or _("Untitled"),
        "description": post.excerpt,
        "image": services.picture(post).url,
        "datePublished": _time(post.published_at),
        "dateModified": _time(post.updated_at),
        "inLanguage": post.language or core.language,
        "author": {"@type": "Person", "name": post.author} if post.author else None,
        "publisher": {"@type": "Organization", "name": core.title, "url": links.absolute("/")},
        "commentCount": post.comment_count,
    }
    base = links.absolute(links.comment_base(post))
    numbers = {one.id: one.number for one in thread.comments}
    shown = [one for one in thread.comments if one.status == "published"]
    said = ",".join(_comment(base, one, numbers.get(one.parent_id or 0)) for one in shown)
    text = f'{_json(described)[:-1]},"comment":[{said}]}}' if said else _json(described)
    return DATA.format(data=Markup(text))  # noqa: S704 - UNSAFE leaves no sign of HTML in it


@lru_cache(maxsize=2048)
def _comment(base: str, row: CommentRow, parent: int | None) -> str:
    """Write a comment once: each of fifty costs as much as the rest of the data."""
    person = {"@type": "Person", "name": row.author, "url": row.url}
    above = {"@type": "Comment", "@id": f"{base}{parent}#comment-{parent}"}
    return _json(
        {
            "@type": "Comment",
            "@id": f"{base}{row.number}#comment-{row.number}",
            "text": markup.plain(row.html),
            "dateCreated": _time(row.created_at),
            "author": {key: one for key, one in person.items() if one} if row.author else None,
            "parentItem": above if parent else None,
        }
    )


def _json(values: Mapping[str, Any]) -> str:
    filled = {name: value for name, value in values.items() if value}
    return json.dumps(filled, ensure_ascii=False, separators=(",", ":")).translate(UNSAFE)


def _time(found: datetime | None) -> str:
    return found.isoformat(timespec="seconds") if found else ""


@lru_cache(maxsize=256)
def _tags(*found: tuple[str, str]) -> Markup:
    """Write the tags of a page once; those of Open Graph are properties."""
    tags = [(PROPERTY if name[:3] in ("og:", "art") else NAME, name, one) for name, one in found]
    return Markup("").join(tag.format(name=name, value=one) for tag, name, one in tags if one)


def _picture(post_id: int, **_mark: str) -> ResponseReturnValue:
    """Serve the picture of a post that everyone may read; an old address leads to the new one."""
    with identity.acting_as(identity.ANONYMOUS):
        post = posts.get(post_id)
    if request.path != (path := services.drawn_path(post)):
        return redirect(path, 302)
    found = services.drawn(post)
    if found is None:
        return Response(status=503, headers={"Retry-After": "5"})
    response = Response(found, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
