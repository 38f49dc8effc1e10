"""Import exports into a site, and look at what its database and its readers see."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from blog import (
    Comment,
    Leftover,
    Post,
    PostStatus,
    Status,
    now,
    posts,
    sender_of,
    session,
    writing,
)
from blog.posts import PostNotFound
from blog.testing import SiteUnderTest
from blog_plugins.wordpress import services, wxr
from blog_plugins.wordpress.broken import BrokenExport
from blog_plugins.wordpress.plan import blog_of
from blog_plugins.wordpress.report import Report
from tests.plugins.wordpress.conftest import HEAD, Export
from tests.plugins.wordpress.test_truth import BROKEN, WHOLE

STATUSES = {"publish": "published", "future": "scheduled", "pending": "draft", "draft": "draft"}
APPROVALS = {"1": "published", "spam": "spam", "trash": "trash"}


def run(site: SiteUnderTest, file: BytesIO | Path, **options: Any) -> Report:
    """Import a file."""
    opened = BytesIO(file.read_bytes()) if isinstance(file, Path) else file
    with site.context():
        return services.run(opened, **options)


def rows(site: SiteUnderTest, *columns: Any) -> list[Any]:
    """Read columns."""
    with site.context():
        return [tuple(one) for one in session.execute(select(*columns))]


def stored(site: SiteUnderTest) -> tuple[Counter[Any], Counter[Any]]:
    """Count posts and comments in the database by kind and status."""
    return Counter(rows(site, Post.kind, Post.status)), Counter(
        rows(site, Comment.kind, Comment.status)
    )


def expected(truth: dict[str, Any]) -> tuple[Counter[Any], Counter[Any]]:
    """Count what the rules make of what an independent parser found."""
    items: Counter[Any] = Counter()
    comments: Counter[Any] = Counter()
    for item in truth["items"]:
        if item["type"] not in ("post", "page") or item["status"] in ("trash", "auto-draft"):
            continue
        status = STATUSES.get(item["status"], item["status"])
        if status == "scheduled" and item["date_gmt"] < f"{now():%Y-%m-%d}":
            status = "published"  # its minute has come
        items[item["type"], "private" if item["password"] and status != "draft" else status] += 1
        for one in item["comments"]:
            kind = one["type"] if one["type"] in ("pingback", "trackback") else "comment"
            comments[kind, APPROVALS.get(one["approved"], "pending")] += 1
    return items, comments


def comment(**texts: str) -> str:
    """Write a comment: approved, with other elements where they are given."""
    values = {"id": "1", "content": "Bonjour", "approved": "1", "date_gmt": "2024-05-01 10:00:00"}
    inner = "".join(f"<wp:comment_{k}>{v}</wp:comment_{k}>" for k, v in (values | texts).items())
    return f"<wp:comment>{inner}</wp:comment>"


@pytest.mark.slow
@pytest.mark.material
@pytest.mark.parametrize("name", WHOLE)
def test_counts_and_statuses_equal_the_truth(
    make_site: Callable[..., SiteUnderTest], material: Path, name: str
) -> None:
    truth = json.loads((material / "wordpress/truth" / f"{name}.json").read_text("utf-8"))
    site = make_site(["wordpress", "threads"])

    run(site, material / "wordpress" / f"{name}.xml")

    assert stored(site) == expected(truth)


@pytest.mark.slow
@pytest.mark.material
@pytest.mark.parametrize("name", ["alienlebarge", "pelican__wordpressexport"])
def test_running_it_twice_adds_nothing(
    make_site: Callable[..., SiteUnderTest], material: Path, name: str
) -> None:
    site = make_site(["wordpress", "threads"])
    run(site, material / "wordpress" / f"{name}.xml")
    before, kept = stored(site), rows(site, func.count(Leftover.id))

    report = run(site, material / "wordpress" / f"{name}.xml")

    assert (stored(site), rows(site, func.count(Leftover.id))) == (before, kept)
    assert report.count("item", outcome="published") == 0
    known = [report.count("item", outcome="known", type=kind) for kind in ("post", "page")]
    assert sum(known) == before[0].total()
    assert report.count("comment", outcome="known") == before[1].total()


@pytest.mark.slow
@pytest.mark.material
def test_two_blogs_come_into_one_site(
    make_site: Callable[..., SiteUnderTest], material: Path
) -> None:
    site = make_site(["wordpress", "threads"])
    total: list[Counter[Any]] = [Counter(), Counter()]

    for name in ("mythz", "pelican__wordpressexport"):
        truth = json.loads((material / "wordpress/truth" / f"{name}.json").read_text("utf-8"))
        total = [one + more for one, more in zip(total, expected(truth), strict=True)]
        run(site, material / "wordpress" / f"{name}.xml")

    assert list(stored(site)) == total


@pytest.mark.slow
@pytest.mark.material
@pytest.mark.parametrize("name", BROKEN)
def test_nothing_of_a_broken_file_is_imported(
    make_site: Callable[..., SiteUnderTest], material: Path, name: str
) -> None:
    site = make_site(["wordpress"])

    with pytest.raises(BrokenExport, match="Line"):
        run(site, material / "wordpress" / f"{name}.xml")

    assert stored(site) == (Counter(), Counter())
    assert rows(site, Leftover.id) == []


def test_a_file_that_is_cut_imports_nothing(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    items = [item(post_id=str(number)) for number in range(1, 400)]

    with pytest.raises(BrokenExport):
        run(site, export(*items, tail="<item><title>Fin"))

    assert stored(site) == (Counter(), Counter())


@pytest.mark.material
def test_the_french_article_is_at_its_old_address(
    make_site: Callable[..., SiteUnderTest], material: Path
) -> None:
    site = make_site(language="fr")
    run(site, material / "seed/article.wxr.xml")
    path = "/2025/07/cooperation-militaire-la-russie-se-rapproche-du-togo/"

    page = site.get(path)

    title = "Coopération militaire : la Russie se rapproche du Togo"
    assert page.status_code == 200
    assert title in page.text
    body = re.search(r'<div class="entry-content[^>]*>(.*?)</div>', page.text, re.DOTALL)
    assert body is not None
    assert body[1].count("<p>") == 4
    heading = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.text))
    assert re.search(r"3 réflexions au sujet de “Coopération militaire : la Russie", heading)
    assert [f'id="comment-{n}"' in page.text for n in (501, 502, 503)] == [True] * 3
    assert [f"depth-{n}" in page.text for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert page.text.count('class="comment-reply-link"') == 3
    assert page.text.count("Répondre</a>") == 3
    assert "Laisser un commentaire" in page.text
    assert "api.whatsapp.com" in page.text


@pytest.mark.material
@pytest.mark.parametrize("address", ["/?p=101", "{path}comment-page-2/"])
def test_old_ways_to_the_article_lead_to_it(
    make_site: Callable[..., SiteUnderTest], material: Path, address: str
) -> None:
    site = make_site(["wordpress", "threads"], language="fr")
    run(site, material / "seed/article.wxr.xml")
    path = "/2025/07/cooperation-militaire-la-russie-se-rapproche-du-togo/"

    answer = site.get(address.format(path=path))

    assert answer.status_code == 301
    assert answer.headers["Location"].partition("#")[0].endswith(path)


def test_a_dry_run_says_the_same_and_writes_nothing(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress", "threads"])
    file = export(item(comment(), comment(id="2", parent="1")), item(post_id="8", status="draft"))

    said = run(site, file, dry=True)

    assert stored(site) == (Counter(), Counter())
    assert rows(site, Leftover.id) == []
    assert said.rows(ids=False) == run(site, file).rows(ids=False)


def test_comments_keep_number_date_author_and_parent(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    reply = comment(
        id="90",
        parent="70",
        author="Kofi",
        author_email="k@x.example",
        author_url="http://k.example",
    )

    run(site, export(item(comment(id="70"), reply)))

    with site.context():
        first, second = session.scalars(select(Comment).order_by(Comment.number))
    assert (first.number, second.number, second.parent_id) == (70, 90, first.id)
    assert (second.author, second.email, second.url) == ("Kofi", "k@x.example", "http://k.example")
    assert second.created_at.isoformat() == "2024-05-01T10:00:00+00:00"


def test_of_an_address_only_the_hash_of_its_network_is_kept(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    run(site, export(item(comment(author_IP="192.0.2.77"), comment(id="2"))))

    with site.context():
        wanted = sender_of("192.0.2.1")
        everything = [row._asdict() for row in session.execute(select(Comment.__table__))]
        everything += [row._asdict() for row in session.execute(select(Leftover.__table__))]
    assert [one["sender"] for one in everything[:2]] == [wanted, ""]
    assert "192.0.2.77" not in str(everything)


def test_an_address_that_could_execute_is_dropped(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    run(site, export(item(comment(author_url="javascript:alert(1)"))))

    assert rows(site, Comment.url) == [("",)]


def test_a_number_used_twice_is_given_anew_and_reported(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    report = run(site, export(item(comment(content="un"), comment(content="deux"))))

    assert sorted(rows(site, Comment.number)) == [(1,), (2,)]
    assert report.count("comment", note="renumbered") == 1


def test_comments_on_attachments_are_reported_and_kept_raw(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    report = run(site, export(item(comment(), post_type="attachment", status="inherit")))

    assert stored(site) == (Counter(), Counter())
    assert report.count("comment", outcome="kept", note="on attachment") == 1
    assert "Bonjour" in str(rows(site, Leftover.data))


def test_trashed_items_and_drafts_never_written_are_reported(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    report = run(site, export(item(status="trash"), item(post_id="8", status="auto-draft")))

    assert stored(site)[0] == Counter()
    assert report.count("item", outcome="left out") == 2


def test_a_scheduled_post_without_a_date_is_not_published(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    run(site, export(item(status="future")))

    assert rows(site, Post.status) == [("draft",)]


def test_what_has_no_place_is_kept_with_its_post(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    label = '<category domain="post_tag" nicename="mil">Mil</category>'
    meta = (
        "<wp:postmeta><wp:meta_key>_x</wp:meta_key><wp:meta_value>1</wp:meta_value></wp:postmeta>"
    )

    run(site, export(item(label, meta)))

    with site.context():
        post_id = session.scalar(select(Post.id))
        kept = {one.kind: one for one in session.scalars(select(Leftover))}
    assert kept["postterm"].data == {
        "terms": [{"taxonomy": "post_tag", "slug": "mil", "name": "Mil"}]
    }
    assert kept["postmeta"].data == {"metas": [{"key": "_x", "value": "1"}]}
    assert {kept["postterm"].post_id, kept["postmeta"].post_id} == {post_id}


def test_verdicts_of_a_spam_filter_are_kept_with_the_new_id_of_the_comment(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    meta = (
        "<wp:commentmeta><wp:meta_key>akismet_result</wp:meta_key>"
        "<wp:meta_value>true</wp:meta_value></wp:commentmeta>"
    )
    spam = comment(approved="spam").replace("</wp:comment>", f"{meta}</wp:comment>")

    run(site, export(item(spam)))

    with site.context():
        kept = session.scalar(select(Leftover).where(Leftover.kind == "commentmeta"))
        assert kept is not None
        assert kept.data["comment"] == session.scalar(select(Comment.id))
        assert kept.data["metas"] == [{"key": "akismet_result", "value": "true"}]


def test_leftovers_are_handed_over_by_kind(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    site.place(
        "listener",
        '"""Listen."""\n# /// plugin\n# title = "Listen"\n# summary = "Listen."\n'
        '# version = "1"\n# api = 1\n# ///\n'
        "from blog import hookimpl, importing\n\n\n@hookimpl\n"
        "def import_leftovers(source: str, kind: str) -> None:\n"
        '    with open(__file__ + ".log", "a") as log:\n'
        "        print(source, kind, len(list(importing.leftovers(source, kind))), file=log)\n",
    )

    run(site, export(item(post_type="attachment"), item(post_id="8", post_type="attachment")))

    log = next(site.instance.rglob("listener.py.log"), None)
    assert log is not None
    assert "carnet.example attachment 2" in log.read_text("utf-8").splitlines()


def test_it_says_how_far_it_is_between_the_kinds_of_leftovers(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    told: list[float] = []

    def tell(part: float) -> None:
        with writing():  # as a job does; inside of another write it would fail
            told.append(part)

    run(site, export(item()), tell=tell)

    kinds = rows(site, Leftover.kind.distinct())
    assert len(kinds) > 1
    assert told[-len(kinds) :] == [1.0] * len(kinds)


def test_comments_are_rendered_before_the_write_and_once(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    file = export(item(comment(id="1")))

    def planned() -> list[str | None]:
        with site.context():
            file.seek(0)
            blog = blog_of(wxr.check(file), UTC, site.instance)
            (keyed,) = services._keyed(wxr.items(file))
            return [one.html for one in services._planned(*keyed, blog).comments]

    before = planned()
    run(site, file)

    assert rows(site, Comment.html) == [tuple(before)]
    assert planned() == [None]


def test_new_comments_of_a_later_export_come_to_their_post(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress", "threads"])
    run(site, export(item(comment(id="1"))))

    report = run(site, export(item(comment(id="1"), comment(id="2", parent="1"))))

    assert len(rows(site, Post.id)) == 1
    assert sorted(rows(site, Comment.number)) == [(1,), (2,)]
    assert report.count("comment", outcome="known") == 1


def test_what_was_deleted_here_does_not_come_back(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress", "threads"])
    run(site, export(item(comment(id="1"))))
    with site.context():
        only = session.scalar(select(Post.id))
        assert only is not None
        posts.set_status([only], PostStatus.TRASH)
        posts.delete([only])

    run(site, export(item(comment(id="1"), comment(id="2", parent="1"))))

    assert stored(site) == (Counter(), Counter())


def test_a_password_makes_a_post_private(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])

    report = run(site, export(item(post_password="sésame", post_date_gmt="2024-05-01 10:00:00")))

    assert rows(site, Post.status) == [("private",)]
    assert report.count("item", note="password") == 1


def test_every_page_is_in_the_menu_in_its_order(
    make_site: Callable[..., SiteUnderTest], export: Export
) -> None:
    site = make_site(["wordpress"])
    pages = "".join(
        f"<item><title>{title}</title><wp:post_id>{order}</wp:post_id><wp:post_type>page"
        f"</wp:post_type><wp:status>publish</wp:status><wp:menu_order>{order}</wp:menu_order>"
        "<wp:post_date_gmt>2024-05-01 10:00:00</wp:post_date_gmt></item>"
        for title, order in (("Atelier", 9), ("Contact", 2))
    )

    run(site, export(pages))

    with site.context():
        assert [one.title for one in posts.menu()] == ["Contact", "Atelier"]


def test_a_blog_in_a_folder_keeps_its_addresses(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    head = HEAD.replace("https://carnet.example<", "https://carnet.example/blog<")
    link = "<link>https://carnet.example/blog/2024/05/arbre/</link>"

    run(site, export(item(link, post_date_gmt="2024-05-01 10:00:00"), head=head))

    assert site.get("/blog/2024/05/arbre/").status_code == 200
    assert site.get("/blog/?p=7").headers["Location"].endswith("/blog/2024/05/arbre/")


def test_a_draft_is_nowhere_to_be_read(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress"])
    run(site, export(item(status="draft", post_date="2024-05-01 10:00:00")))

    with site.context(), pytest.raises(PostNotFound):
        posts.short("7")


def test_pending_comments_wait(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress", "threads"])

    run(site, export(item(comment(approved="0"), comment(id="2", approved=""))))

    assert rows(site, Comment.status) == [(Status.PENDING,), (Status.PENDING,)]
    assert rows(site, Post.comment_count) == [(0,)]


def test_two_blogs_at_one_address_are_told_apart(
    make_site: Callable[..., SiteUnderTest], export: Export, item: Callable[..., str]
) -> None:
    site = make_site(["wordpress", "threads"])
    first = export(item(comment(), post_date_gmt="2024-05-01 10:00:00"))
    second = export(
        item(comment(), post_name="lac", post_date_gmt="2023-01-01 10:00:00").replace(
            "Sous l’arbre", "Au bord du lac"
        )
    )

    for file in (first, second, first, second):
        run(site, file)

    assert sorted(rows(site, Post.slug)) == [("arbre",), ("lac",)]
    assert len(rows(site, Comment.id)) == 2
