"""Find a post by its number, typed as ``#7``."""

from collections.abc import Sequence

from blog import hookimpl


@hookimpl(optionalhook=True)
def find_posts(words: str) -> Sequence[int] | None:
    """Answer numbers alone; whatever else is typed is somebody else's to find."""
    number = words.removeprefix("#")
    is_number = number != words and number.isdecimal() and len(number) < 10
    return [int(number)] if is_number else None
