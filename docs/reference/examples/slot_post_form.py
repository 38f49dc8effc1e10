"""Remind authors of a rule of the house while they write."""

from markupsafe import Markup

from blog import PostRow, hookimpl


@hookimpl(optionalhook=True)
def slot_post_form(post: PostRow | None) -> Markup:
    """Say it below the text."""
    return Markup("<p>One thought, one sentence.</p>")
