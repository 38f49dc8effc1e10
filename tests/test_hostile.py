"""Texts made to harm: a browser executes nothing, and no answer is a 5xx."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser
from sqlalchemy import select, update

from blog import markup
from blog.cli import palabre
from blog.db import session, writing
from blog.models import Comment, Post
from blog.testing import SiteUnderTest, hidden_fields
from blog_plugins.accounts import services

from .browser.payloads import export, payloads
from .browser.watching import Watch

pytestmark = [pytest.mark.slow, pytest.mark.material]
LIMITS = "comments_per_page = 400\nflood_limit = 1000000\n"
TOGETHER = 400
SHARE = 40
PASSWORD = "sous l’arbre à palabres"
QUEUES = ("/admin/comments?status=pending", "/admin/comments?status=spam")
Reader = Callable[..., Watch]


@pytest.fixture
def texts(material: Path) -> list[str]:
    """Give every hostile text."""
    return payloads(material)


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> Iterator[SiteUnderTest]:
    """Give a site whose pages are long and whose limits are far."""
    made = make_site()
    (made.instance / "config.toml").write_text(LIMITS, "utf-8")
    site = SiteUnderTest(made.instance, made.environ)
    yield site
    site.close()


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    """Open a watched browser."""
    opened: list[Watch] = []

    def reader(policy: bool = True) -> Watch:
        opened.append(Watch(browser, address, policy=policy))
        return opened[-1]

    yield reader
    for one in opened:
        one.close()


def bring(site: SiteUnderTest, file: Path) -> None:
    """Import an export from the shell."""
    words = ["--instance", str(site.instance), "import", "wordpress", str(file)]
    answer = CliRunner().invoke(palabre, words, env=dict(site.environ))
    assert answer.exit_code == 0, answer.output
    site.work()


def show(site: SiteUnderTest, bodies: Sequence[str], title: str) -> str:
    """Lay bodies that were made apart into one post's page; give its address."""
    post = site.write_post(title)
    html = "".join(f"<section>{one}</section>" for one in bodies)
    with site.context(), writing() as write:
        write.execute(update(Post).where(Post.id == post.id).values(html=html))
    return post.path


@pytest.mark.browser
@pytest.mark.parametrize(("policy", "seen"), [(True, "policy script-src"), (False, "alert 1")])
def test_the_watch_sees_what_executes(
    site: SiteUnderTest, reader: Reader, policy: bool, seen: str
) -> None:
    path = show(site, ["<img src=x onerror=alert(1)>"], "Piège")
    watch = reader(policy)

    watch.look(path)
    watch.look(path)

    assert any(seen in one for one in watch.found)
    assert any("onerror: <img" in one for one in watch.found)


@pytest.mark.browser
@pytest.mark.parametrize("policy", [True, False], ids=["policy", "bare"])
def test_no_comment_executes(
    site: SiteUnderTest, texts: list[str], reader: Reader, tmp_path: Path, policy: bool
) -> None:
    file = tmp_path / "paroles.xml"
    file.write_text(export([], texts, TOGETHER), "utf-8")
    bring(site, file)
    with site.context():
        paths = [*session.scalars(select(Post.path).where(Post.comment_count > 0))]
        stored = len([*session.scalars(select(Comment.id))])
    watch, shown = reader(policy), 0

    for path in paths:
        following: str | None = path
        while following:
            watch.look(following)
            shown += watch.count("li.comment")
            following = watch.next() if watch.count(".comment-navigation a[rel=next]") else None

    assert watch.found == []
    assert shown == stored == len(texts)


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["html", "markdown", "wordpress"])
@pytest.mark.parametrize("policy", [True, False], ids=["policy", "bare"])
def test_no_body_executes(
    site: SiteUnderTest, texts: list[str], reader: Reader, kind: str, policy: bool
) -> None:
    with site.context():
        bodies = [markup.render(markup.clean_text(one), kind) for one in texts]
    parts = [bodies[start : start + TOGETHER] for start in range(0, len(bodies), TOGETHER)]
    paths = [show(site, part, f"Corps {number}") for number, part in enumerate(parts)]
    watch, shown = reader(policy), 0

    for path in paths:
        watch.look(path)
        shown += watch.count(".entry-content > section")

    assert watch.found == []
    assert shown == len(texts)


@pytest.mark.browser
def test_no_imported_post_executes(
    site: SiteUnderTest, texts: list[str], reader: Reader, tmp_path: Path
) -> None:
    file = tmp_path / "corps.xml"
    file.write_text(export(texts[:: SHARE * 2], [], TOGETHER), "utf-8")
    bring(site, file)
    with site.context():
        paths = [*session.scalars(select(Post.path).where(Post.slug.like("corps-%")))]
    watch = reader(policy=False)

    for path in paths:
        watch.look(path)
    following: str | None = "/"
    while following:
        watch.look(following)
        following = watch.next()
        following = f"/{following}" if following else None

    assert watch.found == []
    assert len(paths) == len(texts[:: SHARE * 2])


@pytest.mark.browser
def test_nothing_executes_in_the_admin(
    site: SiteUnderTest, texts: list[str], reader: Reader
) -> None:
    with site.context():
        services.add("Afi", PASSWORD, services.OWNER)
    chosen = texts[:: SHARE * 2]
    told = site.write_post("Paroles")
    for text in chosen:
        line = markup.clean_line(text)[:200]
        site.write_post(line or "x", text, author=line, excerpt=line)
        if site.comment(told, text, author=line, url=text).status_code != 303:
            site.comment(told, text, author=line)
    with site.context():
        edited = [*session.scalars(select(Post.id))][::10]
        rows = [*session.scalars(select(Comment.id))]
        moderated = rows[::10]
    watch = reader(policy=False)
    watch.log_in("Afi", PASSWORD)

    for start in (*QUEUES, "/admin/posts", "/admin/"):
        watch.look(start)
        while following := watch.next():
            watch.look(following)
    for number in edited:
        watch.look(f"/admin/posts/{number}")
    for number in moderated:
        watch.look(f"/admin/comments/{number}")

    assert watch.page.url.startswith(f"{watch.address}/admin/")
    assert len(rows) > len(chosen) * 0.9
    assert watch.found == []


def test_the_form_answers_every_text(site: SiteUnderTest, texts: list[str]) -> None:
    post = site.write_post()
    fields = hidden_fields(site.get(post.path).text)
    fields |= {"comment_parent": "0", "email": ""}
    path, answers = f"/comments/{post.id}", set()

    for text in texts[::20]:
        raw = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        sent = {**fields, "comment": raw, "author": raw, "url": raw}
        answers.add(site.post(path, sent).status_code)
        answers.add(site.post(path, {**sent, "author": raw[:200], "url": ""}).status_code)

    assert answers <= {303, 422}
    assert site.get(post.path).status_code == 200


def test_no_text_in_a_query_is_a_5xx(site: SiteUnderTest, texts: list[str]) -> None:
    post = site.write_post()
    names = "p page_id before after rest comment key replytocom next feed".split()
    places = ("/", post.path, "/login/", "/feed.atom", f"{post.path}feed.atom")
    turns = count()

    answers = {}
    for text in texts[:: SHARE * 2]:
        raw = text.encode("utf-8", "replace").decode("utf-8")
        place = places[next(turns) % len(places)]
        answer = site.get(place, query_string=dict.fromkeys(names, raw))
        answers[text] = answer.status_code

    assert [text for text, status in answers.items() if status >= 500] == []


def test_no_text_in_an_address_is_a_5xx(site: SiteUnderTest, texts: list[str]) -> None:
    answers = {}
    for text in texts[:: SHARE * 2]:
        raw = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
        answers[text] = site.client.get(f"/{quote(raw, safe='')}/").status_code

    assert [text for text, status in answers.items() if status >= 500] == []
