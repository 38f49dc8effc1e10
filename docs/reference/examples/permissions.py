"""Ask for a permission of its own: ``identity.require("example.feed")`` in a view."""

from collections.abc import Sequence

from blog import Permission, hookimpl
from blog import lazy_gettext as _


@hookimpl
def permissions() -> Sequence[Permission]:
    """Let moderators have it too."""
    return [Permission("example.feed", _("Feed the goats"), ("owner", "moderator"))]
