"""Set up templates: where they are found, whose words they speak, what fills their slots."""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask.templating import Environment
from jinja2 import BytecodeCache, FileSystemBytecodeCache, nodes
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from blog import following, identity, language, links, posts
from blog.comments import LENGTH
from blog.db import statements
from blog.following import Place
from blog.overrides import Chain, Pages
from blog.platform.context import Generation, config, hooks
from blog.platform.report import Report, failures_here
from blog.posts import MenuPage
from blog.rows import CommentRow, PostRow

WORDS = ("_", "gettext", "ngettext")
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


class OwnedEnvironment(Environment):
    """Compile templates so that each message is looked up for the template's own plugin."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        owner = (name or "").split("/")[0] if "/" in (name or "") else "core"
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in WORDS:
                call.args.insert(0, nodes.Const(owner))
        if isinstance(self.loader, Chain):
            following.mark(tree, filename, self.loader.places)
        return tree


class MemoryBytecode(BytecodeCache):
    """Keep compiled templates for the life of the site, so that a new generation costs little."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept for a template."""
        kept = self._kept.get(bucket.key)
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


class StoredBytecode(FileSystemBytecodeCache):
    """Keep compiled templates in a folder, so that the next start compiles none.

    A file that is damaged, and a folder that cannot be written, cost time and nothing else.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept for a template."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever unpickling a damaged file raises
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def stored_bytecode(place: Path) -> StoredBytecode:
    """Keep compiled templates in a folder of this code's own, and remove those of older code."""
    code = b"".join(Path(one).read_bytes() for one in (__file__, following.__file__))
    name = sha256(version("jinja2").encode() + code).hexdigest()[:16]
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in place.iterdir():
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)
        (place / name).mkdir(mode=0o700, exist_ok=True)
    return StoredBytecode(place / name)


def set_up(app: Flask, current: Generation, bytecode: BytecodeCache, report: Report) -> None:
    """Give an application its templates and what they may call."""
    chain = Chain(places_of(current), report)
    app.jinja_options = {"bytecode_cache": bytecode, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_environment = OwnedEnvironment
    app.jinja_loader = chain
    env = app.jinja_env
    env.loader = chain  # not through Flask's, which knows no next template of a name
    app.extensions["palabre_pages"] = Pages(env, chain)
    env.globals.update(
        _=language.translate,
        gettext=language.translate,
        ngettext=language.translate_plural,
        asset=assets_of(app).path,
        url_for=url_for,
        absolute=links.absolute,
        comment_base=links.comment_base,
        comment_path=links.comment_path,
        page_path=links.page_path,
        may=identity.may,
        who=identity.current,
        config=current.config,
        comment_length=LENGTH,
        failures=failures_here,
        left_out=current.failures,
        development=app.debug,
        statements=statements,
        body_class="",
        slots=_Slots(),
        post=None,
    )
    env.filters.update(
        day=language.format_date,
        moment=language.format_time,
        period=language.format_period,
        size=language.format_size,
    )


def places_of(current: Generation) -> list[Place]:
    """Look in the instance first, then in the plugins in their order, then in the core."""
    places = [Place("core", current.instance / "templates")]
    places += [Place(one.name, one.folder / "templates") for one in current.plugins if one.folder]
    return [*places, Place("core", Path(__file__).parent / "templates")]


def set_up_assets(app: Flask, current: Generation) -> None:
    """Tell an application where static files are."""
    folders = {"core": Path(__file__).parent / "static"}
    folders |= {one.name: one.folder / "static" for one in current.plugins if one.folder}
    app.extensions["palabre_assets"] = links.Assets(folders)


def assets_of(app: Flask) -> links.Assets:
    """Give an application's static files."""
    found: links.Assets = app.extensions["palabre_assets"]
    return found


def asset(owner: str, name: str) -> str:
    """Give the address of a static file of the core or a plugin."""
    return assets_of(current_app).path(owner, name)


def render(template: str, *, menu: Sequence[MenuPage] | None = None, **values: Any) -> str:
    """Render a template of the core or of a plugin for this request.

    ``post`` among the values is the post that the page is about, and must be a ``PostRow``: the
    slots of every page are told of it.
    ``menu`` saves a statement where the pages are known already.
    """
    tongue = config().language
    return _rendered(
        template,
        {
            "request": request,
            "language": tongue,
            "direction": "rtl" if tongue in RIGHT_TO_LEFT else "ltr",
            "menu": posts.menu() if menu is None else menu,
            **values,
        },
    )


def render_part(template: str, **values: Any) -> Markup:
    """Render a part of a page by itself: one long text passes through a page's blocks faster."""
    shown = _rendered(template, {"request": request, **values})
    return Markup(shown)  # noqa: S704 - a template escapes what it shows


def _rendered(template: str, values: dict[str, Any]) -> str:
    pages: Pages = current_app.extensions["palabre_pages"]
    return pages.render(template, values)


def slot(name: str, *arguments: Any) -> Markup:
    """Fill a slot with what plugins show there, in their order."""
    answers = getattr(hooks, f"slot_{name}")(*arguments)
    return Markup("").join(one.value for one in answers)


def slot_by_id(name: str, *arguments: Any) -> dict[int, Markup]:
    """Fill a slot of many items, asked once for all: what is shown by the item's id."""
    filled: dict[int, Markup] = {}
    for answer in getattr(hooks, f"slot_{name}")(*arguments):
        for key, shown in answer.value.items():
            filled[key] = filled[key] + shown if key in filled else escape(shown)
    return filled


class _Slots:
    """Fill the slots that every page has; a plugin's page may call something else ``post``."""

    def head(self, post: object) -> Markup:
        return slot("head", _post(post))

    def header(self, post: object) -> Markup:
        return slot("header", _post(post))

    def footer(self, post: object) -> Markup:
        return slot("footer", _post(post))

    def list_meta(self, found: Sequence[PostRow]) -> Mapping[int, Markup]:
        return slot_by_id("list_meta", found) if found else {}


def _post(found: object) -> PostRow | None:
    return found if isinstance(found, PostRow) else None


class ThreadItem(NamedTuple):
    """Show one comment in the loop of a thread.

    ``opens`` says that a list of answers begins below it; ``closes`` how many end behind it.
    ``time`` is for machines and ``said`` for people; ``under`` is what plugins show below.
    """

    row: CommentRow
    classes: str
    badge: str
    time: str
    said: str
    under: Markup
    opens: bool
    closes: int


def thread_items(comments: Sequence[CommentRow], post: PostRow) -> list[ThreadItem]:
    """Prepare a page of a thread for one loop: classes, and which lists open and close where.

    A comment stands below the nearest one on the page that is less deep; nothing is walked by
    recursion, so a thread may be as deep as it likes.
    """
    under = slot_by_id("under_comments", comments, post)
    nothing = Markup("")
    items: list[ThreadItem] = []
    open_depths: list[int] = []
    tops = 0
    for index, row in enumerate(comments):
        while open_depths and open_depths[-1] >= row.depth:
            open_depths.pop()
        nested = bool(open_depths)
        open_depths.append(row.depth)
        following = comments[index + 1].depth if index + 1 < len(comments) else 0
        opens = following > row.depth
        classes = _classes(row.kind, row.depth, index % 2, -1 if nested else tops % 2, opens)
        items.append(
            ThreadItem(
                row,
                f"{classes}{_authorship(row, post)}" if row.identity else classes,
                _badge(row, post) if row.identity else "",
                row.created_at.isoformat(timespec="seconds"),
                language.format_time(row.created_at),
                under.get(row.id, nothing),
                opens,
                0 if opens else len(open_depths) - bisect_left(open_depths, following or 1) - 1,
            )
        )
        tops += not nested
    return items


@lru_cache(maxsize=512)
def _classes(kind: str, depth: int, odd: int, thread_odd: int, opens: bool) -> str:
    """Name what WordPress names; ``thread_odd`` is -1 below the top level."""
    names = [str(kind), "odd alt" if odd else "even"]
    if thread_odd >= 0:
        names.append("thread-odd thread-alt" if thread_odd else "thread-even")
    names.append(f"depth-{depth}")
    if opens:
        names.append("parent")
    return " ".join(names)


def _authorship(row: CommentRow, post: PostRow) -> str:
    return " byuser bypostauthor" if row.identity == post.identity else " byuser"


def _badge(row: CommentRow, post: PostRow) -> str:
    mine = row.identity == post.identity
    return language.gettext("Author") if mine else language.gettext("Team")


def slots_of(found: Iterable[PostRow]) -> Mapping[str, Mapping[int, Markup]]:
    """Fill the slots around the posts of a page."""
    rows = list(found)
    return {
        "before": slot_by_id("before_posts", rows),
        "after": slot_by_id("after_posts", rows),
    }
