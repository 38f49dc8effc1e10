"""Export the titles of all posts."""

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from blog import hookimpl


@hookimpl(optionalhook=True)
def export_forms() -> Mapping[str, Callable[[ModuleType], Iterator[str]]]:
    """Add ``palabre export titles FILE``, and a button that gives a file ending in txt."""
    return {"titles.txt": titles}


def titles(site: ModuleType) -> Iterator[str]:
    """Write the title of each post on a line."""
    for post in site.posts():
        yield f"{post['title']}\n"
