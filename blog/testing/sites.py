"""Drive a whole site as a reader does, and look behind its pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from copy import copy
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from werkzeug.test import Client, EnvironBuilder, TestResponse

from blog import comments, folder, identity, posts, site
from blog.db import Tally, session, writing
from blog.identity import GIVEN, PERMISSIONS
from blog.models import Comment, Job, PluginError, PluginState, PostStatus
from blog.moderation import Draft, Status
from blog.parts import Identity
from blog.platform import lifecycle, removal, states
from blog.platform import report as reporting
from blog.platform.context import Generation
from blog.posts import PostDraft
from blog.rows import CommentRow, PostRow

INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
TYPED = re.compile(r'<input[^>]*name="([^"]+)"[^>]*type="text"')
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*")
EVERYTHING = Identity("", "test", frozenset(one.name for one in PERMISSIONS))


class SiteUnderTest:
    """Drive a site as a reader does, and look behind its pages."""

    def __init__(self, instance: Path, environ: Mapping[str, str]) -> None:
        self.instance = instance
        self.environ = environ
        self.wsgi = site.Site(instance, environ=environ)
        self.client = Client(self.wsgi)
        self.given: Mapping[str, Any] = {}

    def context(self) -> AbstractContextManager[Generation]:
        """Make session, hooks and settings of the site available."""
        return self.wsgi.context()

    def another(self) -> SiteUnderTest:
        """Give the same site to another person, whose browser has cookies of its own."""
        other = copy(self)
        other.client, other.given = Client(self.wsgi), {}
        return other

    def as_person(self, name: str = "Afi", permissions: Iterable[str] = ()) -> SiteUnderTest:
        """Give the site as somebody sees it who is signed in and may do that; no plugin is asked.

        ``site.as_person(permissions={"posts.write"}).get("/admin/posts")``
        """
        who = Identity(f"test:{name}", name, frozenset(permissions))
        other = copy(self)
        other.given = {GIVEN: who}
        other.client = Client(lambda environ, start: self.wsgi({**environ, **other.given}, start))
        return other

    def get(self, path: str, **options: Any) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, **options)

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, **options: Any
    ) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data=dict(data or {}), **options)

    def statements(self, path: str) -> int:
        """Count the SQL statements that a page costs, once its application is there."""
        self.get(path)
        environ = {**EnvironBuilder(path).get_environ(), **self.given}
        b"".join(self.wsgi(environ, lambda *_: None))
        tally: Tally = environ["palabre.tally"]
        return tally.statements

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where an answer sends the browser."""
        return self.get(response.headers["Location"].partition("#")[0])

    def comment(
        self, post: PostRow, text: str, *, parent: CommentRow | None = None, **fields: str
    ) -> TestResponse:
        """Open a post's form, fill it in and send it, as a browser without script does."""
        page = self.get(post.path, query_string={"replytocom": parent.number} if parent else {})
        form = {**dict.fromkeys(TYPED.findall(page.text), ""), **hidden_fields(page.text)}
        if parent is not None:
            form["comment_parent"] = str(parent.number)
        return self.post(f"/comments/{post.id}", {**form, "comment": text, **fields})

    def enable(self, name: str) -> None:
        """Turn a plugin on and let it catch up; its import is not tried in a child before."""
        with self.wsgi.database_only():
            lifecycle.enable(self.wsgi.database, self.instance, name, probing=False)
        self.wsgi.housekeep()

    def disable(self, name: str) -> None:
        """Turn a plugin off."""
        with self.wsgi.database_only():
            lifecycle.disable(self.instance, name)

    def uninstall(self, name: str) -> None:
        """Turn a plugin off and remove all that it has; its code stays."""
        self.disable(name)
        with self.wsgi.database_only():
            removal.uninstall(self.wsgi.database, self.instance, name)

    def set(self, owner: str, **values: Any) -> None:
        """Change settings of the core (``core``) or a plugin."""
        with self.wsgi.database_only():
            lifecycle.store(owner, values)

    def place(self, name: str, source: str) -> None:
        """Put a plugin of one file into the instance and turn it on."""
        (self.instance / "plugins" / f"{name}.py").write_text(source, "utf-8")
        self.enable(name)

    def bring(self, source: Path) -> str:
        """Put a plugin's file or folder into the instance, turn it on, and give its name."""
        target = self.instance / "plugins" / source.name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=LEFT_OUT)
        else:
            shutil.copy(source, target)
        self.enable(source.stem)
        return source.stem

    def jobs(self, plugin: str = "") -> list[Job]:
        """List the work that waits in the outbox, the oldest first."""
        query = select(Job).where(Job.done_at.is_(None)).order_by(Job.id)
        with self.wsgi.database_only():
            return [one for one in session.scalars(query) if plugin in ("", one.plugin)]

    def spend_night(self) -> None:
        """Do the nightly work of plugins, unless this night was spent already."""
        self.wsgi.begin_night()
        self.work()

    def work(self) -> None:
        """Do what waits: report, catching up, the outbox."""
        self.wsgi.housekeep()
        while self.wsgi.work():
            pass

    def write_post(
        self, title: str = "Sous l’arbre", body: str = "Un texte.", **values: Any
    ) -> PostRow:
        """Store a post, published unless said otherwise."""
        draft = PostDraft(title=title, body=body, **{"status": PostStatus.PUBLISHED, **values})
        with self.context(), identity.acting_as(EVERYTHING):
            return posts.save(draft)

    def write_comment(
        self,
        post: PostRow,
        text: str = "Bonjour",
        *,
        parent: CommentRow | None = None,
        status: Status = Status.PUBLISHED,
        **values: Any,
    ) -> CommentRow:
        """Store a comment with a status, past the judges."""
        number = parent.number if parent else None
        with self.context():
            draft = Draft(text, parent=number, trusted=True, **values)
            saved = comments.submit(post, draft).comment
            if status is not Status.PUBLISHED:
                comments.set_status([saved.id], status)
            return comments.get(saved.id)

    def stored(self, comment: CommentRow | int) -> Comment:
        """Read a comment with all that is kept of it."""
        comment_id = comment if isinstance(comment, int) else comment.id
        with self.context():
            return session.execute(select(Comment).where(Comment.id == comment_id)).scalar_one()

    def errors(self) -> list[PluginError]:
        """List what plugins failed at until now, the latest first."""
        with self.wsgi.database_only():
            self.wsgi.report.flush()
            return reporting.errors(session)

    def close(self) -> None:
        """Close the database."""
        self.wsgi.close()


def hidden_fields(html: str) -> dict[str, str]:
    """Read the hidden fields of a page's forms."""
    inputs = (dict(ATTRIBUTE.findall(one)) for one in INPUT.findall(html))
    return {
        one["name"]: unescape(one.get("value", ""))
        for one in inputs
        if one.get("type") == "hidden" and "name" in one
    }


def prepare(instance: Path, database_url: str) -> None:
    """Fill a database with the tables of a new site, to be copied for each test."""
    environ = {"BLOG_DATABASE_URL": database_url}
    folder.create(instance, environ=environ)
    prepared = site.Site(instance, environ=environ)
    prepared.housekeep()
    prepared.close()


def keep_only(under_test: SiteUnderTest, plugins: set[str]) -> None:
    """Turn off every plugin but those named, in a site that nobody uses yet."""
    with under_test.wsgi.database_only(), writing() as write:
        write.execute(
            update(PluginState).where(PluginState.name.not_in(plugins)).values(enabled=False)
        )
        states.bump(write)
