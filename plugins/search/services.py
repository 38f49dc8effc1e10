"""Find what readers and moderators look for, the newest first."""

import re
from collections import Counter, defaultdict
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import func, select

from blog import Comment, Post, columns, comments, is_behind, markup, posts, session, settings

from . import words
from .index import ANYWHERE, KINDS, POST, SHOWN, TITLE, C, E, P, entries

SIZE, TELLING = 20, 12
MOST, MOST_IN_ADMIN = 400, 1000  # the newest of what is found, however much there is
WHOLE, LENGTH, READ = 2000, 260, 60_000  # letters of a title, of a snippet, and where that is
MARK = Markup("<mark>{}</mark>")


def page(typed: str, number: int) -> tuple[list[tuple[Any, ...]], bool]:
    """Give a page of what the asker may read, and whether one follows.

    Each is a post, a comment on it or ``None``, a title and a snippet.
    What has all the words in its title comes first.
    """
    wanted, unwanted = words.query(typed)
    found: dict[int, Any] = {}
    for place in (TITLE, ANYWHERE) if wanted else ():
        rows = entries([*wanted, SHOWN], unwanted, place).outerjoin(Comment, C.id == E.comment_id)
        rows = rows.join(Post, P.id == func.coalesce(E.post_id, C.post_id))
        rows = rows.add_columns(E.comment_id, P.id.label("post_id"), P.guard)
        rows = rows.where(columns.visible()).limit(MOST)
        found |= {row.id: row for row in session.execute(rows)}
    may_read = posts.rows(one.post_id for one in found.values() if one.guard)
    shown = [one for one in found.values() if not one.guard or one.post_id in may_read]
    here = shown[(number - 1) * SIZE : number * SIZE]
    return _results(here, {*re.findall(r"~(\w+)", " ".join(wanted))}), len(shown) > number * SIZE


def find(typed: str, kind: str) -> list[int] | None:
    """Give the newest posts or comments of any status; ``None`` where the index knows none."""
    wanted, unwanted = words.query(typed)
    if not wanted or is_behind(__name__):
        return None
    found = entries([*wanted, kind], unwanted).with_only_columns(KINDS[kind][0])
    return list(session.scalars(found.limit(MOST_IN_ADMIN))) or None


def similar_posts(post_id: int, most: int) -> list[int] | None:
    """Give posts that share at least two words with one that are many in it, rare ones first."""
    text = session.scalar(select(E.text).where(E.post_id == post_id))
    if text is None or is_behind(__name__):
        return None
    stops = {words.stem(one, language) for one in words.STOP for language in words.LANGUAGES}
    counts = Counter(one[1:] for one in text.split() if one not in (POST, SHOWN) and len(one) > 3)
    telling = sorted(counts.keys() - stops, key=lambda one: (-counts[one], -len(one), one))
    shared: dict[int, list[float]] = defaultdict(list)
    for stem in telling[:TELLING]:
        same = entries([f'"~{stem}"', POST], []).with_only_columns(E.post_id)
        having = session.scalars(same.limit(MOST_IN_ADMIN)).all()
        for one in having:
            shared[one].append(counts[stem] / len(having))
    alike = {one: sum(each) for one, each in shared.items() if len(each) > 1 and one != post_id}
    return sorted(alike, key=lambda one: (-alike[one], -one))[:most]


def _results(rows: list[Any], stems: set[str]) -> list[tuple[Any, ...]]:
    of = {one.id: one for one in posts.listed(list({one.post_id for one in rows}))}
    said = comments.listed([one.comment_id for one in rows if one.comment_id])
    known = {None: None} | {one.id: one for one in said}
    results = []
    for row in rows:
        if row.post_id in of and row.comment_id in known:
            post, comment = of[row.post_id], known[row.comment_id]
            language = post.language or settings["core"].language
            text = markup.plain((comment or post).html[:READ])
            title = _marked(post.title, stems, language, WHOLE)
            results.append((post, comment, title, _marked(text, stems, language, LENGTH)))
    return results


def _marked(text: str, stems: set[str], language: str, length: int) -> Markup:
    """Mark words in a text, or in the part of it that begins near the first of them."""
    places = words.WORD.finditer(text)
    hits = (one.start() for one in places if words.stem(one[0], language) in stems)
    start = text.rfind(" ", 0, max(0, next(hits, 0) - length // 4)) + 1
    parts = words.WORD.split(markup.excerpt_of(escape(text[start:]), length))
    shown = (MARK.format(one) if words.stem(one, language) in stems else one for one in parts)
    return escape("… " if start else "") + Markup().join(shown)
