"""Write what stands in the place of embeds, addresses and code."""

from __future__ import annotations

import re

from .shortcodes import EMBEDS, values_of
from .tokens import Token

ADDRESS = re.compile(r"""https?://[^\s<>"']++""")
SOURCE = re.compile(
    r"""\b(?:src|data|value)\s*=\s*["']?((?:https?:)?//[^\s"'<>]++)""", re.IGNORECASE
)
SAID = re.compile(r"""(?<![\w/.])https?://[^\s<>"']++""")

FILM = re.compile(r"""\s*(?:id=["']?)?([\w-]{3,40})["']?\s*""")
SITES = {
    "youtube": "https://www.youtube.com/watch?v=",
    "dailymotion": "https://www.dailymotion.com/video/",
    "vimeo": "https://vimeo.com/",
}

# Elements of which nothing is ever shown.
DROPPED = frozenset({"script", "style", "svg"})
NO_LANGUAGE = frozenset({"code", "plain", "source", "sourcecode", "text"})
LANGUAGE = re.compile(r"[a-z0-9+#-]{1,20}")


def link(address: str) -> str:
    """Write a link that shows its address; both are HTML already."""
    return f'<a href="{address}">{address}</a>'


def whole(token: Token) -> str:
    """Write an element with all that is in it: a link for a frame, nothing for a script."""
    if token.name in ("iframe", "object"):
        return source_link(token)
    return "" if token.name in DROPPED else token.raw


def source_link(token: Token) -> str:
    """Write a link to what an embedded frame or object shows; ``""`` where it names nothing."""
    found = SOURCE.search(token.raw)
    if not found:
        return ""
    address = found[1] if found[1].startswith("http") else f"https:{found[1]}"
    return link(address)


def embedded(token: Token) -> str:
    """Write a link in the place of a shortcode that embeds an address, or a film by its id."""
    if token.name not in EMBEDS:
        return ""
    if found := ADDRESS.search(token.value):
        return link(found[0])
    film = FILM.fullmatch(token.value)
    return link(SITES[token.name] + film[1]) if film and token.name in SITES else ""


def coded(code: str) -> str:
    """Escape code; what the editor of WordPress escaped already stays as it is."""
    return code.replace("<", "&lt;").replace(">", "&gt;")


def code_block(token: Token) -> str:
    """Write a code shortcode as a block, with its language."""
    values = values_of(token.raw)
    language = values.get("lang") or values.get("language") or token.name
    named = LANGUAGE.fullmatch(language) and language not in NO_LANGUAGE
    attribute = f' class="language-{language}"' if named else ""
    return f"<pre><code{attribute}>{coded(token.value.strip(chr(10)))}</code></pre>"


def linked(line: str) -> str:
    """Make links of the addresses in a line, without the punctuation that follows them."""
    return SAID.sub(said_link, line)


def said_link(found: re.Match[str]) -> str:
    """Write one address as a link, then what ended the sentence."""
    address = found[0].rstrip(".,;:!?…)»”’")
    return link(address) + found[0][len(address) :]
