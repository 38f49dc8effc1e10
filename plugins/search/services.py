"""Find what readers and moderators look for, the newest first."""

import re
from collections import Counter, defaultdict
from math import log
from typing import Any, NamedTuple

import sqlalchemy as sa
from markupsafe import Markup, escape

from blog import CommentRow, PostKind, PostRow, columns, comments, is_behind, markup, posts, session

from . import words
from .index import POST_TABLE, E, P, language_of
from .models import ENTRY
from .query import COMMENT, POST, SHOWN, Query, read, written

SIZE, MOST = 20, 1000
ROUNDS = 5  # so many pages may be full of what a guard hides before the list ends
TELLING, COMMON = 12, 200
LENGTH, BEFORE, READ = 260, 60, 60_000
LAST = 2**63 - 1
PLACE = re.compile(r"([01])-(-?\d{1,18})", re.ASCII)
TEXT = sa.table("search_text", sa.column("rowid", sa.Integer), sa.column("search_text"))


class Found(NamedTuple):
    """Show a post that was found, or one of its comments."""

    post: PostRow
    comment: CommentRow | None
    title: Markup
    snippet: Markup


def page(query: Query, before: str) -> tuple[list[Found], str]:
    """Give what the asker may read, where the title has all the words first; and the next cursor.

    It ends after some pages of which the asker may read nothing, so that nothing is told of them.
    """
    place = PLACE.fullmatch(before)
    tier, below = (int(place[1]), int(place[2])) if place else (0, LAST)
    shown: list[Any] = []
    at: dict[int, PostRow] = {}
    for _round in range(ROUNDS if query.wanted else 0):
        rows = session.execute(_tiers(query, tier, below)).all()
        at |= {one.id: one for one in posts.listed(list({row.post_id for row in rows}))}
        shown += [row for row in rows if row.post_id in at]
        if len(shown) > SIZE or len(rows) <= SIZE:
            break
        tier, below = rows[-1].tier, rows[-1].id
    last = shown[SIZE - 1] if len(shown) > SIZE else None
    return _found(query, shown[:SIZE], at), f"{last.tier}-{last.id}" if last else ""


def find(text: str, *, in_comments: bool = False) -> list[int] | None:
    """Give the ids of posts or comments of any status; ``None`` where the index knows none."""
    query = read(text)
    if not query.wanted or is_behind(__name__):
        return None
    number, mark = (E.comment_id, COMMENT) if in_comments else (E.post_id, POST)
    found = _entries(query, mark).with_only_columns(number).limit(MOST)
    return list(session.scalars(found)) or None


def similar_posts(post: PostRow, most: int) -> list[int] | None:
    """Give posts that share words with one that are many in it and rare elsewhere.

    Each word is looked for in a bounded number of posts.
    """
    kept = session.execute(
        sa.select(E.title, E.body).where(E.post_id == post.id, E.comment_id.is_(None))
    )
    text = kept.first()
    if text is None or is_behind(__name__):
        return None
    counts = Counter(f"{text.body} {text.title} {text.title}".split())
    stops = {words.stem(one, language) for one in words.STOP for language in words.LANGUAGES}
    telling = [one for one in counts if len(one) > 2 and one not in stops]
    scores: dict[int, list[float]] = defaultdict(list)
    for stem in sorted(telling, key=lambda one: (-counts[one], -len(one), one))[:TELLING]:
        query = _entries(Query((((stem,),),)), POST).where(columns.visible())
        query = query.where(P.kind == PostKind.POST).with_only_columns(P.id).limit(COMMON)
        ids = session.scalars(query).all()
        for post_id in ids:
            scores[post_id].append((1 + log(counts[stem])) * log(1 + COMMON / len(ids)))
    alike = {one: sum(each) for one, each in scores.items() if len(each) > 1 and one != post.id}
    return sorted(alike, key=lambda one: (-alike[one], -one))[:most]


def _marked(text: str, query: Query, language: str, length: int = 0) -> Markup:
    """Mark the words in a text, or in the part of it where the first one stands.

    No ending changes how a word begins, so few words are looked at closely.
    """
    begins = {stem[:2] for stem in query.stems}
    folded = ((one, words.fold(one[0])) for one in words.WORD.finditer(text))
    near = ((one, word) for one, word in folded if words.stem(word, "")[:2] in begins)
    places = [one.span() for one, word in near if words.stem(word, language) in query.stems]
    start, end = 0, len(text)
    if length and places and places[0][0] > BEFORE:
        start = min(text.find(" ", places[0][0] - BEFORE) + 1, places[0][0])
    if length and end > start + length:
        end = max(text.rfind(" ", start, start + length), start + 1)
    shown, at = escape("… " if start else ""), start
    for first, behind in ((a, b) for a, b in places if start <= a and b <= end):
        shown += escape(text[at:first]) + Markup("<mark>{}</mark>").format(text[first:behind])
        at = behind
    return shown + escape(text[at:end]) + (" …" if end < len(text) else "")


def _tiers(query: Query, tier: int, below: int) -> Any:
    """Look in titles and then in texts, each in one look along the index."""
    parts = []
    for number, start in ((0, -LAST if tier else below), (1, below if tier else LAST)):
        part = _entries(query, SHOWN, in_title=number == 0, below=start).where(columns.visible())
        part = part.add_columns(sa.literal(number).label("tier")).limit(SIZE + 1)
        parts.append(sa.select(part.subquery()))
    both = sa.union_all(*parts).subquery()
    return sa.select(both).order_by(both.c.tier, both.c.id.desc()).limit(SIZE + 1)


def _entries(
    query: Query, *marks: str, in_title: bool | None = None, below: int = LAST
) -> sa.Select[Any]:
    """Select entries with their posts, the newest first."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    text = written(query, *marks, is_sqlite=is_sqlite, in_title=in_title)
    entries = sa.select(E.id, E.post_id, E.comment_id).join_from(ENTRY, POST_TABLE)
    if is_sqlite:
        number = TEXT.c.rowid
        entries = entries.join(TEXT, number == E.id).where(TEXT.c.search_text.op("MATCH")(text))
    else:
        number = E.id
        asked = sa.func.to_tsquery(sa.literal_column("'simple'"), text)
        entries = entries.where(sa.literal_column("search_entry.vector").op("@@")(asked))
    return entries.where(number < below).order_by(number.desc())


def _found(query: Query, rows: list[Any], at: dict[int, PostRow]) -> list[Found]:
    ids = [row.comment_id for row in rows if row.comment_id]
    known = {one.id: one for one in comments.listed(ids)}
    found = []
    for row in rows:
        post, comment = at[row.post_id], known.get(row.comment_id)
        if row.comment_id in (None, *known):
            language = language_of(post.language)
            html = (comment or post).html[:READ]
            title = _marked(post.title, query, language)
            snippet = _marked(markup.plain(html), query, language, LENGTH)
            found.append(Found(post, comment, title, snippet))
    return found
