"""Find blocks of code in HTML and mark their tokens, by Pygments' lexers."""

from __future__ import annotations

import re
from html import unescape

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# A block with elements inside is not touched: somebody marked it already.
BLOCK = re.compile(r"<pre([^<>]*+)>\s*+<code([^<>]*+)>([^<]*+)</code>\s*+</pre>", re.IGNORECASE)
# HTML5 asks for language-NAME; lang-NAME is what older scripts knew.
LANGUAGE = re.compile(r"""\bclass\s*=\s*["']?[^"'>]*?\blang(?:uage)?-([\w+#.-]{1,30})""")
# What takes longer to read than to colour is colour for nobody.
LONGEST = 50_000
FORMAT = HtmlFormatter(nowrap=True, classprefix="hl-")


def coloured(html: str) -> str:
    """Colour the blocks of code that name a language which Pygments knows; leave the others."""
    return BLOCK.sub(_block, html) if "<code" in html else html


def _block(found: re.Match[str]) -> str:
    of_pre, of_code, text = found.groups()
    language = LANGUAGE.search(of_code) or LANGUAGE.search(of_pre)
    if language is None or len(text) > LONGEST:
        return found[0]
    try:
        lexer = get_lexer_by_name(language[1].lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return found[0]
    made = highlight(unescape(text), lexer, FORMAT)
    return (
        f'<pre class="highlight"><code class="language-{language[1].lower()}">{made}</code></pre>'
    )
