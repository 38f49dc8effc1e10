"""Sort posts into categories and tags, each with an archive and a feed of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import Regexp

from blog import MenuItem, PostDraft, PostRow, SettingsForm, hookimpl, identity, posts
from blog import lazy_gettext as _

from . import services, views

BASE = Regexp(r"[\w-]{1,50}(/[\w-]{1,50})?$", message=_("A word, as in example.org/WORD/news/."))


class Settings(SettingsForm):
    """Say where the archives are."""

    category_base = StringField(_("Addresses of categories begin with"), [BASE], default="category")
    tag_base = StringField(_("Addresses of tags begin with"), [BASE], default="tag")


@hookimpl
def routes() -> Blueprint:
    """Answer at the archives, and at the page of the admin."""
    return views.bp


@hookimpl
def posts_saved(posts: Sequence[PostRow], draft: PostDraft | None) -> None:
    """Keep the terms that were typed, and show in archives what is published."""
    services.saved(posts, draft)


@hookimpl
def import_leftovers(source: str, kind: str) -> None:
    """Take the terms of an import."""
    while kind in ("term", "postterm") and services.take(source):
        pass


@hookimpl
def catch_up() -> bool:
    """Take what an import kept, and what changed, while this was off."""
    return services.catch_up()


@hookimpl
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the terms of a post below it."""
    return views.links(posts, Markup('<p class="entry-meta tags-terms">{}</p>'))


@hookimpl
def slot_list_meta(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the terms of each post in a list."""
    return views.links(posts, Markup("{}"))


@hookimpl(optionalhook=True)
def feed_at(path: str, before: str | None, size: int) -> posts.Listing | None:
    """Give the posts of an archive to its feed."""
    term = views.found(path)
    return views.listing(term, before, size) if term else None


@hookimpl(optionalhook=True)
def post_form_fields(post: PostRow | None) -> Mapping[str, Any]:
    """Add the fields for categories and tags to the editor."""
    return views.fields(post)


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the page on which terms are looked after."""
    return [MenuItem(_("Categories and tags"), "tags.manage", identity.WRITE, 25)]


@hookimpl(optionalhook=True)
def export_term_list() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Name all terms to whoever exports them."""
    return services.exported()


@hookimpl(optionalhook=True)
def export_terms(post_ids: Sequence[int]) -> Mapping[int, Sequence[Mapping[str, str]]]:
    """Give the terms of posts to whoever exports them."""
    return {
        post_id: [
            {"taxonomy": services.WORDPRESS[one.kind], "slug": one.slug, "name": one.name}
            for one in found
        ]
        for post_id, found in services.of_posts(post_ids).items()
    }
