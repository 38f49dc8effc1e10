"""Keep what the core has no place for, and nothing that it must not keep."""

from collections.abc import Callable

from blog_plugins.wordpress import wxr
from blog_plugins.wordpress.leftovers import leftover_of

from .conftest import Export

META = (
    "<wp:commentmeta><wp:meta_key>{}</wp:meta_key>"
    "<wp:meta_value>{}</wp:meta_value></wp:commentmeta>"
)


def test_addresses_of_commenters_are_not_left_over(
    export: Export, item: Callable[..., str]
) -> None:
    address = "<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>"
    metas = META.format("akismet_as_submitted", "192.0.2.7"), META.format("akismet_result", "true")
    file = export(item(f"<wp:comment>{address}{''.join(metas)}</wp:comment>"))

    [stored] = (leftover_of(post.element) for post in wxr.items(file))

    assert "192.0.2.7" not in str(stored)
    assert "akismet_result" in str(stored)
