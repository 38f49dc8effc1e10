"""Read all that a site holds, never all of it at once; forms of ``export_forms`` get this."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from json import dumps
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Select, select, true

from blog import Comment, FormerAddress, Leftover, Post, PostStatus, hooks, session, settings

PART, PAGE = 50, 500
P, C, L = Post.__table__.c, Comment.__table__.c, Leftover.__table__.c
ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
Told = dict[str, Any]
Form = Callable[[ModuleType], Iterator[str]]


def forms() -> dict[str, Form]:
    """Give the forms of export by the word of each, with the ending of its file."""
    return {key: one for answer in hooks.export_forms() for key, one in answer.value.items()}


def base() -> str:
    """Give the address of the site, also where nobody has said it yet."""
    return (settings["core"].site_url or "http://localhost").rstrip("/")


def exact(values: Any) -> str:
    """Write values as JSON on one line, without a character that XML or YAML would change."""
    text = dumps(values, ensure_ascii=False, default=datetime.isoformat)
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def posts(*, trash: bool = False) -> Iterator[Told]:
    """Give every post, the oldest first; with ``trash`` also those in the trash.

    That is each column by its name, ``former`` addresses, ``terms``, and what an import ``kept``
    beside it, by kind, with its ``source``.
    """
    query = select(*P).where(P.status.in_(set(PostStatus) - (set() if trash else {"trash"})))
    last, owned = 0, set(terms())
    while found := _rows(query.where(P.id > last).order_by(P.id).limit(PART)):
        last = found[-1]["id"]
        yield from _with_all(found, owned)


def comments(post: Told) -> Iterator[Told]:
    """Give the comments of a post: each column, the number it ``answers``, what was ``kept``."""
    parent = Comment.__table__.alias()
    told = [one for one in C if one.name not in ("sender", "digest")]
    query = select(*told, parent.c.number.label("answers")).where(C.post_id == post["id"])
    query = query.outerjoin(parent, C.parent_id == parent.c.id).order_by(C.number).limit(PAGE)
    places: dict[int, int] = {}
    last = 0
    while post["last_number"] and (found := _rows(query.where(C.number > last))):
        if not last:
            about = (L.post_id == post["id"], L.kind == "commentmeta")
            ids = select(Leftover.data["comment"].as_integer(), L.id).where(*about)
            places = dict(session.execute(ids).all())
        last = found[-1]["number"]
        here = [places[one["id"]] for one in found if one["id"] in places]
        data = session.scalars(select(L.data).where(L.id.in_(here))) if here else ()
        kept = {one["comment"]: one for one in data}
        yield from (one | {"kept": kept.get(one["id"], {})} for one in found)


def terms() -> dict[str, list[Mapping[str, str]]]:
    """Give the terms that plugins hold, by taxonomy."""
    found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for answer in hooks.export_term_list():
        for taxonomy, ones in answer.value.items():
            found[taxonomy] += ones
    return found


def attachments() -> list[Mapping[str, str]]:
    """Give the files that plugins hold."""
    return [one for answer in hooks.export_attachments() for one in answer.value]


def leftovers(*kinds: str) -> Iterator[Told]:
    """Give the rows of what an import kept, of some kinds or all, and that belong to no post."""
    is_asked = L.kind.in_(kinds) if kinds else true()
    query = select(*L).where(L.post_id.is_(None), is_asked).order_by(L.id).limit(PAGE)
    last = 0
    while found := _rows(query.where(L.id > last)):
        yield from found
        last = found[-1]["id"]


def json(_site: object = None) -> Iterator[str]:
    """Write all that the core holds as one object of JSON."""
    core = settings["core"]
    site = {name: getattr(core, name) for name in ("title", "tagline", "language", "timezone")}
    yield f'{{"format": "palabre", "version": 1, "site": {exact(site | {"url": base()})}'
    parts: dict[str, Iterable[Any]] = {
        "terms": ({"taxonomy": key, **one} for key, ones in terms().items() for one in ones),
        "files": attachments(),
        "posts": posts(trash=True),
        "comments": (one for post in posts(trash=True) for one in comments(post)),
        "kept": leftovers(),
    }
    for name, values in parts.items():
        yield f',\n"{name}": '
        yield from array(values)
    yield "}\n"


def array(values: Iterable[Any]) -> Iterator[str]:
    """Give values as an array, one a line."""
    comma = "["
    for one in values:
        yield f"{comma}\n{exact(one)}"
        comma = ","
    yield "[]" if comma == "[" else "]"


def bits(content: Iterable[str] | Path) -> Iterable[bytes]:
    """Give what is in a file; of half a character there is none."""
    if isinstance(content, Path):
        return [content.read_bytes()]
    return (one.encode("utf-8", "replace") for one in content)


def _rows(query: Select[Any]) -> list[Told]:
    return [dict(one) for one in session.execute(query).mappings()]


def _with_all(found: list[Told], owned: set[str]) -> Iterator[Told]:
    ids = [one["id"] for one in found]
    former: dict[int, list[str]] = defaultdict(list)
    labels: dict[int, list[Mapping[str, str]]] = defaultdict(list)
    kept: dict[int, Told] = defaultdict(dict)
    places = select(FormerAddress.post_id, FormerAddress.path).order_by(FormerAddress.path)
    for post_id, path in session.execute(places.where(FormerAddress.post_id.in_(ids))):
        former[post_id].append(path)
    for answer in hooks.export_terms(ids):
        for post_id, ones in answer.value.items():
            labels[post_id] += ones
    beside = L.kind.in_(("post", "postmeta", "postterm"))
    for row in session.execute(select(*L).where(L.post_id.in_(ids), beside).order_by(L.id)):
        kept[row.post_id] |= {row.kind: row.data, "source": row.source, "original": row.original}
        terms_here = row.data["terms"] if row.kind == "postterm" else ()
        labels[row.post_id] += [one for one in terms_here if one["taxonomy"] not in owned]
    for one in found:
        here = one["id"]
        yield {**one, "former": former[here], "terms": labels[here], "kept": kept[here]}
