"""Add a page to the navigation of the admin."""

from collections.abc import Sequence

from blog import MenuItem, hookimpl
from blog import lazy_gettext as _


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Lead those who may to the endpoint ``example.goats`` of this plugin."""
    return [MenuItem(_("Goats"), "example.goats", "example.feed")]
