"""Tell who sees a post before others do that they alone see it."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from blog import PostRow, PostStatus, format_time, posts
from blog import gettext as _

NOTICE = Markup('<p class="notice notice-waiting">{text}</p>')


def notices_of(found: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Give a sentence for each post that is not for everyone."""
    return {one.id: NOTICE.format(text=_sentence(one)) for one in found if not posts.is_live(one)}


def _sentence(post: PostRow) -> str:
    if post.status is PostStatus.SCHEDULED and post.published_at:
        time = format_time(post.published_at)
        return _("Only you see this until %(time)s: it is scheduled.", time=time)
    if post.status is PostStatus.PRIVATE:
        return _("Only you see this: it is private.")
    if post.status is PostStatus.TRASH:
        return _("Only you see this: it is in the trash.")
    return _("Only you see this: it is a draft.")
