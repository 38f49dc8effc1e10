"""Keep what the pictures of an old blog show, by their addresses."""

from pathlib import Path

from blog import generation, hookimpl


@hookimpl(optionalhook=True)
def attachment_here(path: str, file: Path, alt: str) -> bool:
    """Write it into a file, once for each picture; no post looks different for it."""
    words = generation().instance / "example" / f"{file.stem}.txt"
    if alt and not words.exists():
        words.parent.mkdir(exist_ok=True)
        words.write_text(alt, "utf-8")
    return False
