"""Show what is in a long post and how long it takes to read; give its headings addresses."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from blog import PostRow, SettingsForm, hookimpl
from blog import lazy_gettext as _

from . import services, views


class Settings(SettingsForm):
    """Say when a post is long."""

    headings = IntegerField(
        _("Headings of a post with a table of contents"),
        default=3,
        validators=[InputRequired(), NumberRange(1, 100)],
        description=_("A post with fewer has none."),
    )
    reading_time = BooleanField(_("Show how long a post takes to read"), default=True)


@hookimpl
def body_rendered(html: str) -> str:
    """Give each heading an address, made of its words."""
    return services.with_addresses(html)


@hookimpl
def slot_before_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the time and the table above a post on its own page."""
    return views.above(posts[0]) if len(posts) == 1 else {}


@hookimpl
def slot_head(post: PostRow | None) -> Markup | None:
    """Bring the style to the pages that show one of the two."""
    return views.style() if post and views.above(post) else None
