"""Lead a browser to every page that a reader can meet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import update

from blog import Status, comments, now
from blog.db import writing
from blog.models import Post, PostKind
from blog.rows import PostRow
from blog.testing import SiteUnderTest
from blog_plugins.accounts import services

LONG = "Une conversation qui ne finit pas, un mot puis un autre. " * 8


def furnish(site: SiteUnderTest, article: PostRow) -> dict[str, str]:
    """Fill a site so that every kind of page is there; name the pages' addresses."""
    french = {"body": LONG, "language": "fr"}
    closed = site.write_post(
        "Fermé", **french, author="Kodjo", published_at=now() - timedelta(days=3)
    )
    site.write_comment(closed, "Merci à tous.")
    with site.context(), writing() as write:
        write.execute(update(Post).where(Post.id == closed.id).values(comments_open=False))
    about = site.write_post("À propos", **french, kind=PostKind.PAGE, slug="a-propos", position=1)
    for number in range(11):  # so that lists have a second page
        site.write_post(
            f"Billet {number}", **french, published_at=now() - timedelta(days=9 + number)
        )
    with site.context():
        setup = f"/setup/{services.make_link()}"
    return {
        "home": "/",
        "archive": "/2026/10/",
        "post": article.path,
        "reply": f"{article.path}?replytocom=41",
        "closed": closed.path,
        "page": about.path,
        "login": "/login/",
        "setup": setup,
        "missing": "/rien/",
        "forbidden": "/admin/",
    }


def tour(page: Page, site: SiteUnderTest, address: str, article: PostRow) -> Iterator[str]:
    """Go through every page; give the name of each while the browser shows it."""
    for name, path in furnish(site, article).items():
        page.goto(f"{address}{path}")
        yield name
    yield from trouble(page, site, address, article)


def trouble(page: Page, site: SiteUnderTest, address: str, article: PostRow) -> Iterator[str]:
    """Go through what a form answers: wrong fields, a held comment, an answer to none."""
    page.goto(f"{address}{article.path}")
    page.fill("#email", "personne")
    page.click("#submit")
    yield "form error"
    page.fill("#email", "")
    page.fill("#comment", "Qui garde la clé ?")
    page.click("#submit")
    yield "waiting"
    answered = site.write_comment(article, "Bientôt partie")
    page.goto(f"{address}{article.path}?replytocom={answered.number}")
    with site.context():
        comments.set_status([answered.id], Status.TRASH)
    page.fill("#comment", "Je réponds à personne.")
    page.click("#submit")
    yield "parent gone"
