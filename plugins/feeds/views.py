"""Serve the feeds and say where they are."""

from functools import lru_cache
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blog import PostRow, identity, posts, settings
from blog import gettext as _

from . import services

POSTS, COMMENTS = "/feed.atom", "/comments.atom"
OLD = (
    ("/feed/", POSTS),
    ("/feed/<kind>/", POSTS),
    ("/wp-atom.php", POSTS),
    ("/wp-rss2.php", POSTS),
    ("/comments/feed/", COMMENTS),
    ("/comments/feed/<kind>/", COMMENTS),
    ("/wp-commentsrss2.php", COMMENTS),
)
KINDS = ("atom", "rdf", "rss", "rss2")
LINK = Markup('<link rel="alternate" type="application/atom+xml" title="{title}" href="{href}">\n')
FOOTER = Markup(
    '<p class="feeds-links"><a href="{posts}">{posts_label}</a>'
    ' · <a href="{comments}">{comments_label}</a></p>'
)


def blueprint() -> Blueprint:
    """Make the addresses of the feeds."""
    bp = Blueprint("feeds", __name__)
    bp.add_url_rule(POSTS, "posts", _posts)
    bp.add_url_rule(COMMENTS, "comments", _comments)
    bp.add_url_rule("/comments/<int:post_id>.atom", "replies", _replies)
    for number, (rule, target) in enumerate(OLD):
        # Each with an endpoint of its own, or Werkzeug sends equal rules to one another.
        bp.add_url_rule(
            rule, f"old{number}", _old, defaults={"target": target}, strict_slashes=False
        )
    bp.before_app_request(_old_replies)
    return bp


def head(post: PostRow | None) -> Markup:
    """Name the feeds for programs; that of the comments on a post on its own page."""
    core = settings["core"]
    found = _site_links(core.title, core.language)
    if post and posts.is_live(post) and (post.comments_open or post.comment_count):
        label = _("Comments on “%(title)s”", title=post.title or _("Untitled"))
        found += LINK.format(title=label, href=services.comments_path(post))
    return found


def footer() -> Markup:
    """Name the feeds for people."""
    return _words(settings["core"].language)


@lru_cache(maxsize=16)
def _site_links(title: str, _language: str) -> Markup:
    """Make once what is the same on every page."""
    comments = _("Comments on %(title)s", title=title)
    return LINK.format(title=title, href=POSTS) + LINK.format(title=comments, href=COMMENTS)


@lru_cache(maxsize=16)
def _words(_language: str) -> Markup:
    return FOOTER.format(
        posts=POSTS,
        posts_label=_("Feed of posts"),
        comments=COMMENTS,
        comments_label=_("Feed of comments"),
    )


def _posts() -> Response:
    with identity.acting_as(identity.ANONYMOUS):
        return _answer(services.of_posts(request.args.get("before")))


def _comments() -> Response:
    with identity.acting_as(identity.ANONYMOUS):
        return _answer(services.of_comments())


def _replies(post_id: int) -> Response:
    with identity.acting_as(identity.ANONYMOUS):
        return _answer(services.of_comments(posts.get(post_id)))


def _answer(feed: services.Feed) -> Response:
    """Send a feed; whoever asks again with its date or its tag is answered 304."""
    response = Response(feed.xml, content_type=f"{services.MIME}; charset=utf-8")
    response.last_modified = feed.updated
    return response


def _old(target: str, **_kind: str) -> ResponseReturnValue:
    return redirect(target, 301)


def _old_replies() -> ResponseReturnValue | None:
    """Send the other feeds of WordPress on: ``POST/feed/`` and ``?feed=rss2``.

    Looked for before the page, since a post may itself be called ``feed``.
    """
    if request.endpoint == "core.home" and "feed" in request.args:
        return _asked(request.args["feed"], request.args.get("p"))
    if request.endpoint != "core.post":
        return None
    before, mark, kind = request.path.rpartition("/feed/")
    if not mark and request.path.endswith("/feed"):
        before, mark, kind = request.path.removesuffix("/feed"), "/", ""
    if not mark or not before or kind.strip("/") not in ("", *KINDS):
        return None
    listed = _list_at(f"{before}/")
    if listed is not None:
        return listed
    post = _at(f"{before}/") or _at(before)
    return redirect(services.comments_path(post), 301) if post else None


def _asked(kind: str, number: str | None) -> ResponseReturnValue:
    if number is None:
        return redirect(COMMENTS if kind.startswith("comments-") else POSTS, 301)
    try:
        post = posts.short(number)
    except posts.PostMoved as moved:
        post = posts.at(moved.path)
    return redirect(services.comments_path(post), 301)


def _list_at(path: str) -> ResponseReturnValue | None:
    """Answer with the feed of a plugin's list, at one address for all kinds of feeds."""
    with identity.acting_as(identity.ANONYMOUS):
        found = services.of_list(path, request.args.get("before"))
    if found is None:
        return None
    here = f"{path}feed/" if isinstance(found, services.Feed) else f"{found}feed/"
    if isinstance(found, services.Feed) and request.path == here:
        return _answer(found)
    return redirect(quote(here), 301)


def _at(path: str) -> PostRow | None:
    try:
        return posts.at(path)
    except posts.PostMoved as moved:
        return posts.at(moved.path)
    except posts.PostNotFound:
        return None
