"""Make Atom feeds (RFC 4287) of posts and comments, with their threads (RFC 4685)."""

import re
from datetime import UTC, datetime
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from blog import CommentRow, PostRow, asset, comments, hooks, links, posts, settings
from blog import gettext as _

ATOM = "http://www.w3.org/2005/Atom"
THREAD = "http://purl.org/syndication/thread/1.0"
MIME = "application/atom+xml"
PAGE = "text/html"
YEAR = 2026  # of the first identifiers; a tag: needs a date and must never change
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# Written as three, which is compiled a hundred times faster than one class of all.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff]|[\ufffe\uffff]")
TAG = re.compile(r"<[a-zA-Z](?:\"[^\"]*\"|[^\">])*>")
ADDRESS = re.compile(r"(?<=\s)(href|src|cite)=\"([^\"]*)\"")


class Feed(NamedTuple):
    """Hold a feed that is made, and when anything in it changed last."""

    xml: bytes
    updated: datetime


def of_posts(before: str | None) -> Feed:
    """Give the latest posts; ``before`` is the cursor of an older page."""
    core = settings["core"]
    listing = posts.stream(before, size=settings["feeds"].entries)
    return _of(listing._replace(title=core.title, path="/"), "posts", "/feed.atom", before)


def of_list(path: str, before: str | None) -> Feed | str | None:
    """Give the posts of the list that another plugin has at a path.

    A text is where that list is now; ``None`` means that there is none.
    """
    listing = hooks.feed_at(path, before, settings["feeds"].entries)
    if listing is None or listing.path != path:
        return listing and str(listing.path)
    listing = listing._replace(title=f"{listing.title} – {settings['core'].title}")
    return _of(listing, f"posts{path.rstrip('/')}", f"{path}feed/", before)


def _of(listing: posts.Listing, name: str, own: str, before: str | None) -> Feed:
    updated = max(map(changed, listing.posts), default=NEVER)
    here = f"{own}?before={before}" if before else own
    subtitle = settings["core"].tagline if listing.path == "/" else ""
    feed = _feed(name, listing.title, subtitle, here, listing.path, updated)
    if listing.next:
        _link(feed, "next", links.absolute(f"{own}?before={listing.next}"), MIME)
    for post in listing.posts:
        _add_post(feed, post)
    return _made(feed, updated)


def of_comments(post: PostRow | None = None) -> Feed:
    """Give the latest comments, of one post or of all."""
    found = comments.latest(settings["feeds"].entries, post)
    updated = max((comment.created_at for comment, _post in found), default=NEVER)
    if post is None:
        title = _("Comments on %(title)s", title=settings["core"].title)
        feed = _feed("comments", title, "", "/comments.atom", "/", updated)
    else:
        title = _("Comments on “%(title)s”", title=post.title or _("Untitled"))
        address = comments_path(post)
        feed = _feed(f"comments/{post.id}", title, "", address, post.path, updated)
    for comment, about in found:
        _add_comment(feed, comment, about)
    return _made(feed, updated)


def comments_path(post: PostRow) -> str:
    """Give the address of the feed of a post's comments, which a new slug does not change."""
    return f"/comments/{post.id}.atom"


def changed(post: PostRow) -> datetime:
    """Tell when a post last changed for readers; a scheduled one did when it appeared."""
    return max(post.updated_at, post.published_at or post.updated_at)


def absolute_html(html: str, base: str) -> str:
    """Make every address in safe HTML a whole one, since a feed is read elsewhere."""

    def whole(found: re.Match[str]) -> str:
        try:
            address = urljoin(base, unescape(found[2]))
        except ValueError:
            return found[0]
        return f'{found[1]}="{escape(address)}"'

    return TAG.sub(lambda tag: ADDRESS.sub(whole, tag[0]), html)


def _feed(name: str, title: str, subtitle: str, here: str, page: str, updated: datetime) -> Element:
    core = settings["core"]
    feed = Element("feed", {"xmlns": ATOM, "xmlns:thr": THREAD, "xml:lang": core.language})
    _text(feed, "id", _tag(name))
    _text(feed, "title", title or core.title)
    if subtitle:
        _text(feed, "subtitle", subtitle)
    _text(feed, "updated", _moment(updated))
    _link(feed, "self", links.absolute(here), MIME)
    _link(feed, "alternate", links.absolute(page), PAGE)
    _text(feed, "icon", links.absolute(asset("core", "mark.svg")))
    _text(feed, "generator", "Palabre")
    _text(SubElement(feed, "author"), "name", core.title)
    return feed


def _add_post(feed: Element, post: PostRow) -> None:
    entry = SubElement(feed, "entry")
    if post.language and post.language != settings["core"].language:
        entry.set("xml:lang", post.language)
    address = links.absolute(post.path)
    _text(entry, "id", _tag(f"post/{post.id}"))
    _text(entry, "title", post.title or _("Untitled"))
    _link(entry, "alternate", address, PAGE)
    _text(entry, "published", _moment(post.published_at or post.updated_at))
    _text(entry, "updated", _moment(changed(post)))
    if post.author:
        _text(SubElement(entry, "author"), "name", post.author)
    if post.excerpt:
        _text(entry, "summary", post.excerpt)
    if settings["feeds"].whole:
        _html(entry, post.html, address)
    if post.comments_open or post.comment_count:
        replies = _link(entry, "replies", links.absolute(comments_path(post)), MIME)
        replies.set("thr:count", str(post.comment_count))
        _text(entry, "thr:total", str(post.comment_count))


def _add_comment(feed: Element, comment: CommentRow, post: PostRow) -> None:
    entry = SubElement(feed, "entry")
    author = comment.author or _("Anonymous")
    address = links.absolute(links.comment_path(post, comment.number))
    titles = {"author": author, "title": post.title or _("Untitled")}
    _text(entry, "id", _tag(f"comment/{comment.id}"))
    _text(entry, "title", _("%(author)s on “%(title)s”", **titles))
    _link(entry, "alternate", address, PAGE)
    _text(entry, "published", _moment(comment.created_at))
    _text(entry, "updated", _moment(comment.created_at))
    person = SubElement(entry, "author")
    _text(person, "name", author)
    if comment.url:
        _text(person, "uri", comment.url)
    _html(entry, comment.html, address)
    about = _tag(f"post/{post.id}")
    answered = f"comment/{comment.parent_id}"
    reply = SubElement(entry, "thr:in-reply-to")
    reply.set("ref", about if comment.parent_id is None else _tag(answered))
    if comment.parent_id is None:
        reply.set("href", _ascii(links.absolute(post.path)))
        reply.set("type", PAGE)


def _made(feed: Element, updated: datetime) -> Feed:
    return Feed(tostring(feed, encoding="utf-8", xml_declaration=True), updated)


def _text(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, name)
    element.text = _clean(text)
    return element


def _html(entry: Element, html: str, base: str) -> None:
    _text(entry, "content", absolute_html(html, base)).set("type", "html")


def _link(parent: Element, relation: str, address: str, kind: str) -> Element:
    return SubElement(
        parent, "link", {"rel": relation, "type": kind, "href": _clean(_ascii(address))}
    )


def _tag(name: str) -> str:
    """Give an identifier (RFC 4151) that outlives slugs, addresses and dates."""
    host = urlsplit(links.base_url()).hostname or "localhost"
    return f"tag:{settings['feeds'].authority or f'{host},{YEAR}'}:{name}"


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _ascii(address: str) -> str:
    return quote(address, safe=":/?&=#[]")


def _clean(text: str) -> str:
    """Drop what no XML may hold."""
    return FORBIDDEN.sub("", text)
