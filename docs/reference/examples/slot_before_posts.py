"""Say of old posts that they are old."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from blog import PostRow, hookimpl, now
from blog import gettext as _
from markupsafe import Markup


@hookimpl
def slot_before_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Warn readers of each."""
    note = Markup('<p class="example-old">{}</p>').format(_("This was written long ago."))
    old = now() - timedelta(days=1000)
    return {one.id: note for one in posts if one.published_at and one.published_at < old}
