"""List what needs the owner's attention, each with the button that mends it."""

from flask.typing import ResponseReturnValue

from blog import control, identity, upkeep

from .frame import bp, needs, show
from .plugins import HERE


@bp.get("/plugin-attention")
@needs(identity.MANAGE)
def attention() -> ResponseReturnValue:
    """Show everything that needs attention, by plugin."""
    items = upkeep.lacks()
    titles = {one.name: one.title for one in control.plugins()} if items else {}
    is_safe = control.is_safe()
    return show("attention.html", here=HERE, items=items, titles=titles, is_safe=is_safe)
