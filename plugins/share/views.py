"""Show the links, and the buttons that wait for their script."""

from functools import lru_cache

from markupsafe import Markup

from blog import PostRow, asset, settings
from blog import gettext as _

from . import services

BRANDS = {
    "whatsapp": "WhatsApp",
    "facebook": "Facebook",
    "x": "X",
    "telegram": "Telegram",
    "linkedin": "LinkedIn",
    "reddit": "Reddit",
    "bluesky": "Bluesky",
    "threads": "Threads",
    "mastodon": "Mastodon",
}
ROW = Markup(
    '<div class="share" role="group" aria-labelledby="share-title">\n'
    '<p class="share-title" id="share-title">{title}</p>\n'
    '<ul class="share-links">\n{items}</ul>\n'
    '<p class="share-said" role="status"></p>\n'
    "</div>"
)
SIGN = Markup(
    '<svg width="18" height="18" aria-hidden="true" focusable="false">'
    '<use href="{signs}#{name}"></use></svg>'
)
LINK = Markup(
    '<li><a class="share-{name}" href="{href}" rel="nofollow noopener">{sign}{label}</a></li>\n'
)
BUTTON = Markup(
    '<li hidden><button type="button" class="share-{name}"{data}>{sign}{label}</button></li>\n'
)
DATA = Markup(' data-{name}="{value}"')


def links(post: PostRow) -> Markup:
    """Give the row of links of a post; nothing where the owner wants none."""
    wanted = settings["share"]
    return _row(
        post.title or _("Untitled"),
        services.address(post),
        tuple(services.names(wanted.places)),
        _server(wanted.mastodon),
        asset("share", "signs.svg"),
        settings["core"].language,
    )


def script() -> Markup:
    """Bring the script that shows the buttons and acts on them."""
    return Markup('<script type="module" src="{src}"></script>').format(
        src=asset("share", "share.js")
    )


@lru_cache(maxsize=256)
def _row(
    title: str, url: str, names: tuple[str, ...], server: str, signs: str, _language: str
) -> Markup:
    """Make a row once for each post, because a dozen quoted addresses cost more than a query."""
    items = Markup("").join(_item(name, title, url, server, signs) for name in names)
    return ROW.format(title=_("Share"), items=items) if items else Markup("")


def _item(name: str, title: str, url: str, server: str, signs: str) -> Markup:
    sign = SIGN.format(signs=signs, name=name)
    if name in services.BUTTONS:
        return _button(name, title, url, sign)
    href = services.link(name, title, url, server)
    return LINK.format(name=name, href=href, sign=sign, label=BRANDS.get(name) or _("E-mail"))


def _button(name: str, title: str, url: str, sign: Markup) -> Markup:
    label = {"native": _("Share with…"), "copy": _("Copy link"), "print": _("Print")}[name]
    data: dict[str, str] = {}
    if name == "native":
        data = {"title": title, "url": url}
    elif name == "copy":
        failed = _("The link could not be copied: take it from the address bar.")
        data = {"url": url, "done": _("The link is copied."), "failed": failed}
    shown = Markup("").join(DATA.format(name=key, value=value) for key, value in data.items())
    return BUTTON.format(name=name, data=shown, sign=sign, label=label)


def _server(text: str) -> str:
    text = (text or "").strip()
    return f"https://{text}" if text and "://" not in text else text
