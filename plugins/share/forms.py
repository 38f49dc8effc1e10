"""Check what an owner types into the settings."""

import re
from difflib import get_close_matches
from typing import Any

from wtforms import Field, ValidationError

from blog import gettext as _

from . import services

HOST = re.compile(r"(https://)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/?", re.IGNORECASE)


def known_places(_form: Any, field: Field) -> None:
    """Refuse a name that is no place, with the nearest that is one."""
    for name in services.names(field.data or ""):
        if name in services.PLACES:
            continue
        near = get_close_matches(name, services.PLACES, 1)
        if near:
            message = _("%(name)s is not known. Did you mean %(near)s?", name=name, near=near[0])
        else:
            known = ", ".join(services.PLACES)
            message = _("%(name)s is not known. Known are %(known)s.", name=name, known=known)
        raise ValidationError(message)


def server_address(_form: Any, field: Field) -> None:
    """Refuse what is no name of a server."""
    if field.data and not HOST.fullmatch(field.data.strip()):
        raise ValidationError(_("This is no server. An example: mastodon.social"))
