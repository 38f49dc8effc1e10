"""Find the posts of terms and the terms of posts, and take what imports kept."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from blog import (
    Leftover,
    Post,
    PostDraft,
    PostKind,
    PostRow,
    markup,
    now,
    posts,
    session,
    take_turns,
)

from . import terms
from .models import Taken, Term, Use
from .terms import CATEGORY, TAG

KINDS = (CATEGORY, TAG)
WORDPRESS = {CATEGORY: "category", TAG: "post_tag"}
TAXONOMIES = {"category": CATEGORY, "post_tag": TAG, "tag": TAG, "": CATEGORY}
STEP, PER_PAGE = 200, 100
CURSOR = re.compile(r"(-?\d{1,16})-(\d{1,10})", re.ASCII)
EPOCH, TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
P = Post.__table__.c
SHOWN = and_(P.live, P.kind == PostKind.POST)


def page(term: Term, before: str | None, size: int) -> posts.Listing:
    """Give a page of a term's posts, newest first, by keyset from its index alone."""
    query = select(Use.post_id, Use.published_at).where(
        Use.term_id == term.id, Use.shown, Use.published_at <= now()
    )
    cursor = CURSOR.fullmatch(before or "")
    if cursor:
        place = (EPOCH + int(cursor[1]) * TICK, int(cursor[2]))
        query = query.where(tuple_(Use.published_at, Use.post_id) < tuple_(*place))
    newest = query.order_by(Use.published_at.desc(), Use.post_id.desc()).limit(size + 1)
    found = session.execute(newest).all()
    following = None
    if len(found) > size:
        following = f"{(found[size - 1].published_at - EPOCH) // TICK}-{found[size - 1].post_id}"
    return posts.Listing(posts.listed([one.post_id for one in found[:size]]), following)


def of_posts(ids: Iterable[int]) -> dict[int, list[Any]]:
    """Give the terms of posts, by the id of a post, in one statement."""
    query = select(Use.post_id, Term.kind, Term.name, Term.label, Term.path, Term.slug).join(Term)
    query = query.where(Use.post_id.in_(list(ids))).order_by(Term.folded, Term.id)
    found: dict[int, list[Any]] = {}
    for one in session.execute(query):
        found.setdefault(one.post_id, []).append(one)
    return found


def listed(kind: str, words: str = "", after: int = 0) -> Sequence[Any]:
    """Give a page of terms by name, and one more, with the number of their published posts."""
    uses = select(func.count()).where(Use.term_id == Term.id, Use.shown, Use.published_at <= now())
    query = select(Term.id, Term.kind, Term.label, Term.path, uses.scalar_subquery().label("uses"))
    query = query.where(Term.kind == kind, Term.folded.contains(words.casefold(), autoescape=True))
    last = session.get(Term, after) if after else None
    if last:
        query = query.where(tuple_(Term.folded, Term.id) > tuple_(last.folded, last.id))
    return session.execute(query.order_by(Term.folded, Term.id).limit(PER_PAGE + 1)).all()


def exported() -> dict[str, list[dict[str, str]]]:
    """Give all terms as WordPress names them, by taxonomy."""
    above = aliased(Term)
    query = select(Term.kind, Term.slug, Term.name, above.slug.label("parent")).outerjoin(
        above, above.id == Term.parent_id
    )
    found: dict[str, list[dict[str, str]]] = {WORDPRESS[kind]: [] for kind in KINDS}
    for kind, slug, name, parent in session.execute(query.order_by(Term.path)):
        found[WORDPRESS[kind]].append({"slug": slug, "name": name, "parent": parent or ""})
    return found


def typed(labels: Iterable[str]) -> str:
    """Write labels as they are typed: with commas between, in quotes where they hold one."""
    quoted = ('"' + one.replace('"', '""') + '"' if set('",') & set(one) else one for one in labels)
    return ", ".join(quoted)


def saved(rows: Sequence[PostRow], draft: PostDraft | None) -> None:
    """Keep what the editor's fields held, and what archives show of posts."""
    for kind in KINDS:
        text = draft.extra.get(f"tags_{kind}") if draft else None
        if text is not None:
            take_turns(session, "tags")
            found = next(csv.reader([text], skipinitialspace=True), [])
            _assign(rows[0].id, kind, [one.strip() for one in found if one.strip()])
    _show([one.id for one in rows])


def catch_up() -> bool:
    """Take a step of what imports kept, or mend what changed while this was off."""
    if take():
        return True
    wrong = or_(Use.shown != SHOWN, Use.published_at.is_distinct_from(P.published_at))
    query = select(Use.post_id).join(Post, P.id == Use.post_id).where(wrong).limit(STEP)
    late = session.scalars(query).all()
    _show(late)
    return bool(late)


def take(source: str | None = None) -> bool:
    """Take a step of the terms that imports kept, listed ones first; ``False`` at the end."""
    take_turns(session, "tags")
    query = select(Leftover).outerjoin(Taken, Taken.id == Leftover.id).where(Taken.id.is_(None))
    query = query.where(Leftover.kind.in_(("term", "postterm")))
    if source is not None:
        query = query.where(Leftover.source == source)
    found = session.scalars(query.order_by(Leftover.kind.desc(), Leftover.id).limit(STEP)).all()
    for one in found:
        session.add(Taken(id=one.id))
        data = [one.data] if one.kind == "term" else one.data.get("terms", ())
        full = {each["name"] for each in data if each["taxonomy"]}
        # 1.0 also writes bare names of what it names in full.
        own = [each for each in data if each["taxonomy"] or each["name"] not in full]
        known = [_known(each) for each in sorted(own, key=lambda each: not each["slug"])]
        for term_id in {each.id for each in known if each and one.post_id}:
            session.merge(Use(post_id=one.post_id, term_id=term_id))
    session.flush()
    _show([one.post_id for one in found if one.post_id])
    return bool(found)


def _known(data: Mapping[str, str]) -> Term | None:
    """Give the term that another system calls so, made below its parent where it is new."""
    kind, slug = TAXONOMIES.get(data["taxonomy"]), data["slug"][: terms.LONGEST]
    name = markup.clean_line(unescape(data["name"]))[: terms.LONGEST]
    if not kind or not (slug or name):
        return None
    if not slug:
        return terms.named(kind, name)
    term = terms.first(kind, Term.slug == slug, terms.was_at(kind, slug))
    if term and ("parent" not in data or term.name != term.slug):
        return term
    term = term or Term(kind=kind)  # else one whose name was not known when its child came
    with suppress(terms.Misplaced):
        parent = {"taxonomy": data["taxonomy"], "slug": data.get("parent", ""), "name": ""}
        above = _known(parent)
        return terms.place(term, above, name or slug, slug)
    return terms.place(term, None, name or slug, slug)


def _assign(post_id: int, kind: str, labels: Sequence[str]) -> None:
    """Give a post these terms of a kind and no others; of two with one name its own stay."""
    mine = select(Term.id, Term.label).join(Use).where(Use.post_id == post_id, Term.kind == kind)
    has = {one.id: one.label for one in session.execute(mine)}
    wanted: set[int] = set()
    for label in labels:
        same = (one for one, text in has.items() if text == label and one not in wanted)
        wanted.add(next(same, None) or terms.named(kind, label).id)
    gone = Use.term_id.in_(has.keys() - wanted)
    session.execute(delete(Use).where(Use.post_id == post_id, gone))
    session.add_all(Use(post_id=post_id, term_id=one) for one in wanted - has.keys())
    session.flush()


def _show(post_ids: Iterable[int]) -> None:
    """Let archives show what is published, from its time on."""
    own = P.id == Use.post_id
    shown, moment = (select(one).where(own).scalar_subquery() for one in (SHOWN, P.published_at))
    change = update(Use).where(Use.post_id.in_(set(post_ids)))
    values = change.values(shown=shown, published_at=moment)
    session.execute(values, execution_options=terms.UNSEEN)
