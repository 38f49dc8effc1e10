"""Read the hostile texts beside the repository, and write them as a WordPress export."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
  xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Carnet</title><link>https://carnet.example</link>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_blog_url>https://carnet.example</wp:base_blog_url>
"""
TAIL = "</channel></rss>\n"
# What XML cannot hold; the forms' own tests send these.
NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def payloads(material: Path) -> list[str]:
    """Give every hostile text once: XSS lists, naughty strings, sanitiser tests, CommonMark."""
    folder = material / "security"
    lines = (folder / "payloadbox_xss" / "xss-payload-list.txt").read_text("utf-8", "replace")
    naughty = json.loads((folder / "blns" / "blns.json").read_text("utf-8"))
    sanitiser = json.loads((folder / "html5lib_sanitizer_tests1.json").read_text("utf-8"))
    examples = json.loads((folder / "commonmark" / "spec.json").read_text("utf-8"))
    texts = [
        *lines.split("\n"),
        *naughty,
        *(one["input"] for one in sanitiser),
        *(one["markdown"] for one in examples),
    ]
    return list(dict.fromkeys(one for one in texts if one.strip()))


def export(bodies: Iterable[str], spoken: Sequence[str], each: int) -> str:
    """Write a post for each body and, on posts of their own, a comment for each spoken text."""
    parts = [HEAD]
    for number, text in enumerate(bodies, 1):
        parts.append(_item(number, text, text, f"corps-{number}", ()))
    for start in range(0, len(spoken), each):
        title, slug = f"Paroles {start}", f"paroles-{start}"
        parts.append(_item(100_000 + start, title, "Texte", slug, spoken[start : start + each]))
    return "".join([*parts, TAIL])


def _item(number: int, title: str, body: str, slug: str, spoken: Sequence[str]) -> str:
    talk = "".join(_comments(number * 1000, spoken))
    return (
        f"<item><title>{_text(title)}</title><link>https://carnet.example/{slug}/</link>"
        f"<content:encoded>{_text(body)}</content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_type>post</wp:post_type>"
        f"<wp:post_date_gmt>2024-05-06 07:08:09</wp:post_date_gmt>"
        f"<wp:comment_status>open</wp:comment_status>"
        f"<wp:status>publish</wp:status><wp:post_name>{slug}</wp:post_name>{talk}</item>\n"
    )


def _comments(first: int, spoken: Sequence[str]) -> Iterator[str]:
    for number, text in enumerate(spoken, first + 1):
        yield (
            f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
            f"<wp:comment_author>{_text(text)}</wp:comment_author>"
            f"<wp:comment_author_url>{_text(text)}</wp:comment_author_url>"
            f"<wp:comment_date_gmt>2024-05-06 07:08:09</wp:comment_date_gmt>"
            f"<wp:comment_content>{_text(text)}</wp:comment_content>"
            f"<wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type>"
            f"<wp:comment_parent>0</wp:comment_parent></wp:comment>"
        )


def _text(text: str) -> str:
    return f"<![CDATA[{NO_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
