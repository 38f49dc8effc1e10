"""Describe what templates can call, which there are, and which blocks of them can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import current_app
from jinja2 import Environment, meta, nodes
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.filters import FILTERS

from scripts.names import opening, row, signature

ROOT = Path(__file__).resolve().parent.parent
# What no docstring says: values, calls of others, and calls that know who the template is of.
GLOBALS = {
    "_": (
        "_(message, **values)",
        "Translate a message from the catalogue of the template's owner, then the core's.",
    ),
    "gettext": ("gettext(message, **values)", "The same as `_`."),
    "ngettext": ("ngettext(one, many, count, **values)", "Translate a message with a number."),
    "asset": (
        "asset(owner, name)",
        'Give the address of a static file of a plugin, or of `"core"`.',
    ),
    "url_for": ("url_for(endpoint, **values)", "Give the path of a view, as Flask does."),
    "csrf_token": ("csrf_token()", "Give the token of a form that a signed-in person sends."),
    "body_class": ("body_class", "Classes of `<body>`; a page passes its own to `render`."),
    "comment_length": ("comment_length", "How many characters a comment may have."),
    "config": ("config", "The settings of the core: `config.title`."),
    "development": ("development", "Whether `palabre run` shows this page."),
    "left_out": ("left_out", "Plugins that are on and do not run, with the reason."),
    "post": ("post", "The post that the page is about, a `PostRow`; `None` without one."),
    "slots": (
        "slots.head(post), slots.header(post), slots.footer(post)",
        "Fill the slots that every page has.",
    ),
}
CONTEXT = {
    "request": "The request, as Flask gives it.",
    "language": "The language of the site: `fr`.",
    "direction": "`ltr`, or `rtl` for a language that is written from right to left.",
    "menu": "The published pages, as `posts.menu()` gives them.",
}
# What comes with Jinja, Flask and its form library.
OF_LIBRARIES = (*DEFAULT_NAMESPACE, "g", "session", "get_flashed_messages", "csrf_meta_tag")


def templates_page(_: object) -> Iterator[str]:
    """Give the lines of the page about templates."""
    env = current_app.jinja_env
    yield from _globals(env)
    yield from _filters(env)
    yield "\n## Templates\n"
    yield "| template | extends | blocks | values that a page passes to it |"
    yield "| --- | --- | --- | --- |"
    folders = [
        ROOT / "blog",
        *sorted(path.parent for path in (ROOT / "plugins").glob("*/templates")),
    ]
    for folder in folders:
        for file in sorted((folder / "templates").rglob("*.html")):
            yield _template(env, file, file.relative_to(folder / "templates").as_posix())


def _globals(env: Environment) -> Iterator[str]:
    """List what every template can name."""
    yield "## Names\n\n| name | meaning |\n| --- | --- |"
    for name, value in sorted(env.globals.items()):
        if name in GLOBALS:
            call, meaning = GLOBALS[name]
            yield row(f"`{call}`", meaning)
        elif name not in (*OF_LIBRARIES, *CONTEXT) and callable(value) and _is_ours(value):
            yield row(f"`{signature(name, value)}`", opening(value))
    yield "\nA whole page, which `render` makes, also has these."
    yield "A part, which `render_part` makes, has `request` alone of them."
    yield "\n| name | meaning |\n| --- | --- |"
    for name, meaning in CONTEXT.items():
        yield row(f"`{name}`", meaning)


def _is_ours(function: Any) -> bool:
    """Tell whether the core brings it: what a plugin brings is for its own templates."""
    return str(function.__module__).startswith("blog.")


def _filters(env: Environment) -> Iterator[str]:
    yield "\n## Filters\n\nThose of Jinja, and:\n"
    yield "| filter | takes | meaning |\n| --- | --- | --- |"
    for name, value in sorted(env.filters.items()):
        if name not in FILTERS and _is_ours(value):
            yield row(f"`{name}`", f"`{_taken(value)}`", opening(value))


def _taken(function: Any) -> str:
    return signature("", function).partition(") ->")[0].removeprefix("(")


def _template(env: Environment, file: Path, name: str) -> str:
    """Describe one file: what it extends, its blocks in their order, the names it asks for."""
    tree = env.parse(file.read_text("utf-8"))
    named = [one.template for one in tree.find_all(nodes.Extends)]
    extends = [one.value for one in named if isinstance(one, nodes.Const)]
    blocks = [one.name for one in tree.find_all(nodes.Block)]
    asked = meta.find_undeclared_variables(tree) - env.globals.keys() - CONTEXT.keys()
    cells = (extends, blocks, sorted(asked))
    return row(f"`{name}`", *(", ".join(f"`{one}`" for one in found) or "–" for found in cells))
