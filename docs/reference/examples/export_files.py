"""Give pictures that this plugin serves to an export that keeps them beside the text."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from blog import generation, hookimpl

START = "/example/"


@hookimpl(optionalhook=True)
def export_files(addresses: Sequence[str]) -> Mapping[str, Path]:
    """Leave out addresses of others, and what is not there."""
    folder = generation().instance / "media" / "example"
    names = {one: one.removeprefix(START) for one in addresses if one.startswith(START)}
    return {one: folder / name for one, name in names.items() if (folder / name).is_file()}
