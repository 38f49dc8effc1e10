"""Read the source of a plugin: its files as trees, and where each name comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from blog.platform.findings import Finding

# What a plugin's folder may hold that is none of its running code.
OUTSIDE = ("__pycache__", "tests", "static", "node_modules")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """Hold one file of a plugin: its tree and the names that it imports.

    ``name`` is its place in the plugin, such as ``views.posts``; empty for the main module.
    """

    path: Path
    name: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Give every node of the tree; each check goes through them."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def origins(self) -> dict[str, str]:
        """Say where each imported name comes from: ``hookimpl`` from ``blog.hookimpl``."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for one in node.names:
                    top = one.name if one.asname else one.name.partition(".")[0]
                    found[one.asname or top] = top
            elif isinstance(node, ast.ImportFrom):
                for one in node.names:
                    found[one.asname or one.name] = self.imported(node, one.name)
        return found

    @property
    def is_package(self) -> bool:
        """Tell whether this is the main file of a folder."""
        return self.path.name == "__init__.py"

    def absolute(self, node: ast.ImportFrom) -> str:
        """Name the module that is imported from; the plugin itself is ``.`` and what follows."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".") if self.name else []
        up = node.level - 1 if self.is_package else node.level
        if up > len(parts):
            return f"..{node.module or ''}"
        kept = parts[: len(parts) - up]
        return "." + ".".join([*kept, *([node.module] if node.module else [])])

    def imported(self, node: ast.ImportFrom, name: str) -> str:
        """Name what an import brings: ``blog.session``, ``.services`` of the plugin itself."""
        start = self.absolute(node)
        return f"{start}{name}" if not start or start.endswith(".") else f"{start}.{name}"

    def origin(self, node: ast.expr) -> str:
        """Say what an expression names: ``blog.session.execute``; empty when that is unknown."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, "")
        if isinstance(node, ast.Attribute):
            start = self.origin(node.value)
            return f"{start}.{node.attr}" if start else ""
        if isinstance(node, ast.Call):
            start = self.origin(node.func)
            return f"{start}()" if start else ""
        return ""

    def finding(self, code: str, node: ast.AST | int, message: str, mend: str) -> Finding:
        """Make a finding at a line of this file."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Finding(str(self.path), line, code, message, mend)

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Give every call with what it names."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node, self.origin(node.func)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Give the functions of the module by name."""
        return {one.name: one for one in self.tree.body if isinstance(one, FUNCTIONS)}

    @cached_property
    def texts(self) -> dict[str, str]:
        """Give the texts that the module keeps under a name."""
        found: dict[str, str] = {}
        assigned = [one for one in self.tree.body if isinstance(one, ast.Assign)]
        pairs = (pair for one in assigned for to in one.targets for pair in _pairs(to, one.value))
        for name, value in pairs:
            text = literal(value)
            if text is not None:
                found[name] = text
        return found


@dataclass(frozen=True)
class Source:
    """Hold the whole source of a plugin, with the findings of what could not be read."""

    name: str
    path: Path
    modules: tuple[Module, ...]
    unread: tuple[Finding, ...] = field(default=())

    @property
    def main(self) -> Module | None:
        """Give the module whose functions implement hooks."""
        return self.module("")

    def module(self, name: str) -> Module | None:
        """Give a module by its place in the plugin."""
        return next((one for one in self.modules if one.name == name), None)

    @property
    def manifest_file(self) -> Path:
        """Say in which file the manifest is."""
        return self.path / "plugin.toml" if self.path.is_dir() else self.path

    def files(self, folder: str, pattern: str) -> list[Path]:
        """List files of one of the plugin's folders."""
        return sorted((self.path / folder).rglob(pattern)) if self.path.is_dir() else []


def read(path: Path, name: str = "") -> Source:
    """Read the source of a plugin's folder or file; what is no Python is a finding."""
    return _read(path, name, _python_files(path))


def read_one(path: Path, module: str, name: str = "") -> Source:
    """Read one module of a plugin's folder and nothing else of it."""
    file = path / f"{module}.py"
    return _read(path, name, [file] if file.is_file() else [])


def literal(node: ast.expr | None) -> str | None:
    """Give a text that is written out; ``None`` for everything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Give what a call passes under a name."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def is_true(node: ast.expr | None) -> bool:
    """Tell whether an argument is written as ``True``."""
    return isinstance(node, ast.Constant) and node.value is True


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Pair names with values, also in ``FIRST, SECOND = "a", "b"``."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, part in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, part)


def _read(path: Path, name: str, files: list[Path]) -> Source:
    modules, unread = [], []
    for file in files:
        try:
            tree = ast.parse(file.read_bytes(), str(file))
        except (SyntaxError, ValueError, RecursionError, OSError) as error:
            line = getattr(error, "lineno", None) or 1
            said = getattr(error, "msg", None) or str(error)
            unread.append(
                Finding(str(file), line, "syntax-error", f"this is no Python: {said}", "mend it")
            )
            continue
        modules.append(Module(file, _place(path, file), tree))
    return Source(name or path.stem, path, tuple(modules), tuple(unread))


def _python_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(one for one in path.rglob("*.py") if one.is_file())  # a pipe would never end
    return [one for one in found if not {*one.relative_to(path).parts[:-1]} & {*OUTSIDE}]


def _place(path: Path, file: Path) -> str:
    if path.is_file():
        return ""
    parts = file.relative_to(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
