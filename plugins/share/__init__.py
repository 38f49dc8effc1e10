"""Show links that share a post: plain anchors, and buttons where a script can help."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import Optional

from blog import PostRow, SettingsForm, hookimpl
from blog import lazy_gettext as _

from . import forms, services, views


class Settings(SettingsForm):
    """Say where posts can be shared, in which order."""

    places = StringField(
        _("Where to share"),
        default=", ".join(services.PLACES),
        validators=[forms.known_places],
        description=_("Names in the order that readers see; leave out what you do not want."),
    )
    mastodon = StringField(
        _("Mastodon server"),
        default="",
        validators=[Optional(), forms.server_address],
        description=_("For example mastodon.social; empty lets every reader choose their own."),
    )


@hookimpl
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the links below a post, where it is the only one on the page."""
    shared = posts[0] if len(posts) == 1 else None
    return {shared.id: views.links(shared)} if shared and services.is_shared(shared) else {}


@hookimpl
def slot_head(post: PostRow | None) -> Markup | None:
    """Bring the script behind the buttons to the pages of posts."""
    return views.script() if post and services.is_shared(post) else None
