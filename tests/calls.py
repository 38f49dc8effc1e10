"""Call every hook with arguments such as a site gives."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from wtforms import Form

from blog import (
    Cursor,
    Draft,
    Kind,
    PostDraft,
    Status,
    StatusChange,
    ThreadPage,
    hookspecs,
    writing,
)
from blog.db import savepoint
from blog.testing import SiteUnderTest

# Called inside a write, whatever their kind.
WRITES = ("catch_up",)


def declared() -> dict[str, Callable[..., object]]:
    """Give every hook of the core and of bundled plugins by name."""
    owners = ("admin", "export", "feeds", "related", "sitemap", "wordpress")
    modules = (hookspecs, *(import_module(f"blog_plugins.{one}.hookspecs") for one in owners))
    return {
        name: one for module in modules for name, one in vars(module).items()
        if hasattr(one, "palabre_hook")
    }  # fmt: skip


def arguments(site: SiteUnderTest) -> Mapping[str, Any]:
    """Write a post with comments, and give what hooks are called with, by name."""
    post = site.write_post("Sous l’arbre", guard=None)
    comment = site.write_comment(post, "Bonjour", author="Ama Mensah")
    return {
        "post": post,
        "posts": [post],
        "comment": comment,
        "comments": [comment],
        "parent": comment,
        "draft": Draft("Bonjour", extra={"example_town": "Lomé"}),
        "posts_saved.draft": PostDraft(
            title="Sous l’arbre", body="", extra={"example_mood": "calm"}
        ),
        "changes": [StatusChange(comment.id, post.id, Status.PENDING, Status.PUBLISHED)],
        "cursor": Cursor(),
        "size": 50,
        "source": "Un vers\nou deux",
        "markup": "verse",
        "html": "<h2>Sous l’arbre</h2><p>Un vers</p>",
        "thread": ThreadPage([comment]),
        "kind": "term",
        "path": "/admin/",
        "feed_at.path": "/short/",
        "before": None,
        "session": {"example.member": "Ama"},
        "address": "http://127.0.0.1:8000",
        "command": "palabre",
        "post_ids": [post.id],
        "addresses": ["/example/tree.png"],
        "owners": ["core"],
        "form": Form(),
        "file": "example",
        "attachment_here.path": "/wp-content/uploads/2026/tree.png",
        "attachment_here.file": site.instance / "tree.png",
        "alt": "Un arbre",
        "words": "Sous l’arbre",
        "most": 3,
    }


def call(site: SiteUnderTest, plugin: str, hook: str, given: Mapping[str, Any]) -> Any:
    """Ask one plugin, as the site does; what it fails at is recorded."""
    spec = declared()[hook]
    wanted = [
        given.get(f"{hook}.{name}", given[name]) for name in inspect.signature(spec).parameters
    ]
    if wanted and spec.palabre_hook.kind is Kind.FILTER:  # type: ignore[attr-defined]
        wanted[0] = wanted[0] if isinstance(wanted[0], str) else list(wanted[0])
    is_write = hook in WRITES or spec.palabre_hook.kind is Kind.RECORD  # type: ignore[attr-defined]
    around = (writing, savepoint) if is_write else ()
    with site.context() as current, ExitStack() as stack:
        stack.enter_context(site.wsgi.served().app.test_request_context("/"))
        for one in around:
            stack.enter_context(one())
        return current.table.ask(plugin, hook, *wanted)
