"""Draw the picture of a post: its title and the name of the site."""

import re
import unicodedata
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
FINE = 2  # drawn so much larger, for smooth edges
SIZES = (88, 76, 66, 56)
SPACING = 1.25
TITLE_HEIGHT = 370
SITE_SIZE, SITE_LENGTH, LONGEST = 36, 60, 300
ROOM = (WIDTH - 2 * MARGIN) * FINE
WORD = re.compile(r"\S{1,20}")
PAPER, INK, QUIET, LEAF = (250, 247, 240), (33, 37, 32), (92, 98, 88), (46, 107, 72)
PLAIN = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "–": "-", "—": "-",
                       "\u00a0": " ", "\u202f": " ", "\u2011": "-", "ø": "o", "Ø": "O",
                       "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"})  # fmt: skip
# Strokes of marks over the middle of a letter, in tenths of the size, upwards; a point is a dot.
Strokes = list[list[tuple[float, float]]]
CEDILLA = "\u0327"
MARKS: dict[str, Strokes] = {
    "\u0300": [[(-0.9, 1.6), (0.5, 0.2)]],
    "\u0301": [[(0.9, 1.6), (-0.5, 0.2)]],
    "\u0302": [[(-1.2, 0.3), (0, 1.5), (1.2, 0.3)]],
    "\u0303": [[(-1.3, 0.4), (-0.6, 1.0), (0.5, 0.5), (1.3, 1.1)]],
    "\u0304": [[(-1.2, 0.7), (1.2, 0.7)]],
    "\u0307": [[(0, 0.7)]],
    "\u0308": [[(-1, 0.7)], [(1, 0.7)]],
    "\u030a": [[(-0.6, 0.9), (0, 0.3), (0.6, 0.9), (0, 1.5), (-0.6, 0.9)]],
    "\u030c": [[(-1.2, 1.5), (0, 0.3), (1.2, 1.5)]],
    CEDILLA: [[(0, 0.1), (-0.1, -0.5), (0.7, -1.0), (0.3, -1.6), (-0.7, -1.6)]],
}


def draw(title: str, site: str) -> bytes:
    """Give a PNG of 1200 by 630; a title that the font cannot write is left out."""
    lines, size = _fit(title[:LONGEST])
    name = [_legible(site[:SITE_LENGTH], _font(SITE_SIZE))]
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    ImageDraw.Draw(picture).rectangle((0, HEIGHT - 24, WIDTH, HEIGHT), fill=LEAF)
    picture.paste(INK, mask=_written(lines, size, MARGIN))
    picture.paste(QUIET, mask=_written(name, SITE_SIZE, HEIGHT - MARGIN - SITE_SIZE))
    file = BytesIO()
    picture.quantize(32).save(file, "PNG", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Open the font that Pillow brings, which has the letters of English and few others."""
    found = ImageFont.load_default(size * FINE)
    assert isinstance(found, ImageFont.FreeTypeFont)  # noqa: S101 - every wheel of Pillow has it
    return found


def _legible(text: str, font: ImageFont.FreeTypeFont) -> str:
    """Keep what can be written; nothing where that lacks much of the words."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    letters = "".join(one if _has(font, one) else one.translate(PLAIN) for one in text)
    kept = "".join(one for one in letters if _has(font, one) or _is_made(font, one))
    if sum(map(str.isalpha, kept)) < 0.8 * sum(map(str.isalpha, text)):
        return ""
    return " ".join(kept.split()).strip(" -")


def _is_made(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    parts = unicodedata.normalize("NFD", letter)
    return _has(font, parts[0]) and all(one in MARKS for one in parts[1:])


@lru_cache(maxsize=4096)
def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    """Tell whether a font has a letter, by the sign that it shows for those that it lacks."""
    masks: list[Any] = [font.getmask(one) for one in (letter, "\uffff")]
    shown, lacking = ((one.size, bytes(one)) for one in masks)
    return letter == " " or (shown[0][0] > 0 and shown != lacking)


def _fit(title: str) -> tuple[list[str], int]:
    """Break a title into lines in the largest size that has room; cut it in the smallest."""
    lines, most = [""], 1
    for size in SIZES:
        lines = _lines(_legible(title, _font(size)), _font(size))
        most = int(TITLE_HEIGHT / (size * SPACING))
        if len(lines) <= most and all(_length(one, _font(size)) <= ROOM for one in lines):
            return lines, size
    if len(lines) > most:
        lines[most - 1] = f"{lines[most - 1][:-1].rstrip(' ,;:.')}…"
    return lines[:most], SIZES[-1]


def _lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """Break between words, and inside of very long ones."""
    lines = [""]
    for word in WORD.findall(text):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _length(longer, font) > ROOM:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _length(text: str, font: ImageFont.FreeTypeFont) -> float:
    plain = unicodedata.normalize("NFD", text)
    return font.getlength("".join(one for one in plain if one not in MARKS))


def _written(lines: list[str], size: int, top: int) -> Image.Image:
    """Write lines as a mask, letter by letter, with the marks that the font lacks."""
    mask = Image.new("L", (WIDTH * FINE, HEIGHT * FINE), 0)
    pen, font, unit = ImageDraw.Draw(mask), _font(size), size * FINE / 10
    for number, line in enumerate(lines):
        y = (top + size + number * size * SPACING) * FINE
        for index, one in enumerate(line):
            base, *marks = list(one if _has(font, one) else unicodedata.normalize("NFD", one))
            x = MARGIN * FINE + _length(line[: index + 1], font) - font.getlength(base)
            pen.text((x, y), base, fill=255, font=font, anchor="ls")
            left, above, right, _ = font.getbbox(base, anchor="ls")
            if marks and base in "ij":  # the dot gives way
                above = font.getbbox("x", anchor="ls")[1]
                pen.rectangle((x + left - 1, y - size * FINE, x + right + 1, y + above - 1), fill=0)
            for mark in marks:
                height = y if mark == CEDILLA else y + above
                middle = x + (left + right) / 2
                for stroke in MARKS[mark]:
                    points = [(middle + across * unit, height - up * unit) for across, up in stroke]
                    if len(points) > 1:
                        pen.line(points, fill=255, width=round(unit * 0.75), joint="curve")
                    else:
                        pen.circle(points[0], unit * 0.55, fill=255)
    return mask.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
