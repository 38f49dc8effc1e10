"""Read the addresses of an old blog as they stand, whatever they are."""

from urllib.parse import SplitResult, unquote, urlsplit

# WordPress.com keeps files at hosts of their own, without the folder that they have elsewhere.
FILES = ".files.wordpress.com"


def split(address: str) -> SplitResult | None:
    """Split an address; ``None`` where it is none of the web."""
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018  (reading it checks it)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") else None


def hostname_of(address: str) -> str:
    """Give the host of an address, ``""`` for one that is none of the web."""
    parts = split(address)
    return (parts.hostname or "") if parts else ""


def decoded(text: str) -> str:
    """Read percent escapes as UTF-8; leave a text where they are not."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
