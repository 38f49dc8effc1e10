"""Put the logo of this plugin among the files of an export."""

from collections.abc import Mapping, Sequence

from blog import hookimpl


@hookimpl(optionalhook=True)
def export_attachments() -> Sequence[Mapping[str, str]]:
    """Name it with what it shows."""
    return [{"address": "/media/logo.png", "title": "Logo", "alt": "A tree"}]
