"""Read what somebody types into a search field, and put it to either database."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from . import words

LENGTH = 400
TERMS = 12
TYPED = re.compile(r'(-?)(?:["“«]([^"”»]*)["”»]?|([^\s"“«]+))')
# What an entry is; no stem begins with a digit.
POST, COMMENT, SHOWN = "0post", "0comment", "0shown"

# A phrase for each language: nobody says in which one they type.
Term = tuple[tuple[str, ...], ...]


class Query(NamedTuple):
    """Hold the terms that are looked for, and those that must not be there."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()

    @property
    def stems(self) -> frozenset[str]:
        """Give each stem that is looked for."""
        return frozenset(one for term in self.wanted for phrase in term for one in phrase)


def read(text: str) -> Query:
    """Read words, “phrases” and what a minus excludes; never fail, whatever is typed."""
    wanted: list[Term] = []
    common: list[Term] = []
    unwanted: list[Term] = []
    for minus, quoted, bare in TYPED.findall(text[:LENGTH]):
        folded = words.in_text(quoted or bare)
        while bare and len(folded) > 1 and folded[0] in words.STOP:
            folded = folded[1:]  # the article of *l’arbre*
        if folded:
            is_common = bare and folded[0] in words.STOP
            terms = unwanted if minus else common if is_common else wanted
            terms.append(_in_languages(folded))
    return Query(tuple((wanted or common)[:TERMS]), tuple(unwanted[:TERMS]))


def written(query: Query, *marks: str, is_sqlite: bool, in_title: bool | None = None) -> str:
    """Write a query for FTS5 or for ``tsquery``; the entries that it finds have all the marks.

    ``in_title``: all that is wanted stands in the title, or it does not.
    """
    both, either, without = (" AND ", " OR ", " NOT ") if is_sqlite else (" & ", " | ", " & !")

    def phrase(stems: Iterable[str], in_title: bool) -> str:
        if is_sqlite:
            return f'{"title : " if in_title else ""}"{" ".join(stems)}"'
        return " <-> ".join(f"'{one}'{':A' if in_title else ''}" for one in stems)

    def every(terms: Iterable[Term], in_title: bool = False) -> str:
        each = (either.join(f"({phrase(one, in_title)})" for one in term) for term in terms)
        return both.join(f"({one})" for one in each)

    found = every([*query.wanted, *(((one,),) for one in marks)], in_title=False)
    if in_title:
        found = f"{every(query.wanted, in_title=True)}{both}{found}"
    less = [every([one]) for one in query.unwanted]
    if in_title is False:
        less.append(f"({every(query.wanted, in_title=True)})")
    return f"({found}){without}({either.join(less)})" if less else found


def _in_languages(folded: list[str]) -> Term:
    languages = ("", *words.LANGUAGES)
    return tuple({tuple(words.stem(one, each) for one in folded): 0 for each in languages})
