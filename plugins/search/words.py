"""Read words: accents folded, endings removed, and what somebody types into a search field."""

import re
from functools import lru_cache
from itertools import dropwhile
from unicodedata import normalize

LANGUAGES = {"fr": "french", "en": "english"}
WORD = re.compile(r"([^\W_](?:[^\W_]|[\u0300-\u036f])*)")
LONGEST, LENGTH, TERMS = 40, 400, 12
TYPED = re.compile(r'(-?)(?:["“«]([^"”»]*)["”»]?|([^\s"“«]+))')
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


def query(typed: str) -> tuple[list[str], list[str]]:
    """Read what is wanted and what a minus excludes; never fail, whatever is typed.

    Each word or “phrase” becomes a condition as FTS5 writes it, with a ``~`` before each stem: in
    every language, as nobody says in which one they type.
    Words that stand everywhere count where no other was typed.
    """
    terms: dict[str, list[str]] = {"wanted": [], "common": [], "unwanted": []}
    for minus, quoted, bare in TYPED.findall(typed[:LENGTH]):
        said = list(map(fold, WORD.findall(quoted or bare)))
        telling = said if quoted else list(dropwhile(STOP.__contains__, said))  # l’arbre
        if said:
            said = telling or said
            forms = {" ~".join(stem(one, each) for one in said) for each in ("", *LANGUAGES)}
            kind = "unwanted" if minus else "wanted" if telling else "common"
            terms[kind].append("({})".format(" OR ".join(f'"~{one}"' for one in forms)))
    return (terms["wanted"] or terms["common"])[:TERMS], terms["unwanted"][:TERMS]


@lru_cache(maxsize=16_384)
def fold(word: str) -> str:
    """Take accents off, and make letters small."""
    plain = normalize("NFKD", word).casefold().translate(LETTERS)
    return "".join(one for one in plain if one.isalnum())[:LONGEST]


@lru_cache(maxsize=16_384)
def stem(word: str, language: str) -> str:
    """Fold a word and take its ending off, again and again until nothing goes any more.

    Else *mange* and *mangé* would differ, since the rules of French look at accents.
    What is not ASCII is written in figures, as databases differ in what they make of it.
    """
    from snowballstemmer import stemmer  # type: ignore[import-untyped]  # noqa: PLC0415 - 3 MB

    word, known, before = fold(word), LANGUAGES.get(language[:2].lower()), ""
    while known and word != before:
        before, word = word, stemmer(known).stemWord(word)  # a new one, as it keeps its word
    return word if word.isascii() else word.encode().hex()
