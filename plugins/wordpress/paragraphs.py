"""Make paragraphs of blank lines and breaks of single ones, as WordPress does with a body.

Text at the top level and in quotes always stands in paragraphs; in other containers only where
blank lines separate it; never in headings, cells of structure, or what is a paragraph already.
Everything is written once, in order; a paragraph's tags are filled in when its container ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from .fragments import ADDRESS, link

BLANK = " \t\r\f\v"


class Flow(Enum):
    """Say how the text of a container falls into paragraphs."""

    ALWAYS = "every piece is a paragraph"
    BLANK_AROUND = "pieces are paragraphs where there is a blank line beside one"
    BLANK_BETWEEN = "pieces are paragraphs where there is a blank line between two"
    LINES = "text with breaks"
    NEVER = "text as it stands"


FLOWS = {
    Flow.ALWAYS: "blockquote",
    Flow.BLANK_AROUND: "div section article aside main header footer nav form fieldset details"
    " center address",
    Flow.BLANK_BETWEEN: "li td th dd",
    Flow.LINES: "p h1 h2 h3 h4 h5 h6 figcaption caption dt legend summary",
    Flow.NEVER: "figure table thead tbody tfoot tr colgroup ul ol dl hgroup menu map",
}
CONTAINERS = {name: flow for flow, names in FLOWS.items() for name in names.split()}
UNDIVIDED = (Flow.LINES, Flow.NEVER)
VOID = frozenset({"hr", "col", "area"})
BLOCKS = CONTAINERS.keys() | VOID | {"pre"}

# A new one ends the one before it, as in HTML.
SIBLINGS = {
    name: group
    for group in (frozenset({"li"}), frozenset({"dt", "dd"}), frozenset({"td", "th"}))
    for name in group
}


@dataclass(slots=True)
class Frame:
    """Hold an open container: where its tag is, and the pieces of text directly in it."""

    name: str
    flow: Flow
    start: int
    wrap: bool
    pieces: list[tuple[int, int]] = field(default_factory=list)


class Paragraphs:
    """Write HTML from text, inline tags and blocks, given in order.

    ``fresh`` is true where a line begins.
    """

    def __init__(self) -> None:
        self.fresh = True
        self._out: list[str] = []
        self._frames = [Frame("", Flow.ALWAYS, 0, wrap=True)]
        self._open: Counter[str] = Counter()
        self._piece: int | None = None
        self._content = False
        self._newlines = 0
        self._after_break = False

    def text(self, text: str, ends: bool, dress: Callable[[str], str] = str) -> None:
        """Write text; a line that is only an address becomes a link.

        ``ends`` says that the last line ends here; ``dress`` is applied to each line.
        """
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            last = number == len(lines)
            self._line(line, ends=ends or not last, dress=dress)
            if not last:
                self._newlines += 1
                self.fresh = True

    def inline(self, raw: str, content: bool = False) -> None:
        """Write an inline tag; with content (a picture, a link) it makes a paragraph by itself."""
        self._begin()
        self._write(raw, content)

    def line_break(self, raw: str) -> None:
        """Write a break that is in the source; the newline after it makes no second one."""
        self._begin()
        self._write(raw, content=False)
        self._after_break = True

    def block(self, raw: str) -> None:
        """Write a block without text of ours: a rule, code, or what stands for itself."""
        self._before_block()
        self._out.append(raw + "\n")
        self._after_block()

    def write(self, raw: str) -> None:
        """Write HTML that is complete already, as it stands."""
        self._out.append(raw)

    def open(self, name: str, raw: str) -> None:
        """Begin a container."""
        self._before_block()
        if self._frames[-1].name in SIBLINGS.get(name, ()):
            self._pop("")
        flow = CONTAINERS[name]
        self._frames.append(Frame(name, flow, len(self._out), wrap=flow is Flow.ALWAYS))
        self._open[name] += 1
        self._out.append(raw)
        self._after_block()

    def close(self, name: str, raw: str) -> None:
        """End a container and what is open in it; an end without a beginning is left out."""
        if not self._open[name]:
            return
        self._note_blank()
        while self._frames[-1].name != name:
            self._pop("")
        self._pop(raw)
        self._after_block()

    def finish(self) -> str:
        """End what is open and give the whole."""
        while len(self._frames) > 1:
            self._pop("")
        self._close_piece()
        self._fill(self._frames[0])
        return "".join(self._out).strip()

    def _line(self, line: str, ends: bool, dress: Callable[[str], str]) -> None:
        bare = line.strip(BLANK)
        if not bare:
            if line and self._piece is not None and not self.fresh:
                self._out.append(" ")
            return
        fresh = self.fresh
        apart = self._piece is None or self._newlines > 1
        if apart and self._frames[-1].flow is Flow.ALWAYS and is_blank(bare):
            return
        self._begin()
        if fresh and ends and ADDRESS.fullmatch(bare):
            self._write(link(bare))
        else:
            self._write(dress(line.lstrip(BLANK) if fresh else line))

    def _write(self, raw: str, content: bool = True) -> None:
        self._out.append(raw)
        self._content = self._content or content
        self.fresh = False

    def _begin(self) -> None:
        """Go on with a piece of text, or begin one, as the newlines before it say."""
        frame = self._frames[-1]
        divided = self._newlines > 1 and frame.flow not in UNDIVIDED
        # A tag that opens before the blank line belongs to what comes after it.
        if self._piece is not None and divided and self._content:
            frame.wrap = True
            self._close_piece()
        if self._piece is None:
            self._note_blank()
            self._piece = len(self._out)
            self._out.append("")
            self._content = False
        elif self._newlines > 1 and frame.name == "p" and self._content:
            self._out.append("</p>\n<p>")
        elif self._newlines:
            self._out.append("\n" if self._unbroken(frame) else "<br />\n")
        self._newlines = 0
        self._after_break = False

    def _unbroken(self, frame: Frame) -> bool:
        return self._after_break or frame.flow is Flow.NEVER or not self._content

    def _note_blank(self) -> None:
        if self._newlines > 1 and self._frames[-1].flow is Flow.BLANK_AROUND:
            self._frames[-1].wrap = True

    def _before_block(self) -> None:
        self._note_blank()
        self._close_piece()
        if self._frames[-1].name == "p":
            self._pop("</p>")

    def _after_block(self) -> None:
        self._newlines = 0
        self._after_break = False
        self.fresh = True

    def _close_piece(self) -> None:
        if self._piece is None:
            return
        if self._content:
            self._frames[-1].pieces.append((self._piece, len(self._out)))
            self._out.append("")
        self._piece = None

    def _pop(self, raw: str) -> None:
        self._close_piece()
        frame = self._frames.pop()
        self._open[frame.name] -= 1
        self._fill(frame)
        if frame.name == "p" and all(map(is_blank, self._out[frame.start + 1 :])):
            del self._out[frame.start :]
        else:
            end = raw or ("</p>" if frame.name == "p" else "")
            self._out.append(end and end + "\n")

    def _fill(self, frame: Frame) -> None:
        if frame.wrap:
            for begin, end in frame.pieces:
                self._out[begin], self._out[end] = "<p>", "</p>\n"


def is_blank(text: str) -> bool:
    """Say whether nothing of a text shows: WordPress's editor spaces with ``&nbsp;`` alone."""
    return not text.replace("&nbsp;", "").strip()
