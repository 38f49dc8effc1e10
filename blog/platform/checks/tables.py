"""Check the tables that a plugin declares and the migrations that make them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from blog.db import Base
from blog.platform.checks.source import Module, Source, keyword, literal
from blog.platform.findings import Finding

MIGRATIONS = "migrations"
KEYS = ("ForeignKey", "ForeignKeyConstraint")


class Table(NamedTuple):
    """Hold a table that the source names."""

    name: str
    module: Module
    node: ast.AST


def check(source: Source) -> Iterator[Finding]:
    """Find tables without prefix or migration, and foreign keys without cascade."""
    for table in (*modelled(source), *_created(source)):
        if not table.name.startswith(f"{source.name}_"):
            message = f"the table {table.name!r} does not begin with the plugin's name"
            mend = f"call it {source.name}_{table.name}"
            yield table.module.finding("table-prefix", table.node, message, mend)
    yield from _without_migration(source)
    for module in source.modules:
        yield from _without_cascade(module)


def modelled(source: Source) -> list[Table]:
    """List the tables of the models."""
    found = []
    for module in source.modules:
        if _is_migration(module):
            continue
        for node in module.nodes:
            if isinstance(node, ast.ClassDef):
                names = (_assigned(one, "__tablename__") for one in node.body)
                found += [Table(name, module, node) for name in names if name]
            elif isinstance(node, ast.Call) and _called(node) == "Table" and node.args:
                name = literal(node.args[0])
                if name and module.origin(node.func).startswith("sqlalchemy"):
                    found.append(Table(name, module, node))
    return found


def _created(source: Source) -> Iterator[Table]:
    for module in source.modules:
        for call, origin in module.calls() if _is_migration(module) else ():
            if origin.endswith((".op.create_table", ".create_table")) and call.args:
                name = literal(call.args[0]) or module.texts.get(getattr(call.args[0], "id", ""))
                if name:
                    yield Table(name, module, call)


def _without_migration(source: Source) -> Iterator[Finding]:
    named = {
        word
        for module in source.modules
        if _is_migration(module)
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in (node.value, *node.value.replace("(", " ").replace('"', " ").split())
    }
    for table in modelled(source):
        if table.name not in named:
            message = f"no migration makes the table {table.name!r}"
            mend = "write migrations/0001_tables.py" if source.path.is_dir() else "make it a folder"
            yield table.module.finding("model-without-migration", table.node, message, mend)


def _without_cascade(module: Module) -> Iterator[Finding]:
    for call, _ in module.calls():
        if _called(call) not in KEYS:
            continue
        tables = sorted(_pointed_at(module, call) & Base.metadata.tables.keys())
        if tables and (literal(keyword(call, "ondelete")) or "").upper() != "CASCADE":
            message = f"a foreign key to {tables[0]} would keep its rows from being deleted"
            yield module.finding("foreign-key", call, message, 'add ondelete="CASCADE"')


def _pointed_at(module: Module, call: ast.Call) -> set[str]:
    """Name the tables that a foreign key may point at."""
    found = set()
    texts = call.args[1:2] if _called(call) == "ForeignKeyConstraint" else call.args[:1]
    for argument in texts:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.partition(".")[0])
            elif isinstance(node, ast.Attribute):
                found |= _table_of(module.origin(node))
    return found


def _table_of(origin: str) -> set[str]:
    parts = origin.split(".")
    if parts[0] != "blog" or len(parts) < 2:
        return set()
    mappers = {one.class_.__name__: str(one.local_table) for one in Base.registry.mappers}
    return {mappers[name] for name in parts[1:] if name in mappers}


def _is_migration(module: Module) -> bool:
    return module.name.partition(".")[0] == MIGRATIONS


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def _assigned(node: ast.stmt, name: str) -> str | None:
    if isinstance(node, ast.Assign):
        targets = [one.id for one in node.targets if isinstance(one, ast.Name)]
        return literal(node.value) if name in targets else None
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return literal(node.value) if node.target.id == name else None
    return None
