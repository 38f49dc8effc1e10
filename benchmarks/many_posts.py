"""Compare pages that list posts on a site of 1,000 posts and on one of very many.

Run ``python -m benchmarks.many_posts`` for 100,000 posts with 10,000 terms, or with ``--quick``
for 5,000 posts. Every page is asked for in turn on both sites, so that both see the same machine,
and medians are compared. A new page is one more line of ``PAGES``, with its bound.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks import sites
from benchmarks.figures import MISSED, say
from blog import Post, writing
from blog.testing import SiteUnderTest
from blog_plugins.tags.models import Term, Use

FEW, MANY = 1_000, 100_000
ROUNDS, PART = 60, 5_000
TERMS = 10  # posts have one term of their own to so many
CATEGORY, TAG = 1, 2  # of a tenth of all posts each
PAGES = {
    "home": ("/", 1.2),
    "category": ("/category/term-1/", 1.2),
    "category, an older page": ("/category/term-1/?before={middle}", 1.2),
    "tag": ("/tag/term-2/", 1.2),
    "feed of a category": ("/category/term-1/feed/", 1.2),
    "file of the sitemap": ("/sitemap-posts-1.xml", 1.2),
    "search, in every title": ("/search?q=fleuve", 2.0),
    "search, a later page": ("/search?q=fleuve&page=9", 2.0),
    "search, in every text": ("/search?q=march%C3%A9", 2.0),
    "search, four words": ("/search?q=arbre+journ%C3%A9e+chacun+racontent", 2.0),
    "search, a phrase": ("/search?q=%22grand+arbre+du+march%C3%A9%22", 2.0),
    "search, a rare word": ("/search?q=kora", 2.0),
    "search, a rare and a common word": ("/search?q=kora+fleuve", 2.0),
    "search, without a common word": ("/search?q=fleuve+-griot", 2.0),
    "search, what was long ago": ("/search?q=autrefois", 2.0),
    "search, what is nowhere": ("/search?q=iceberg+fleuve", 2.0),
}
OFTEN, RARELY, ONCE = 2, 40, 25  # one post in so many has a word, and so many of the first


def main() -> None:
    """Measure every page on both sites."""
    many = 5_000 if "--quick" in sys.argv else MANY
    with tempfile.TemporaryDirectory() as name:
        pair = [filled(Path(name) / str(count), count) for count in (FEW, many)]
        for page, (path, most) in PAGES.items():
            compare(page, path, most, pair, (FEW, many))
        for one in pair:
            one.close()
    if MISSED:
        sys.exit(f"Missed: {', '.join(MISSED)}.")


def filled(folder: Path, count: int) -> SiteUnderTest:
    """Make a site with posts, each with a term of its own and a tenth with ones that many have."""
    with sites.fresh(folder) as made:
        with made.context():
            with writing() as write:
                terms = range(1, max(2, count // TERMS) + 1)
                write.execute(insert(Term), [term(one) for one in terms])
            for first in range(1, count + 1, PART):
                numbers = range(first, min(first + PART, count + 1))
                with writing() as write:
                    write.execute(insert(Post), [post(one) for one in numbers])
                    write.execute(insert(Use), [use for one in numbers for use in uses(one, count)])
        made.housekeep()  # renders them, and lets plugins keep what they derive of posts
    return SiteUnderTest(folder, {})


def post(number: int) -> dict[str, Any]:
    """Give the columns of a post."""
    moment = sites.START + timedelta(minutes=number)
    there = {"griot": number % OFTEN, "kora": number % RARELY, "autrefois": number > ONCE}
    body = sites.SENTENCE * 6 + " ".join(word for word, lacks in there.items() if not lacks)
    return {
        "id": number, "kind": "post", "status": "published", "live": True, "slug": f"p{number}",
        "path": f"/2026/p{number}/", "title": f"Le fleuve {number}", "body": body,
        "markup": "plain", "html": "", "summary": sites.SENTENCE,
        "author": "Rédaction", "published_at": moment, "created_at": moment, "updated_at": moment,
    }  # fmt: skip


def term(number: int) -> dict[str, Any]:
    """Give the columns of a term; every second is a tag."""
    names = dict.fromkeys(("name", "slug", "label", "folded", "path"), f"term-{number}")
    return {"id": number, "kind": "category" if number % 2 else "tag", **names}


def uses(number: int, count: int) -> Iterator[dict[str, Any]]:
    """Give which terms a post has."""
    own = 1 + number % max(2, count // TERMS)
    found = {own} | ({CATEGORY, TAG} if number % 10 == 0 else set())
    moment = sites.START + timedelta(minutes=number)
    for one in found:
        yield {"post_id": number, "term_id": one, "shown_at": moment}


def compare(
    page: str, path: str, most: float, pair: list[SiteUnderTest], counts: tuple[int, int]
) -> None:
    """Ask for a page in turn on both sites; compare medians and statements."""
    halves = (sites.START + timedelta(minutes=count // 2) for count in counts)
    cursors = (f"{int(half.timestamp() * 1_000_000)}-1" for half in halves)
    paths = [path.format(middle=cursor) for cursor in cursors]
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for one, address, kept in zip(pair, paths, times, strict=True):
            started = time.perf_counter()
            answer = one.get(address, buffered=True)
            kept.append(time.perf_counter() - started)
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code}")
    few, many = (statistics.median(one) * 1000 for one in times)
    say(f"{page}: {counts[1]} posts beside {counts[0]}", f"{many / few:.2f}", most=most)
    print(f"{'':<48} {many:.1f} ms beside {few:.1f} ms")
    small, large = (one.statements(at) for one, at in zip(pair, paths, strict=True))
    say(f"{page}: statements", f"{large} beside {small}", most=small)


if __name__ == "__main__":
    main()
