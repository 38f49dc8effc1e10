"""Show the table and the time."""

from collections.abc import Mapping

from markupsafe import Markup

from blog import PostKind, PostRow, asset, ngettext, settings
from blog import gettext as _

from . import services

TABLE = Markup(
    '<nav class="contents" aria-label="{title}"><details open><summary>{title}</summary>\n'
    "<ol>\n{items}</ol>\n</details></nav>\n"
)
ITEM = Markup('<li class="contents-{level}"><a href="#{id}">{words}</a></li>\n')


def above(post: PostRow) -> Mapping[int, Markup]:
    """Give the time of a post and its table, where it has enough headings."""
    found = services.outline(post.html)
    parts = []
    if settings["contents"].reading_time and post.kind is PostKind.POST:
        time = ngettext("%(num)s minute to read", "%(num)s minutes to read", found.minutes)
        parts.append(Markup('<p class="reading-time">{}</p>\n').format(time))
    if len(found.headings) >= settings["contents"].headings:
        top = min(one.level for one in found.headings)
        items = Markup("").join(
            ITEM.format(level=one.level - top + 1, id=one.id, words=one.words)
            for one in found.headings
        )
        parts.append(TABLE.format(title=_("Contents"), items=items))
    return {post.id: Markup("").join(parts)} if parts else {}


def style() -> Markup:
    """Bring the sheet."""
    return Markup('<link rel="stylesheet" href="{}">').format(asset("contents", "contents.css"))
