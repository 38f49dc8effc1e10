"""Check the fields of a plugin's settings: each has a default, and no secret lies open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from blog.platform.checks.source import Module, Source, keyword
from blog.platform.findings import Finding

FORM = "blog.SettingsForm"
SECRET = re.compile(
    r"(?:\A|_)(?:password|passwd|passphrase|secret|token|api_?key|access_key|private_key)\Z"
)
WRITE_ONLY = "SecretField"
# Fields that hold what somebody typed; a number or a choice is no secret.
TYPED = ("StringField", "PasswordField", "TextAreaField", "HiddenField", "URLField", "SearchField")


class Setting(NamedTuple):
    """Hold a field of the settings as the source writes it."""

    name: str
    kind: str
    module: Module
    call: ast.Call

    @property
    def has_label(self) -> bool:
        """Tell whether an owner reads what it is."""
        return bool(self.call.args) or keyword(self.call, "label") is not None


def check(source: Source) -> Iterator[Finding]:
    """Find settings without default, and secrets in ordinary fields."""
    for one in declared(source):
        has_default = keyword(one.call, "default") is not None
        if not has_default and one.kind != WRITE_ONLY:
            yield one.module.finding("setting-default", one.call, *without_default(one.name))
        if is_open_secret(one.name, one.kind):
            yield one.module.finding("setting-secret", one.call, *open_secret(one.name, one.kind))


def declared(source: Source) -> list[Setting]:
    """List the fields of every form of settings."""
    found = []
    for module in source.modules:
        for node in module.nodes:
            if isinstance(node, ast.ClassDef) and FORM in map(module.origin, node.bases):
                found += list(_fields(module, node))
    return found


def is_open_secret(name: str, kind: str) -> bool:
    """Tell whether a field with this name should be a ``SecretField``."""
    return kind in TYPED and bool(SECRET.search(name))


def without_default(name: str) -> tuple[str, str]:
    """Say what is wrong with a setting that has no default, and the mend."""
    return f"the setting {name!r} has no default", "give it default=…"


def open_secret(name: str, kind: str) -> tuple[str, str]:
    """Say what is wrong with a secret in an ordinary field, and the mend."""
    return f"the secret {name!r} is kept in a {kind}", "make it a SecretField from blog"


def _fields(module: Module, form: ast.ClassDef) -> Iterator[Setting]:
    for node in form.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if isinstance(value, ast.Call):
            kind = module.origin(value.func).rpartition(".")[2]
            kind = kind or getattr(value.func, "id", "") or getattr(value.func, "attr", "")
            for target in targets:
                if isinstance(target, ast.Name) and kind.endswith("Field"):
                    yield Setting(target.id, kind, module, value)
