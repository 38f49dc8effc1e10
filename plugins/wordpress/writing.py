"""Write what WordPress calls WXR 1.2, piece by piece: well-formed whatever anybody typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from html import escape, unescape
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from blog import Leftover, Post, markup, now, session, settings

from . import own

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DECLARED = {"excerpt", "content", "dc", "wp", "palabre", "xml", "xmlns"}
# A template escapes it a second time: WordPress takes titles and names for HTML.
twice = partial(escape, quote=False)
HERE = re.compile(r'(\s(?:src|href)=")/(?!/)')
# What WordPress has no place for, or reads in another way.
Told = dict[str, Any]
TOLD = (
    "id path former title slug excerpt author markup language guard identity position"
    " comments_days created_at published_at updated_at".split()
)


def written(site: ModuleType) -> Iterator[str]:
    """Give the whole export of all that a module of the plugin ``export`` gives."""
    core, base = settings["core"], site.base()
    about = {"base": base, "core": core, "now": now(), "zone": ZoneInfo(core.timezone)}
    tools = {"sent": format_datetime, "twice": twice, "unknown": _unknown}
    xml = current_app.jinja_env.get_template("wordpress/wxr.xml").make_module(
        {**about, **tools, "number": numbering()}
    )
    return map(clean, _pieces(xml, site))


def clean(text: str) -> str:
    """Drop what XML forbids, and end lines as its readers do."""
    return FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def numbering() -> Callable[[str, str, int], int]:
    """Give what numbers items as they were where they come from, those of each blog apart.

    Called with the source, the number there, and one for what has none.
    """
    query = select(Leftover.source, Leftover.original).where(
        Leftover.kind.in_(("post", "attachment", "menu", "item"))
    )
    rows = session.execute(query.order_by(Leftover.id)).all()
    sources = list(dict.fromkeys(one.source for one in rows))
    step = 1 + max((_number(one.original) for one in rows), default=-1)

    def number(source: str, original: str, own: int) -> int:
        is_known = _number(original) and source in sources
        before = sources.index(source) if is_known else len(sources)
        return step * before + (_number(original) if is_known else own)

    return number


def _pieces(xml: Any, site: ModuleType) -> Iterator[str]:
    owned = site.terms()
    authors = [one["data"] for one in site.leftovers("author")]
    logins = {unescape(one["name"]): one["login"] for one in authors}
    names = set(session.scalars(select(Post.author).distinct())) - {"", *logins}
    authors += [{"login": name, "name": twice(name)} for name in sorted(names)]
    hosts = {host for one in site.leftovers("channel") for host in one["data"]["hosts"]}
    yield xml.begin(sorted(hosts - {urlsplit(site.base()).hostname}), authors).lstrip()
    before: dict[tuple[str, str], Told] = {}
    for row in site.leftovers("term"):
        if row["data"]["taxonomy"] not in owned:
            yield xml.raw(row["data"]["element"])
        before[row["data"]["taxonomy"], row["data"].get("slug", "")] = row["data"]
    for taxonomy, ones in owned.items():  # what an import knew and nobody here does is kept
        yield from (
            xml.term(taxonomy, {**before.get((taxonomy, one["slug"]), {}), **one}) for one in ones
        )
    for post in site.posts():
        creator = logins.get(post["author"], post["author"])
        yield xml.item(post, creator, *_said_of_post(post, site))
        for one in site.comments(post):
            yield xml.comment(one, *_said_of_comment(one, site))
        yield "</item>\n"
    for row in site.leftovers("attachment", "menu", "item"):
        yield xml.kept(
            row, {one["name"]: one for one in row["data"]["element"].get("children", ())}
        )
    for number, file in enumerate(site.attachments(), 2**29):
        at = datetime.fromisoformat(file["created_at"]) if "created_at" in file else now()
        yield xml.attachment(file, number, at)
    yield "</channel>\n</rss>\n"


def _said_of_post(post: Told, site: ModuleType) -> tuple[str, str, list[tuple[str, str]]]:
    """Give the body, the status and the custom fields of a post."""
    told: Told = {key: post[key] for key in TOLD}
    content = clean(post["body"])
    if post["markup"] != "wordpress":
        html = HERE.sub(rf"\g<1>{site.base()}/", post["html"])
        content = f"<!-- wp:html -->{html}<!-- /wp:html -->"
    if content != post["body"]:
        told["body"] = post["body"]
    status: str = post["status"]
    status = {"published": "publish", "scheduled": "future"}.get(status, status)
    if post["guard"]:  # its readers are not those of another blog
        told["status"], status = post["status"], "private"
    elif status == "private" and post["kept"].get("post", {}).get("password"):
        status = "publish"
    kept = post["kept"].get("postmeta", {}).get("metas", ())
    metas: list[tuple[str, str]] = [(one["key"], one["value"]) for one in kept]
    old = {path.strip("/").rpartition("/")[2] for path in post["former"] if "?" not in path}
    old -= {value for key, value in metas if key == own.OLD_SLUG} | {post["slug"]}
    metas += [(own.OLD_SLUG, one) for one in sorted(old)]
    told["old_slugs"] = sorted(old)  # those that no import knew
    return content, status, [*metas, (own.POST, site.exact(told))]


def _said_of_comment(one: Told, site: ModuleType) -> tuple[str, list[tuple[str, str]]]:
    """Give the body and the custom fields of a comment."""
    told: Told = {"reasons": one["reasons"], "identity": one["identity"]}
    told["created_at"] = one["created_at"] if one["created_at"].microsecond else None
    content = clean(one["body"])
    shown = markup.render_comment(content, "wordpress-comment")
    if content != one["body"] or shown.strip() != one["html"].strip():
        content, told["body"] = one["html"].strip(), one["body"]
        told["html"] = content if clean(content) != content else ""
    metas: list[tuple[str, str]] = [
        (meta["key"], meta["value"]) for meta in one["kept"].get("metas", ())
    ]
    said = {key: value for key, value in told.items() if value}
    return content, [*metas, (own.COMMENT, site.exact(said))] if said else metas


def _unknown(data: Mapping[str, Any]) -> list[str]:
    """Name the prefixes that an element uses and nothing declares."""
    attributes = data.get("attributes", {})
    used = {name.partition(":")[0] for name in (data["name"], *attributes) if ":" in name}
    return sorted(one for one in used - DECLARED if f"xmlns:{one}" not in attributes)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
