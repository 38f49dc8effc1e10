"""Show the links that answer a comment and that leave an answer."""

from collections.abc import Mapping, Sequence

from blog import CommentRow, PostRow, asset
from blog import gettext as _
from markupsafe import Markup

LINK = Markup(
    '<div class="reply"><a rel="nofollow" class="comment-reply-link" href="{href}#respond"'
    ' data-commentid="{number}" data-postid="{post}" data-belowelement="div-comment-{number}"'
    ' data-respondelement="respond" data-replyto="{label}" aria-label="{label}">{text}</a></div>'
)


def reply_links(comments: Sequence[CommentRow], post: PostRow) -> Mapping[int, Markup]:
    """Give a link for each comment that can be answered."""
    if not post.comments_open:
        return {}
    text, anonymous = _("Reply"), _("Anonymous")
    start = f"{post.path}{'&' if '?' in post.path else '?'}replytocom="
    return {
        row.id: LINK.format(
            href=f"{start}{row.number}",
            number=row.number,
            post=post.id,
            label=_("Reply to %(name)s", name=row.author or anonymous),
            text=text,
        )
        for row in comments
        if row.status == "published" and row.kind == "comment"
    }


def cancel_link(post: PostRow, parent: CommentRow | None) -> Markup:
    """Give the link that goes back to a comment of its own; hidden until there is a reply."""
    place = f"{post.path}#comment-{parent.number}" if parent else f"{post.path}#respond"
    hidden = Markup("") if parent else Markup(" hidden")
    return Markup(
        '<small><a rel="nofollow" id="cancel-comment-reply-link" href="{href}"{hidden}>{text}</a></small>'
    ).format(href=place, hidden=hidden, text=_("Cancel reply"))


def script() -> Markup:
    """Bring the script that answers in place."""
    return Markup('<script type="module" src="{src}"></script>').format(
        src=asset("threads", "threads.js")
    )
