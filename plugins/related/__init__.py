"""Show below a post which others are like it, by what they say and not by who reads them."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from wtforms import IntegerField
from wtforms.validators import NumberRange

from blog import Nightly, PostRow, SettingsForm, hookimpl
from blog import lazy_gettext as _

from . import services, views


class Settings(SettingsForm):
    """Say how many are shown."""

    most = IntegerField(
        _("Related posts shown"), default=3, validators=[NumberRange(1, services.KEPT)]
    )


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Ask for a comparison of what was saved."""
    services.ask([one.id for one in posts])


@hookimpl
def jobs() -> Mapping[str, services.Work | Nightly]:
    """Compare what was saved, and each night what was compared longest ago."""
    return {"compare": services.compare, "refresh": Nightly(services.refresh)}


@hookimpl
def catch_up() -> bool:
    """Ask for a comparison of posts that came while this was off."""
    return services.catch_up()


@hookimpl
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """List what is like a post, where it is the only one on the page."""
    return views.lists(posts)
