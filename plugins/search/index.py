"""Keep the words of posts and comments in the database's index, and look them up there."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from blog import Comment, Post, Status, UtcDateTime, columns, markup, session, settings

from . import words

STEP, LARGEST = 200, 100_000  # rows at a time; letters of a text, as PostgreSQL has a limit
ENTRY = sa.table(
    "search_entry",
    *map(sa.column, ("id", "post_id", "comment_id", "text", "is_shown")),
    sa.column("changed_at", UtcDateTime),
)
FTS5 = sa.table("search_text", sa.column("rowid"), sa.column("search_text"))
TSQUERY = ((" AND ", " & "), (" OR ", " | "), (" NOT ", " & !"), ('"', "'"))
E, P, C = ENTRY.c, Post.__table__.c, Comment.__table__.c
# The index knows no columns: a letter tells where a word stands, and what an entry is, and
# whether readers may find it, are words too.
TITLE, ANYWHERE, POST, COMMENT, SHOWN = "t", "w", "mpost", "mcomment", "mshown"
LANGUAGE = sa.select(P.language).where(P.id == C.post_id).scalar_subquery().label("language")
IS_SHOWN = C.status == Status.PUBLISHED
KINDS = {
    POST: (E.post_id, P.id, columns.POST_COLUMNS, E.changed_at != P.updated_at),
    COMMENT: (E.comment_id, C.id, (*columns.COMMENT_COLUMNS, LANGUAGE), E.is_shown != IS_SHOWN),
}


def store(kind: str, numbers: Collection[int]) -> None:
    """Put posts or comments of any status in the place of what was kept of them."""
    own, number, shown, _is_changed = KINDS[kind]
    texts = sa.select(*shown).where(number.in_(numbers))
    rows = [_entry(kind, one) for one in session.execute(texts)]
    session.execute(sa.delete(ENTRY).where(own.in_(numbers)))
    if rows:
        session.execute(sa.insert(ENTRY), rows)


def catch_up() -> bool:
    """Index the next posts and comments that are missing or changed; ``False`` when none is.

    What is newer than all that is known is looked for first, as the rest means to look at each.
    """
    for kind, (own, number, _shown, is_changed) in KINDS.items():
        last = sa.select(sa.func.coalesce(sa.func.max(own), 0)).correlate(None).scalar_subquery()
        query = sa.select(number).outerjoin(ENTRY, own == number).order_by(number).limit(STEP)
        for wanted in (number > last, E.id.is_(None) | is_changed):
            numbers = session.scalars(query.where(wanted)).all()
            if numbers:
                store(kind, numbers)
                return True
    return False


def entries(wanted: list[str], unwanted: list[str], place: str = ANYWHERE) -> sa.Select[Any]:
    """Select the entries that have all of some words and none of others, the newest first."""
    text = " AND ".join(wanted).replace("~", place)
    less = " OR ".join(unwanted).replace("~", ANYWHERE)
    text = f"({text}) NOT ({less})" if less else text
    if session.get_bind().dialect.name == "sqlite":
        found = sa.select(E.id).join(FTS5, FTS5.c.rowid == E.id)
        return found.where(FTS5.c.search_text.op("MATCH")(text)).order_by(FTS5.c.rowid.desc())
    for fts5, tsquery in TSQUERY:
        text = text.replace(fts5, tsquery)
    said = sa.bindparam(None, text, sa.String(), literal_execute=True)  # a plan needs the words
    asked = sa.func.to_tsquery(sa.literal_column("'simple'"), said)
    is_match = sa.literal_column("search_entry.vector").op("@@")(asked)
    return sa.select(E.id).where(is_match).order_by(E.id.desc())


def _entry(kind: str, row: Any) -> dict[str, Any]:
    """Make a row whose id sorts by its second, and then by what it is of."""
    is_post = kind == POST
    is_shown = is_post or row.status == Status.PUBLISHED
    time = row.published_at or row.updated_at if is_post else row.created_at
    language = row.language or settings["core"].language
    title, body = (
        [words.stem(one, language) for one in words.WORD.findall(text[:LARGEST])]
        for text in (row.title if is_post else "", f"{row.author} {markup.plain(row.html)}")
    )
    said = [TITLE + one for one in title] + [ANYWHERE + one for one in title]
    said += [kind, *[SHOWN] * is_shown]  # in the middle: no phrase begins above and ends below
    said += [ANYWHERE + one for one in body]
    return {
        "id": (int(time.timestamp()) << 25) + (row.id % 2**24 << 1) + (not is_post),
        "post_id": row.id if is_post else None,
        "comment_id": None if is_post else row.id,
        "text": " ".join(said),
        "is_shown": is_shown,
        "changed_at": row.updated_at if is_post else row.created_at,
    }
