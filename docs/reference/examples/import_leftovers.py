"""Take the categories that an import brought."""

from blog import hookimpl, importing

names: set[str] = set()  # a real plugin writes rows: blog.session is its own here


@hookimpl
def import_leftovers(source: str, kind: str) -> None:
    """Keep their names."""
    if kind == "term":
        names.update(str(one.data.get("name")) for one in importing.leftovers(source, kind))
