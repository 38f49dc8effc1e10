"""Make the addresses under which services take what a reader shares."""

from collections.abc import Mapping
from urllib.parse import quote

from blog import PostKind, PostRow, links, posts

# Each is filled with the title, the address, both on a line, or the server of a reader.
LINKS: Mapping[str, str] = {
    "whatsapp": "https://api.whatsapp.com/send?text={both}",
    "facebook": "https://www.facebook.com/sharer/sharer.php?u={url}",
    "x": "https://twitter.com/intent/tweet?text={title}&url={url}",
    "telegram": "https://t.me/share/url?url={url}&text={title}",
    "linkedin": "https://www.linkedin.com/sharing/share-offsite/?url={url}",
    "reddit": "https://reddit.com/submit?url={url}&title={title}",
    "bluesky": "https://bsky.app/intent/compose?text={both}",
    "threads": "https://www.threads.net/intent/post?url={url}&text={title}",
    "mastodon": "{mastodon}{both}",
    "email": "mailto:?subject={title}&body={lines}",
}
BUTTONS = ("copy", "print", "native")  # last what not every browser has
PLACES = (*LINKS, *BUTTONS)
# The page of the Mastodon project that asks readers for their server, in the browser alone.
ANY_SERVER = "https://share.joinmastodon.org/#text="


def is_shared(post: PostRow) -> bool:
    """Tell whether others could read what a reader shares."""
    return post.kind is PostKind.POST and posts.is_live(post)


def names(text: str) -> list[str]:
    """Read the names of places, in their order, each once."""
    return list(dict.fromkeys(text.lower().replace(",", " ").split()))


def address(post: PostRow) -> str:
    """Give the whole address of a post in ASCII, so that every service finds its end."""
    return quote(links.absolute(post.path), safe=":/?&=[]")


def link(place: str, title: str, url: str, server: str = "") -> str:
    """Fill the address of a service; everything in it is encoded as part of a query."""
    title = " ".join(title.split()) if place == "email" else title.strip()
    both = f"{title} {url}".strip()
    return LINKS[place].format(
        title=_encoded(title),
        url=_encoded(url),
        both=_encoded(both),
        lines=_encoded(f"{title}\r\n\r\n{url}".strip()),
        mastodon=f"{server.rstrip('/')}/share?text=" if server else ANY_SERVER,
    )


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
