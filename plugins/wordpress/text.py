"""Render the bodies of WordPress's posts and comments as HTML; the core sanitises it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from .fragments import ADDRESS, code_block, coded, embedded, link, linked, source_link, whole
from .paragraphs import BLOCKS, CONTAINERS, VOID, Paragraphs
from .shortcodes import CAPTIONS, values_of
from .tokens import Kind, Token, tokens_of

NO_END = VOID | {"embed", "param", "source"}
# Inline elements that show something by themselves.
CONTENT = frozenset({"audio", "button", "canvas", "img", "input", "video"})
ALIGNMENTS = frozenset({"alignleft", "aligncenter", "alignright", "alignnone"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """Hold the HTML of a body, and of what is before ``<!--more-->``, ``""`` where there is none.

    ``shortcodes`` counts what is not shown by name, ``blocks`` the blocks that WordPress would
    have filled in when showing them.
    """

    html: str
    excerpt: str
    shortcodes: Counter[str]
    blocks: Counter[str]


def render(source: str) -> Rendered:
    """Render the body of a post as WordPress shows it, with links in the place of embeds.

    Raises nothing and takes time linear in the body's length, whatever is in it.
    """
    tokens = tokens_of(source)
    more = next((place for place, token in enumerate(tokens) if is_more(token)), 0)
    counted = (token.name for token in tokens if token.kind in (Kind.SHORTCODE, Kind.CODE))
    blocks = (block_of(token) for token in tokens if token.kind is Kind.COMMENT)
    return Rendered(
        Body().render(tokens),
        Body().render(tokens[:more]),
        Counter(counted),
        Counter(block for block in blocks if block),
    )


def render_comment(source: str) -> str:
    """Render the text of a comment: paragraphs, and links where it says an address."""
    return Body(linked).render(tokens_of(source, shortcodes=False))


class Body:
    """Write the HTML of one list of tokens."""

    def __init__(self, dress: Callable[[str], str] = str) -> None:
        self._paragraphs = Paragraphs()
        self._dress = dress
        self._links = 0
        # How deep in blocks of the block editor, whose HTML is complete already.
        self._depth = 0

    def render(self, tokens: list[Token]) -> str:
        """Write everything and give the whole."""
        self._feed(tokens)
        return self._paragraphs.finish()

    def _feed(self, tokens: list[Token]) -> None:
        place = 0
        while place < len(tokens):
            token = tokens[place]
            following = tokens[place + 1] if place + 1 < len(tokens) else None
            place += 1
            if token.kind is Kind.SHORTCODE and token.name in CAPTIONS and not self._depth:
                place = self._caption(tokens, place)
            elif self._depth:
                self._within_block(token, tokens[place - 2] if place > 1 else None, following)
            else:
                self._write(token, following)

    def _write(self, token: Token, following: Token | None) -> None:
        match token.kind:
            case Kind.TEXT:
                dress = str if self._links else self._dress
                self._paragraphs.text(token.raw, is_boundary(following), dress)
            case Kind.OPEN:
                self._open(token)
            case Kind.CLOSE:
                self._close(token)
            case Kind.COMMENT:
                self._comment(token)
            case _:
                self._other(token, following)

    def _other(self, token: Token, following: Token | None) -> None:
        match token.kind:
            case Kind.WHOLE:
                self._whole(token)
            case Kind.CODE:
                inline = not (self._paragraphs.fresh and is_boundary(following))
                if inline and "\n" not in token.value:
                    self._paragraphs.inline(f"<code>{coded(token.value)}</code>", content=True)
                else:
                    self._paragraphs.block(code_block(token))
            case Kind.SHORTCODE if shown := embedded(token):
                self._paragraphs.inline(shown, content=True)

    def _open(self, token: Token) -> None:
        if token.name in VOID:
            self._paragraphs.block(token.raw)
        elif token.name in CONTAINERS:
            self._paragraphs.open(token.name, token.raw)
        elif token.name == "br":
            self._paragraphs.line_break(token.raw)
        elif token.name == "embed":
            self._embed(token)
        else:
            self._links += token.name == "a"
            self._paragraphs.inline(token.raw, token.name in CONTENT)

    def _close(self, token: Token) -> None:
        if token.name in CONTAINERS:
            self._paragraphs.close(token.name, token.raw)
        elif token.name not in NO_END:
            self._links -= token.name == "a" and self._links > 0
            self._paragraphs.inline(token.raw)

    def _embed(self, token: Token) -> None:
        if shown := source_link(token):
            self._paragraphs.inline(shown, content=True)

    def _comment(self, token: Token) -> None:
        if token.value.startswith("wp:") and not token.value.endswith("/"):
            self._depth = 1
            self._paragraphs.block("")

    def _whole(self, token: Token) -> None:
        shown = whole(token)
        if token.name == "pre":
            self._paragraphs.block(shown)
        elif shown:
            self._paragraphs.inline(shown, content=True)

    def _within_block(self, token: Token, before: Token | None, following: Token | None) -> None:
        if token.kind is Kind.COMMENT:
            opens = token.value.startswith("wp:") and not token.value.endswith("/")
            self._depth += opens - token.value.startswith("/wp:")
            return
        if is_empty_paragraph(token, following) or is_empty_paragraph(before, token):
            return
        if shown := block_html(token, before, following):
            self._paragraphs.write(shown)

    def _caption(self, tokens: list[Token], place: int) -> int:
        """Write a picture with its text as a figure; give the place after it."""
        end = next(
            (
                position
                for position in range(place, len(tokens))
                if tokens[position].name in CAPTIONS
                and tokens[position].kind in (Kind.SHORTCODE, Kind.END)
            ),
            len(tokens),
        )
        if end == len(tokens) or tokens[end].kind is Kind.SHORTCODE:
            return place
        values = values_of(tokens[place - 1].value)
        picture, words = divided(tokens[place:end])
        if not any(token.raw.strip() for token in words):
            words = tokens_of(values.get("caption", ""), shortcodes=False)
        self._figure(values.get("align", ""), picture, words)
        return end + 1

    def _figure(self, align: str, picture: list[Token], words: list[Token]) -> None:
        classes = f"wp-caption {align}" if align in ALIGNMENTS else "wp-caption"
        self._paragraphs.open("figure", f'<figure class="{classes}">')
        self._feed(picture)
        if any(token.raw.strip() for token in words):
            self._paragraphs.open("figcaption", "<figcaption>")
            self._feed(words)
            self._paragraphs.close("figcaption", "</figcaption>")
        self._paragraphs.close("figure", "</figure>")


def divided(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Divide the inside of a caption into its picture, with the link around it, and its words."""
    for place, token in enumerate(tokens, 1):
        if token.kind is Kind.OPEN and token.name == "img":
            linked_too = place < len(tokens) and tokens[place][:2] == (Kind.CLOSE, "a")
            return tokens[: place + linked_too], tokens[place + linked_too :]
    return tokens, []


def block_html(token: Token, before: Token | None, following: Token | None) -> str:
    """Write a token inside a block of the block editor: as it stands, embeds as links."""
    match token.kind:
        case Kind.TEXT:
            bare = token.raw.strip()
            alone = is_block(before, Kind.OPEN) and is_block(following, Kind.CLOSE)
            return link(bare) if alone and ADDRESS.fullmatch(bare) else token.raw
        case Kind.WHOLE:
            return whole(token)
        case Kind.CODE:
            return code_block(token)
        case Kind.SHORTCODE | Kind.END:
            return embedded(token)
    return source_link(token) if token.name == "embed" else token.raw


def is_more(token: Token) -> bool:
    """Say whether a token is the comment that ends the excerpt."""
    return token.kind is Kind.COMMENT and token.value.partition(" ")[0] == "more"


def block_of(token: Token) -> str:
    """Name the block that a comment stands for whole; ``""`` for any other comment."""
    value = token.value
    return value.split(None, 1)[0] if value.startswith("wp:") and value.endswith("/") else ""


def is_block(token: Token | None, kind: Kind) -> bool:
    """Say whether a token is the tag of a block."""
    return token is not None and token.kind is kind and token.name in BLOCKS


def is_empty_paragraph(token: Token | None, following: Token | None) -> bool:
    """Say whether two tokens that follow each other are a paragraph with nothing in it."""
    tags = [(each.kind, each.name) for each in (token, following) if each]
    return tags == [(Kind.OPEN, "p"), (Kind.CLOSE, "p")]


def is_boundary(token: Token | None) -> bool:
    """Say whether a line ends before a token, even without a newline."""
    if token is None or token.kind in (Kind.COMMENT, Kind.SHORTCODE, Kind.END, Kind.CODE):
        return True
    return token.name in BLOCKS or token.name == "br"
