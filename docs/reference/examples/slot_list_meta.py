"""Say how long it takes to read each post of a list."""

from collections.abc import Mapping, Sequence

from blog import PostRow, hookimpl, markup, ngettext
from markupsafe import Markup

WORDS_A_MINUTE = 200


@hookimpl
def slot_list_meta(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Count the words of all posts at once."""
    words = {one.id: len(markup.plain(one.html).split()) for one in posts}
    shown = Markup('<span class="minutes">{}</span>')
    minutes = {number: max(1, count // WORDS_A_MINUTE) for number, count in words.items()}
    return {
        number: shown.format(ngettext("%(num)s minute", "%(num)s minutes", count))
        for number, count in minutes.items()
    }
