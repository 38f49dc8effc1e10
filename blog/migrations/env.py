"""Run the revisions of one owner on the connection that ``blog.migrate`` gives."""

from typing import Any

from alembic import context

from blog.migrate import Owner

connection = context.config.attributes["connection"]
owner: Owner = context.config.attributes["owner"]


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """See only the owner's tables, or autogenerate would propose to drop everybody else's."""
    if kind != "table" or name is None:
        return True
    if owner.metadata is None:
        return name.startswith(f"{owner.name}_")
    return name in owner.metadata.tables


context.configure(
    connection=connection,
    target_metadata=owner.metadata,
    version_table=owner.version_table,
    include_name=include_name,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
