"""Declare the hooks through which other plugins extend the admin."""

from collections.abc import Sequence

from blog import Kind, MenuItem, hookspec


@hookspec(kind=Kind.COLLECT, since="1.0")
def admin_pages() -> Sequence[MenuItem]:
    """Name pages of this plugin for the navigation of the admin.

    Called once for each page of the admin; who may not open a page does not see its name.
    Implement it with ``@hookimpl(optionalhook=True)``, so that the plugin also loads where the
    admin is off.
    """
