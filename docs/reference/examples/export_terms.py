"""Tell an export which towns posts are about."""

from collections.abc import Mapping, Sequence

from blog import hookimpl


@hookimpl(optionalhook=True)
def export_terms(post_ids: Sequence[int]) -> Mapping[int, Sequence[Mapping[str, str]]]:
    """Look all of them up at once; this plugin knows one town alone."""
    town = {"taxonomy": "town", "slug": "lome", "name": "Lomé"}
    return {post_id: [town] for post_id in post_ids}
