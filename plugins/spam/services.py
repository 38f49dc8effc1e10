"""Judge a comment: each rule gives its reasons, and without any the comment is published."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, select

from blog import Action, Comment, Draft, PostRow, Status, Verdict, ngettext, now, session, settings
from blog import gettext as _

from .likeness import fold, likeness_of
from .prints import Match, alike
from .views import TRAP

LINK = re.compile(r"(?:https?://|(?<![/\w])www\.)[^\s<>()\[\]\"']{1,500}", re.IGNORECASE)
DAY, MINUTE, TEN_MINUTES = timedelta(days=1), timedelta(minutes=1), timedelta(minutes=10)
# Many people say "thank you, very interesting"; fewer letters than these are said again by chance.
CHANCE = 24
# How many comments a test of the words looks at.
TRIED = 1000


def judge(post: PostRow, draft: Draft, rules: Any) -> Sequence[Verdict]:
    """Give every reason; the last one speaks for the comment where none speaks against it."""
    if draft.trusted:
        return [Verdict.publish(_("written by a moderator"))]
    folded = fold(draft.body)
    verdicts = [
        *_form(draft),
        *_links(draft, rules),
        *_words(draft, folded, rules),
        *_likeness(post, draft, folded),
        *_rate(draft, rules),
    ]
    known = _is_known(draft)
    if not known and rules.first_time_held:
        verdicts.append(Verdict.hold(_("first comment from this author"), 0.5))
    if all(one.action is Action.PUBLISH for one in verdicts):
        reason = _("comments by this author were approved before")
        verdicts.append(Verdict.publish(reason if known else _("nothing speaks against it")))
    return verdicts


def _form(draft: Draft) -> Iterator[Verdict]:
    """Look at how the form came back.

    The token tells whole hours, so "too fast" cannot be seen from it: the rate sees that.
    A page left open for days is no reason to hold a reader's comment, only one to know of.
    """
    if draft.extra.get(TRAP):
        yield Verdict.spam(_("a field that people do not see was filled in"), 3.0)
    elif draft.token_age is not None and TRAP not in draft.extra:
        yield Verdict.hold(_("a field of the form was missing"))
    if draft.token_age is not None and draft.token_age >= DAY:
        days = draft.token_age.days
        said = ngettext("form opened %(num)s day before", "form opened %(num)s days before", days)
        yield Verdict.publish(said, 0.1)


def _links(draft: Draft, rules: Any) -> Iterator[Verdict]:
    count = _links_in(draft.body)
    said = ngettext("%(num)s link", "%(num)s links", count)
    if 0 < rules.links_spam <= count:
        yield Verdict.spam(said)
    elif 0 < rules.links_hold <= count:
        yield Verdict.hold(said)


def _links_in(body: str) -> int:
    """Count links to elsewhere; one whose text is its own address is one link."""
    found = [one.casefold() for one in LINK.findall(body)]
    own = settings["core"].site_url.rstrip("/").casefold()
    if own:
        found = [one for one in found if not f"{one}/".startswith(f"{own}/")]
    return max(len(set(found)), len(found) // 2)


def _words(draft: Draft, folded: str, rules: Any) -> Iterator[Verdict]:
    blocked = _blocked(rules.words)
    if not blocked:
        return
    others = (fold(part) for part in (draft.author, draft.email, draft.url))
    text = " \n ".join(("", folded, *others, ""))
    action = Verdict.spam if rules.words_action == "spam" else Verdict.hold
    for word, sought in blocked:
        if sought in text:
            yield action(_("blocked word: %(word)s", word=word))


def try_words(words: str) -> str:
    """Say how many of the latest published comments blocked words would have caught."""
    blocked = _blocked(words)
    query = select(Comment.body, Comment.author, Comment.email, Comment.url)
    query = query.where(Comment.status == Status.PUBLISHED).order_by(Comment.id.desc())
    caught: dict[str, int] = {}
    for row in session.execute(query.limit(TRIED)):
        text = " \n ".join(("", *(fold(part or "") for part in row), ""))
        for word in [word for word, sought in blocked if sought in text]:
            caught[word] = caught.get(word, 0) + 1
    if not caught:
        return _("No published comment holds a blocked word.")
    counted = ", ".join(f"{word} ({count})" for word, count in sorted(caught.items()))
    return _("Published comments that hold a blocked word: %(counted)s", counted=counted)


@lru_cache(maxsize=8)
def _blocked(words: str) -> tuple[tuple[str, str], ...]:
    """Fold the words of a setting; a space on a side asks for the edge of a word there."""
    lines = dict.fromkeys(line.strip() for line in words.splitlines())
    return tuple(
        (line, f"{'' if line[0] == '*' else ' '}{fold(line)}{'' if line[-1] == '*' else ' '}")
        for line in lines
        if fold(line)
    )


def _likeness(post: PostRow, draft: Draft, folded: str) -> Iterator[Verdict]:
    matches = [one for one in alike(likeness_of(folded)) if one.decision != "ham"]
    same = [one for one in matches if one.same]
    if any(one.decision == "spam" for one in same):
        yield Verdict.spam(_("the same text was marked as spam"), 3.0)
    elif any(one.decision == "spam" for one in matches):
        yield Verdict.hold(_("much like a text that was marked as spam"), 2.0)
    elif len(folded) >= CHANCE:
        yield from _repeated(post, draft, same, matches)


def _repeated(
    post: PostRow, draft: Draft, same: Sequence[Match], matches: Sequence[Match]
) -> Iterator[Verdict]:
    if any(_is_elsewhere(one, post, draft) for one in same):
        yield Verdict.hold(_("the same text was sent before"))
    elif any(_is_elsewhere(one, post, draft) for one in matches):
        yield Verdict.hold(_("nearly the same text was sent before"))


def _is_elsewhere(match: Match, post: PostRow, draft: Draft) -> bool:
    return match.post_id != post.id or match.sender != draft.sender


def _rate(draft: Draft, rules: Any) -> Iterator[Verdict]:
    """Hold what one network sends in a hurry; only the core's flood limit refuses."""
    if not draft.sender:
        return
    moment = now()
    query = select(func.count(), func.count().filter(Comment.created_at > moment - MINUTE)).where(
        Comment.sender == draft.sender, Comment.created_at > moment - TEN_MINUTES
    )
    ten_minutes, minute = session.execute(query).one()
    if minute >= rules.rate_minute:
        yield Verdict.hold(_many_in(minute + 1, 1))
    elif ten_minutes >= rules.rate_ten_minutes:
        yield Verdict.hold(_many_in(ten_minutes + 1, 10))


def _many_in(count: int, minutes: int) -> str:
    return _(
        "%(count)s comments from one network within %(minutes)s min", count=count, minutes=minutes
    )


def _is_known(draft: Draft) -> bool:
    """Tell whether a comment by this author was approved; nobody is known without an e-mail."""
    return (
        bool(draft.email) and _is_approved(Comment.email.in_({draft.email, draft.email.lower()}))
    ) or (draft.identity is not None and _is_approved(Comment.identity == draft.identity))


def _is_approved(author: ColumnElement[bool]) -> bool:
    query = select(Comment.id).where(author, Comment.status == Status.PUBLISHED).limit(1)
    return session.execute(query).first() is not None
