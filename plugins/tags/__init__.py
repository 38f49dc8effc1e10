"""Sort posts into categories and tags, each with an archive; some hooks are where their work is."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import Length, Regexp, ValidationError

from blog import MenuItem, PostDraft, PostRow, SettingsForm, hookimpl, identity, render_part
from blog import lazy_gettext as _

from . import services
from .models import address
from .services import catch_up, export_term_list, export_terms, import_leftovers  # noqa: F401 - hooks
from .views import feed_at, routes, sitemap_addresses, sitemap_files  # noqa: F401 - hooks

LINE = Markup('<p class="entry-meta tags-terms">{}</p>')


def differ(form: Any, _field: StringField) -> None:
    """Refuse a beginning that holds all addresses of the other kind, which would vanish."""
    first, second = sorted(f"{form.data.get(f'{one}_base')}/" for one in ("category", "tag"))
    if second.startswith(first):
        raise ValidationError(_("Categories and tags need two beginnings, neither in the other."))


WORD = Regexp(r"[\w-]{1,50}(/[\w-]{1,50})?$", message=_("A word, as in example.org/WORD/news/."))
CHECKS = [WORD, differ]


class Settings(SettingsForm):
    """Say where the archives are."""

    category_base = StringField(_("Addresses of categories begin with"), CHECKS, default="category")
    tag_base = StringField(_("Addresses of tags begin with"), CHECKS, default="tag")


@hookimpl
def posts_saved(posts: Sequence[PostRow], draft: PostDraft | None) -> None:
    """Keep the terms that were typed, and show in archives what is published."""
    for kind in services.KINDS:
        if draft and f"tags_{kind}" in draft.extra:
            services.assign(posts[0].id, kind, services.labels_of(draft.extra[f"tags_{kind}"]))
    services.show(one.id for one in posts)


@hookimpl
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the terms of a post below it."""
    return {key: LINE.format(links) for key, links in slot_list_meta(posts).items()}


@hookimpl
def slot_list_meta(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show the terms of each post in a list."""
    return {
        post_id: render_part("tags/links.html", terms=found, address=address)
        for post_id, found in services.of_posts(one.id for one in posts).items()
    }


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
