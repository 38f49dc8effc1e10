"""Sort posts into categories and tags, each with an archive and a feed of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import Length, Regexp

from blog import (
    MenuItem,
    PostDraft,
    PostRow,
    SettingsForm,
    hookimpl,
    identity,
    posts,
    render_part,
    session,
)
from blog import lazy_gettext as _

from . import services, views
from .models import Term

BASE = Regexp(r"[\w-]{1,50}(/[\w-]{1,50})?$", message=_("A word, as in example.org/WORD/news/."))
LINE = Markup('<p class="entry-meta tags-terms">{}</p>')


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
    for kind in services.KINDS:
        if draft and f"tags_{kind}" in draft.extra:
            services.assign(posts[0].id, kind, draft.extra[f"tags_{kind}"])
    services.show(one.id for one in posts)


@hookimpl
def import_leftovers(kind: str) -> None:
    """Take the terms of an import."""
    while kind in ("term", "postterm") and services.take():
        pass


@hookimpl
def catch_up() -> bool:
    """Take what an import kept, and what changed, while this was off."""
    return services.catch_up()


@hookimpl
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the terms of a post below it."""
    return {key: LINE.format(links) for key, links in slot_list_meta(posts).items()}


@hookimpl
def slot_list_meta(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the terms of each post in a list."""
    return {
        post_id: render_part("tags/links.html", terms=found, address=views.address)
        for post_id, found in services.of_posts(one.id for one in posts).items()
    }


@hookimpl(optionalhook=True)
def feed_at(path: str, before: str | None, size: int) -> posts.Listing | None:
    """Give the posts of an archive to its feed."""
    return views.listing(path, before, size)


@hookimpl(optionalhook=True)
def post_form_fields(post: PostRow | None) -> Mapping[str, Any]:
    """Add the fields for categories and tags to the editor, each with a list that completes it."""
    own = services.of_posts([post.id]).get(post.id, []) if post else []
    return {
        f"tags_{kind}": StringField(
            label,
            [Length(max=2000)],
            default=services.typed(one.label for one in own if one.kind == kind),
            description=render_part("tags/names.html", kind=kind, names=services.names(kind)),
            render_kw={"autocomplete": "off", "list": f"tags-{kind}"},
        )
        for kind, label in {"category": _("Categories"), "tag": _("Tags")}.items()
    }


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the page on which terms are looked after."""
    return [MenuItem(_("Categories and tags"), "tags.manage", identity.WRITE, 25)]


@hookimpl(optionalhook=True)
def export_term_list() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Name all terms to whoever exports them."""
    found: dict[str, list[Mapping[str, str]]] = {one: [] for one in services.KINDS.values()}
    for one in session.scalars(select(Term).order_by(Term.path)).all():
        told = {"slug": one.slug, "name": one.name, "parent": one.parent.slug if one.parent else ""}
        found[services.KINDS[one.kind]].append(told)
    return found


@hookimpl(optionalhook=True)
def export_terms(post_ids: Sequence[int]) -> Mapping[int, Sequence[Mapping[str, str]]]:
    """Give the terms of posts to whoever exports them."""
    return {
        post_id: [
            {"taxonomy": services.KINDS[one.kind], "slug": one.slug, "name": one.name}
            for one in found
        ]
        for post_id, found in services.of_posts(post_ids).items()
    }


@hookimpl(optionalhook=True)
def sitemap_files() -> Mapping[str, datetime | None]:
    """Name the files of archives, by ranges of terms."""
    return dict.fromkeys(f"tags-{one}" for one in services.ranges())


@hookimpl(optionalhook=True)
def sitemap_addresses(file: str) -> Mapping[str, datetime | None]:
    """Give the archives of a range, each with the time of its newest post."""
    found = services.newest(int(file.removeprefix("tags-")))
    return {views.address(one.kind, one.path): one.shown_at for one in found}
