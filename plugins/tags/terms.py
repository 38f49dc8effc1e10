"""Make, find, place, merge and delete categories and tags."""

import re
from urllib.parse import unquote

from sqlalchemy import ColumnElement, delete, select, update

from blog import addresses, markup, session
from blog import gettext as _

from .models import Former, Term, Use

CATEGORY, TAG = "category", "tag"
BELOW = " > "
LONGEST, LONGEST_PATH = 200, 490
UNFIT = re.compile(r"[\s/\\?#%]+")
TAKEN = ("feed", "page")  # what WordPress has below an archive
UNSEEN = {"synchronize_session": False}


class Misplaced(ValueError):
    """A term cannot be there; the message says why."""


def first(kind: str, *conditions: ColumnElement[bool]) -> Term | None:
    """Give the first term of a kind that meets the first condition that one meets."""
    tries = (select(Term).where(Term.kind == kind, one).order_by(Term.id) for one in conditions)
    return next(filter(None, map(session.scalar, tries)), None)


def was_at(kind: str, path: str) -> ColumnElement[bool]:
    """Give the condition that a term had an address before."""
    there = select(Former.term_id).where(Former.kind == kind, Former.path == path)
    return Term.id.in_(there)


def named(kind: str, label: str) -> Term:
    """Give the term that somebody means, made with those above it where it is new."""
    found = first(kind, Term.label == label, Term.folded == _folded(label))
    if found:
        return found
    above, _, name = label.rpartition(BELOW) if kind == CATEGORY else ("", "", label)
    name = name.strip() or label
    return place(Term(kind=kind), named(kind, above.strip()) if above.strip() else None, name)


def place(term: Term, parent: Term | None, name: str = "", slug: str = "") -> Term:
    """Put a term below another, or rename it; what is below it follows, old addresses lead on.

    One whose address is taken gets the next one that is free.
    """
    above = parent
    while above is not None:
        if above is term:
            raise Misplaced(_("It cannot be below itself."))
        above = parent_of(above)
    before, name = term.path or "", (name or term.name)[:LONGEST]
    slug = slug or (addresses.slug_of(name) or name if name != term.name else "")
    last = before.rpartition("/")[2]
    piece = _piece(slug) if slug else last
    slug = term.slug if piece == last else slug
    label = f"{parent.label}{BELOW}{name}" if parent else name
    path = f"{parent.path}/{piece}" if parent else piece
    if max(len(path), len(label)) > LONGEST_PATH:
        raise Misplaced(_("Its name is too long, with those above it."))
    with session.no_autoflush:
        term.path = _free(term, f"{path}-2" if parent and piece in TAKEN else path)
        if first(term.kind, Term.slug == slug) not in (None, term):  # exports know it by its slug
            slug = term.path.replace("/", "-")[-LONGEST:]
    term.name, term.slug, term.label, term.folded = name, slug, label, _folded(label)
    term.parent_id = parent.id if parent else None
    session.add(term)
    session.flush()
    session.execute(delete(Former).where(Former.kind == term.kind, Former.path == term.path))
    if before and before != term.path:
        session.merge(Former(kind=term.kind, path=before, term_id=term.id))
    for child in _below(term):
        place(child, term)
    return term


def merge(term: Term, into: Term) -> None:
    """Give the posts, the addresses and the children of a term to another."""
    if into.path.startswith(f"{term.path}/"):
        place(into, parent_of(term))
    has = select(Use.post_id).where(Use.term_id == into.id)
    mine = update(Use).where(Use.term_id == term.id, Use.post_id.not_in(has))
    for moved in (mine, update(Former).where(Former.term_id == term.id)):
        session.execute(moved.values(term_id=into.id), execution_options=UNSEEN)
    session.merge(Former(kind=term.kind, path=term.path, term_id=into.id))
    remove(term, into)


def remove(term: Term, heir: Term | None = None) -> None:
    """Delete a term; what stands below it goes to its heir, else one up."""
    for child in _below(term):
        place(child, heir or parent_of(term))
    session.delete(term)


def parent_of(term: Term) -> Term | None:
    """Give the term above one."""
    return session.get(Term, term.parent_id) if term.parent_id else None


def _below(term: Term) -> list[Term]:
    return list(session.scalars(select(Term).where(Term.parent_id == term.id)))


def _folded(label: str) -> str:
    return label.casefold()[:LONGEST_PATH]


def _piece(slug: str) -> str:
    """Make a slug fit to be a part of an address, with the letters that it has."""
    return UNFIT.sub("-", markup.clean_line(unquote(slug))).strip("-.")[:LONGEST] or "term"


def _free(term: Term, wanted: str) -> str:
    path, number = wanted, 2
    there = select(Term.id).where(Term.kind == term.kind, Term.id != term.id)
    while session.scalar(there.where(Term.path == path)):
        path, number = f"{wanted}-{number}", number + 1
    return path
