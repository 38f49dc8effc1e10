"""Show the pictures of bodies in fitting sizes, when a post is saved."""

import re
from html import escape, unescape

from .models import File
from .services import PLACE, found

PART = re.compile(r"<(/?picture|img|a)\b([^<>]*)>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
WIDTH = re.compile(r"[1-9]\d{0,3}")
SIZES = "(min-width: 40rem) 34rem, 100vw"


def with_sizes(html: str) -> str:
    """Lead to files where they are now, and give pictures their widths and formats."""
    known, inside = found(PLACE.findall(html)), False

    def changed(part: re.Match[str]) -> str:
        nonlocal inside
        name = part[1].lower()
        inside = name == "picture" if name.endswith("picture") else inside
        values = ATTRIBUTE.findall(part[2])
        given = {key.lower(): unescape("".join(value)) for key, *value in values}
        place = PLACE.match(given.get("src") or given.get("href") or "")
        file = known.get(place[1]) if place else None
        if not file or inside or "srcset" in given:
            return part[0]
        return _picture(file, given) if name == "img" else _tag("a", given | {"href": file.path})

    return PART.sub(changed, html) if known else html


def _picture(file: File, given: dict[str, str]) -> str:
    asked, (stem, _, kind) = given.get("width", ""), file.path.rpartition(".")
    width = min(int(asked), file.width) if WIDTH.fullmatch(asked) else file.width
    height = max(1, round(file.height * width / file.width)) if file.width else 1
    own = given | {"src": file.path, "alt": given.get("alt") or file.alt}
    own |= {"width": str(width), "height": str(height)}
    if not file.widths:  # it moves
        return _tag("img", own)
    whole, sizes = str(file.width), f"{width}px" if width < file.width else SIZES
    places = [(stem if one == whole else f"{stem}-{one}", one) for one in file.widths.split(",")]
    webp, other = (", ".join(f"{at}.{to} {one}w" for at, one in places) for to in ("webp", kind))
    source = _tag("source", {"type": "image/webp", "srcset": webp, "sizes": sizes})
    return f"<picture>{source}{_tag('img', own | {'srcset': other, 'sizes': sizes})}</picture>"


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name} " + " ".join(f'{key}="{escape(one)}"' for key, one in attributes.items()) + ">"
