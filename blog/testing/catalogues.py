"""Read the catalogues of a plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po


def catalogues(folder: Path) -> Iterator[Path]:
    """Find the catalogues below a plugin's folder."""
    yield from sorted(folder.glob("translations/*/LC_MESSAGES/messages.po"))


def faults(file: Path) -> Iterator[str]:
    """Name what is missing, doubtful or not compiled in a catalogue."""
    where = "/".join(file.parts[-3:])
    with file.open("rb") as source:
        catalogue = read_po(source)
    messages = [one for one in catalogue if one.id]
    yield from (f"{where}: not translated: {one.id!r}" for one in messages if not _is_whole(one))
    compiled = file.with_suffix(".mo")
    if not compiled.exists():
        yield f"{where}: messages.mo is missing: pybabel compile -i messages.po -o messages.mo"
        return
    with compiled.open("rb") as source:
        known = {_key(one) for one in read_mo(source) if one.id}
    yield from (f"{where}: not compiled: {one.id!r}" for one in messages if _key(one) not in known)


def _is_whole(message: Message) -> bool:
    text = message.string
    forms = [text] if text is None or isinstance(text, str) else list(text)
    return bool(forms) and all(forms) and not message.fuzzy


def _key(message: Message) -> tuple[object, object]:
    texts = (message.id, message.string)
    plain = [tuple(one) if isinstance(one, (list, tuple)) else one for one in texts]
    return plain[0], plain[1]
