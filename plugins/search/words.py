"""Reduce words to what is compared: accents folded, the endings of the language removed."""

import re
from functools import lru_cache
from threading import Lock
from typing import Any
from unicodedata import normalize

LANGUAGES = {"fr": "french", "en": "english"}
WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
LONGEST = 40
MOST = 16_000  # where PostgreSQL ends to know which word stands beside which
# Letters that have no accent to take off, but neighbours on other keyboards.
LETTERS = dict(zip(map(ord, "œæøłđıɖɛɔŋƒɣʋ"), "oe ae o l d i d e o n f g v".split(), strict=True))
STOP = frozenset(
    "a ai au aux avec c ca ce ces cette comme d dans de des du elle en est et eu il ils j je l la"
    " le les leur leurs lui m ma mais me mes mon n ne nos notre nous on ont ou par pas pour qu que"
    " qui s sa se ses si son sont sur t ta te tes toi ton tu un une vos votre vous y"
    " about all an and any are as at be been but by can did do does for from had has have he her"
    " his how i if in into is it its my no not of or our out she so than that the their them then"
    " there these they this to up was we were what when which who will with would you your".split()
)
_turn = Lock()


def in_text(text: str) -> list[str]:
    """Give the words of a text, folded."""
    return [word for word in map(fold, WORD.findall(text)) if word]


def stems(text: str, language: str) -> str:
    """Give the stems of a text with a space between, as the index keeps them."""
    return " ".join(stem(word, language) for word in in_text(text)[:MOST])


@lru_cache(maxsize=16_384)
def fold(word: str) -> str:
    """Take accents off, and make letters small."""
    plain = normalize("NFKD", word).casefold().translate(LETTERS)
    return "".join(one for one in plain if one.isalnum())[:LONGEST]


@lru_cache(maxsize=16_384)
def stem(word: str, language: str) -> str:
    """Take the ending off a folded word, again and again until nothing goes any more.

    Else *mange* and *mangé* would differ, since the rules of French look at accents.
    It is written so that both databases take it for one word; no digit begins it.
    """
    if not word.isascii():
        return f"u{word.encode().hex()}"
    with _turn:  # a stemmer keeps the word that it works on
        for _again in range(3 if language in LANGUAGES else 0):
            word = _stemmer(language).stemWord(word)
    return word if word[0].isalpha() else f"n{word}"


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(language: str) -> Any:
    # Three megabytes that few requests need.
    from snowballstemmer import stemmer  # type: ignore[import-untyped]  # noqa: PLC0415

    return stemmer(LANGUAGES[language])
