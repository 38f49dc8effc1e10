"""Keep terms and their tree, find the posts of each, and take what imports kept."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import unquote

from sqlalchemy import ColumnElement, case, delete, func, select, tuple_, update

from blog import Leftover, Post, PostKind, addresses, hookimpl, markup, now, session, take_turns
from blog import gettext as _

from .models import Former, Taken, Term, Use

KINDS = {"category": "category", "tag": "post_tag"}  # with their names in WordPress
TAXONOMIES = {"category": "category", "post_tag": "tag", "tag": "tag", "": "category"}
BELOW, LONGEST, LONGEST_PATH = " > ", 200, 490
PER_PAGE, STEP = 100, 200
UNFIT, MARK = re.compile(r"[\s/\\?#%]+"), re.compile(r"(?<!\S)>(?!\S)")
P = Post.__table__.c
SHOWN_AT = case((P.live & (P.kind == PostKind.POST), P.published_at))


class Misplaced(ValueError):
    """A term cannot be there; the message says why."""


def first(kind: str, *conditions: ColumnElement[bool]) -> Term | None:
    """Give the first term of a kind that meets the first condition that one meets."""
    tries = (select(Term).where(Term.kind == kind, one).order_by(Term.id) for one in conditions)
    return next(filter(None, map(session.scalar, tries)), None)


def at(kind: str, path: str) -> Term | None:
    """Find the term with posts whose archive is or was at an address, or that is called so."""
    has_posts = select(Use).where(Use.term_id == Term.id, Use.shown_at <= now()).exists()
    called = Term.slug == path.rpartition("/")[2]
    return first(kind, *(one & has_posts for one in (Term.path == path, was_at(path), called)))


def was_at(path: str) -> ColumnElement[bool]:
    """Give the condition that a term had an address before."""
    return Term.id.in_(select(Former.term_id).where(Former.path == path))


def folded(text: str) -> str:
    """Write a name as it is sorted and looked for: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))[:LONGEST_PATH]


def called(kind: str, label: str, last: int = 0) -> Term | None:
    """Find the term that somebody means, in any case; one as it is written, or of another id first.

    Those of before are kept with their accents.
    """
    names = [folded(label), label.casefold()[:LONGEST_PATH]]
    query = select(Term).where(Term.kind == kind, Term.folded.in_(names))
    found = session.scalars(query.order_by(Term.label != label, Term.id == last, Term.id))
    return next((one for one in found if one.label.casefold() == label.casefold()), None)


def named(kind: str, label: str) -> Term:
    """Give the term that somebody means, made with those above it where it is new."""
    return called(kind, label) or place(Term(kind=kind), *apart(kind, label))


def apart(kind: str, label: str) -> tuple[Term | None, str]:
    """Give the term above the one that is called so, and its own name."""
    *above, name = (one.strip() for one in (MARK.split(label) if kind == "category" else [label]))
    if not all((*above, name)):
        raise Misplaced(_("A name is missing: nothing has changed."))
    return named(kind, BELOW.join(above)) if above else None, name


def place(term: Term, parent: Term | None, name: str, slug: str = "") -> Term:
    """Put a term below another, or rename it; what is below it follows, old addresses lead on.

    One whose address is taken gets the next one that is free.
    """
    before, name = term.path or "", name[:LONGEST]
    slug = (slug or addresses.slug_of(name) or name)[:LONGEST]
    piece = UNFIT.sub("-", markup.clean_line(unquote(slug))).strip("-.")[:LONGEST] or "term"
    piece += "-2" if piece in ("feed", "page") else ""  # which WordPress has below an archive
    label = f"{parent.label}{BELOW}{name}" if parent else name
    path = f"{parent.path}/{piece}" if parent else piece
    if parent and f"{parent.path}/".startswith(f"{before}/"):
        raise Misplaced(_("It cannot be below itself."))
    if max(len(path), len(label)) > LONGEST_PATH:
        raise Misplaced(_("Its name is too long, with those above it."))
    term.path, term.slug = _free(term, Term.path, path), _free(term, Term.slug, slug)
    term.name, term.label, term.folded = name, label, folded(label)
    term.parent = parent
    session.add(term)
    session.flush()
    session.execute(delete(Former).where(Former.path == term.path, Former.kind == term.kind))
    if before not in ("", term.path):
        session.merge(Former(path=before, kind=term.kind, term_id=term.id))
    for child in list(term.children):
        place(child, term, child.name, child.slug)
    return term


def remove(term: Term, heir: Term | None = None) -> None:
    """Delete a term, which may leave all to another; what stands below it else goes one up."""
    if heir and heir.path.startswith(f"{term.path}/"):
        place(heir, term.parent, heir.name, heir.slug)
    for child in list(term.children):
        place(child, heir or term.parent, child.name, child.slug)
    if heir:
        session.merge(Former(path=term.path, kind=term.kind, term_id=term.id))
        session.flush()
        has = Use.post_id.in_(select(Use.post_id).where(Use.term_id == heir.id))
        session.execute(delete(Use).where(Use.term_id == term.id, has))
        for table in (Use, Former):
            moved = update(table).where(table.term_id == term.id)
            session.execute(moved.values(term_id=heir.id))
    session.delete(term)


def listed(kind: str, words: str = "", after: int = 0) -> Sequence[Any]:
    """Give a page of terms by name, and one more, with the number of their published posts."""
    uses = select(func.count()).where(Use.term_id == Term.id, Use.shown_at <= now())
    query = select(Term.id, Term.kind, Term.label, Term.path, uses.scalar_subquery().label("uses"))
    query = query.where(Term.kind == kind, Term.folded.contains(folded(words), autoescape=True))
    last = session.get(Term, after)
    if last:
        query = query.where(tuple_(Term.folded, Term.id) > tuple_(last.folded, last.id))
    return session.execute(query.order_by(Term.folded, Term.id).limit(PER_PAGE + 1)).all()


def of_posts(ids: Iterable[int]) -> dict[int, list[Any]]:
    """Give the terms of posts, by the id of a post, in one statement."""
    query = select(Use.post_id, Term.kind, Term.name, Term.label, Term.path, Term.slug).join(Term)
    query = query.where(Use.post_id.in_(list(ids))).order_by(Term.folded, Term.id)
    found: dict[int, list[Any]] = {}
    for one in session.execute(query):
        found.setdefault(one.post_id, []).append(one)
    return found


@hookimpl(optionalhook=True)
def export_term_list() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Name all terms to whoever exports them."""
    found: dict[str, list[Mapping[str, str]]] = {one: [] for one in KINDS.values()}
    for one in session.scalars(select(Term).order_by(Term.path)).all():
        told = {"slug": one.slug, "name": one.name, "parent": one.parent.slug if one.parent else ""}
        found[KINDS[one.kind]].append(told)
    return found


@hookimpl(optionalhook=True)
def export_terms(post_ids: Sequence[int]) -> Mapping[int, Sequence[Mapping[str, str]]]:
    """Give the terms of posts to whoever exports them."""
    return {
        post_id: [{"taxonomy": KINDS[one.kind], "slug": one.slug, "name": one.name} for one in own]
        for post_id, own in of_posts(post_ids).items()
    }


def names(kind: str, words: str = "") -> list[str]:
    """Give the names that hold some words, as they are typed."""
    return [typed([one.label]) for one in listed(kind, words)]


def typed(labels: Iterable[str]) -> str:
    """Write labels as they are typed: with commas between, in quotes where they hold one."""
    quoted = ('"' + one.replace('"', '""') + '"' if set('",') & set(one) else one for one in labels)
    return ", ".join(quoted)


def labels_of(text: str) -> list[str]:
    """Read labels as they are typed."""
    line = next(csv.reader([markup.clean_line(text)], skipinitialspace=True), [])
    return [one.strip() for one in line if one.strip()]


def assign(post_id: int, kind: str, labels: Sequence[str]) -> None:
    """Give a post the terms of a kind that were typed and no others; of one name all its own."""
    take_turns(session, "tags")
    mine = select(Term).join(Use).where(Use.post_id == post_id, Term.kind == kind)
    has = {one.id: one.label for one in session.scalars(mine)}
    gone = [key for key, label in has.items() if label not in labels]
    session.execute(delete(Use).where(Use.post_id == post_id, Use.term_id.in_(gone)))
    for label in (one for one in labels if one not in has.values()):
        with suppress(Misplaced):
            session.merge(Use(post_id=post_id, term_id=named(kind, label).id))


def show(post_ids: Iterable[int]) -> None:
    """Let archives show what is published, from its time on."""
    session.flush()
    moment = select(SHOWN_AT).where(P.id == Use.post_id).scalar_subquery()
    session.execute(update(Use).where(Use.post_id.in_(set(post_ids))).values(shown_at=moment))


@hookimpl
def import_leftovers(kind: str) -> None:
    """Take the terms of an import."""
    while kind in ("term", "postterm") and take():
        pass


@hookimpl
def catch_up() -> bool:
    """Take a step of what imports kept, or mend what changed while this was off."""
    if take():
        return True
    query = select(Use.post_id).join(Post, P.id == Use.post_id).limit(STEP)
    late = session.scalars(query.where(Use.shown_at.is_distinct_from(SHOWN_AT))).all()
    show(late)
    return bool(late)


def take() -> bool:
    """Take a step of the terms that imports kept, listed ones first; ``False`` at the end."""
    take_turns(session, "tags")
    new = Leftover.kind.in_(("term", "postterm")), Leftover.id.not_in(select(Taken.id))
    query = select(Leftover).where(*new).order_by(Leftover.kind.desc(), Leftover.id).limit(STEP)
    found = session.scalars(query).all()
    for one in found:
        session.add(Taken(id=one.id))
        data = [one.data] if one.kind == "term" else one.data.get("terms", ())
        full = {each["name"] for each in data if each["taxonomy"]}
        # 1.0 also writes bare names of what it names in full.
        own = [_known(each) for each in data if each["taxonomy"] or each["name"] not in full]
        for term_id in {each.id for each in own if each and one.post_id}:
            session.merge(Use(post_id=one.post_id, term_id=term_id))
    show(one.post_id for one in found if one.post_id)
    return bool(found)


def _known(data: Mapping[str, str]) -> Term | None:
    """Give the term that another system calls so, made below its parent where it is new."""
    kind, slug = TAXONOMIES.get(data["taxonomy"]), data["slug"][:LONGEST]
    name = markup.clean_line(unescape(data["name"]))[:LONGEST] or slug
    if not (kind and name):
        return None
    term = first(kind, Term.slug == slug, was_at(slug)) if slug else called(kind, name)
    # One is named by its slug until it is listed, where its child came before.
    if term and ("parent" not in data or term.name != term.slug):
        return term
    above = {"taxonomy": kind, "slug": data.get("parent", ""), "name": ""}
    for parent in (_known(above), None):
        with suppress(Misplaced):
            return place(term or Term(kind=kind), parent, name, slug)
    return None


def _free(term: Term, column: Any, wanted: str) -> str:
    """Give what was wanted, with a number where another term of the kind has it."""
    value, number = wanted, 2
    while first(term.kind, (column == value) & (Term.id != term.id)):
        value, number = f"{wanted}-{number}", number + 1
    return value
