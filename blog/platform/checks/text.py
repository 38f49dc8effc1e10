"""Find texts in code that people read and that are not marked for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from blog.platform.checks.source import Module, Source, keyword
from blog.platform.findings import Finding

WORD = re.compile(r"[^\W\d_]{2,}")
# Which arguments people read: by their place, and by their name.
READ: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "flask.flash": ((0,), ("message",)),
    "flask.abort": ((1,), ("description",)),
    "blog.MenuItem": ((0,), ("title", "label")),
    "blog.Permission": ((1,), ("title", "label")),
    "blog.SignIn": ((), ("sentence",)),
    "blog.Verdict.hold": ((0,), ("reason",)),
    "blog.Verdict.spam": ((0,), ("reason",)),
}
FIELD = ((0,), ("label", "description"))
VALIDATOR = ((), ("message",))


def check(source: Source) -> Iterator[Finding]:
    """Find texts that are written out where people read them."""
    for module in source.modules:
        for call, origin in module.calls():
            for node in _read(call, origin):
                text = written(node)
                if text and WORD.search(text):
                    yield _finding(module, node, text)


def written(node: ast.expr) -> str:
    """Give a text that is written out, also with gaps; empty for everything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(written(one) for one in node.values)
    return ""


def _read(call: ast.Call, origin: str) -> Iterator[ast.expr]:
    places, names = READ.get(origin, ((), ()))
    if origin.startswith(("wtforms.", "flask_wtf.")):
        places, names = FIELD if origin.endswith("Field") else VALIDATOR
    elif origin == "blog.SecretField":
        places, names = FIELD
    yield from (call.args[place] for place in places if place < len(call.args))
    yield from filter(None, (keyword(call, name) for name in names))


def _finding(module: Module, node: ast.expr, text: str) -> Finding:
    said = " ".join(text.split())[:40]
    mend = "write _(…) around it, from blog import lazy_gettext as _"
    return module.finding("text-unmarked", node, f"{said!r} is not marked for translation", mend)
