"""Make HTML safe, and paragraphs of plain text."""

from __future__ import annotations

import re
from hashlib import sha256
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

from blog import embeds
from blog.nesting import shallow
from blog.platform.context import generation, hooks

PLAIN, HTML = "plain", "html"
BODY_TAGS = frozenset(
    "a abbr aside b blockquote br caption cite code col colgroup dd del details dfn div dl dt em"
    " figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s"
    " samp section small source span strike strong sub summary sup table tbody td tfoot th thead"
    " time tr tt u ul var wbr".split()
)
COMMENT_TAGS = frozenset("a b blockquote br code del em i li ol p pre q strong ul".split())
BODY_ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "img": {"src", "alt", "title", "width", "height", "srcset", "sizes"},
    "source": {"srcset", "sizes", "media", "type"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "code": {"class"},
    "pre": {"class"},
    "div": {"class"},
    "figure": {"class"},
    "span": {"class"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "details": {"open"},
    "*": {"lang", "dir", "id"},
}
COMMENT_ATTRIBUTES = {"a": {"href"}, "code": {"class"}}
SCHEMES = {"http", "https", "mailto"}
LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")
BLANK = re.compile(r"\n[ \t]*\n\s*")
INNER = re.compile(r"</?([A-Za-z]{1,10})")
INLINE = frozenset(
    "a abbr b cite code del dfn em i ins kbd mark q s samp small span strong sub sup u var".split()
)
TAG = re.compile(r"<[^<>]{0,5000}>")


def render(source: str, markup: str) -> str:
    """Make the safe HTML of a post's body from how it was typed."""
    return finish(_made(source, markup), markup)


def render_again(source: str, markup: str) -> str | None:
    """Render a post's body; ``None`` where no plugin that is on knows its markup."""
    made = _known(source, markup)
    return finish(made, markup) if made is not None else None


def finish(html: str, markup: str) -> str:
    """Let plugins change the HTML of a post's body, and make it safe."""
    return sanitise(hooks.body_rendered(html, markup))


def renderer() -> str:
    """Name what renders posts now: a hash of the plugins that do, with their versions."""
    current = generation()
    names = [
        f"{one.name} {one.manifest.version}"
        for one in current.plugins
        if any(
            current.table.implements(one.name, hook) for hook in ("render_body", "body_rendered")
        )
    ]
    return sha256("\n".join(names).encode()).hexdigest()[:16]


def render_comment(source: str, markup: str = "comment") -> str:
    """Make the safe HTML of a comment: few elements, links marked as a reader's."""
    return sanitise_comment(_made(source, markup))


def sanitise(html: str) -> str:
    """Keep only what cannot execute or load more than pictures; pictures load lazily.

    Frames, films and other embeds become links to what they would show.
    """
    html = shallow(html)
    if embeds.are_in(html):
        html = embeds.linked(_well_formed(html))
    return nh3.clean(
        html,
        tags=set(BODY_TAGS),
        attributes=BODY_ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener",
        set_tag_attribute_values={
            "img": {"loading": "lazy", "referrerpolicy": "no-referrer", "decoding": "async"}
        },
        attribute_filter=_named,
    )


def sanitise_comment(html: str) -> str:
    """Keep the few elements that a comment may have."""
    return nh3.clean(
        shallow(html),
        tags=set(COMMENT_TAGS),
        attributes=COMMENT_ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="ugc nofollow noopener",
        attribute_filter=_named,
    )


def paragraphs(text: str) -> str:
    """Make paragraphs and links of plain text."""
    parts = (part.strip("\n") for part in BLANK.split(text.replace("\r\n", "\n").strip()))
    return "".join(f"<p>{_lines(part)}</p>" for part in parts if part)


def plain(html: str) -> str:
    """Give the words of HTML on one line."""
    return " ".join(unescape(TAG.sub(_gap, html)).split())


def _gap(tag: re.Match[str]) -> str:
    """Put a space where a browser begins a new line or cell, and none around a word in a line."""
    name = INNER.match(tag[0])
    return "" if name and name[1].lower() in INLINE else " "


def excerpt_of(html: str, length: int = 280) -> str:
    """Cut the words of HTML at a space near ``length`` characters."""
    words = plain(html[: length * 20])
    if len(words) <= length:
        return words
    return words[: length + 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def web_address(text: str) -> str:
    """Give an address that may be linked, or nothing: only http and https, with a host."""
    text = text.strip()
    if text and "://" not in text and ":" not in text.split("/")[0]:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and not _odd(text):
            return text
    except ValueError:
        pass
    return ""


def clean_text(text: str) -> str:
    """Drop what has no place in any text: NUL, lone surrogates, other control characters."""
    return "".join(
        one
        for one in text.replace("\r\n", "\n").replace("\r", "\n")
        if one in "\n\t"
        or not ("\x00" <= one < " " or one == "\x7f" or "\ud800" <= one <= "\udfff")
    )


def clean_line(text: str) -> str:
    """Clean a one-line field; what turns the direction of other text is dropped too."""
    return " ".join(clean_text(text).translate(_DIRECTION).split())


_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
_CLASS = re.compile(
    r"(language-[\w+-]{1,30}|highlight|hl-[\w-]{1,20}|align(left|right|center|none)|wp-caption)"
)
_NOTE = re.compile(r"fn(ref)?\d[\w:-]*")  # footnotes
_PLACE = re.compile(r"#(comment-\d+|comments|respond|)")  # of the page around a body


def _made(source: str, markup: str) -> str:
    made = _known(source, markup)
    return made if made is not None else paragraphs(source)


def _known(source: str, markup: str) -> str | None:
    if markup == HTML:
        return source
    if markup == PLAIN:
        return paragraphs(source)
    made: str | None = hooks.render_body(source, markup)
    return made


def _well_formed(html: str) -> str:
    """Read HTML as a browser does and write it so that a simple parser understands it."""
    return nh3.clean(
        html,
        tags=set(BODY_TAGS | embeds.EMBEDS | embeds.INSIDE),
        attributes={**BODY_ATTRIBUTES, **_with_embeds()},
        url_schemes=SCHEMES,
        link_rel=None,
    )


def _with_embeds() -> dict[str, set[str]]:
    return {
        tag: BODY_ATTRIBUTES.get(tag, set()) | names for tag, names in embeds.ATTRIBUTES.items()
    }


def _named(_tag: str, attribute: str, value: str) -> str | None:
    """Keep ids and classes of bodies apart from those that the pages' own parts use."""
    if attribute == "id":
        return _own_id("-".join(value.split())) if value.strip() else None
    if attribute == "href" and value.startswith("#") and not _PLACE.fullmatch(value):
        return f"#{_own_id(value[1:])}"
    if attribute == "class":
        return " ".join(one for one in value.split() if _CLASS.fullmatch(one)) or None
    return value


def _own_id(value: str) -> str:
    return value if value.startswith("body-") or _NOTE.fullmatch(value) else f"body-{value}"


def _lines(part: str) -> str:
    pieces, at = [], 0
    for found in LINK.finditer(part):
        address = found[0].rstrip(".,;:!?)»’")
        pieces.append(escape(part[at : found.start()]))
        pieces.append(f'<a href="{escape(address)}">{escape(address)}</a>')
        at = found.start() + len(address)
    pieces.append(escape(part[at:]))
    return "".join(pieces).replace("\n", "<br>")


def _odd(text: str) -> bool:
    return any(one.isspace() or one in "<>\"'\\" for one in text)
