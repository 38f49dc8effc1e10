"""Show the links that answer a comment and that leave an answer."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from blog import CommentRow, PostRow, asset, markup
from blog import gettext as _

from . import services

FIRST_WORDS = 80

LINK = (
    '<div class="reply"><a rel="nofollow" class="comment-reply-link" href="%(start)s%(number)d'
    '#respond" data-commentid="%(number)d" data-postid="%(post)d"'
    ' data-belowelement="div-comment-%(number)d" data-respondelement="respond"'
    ' data-replyto="%(label)s" aria-label="%(label)s">%(text)s</a></div>'
)

CANCEL = Markup(
    '<small><a rel="nofollow" id="cancel-comment-reply-link" href="%(href)s"%(hidden)s>'
    "%(text)s</a></small>"
)
SCRIPT = Markup('<script type="module" src="%(src)s"></script>')


def reply_links(comments: Sequence[CommentRow], post: PostRow) -> Mapping[int, Markup]:
    """Give a link for each comment that can be answered."""
    if not post.comments_open:
        return {}
    text, anonymous = escape(_("Reply")), _("Anonymous")
    start = escape(f"{post.path}{'&' if '?' in post.path else '?'}replytocom=")
    label = _("Reply to %(name)s", name="\x00")
    return {
        # Safe: all values are numbers or escaped; Markup.format takes ten times as long.
        row.id: Markup(  # noqa: S704
            LINK
            % {
                "start": start,
                "number": row.number,
                "post": post.id,
                "label": escape(label.replace("\x00", row.author or anonymous)),
                "text": text,
            }
        )
        for row in comments
        if row.status == "published" and row.kind == "comment"
    }


def cancel_link(post: PostRow, parent: CommentRow | None) -> Markup:
    """Give the link that goes back to a comment of its own; hidden until there is a reply."""
    place = f"{post.path}#comment-{parent.number}" if parent else f"{post.path}#respond"
    hidden = Markup("") if parent else Markup(" hidden")
    return CANCEL % {"href": place, "hidden": hidden, "text": _("Cancel reply")}


def answers(comments: Sequence[CommentRow]) -> Mapping[int, Markup]:
    """Name the comment that each reply answers, and how it begins."""
    found = services.parents(comments)
    line = Markup('<p class="row-note threads-answers">{}</p>')
    told = {}
    for row in comments:
        author, html = found.get(row.parent_id or 0, (None, ""))
        if author is not None:
            name, words = author or _("Anonymous"), markup.excerpt_of(html, FIRST_WORDS)
            told[row.id] = line.format(_("In reply to %(name)s: %(words)s", name=name, words=words))
    return told


def script() -> Markup:
    """Bring the script that answers in place."""
    return SCRIPT % {"src": asset("threads", "threads.js")}
