"""Remember how often each post was saved, and in which mood."""

from collections import Counter
from collections.abc import Sequence

from blog import PostDraft, PostRow, hookimpl

saved: Counter[int] = Counter()  # a real plugin writes rows: blog.session is its own here
moods: dict[int, str] = {}


@hookimpl
def posts_saved(posts: Sequence[PostRow], draft: PostDraft | None) -> None:
    """Count them; the editor brings what the field of ``post_form_fields`` held."""
    saved.update(one.id for one in posts)
    if draft and "example_mood" in draft.extra:
        moods[posts[0].id] = draft.extra["example_mood"]
