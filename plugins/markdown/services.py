"""Render Markdown within bounds: what is nested too deep or too dense is not rendered at all."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin

# Blocks nested deeper would be dropped from the page, so such a text is not rendered.
POST_LEVELS, COMMENT_LEVELS = 40, 12
# People write a mark every forty characters; the parser takes up to 50 µs for each.
MOST_MARKS = 8_000
SHARE_OF_MARKS = 0.1
MARKS = re.compile(r"[\[\]*_~`!<&\\^]")
ADDRESS = re.compile(r"://[^\s<>\[\]\"'`]{1,2000}")
SENTENCE_ENDS = ".,;:!?…»”’*_~"


class TooCostly(ValueError):
    """The text has more marks, lines or levels than a person's."""


def render(source: str, markup: str) -> str | None:
    """Make HTML of a body; ``None`` where the markup is unknown or the text is no person's."""
    parser = PARSERS.get(markup)
    if parser is None or source.count("\n") > _most(source):
        return None
    environment = {"marks": _most(source)}
    try:
        tokens = parser.parse(source, environment)
    except TooCostly:
        return None
    if any(token.level >= parser.options["maxNesting"] - 1 for token in tokens):
        return None
    rendered: str = parser.renderer.render(tokens, parser.options, environment)
    return rendered


def _most(source: str) -> int:
    return max(MOST_MARKS, int(len(source) * SHARE_OF_MARKS))


def _for_posts() -> MarkdownIt:
    """Read CommonMark with HTML, tables, strikethrough and footnotes."""
    parser = MarkdownIt("commonmark", {"maxNesting": POST_LEVELS})
    parser.enable(["table", "strikethrough"])
    # A footnote inside the line costs the square of a hostile line's length.
    parser.use(footnote_plugin, inline=False)
    return _bounded(parser)


def _for_comments() -> MarkdownIt:
    """Read what a comment may have; everything else, HTML too, is shown as it was typed."""
    parser = MarkdownIt("zero", {"maxNesting": COMMENT_LEVELS, "breaks": True})
    parser.enable(["blockquote", "fence"])
    parser.enable(["newline", "escape", "backticks", "emphasis", "link", "autolink"])
    parser.enable(["balance_pairs", "fragments_join", "text_join"])
    parser.inline.ruler.after("text", "address", _address)
    return _bounded(parser)


def _bounded(parser: MarkdownIt) -> MarkdownIt:
    parser.core.ruler.before("inline", "bound", _bound)
    parser.render("*a*")  # compiles its rules now: two threads would trip over each other
    return parser


def _bound(state: StateCore) -> None:
    """Stop before lines are read that would take long; code blocks cost nothing."""
    lines = (token.content for token in state.tokens if token.type == "inline")
    if sum(len(MARKS.findall(line)) for line in lines) > state.env.get("marks", MOST_MARKS):
        raise TooCostly


def _address(state: StateInline, silent: bool) -> bool:
    """Make a link of a bare web address; what ends the sentence stays outside."""
    scheme = _scheme(state)
    found = ADDRESS.match(state.src, state.pos, state.posMax) if scheme else None
    if not found or state.linkLevel:
        return False
    rest = _trimmed(found[0])
    href = state.md.normalizeLink(scheme + rest)
    if len(rest) <= len("://") or not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme)]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = scheme + rest
        state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _scheme(state: StateInline) -> str:
    """Give the ``http`` or ``https`` that stands before a colon, or nothing."""
    if not state.src.startswith("://", state.pos):
        return ""
    before = state.src[max(state.pos - 6, 0) : state.pos]
    found = re.search(r"(?<![^\W_])https?$", before, re.IGNORECASE)
    return found[0] if found else ""


def _trimmed(address: str) -> str:
    """Cut what belongs to the sentence: punctuation, and a bracket that was opened before."""
    address = address.rstrip(SENTENCE_ENDS)
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(SENTENCE_ENDS)
    return address


PARSERS = {"markdown": _for_posts(), "comment": _for_comments()}
