"""Serve the same page by hand, in one file: Flask, SQLAlchemy Core, Jinja, no plugins.

This is what somebody would write for this one page, with its statements made once and its
labels in place: the speed that a blog engine with plugins is measured against.
"""

import hashlib
import hmac
import json
import os
import re
import time
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, request
from sqlalchemy import Row, bindparam, create_engine, text

SECRET = b"reference"
TAG = re.compile("<[^<>]*>")
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
POST = text(
    "SELECT id, title, html, summary, author, published_at, updated_at, comment_count, path"
    " FROM post WHERE path = :path AND live AND published_at <= :now"
)
COMMENTS = text(
    "SELECT id, number, parent_id, author, url, html, created_at"
    " FROM comment WHERE post_id = :post AND status = 'published' ORDER BY number LIMIT 50"
)
OLDER = text(
    "SELECT title, path FROM post WHERE kind = 'post' AND live AND published_at < :time"
    " ORDER BY published_at DESC LIMIT 1"
).bindparams(bindparam("time"))
NEWER = text(
    "SELECT title, path FROM post WHERE kind = 'post' AND live AND published_at > :time"
    " ORDER BY published_at LIMIT 1"
).bindparams(bindparam("time"))
MENU = text("SELECT title, path FROM post WHERE kind = 'page' AND live ORDER BY position")
SHARES = (
    ("whatsapp", "WhatsApp", "https://api.whatsapp.com/send?text={both}"),
    ("facebook", "Facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
    ("x", "X", "https://twitter.com/intent/tweet?text={title}&url={url}"),
    ("telegram", "Telegram", "https://t.me/share/url?url={url}&text={title}"),
    ("linkedin", "LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url={url}"),
    ("reddit", "Reddit", "https://reddit.com/submit?url={url}&title={title}"),
    ("bluesky", "Bluesky", "https://bsky.app/intent/compose?text={both}"),
    ("threads", "Threads", "https://www.threads.net/intent/post?url={url}&text={title}"),
    ("mastodon", "Mastodon", "https://share.joinmastodon.org/#text={both}"),
    ("email", "E-mail", "mailto:?subject={title}&body={both}"),
)
PAGE = """<!doctype html>
<html lang="fr" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ post.title }} – La place</title>
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/assets/core/theme.0123456789.css">
<link rel="icon" href="/assets/core/mark.0123456789.svg" type="image/svg+xml">
<script type="module" src="/assets/core/comfort.0123456789.js"></script>
<link rel="canonical" href="{{ url }}">
<meta name="description" content="{{ post.summary }}">
{% if older %}<link rel="prev" href="{{ older.path }}">{% endif %}
<link rel="stylesheet" href="/assets/contents/contents.0123456789.css">
<link rel="alternate" type="application/atom+xml" title="La place" href="/feed.atom">
<link rel="alternate" type="application/atom+xml" title="Commentaires sur La place"
 href="/comments.atom">
<link rel="alternate" type="application/atom+xml" title="Commentaires sur “{{ post.title }}”"
 href="/comments/{{ post.id }}.atom">
<meta property="og:type" content="article">
<meta property="og:title" content="{{ post.title }}">
<meta property="og:url" content="{{ url }}">
<meta property="og:description" content="{{ post.summary }}">
<meta property="og:site_name" content="La place">
<meta property="og:locale" content="fr_FR">
<meta property="og:image" content="{{ picture }}">
<meta property="og:image:width" content="1200">
<meta property="og:image:height" content="630">
<meta property="og:image:alt" content="{{ post.title }}">
<meta property="article:published_time" content="{{ published.isoformat() }}">
<meta property="article:modified_time" content="{{ updated.isoformat() }}">
<meta name="author" content="{{ post.author }}">
<meta name="twitter:card" content="summary_large_image">
<link rel="search" type="application/opensearchdescription+xml" title="La place"
 href="/opensearch.xml">
<script type="module" src="/assets/share/share.0123456789.js"></script>
<script type="module" src="/assets/threads/threads.0123456789.js"></script>
</head>
<body class="single">
<a class="skip-link" href="#content">Aller au texte</a>
<header class="site-header">
<p class="site-title"><a href="/" rel="home"><svg class="site-mark" width="28" height="28"
 viewBox="0 0 32 32" aria-hidden="true"><use href="/assets/core/mark.0123456789.svg#mark"></use>
</svg> La place</a></p>
{% if menu %}<nav class="site-nav" aria-label="Pages"><ul>
{% for page in menu %}<li><a href="{{ page.path }}">{{ page.title }}</a></li>{% endfor %}
</ul></nav>{% endif %}
</header>
<main id="content" class="site-main">
<div class="h-entry">
<article id="post-{{ post.id }}" class="post entry single">
<header class="entry-header">
<h1 class="entry-title p-name">{{ post.title }}</h1>
<p class="entry-meta">
<span class="byline p-author h-card">{{ post.author }}</span><time
 class="entry-date dt-published" datetime="{{ published.isoformat() }}">{{ day(published) }}</time>
<a class="comments-link" href="#comments">{{ post.comment_count }} réflexions</a></p>
<data class="u-url" value="{{ url }}"></data>
</header>
<p class="reading-time">{{ minutes }} minutes de lecture</p>
<div class="entry-content e-content">
{{ post.html|safe }}
</div>
<section class="share" aria-labelledby="share-title">
<p class="share-title" id="share-title">Partager</p>
<ul class="share-links">
{% for name, label, href in shares %}
<li><a class="share-{{ name }}" href="{{ href }}" rel="nofollow noopener"><svg width="18"
 height="18" aria-hidden="true" focusable="false">
<use href="/assets/share/signs.0123456789.svg#{{ name }}"></use></svg>{{ label }}</a></li>
{% endfor %}
{% for name, label in (("native", "Partager avec…"), ("copy", "Copier le lien"),
 ("print", "Imprimer")) %}
<li hidden><button type="button" class="share-{{ name }}" data-title="{{ post.title }}"
 data-url="{{ url }}"><svg width="18" height="18" aria-hidden="true" focusable="false">
<use href="/assets/share/signs.0123456789.svg#{{ name }}"></use></svg>{{ label }}</button></li>
{% endfor %}
</ul>
<p class="share-said" role="status"></p>
</section>
</article>
<nav class="navigation post-navigation" aria-label="Articles"><div class="nav-links">
{% if older %}<div class="nav-previous"><a href="{{ older.path }}" rel="prev">
<span class="nav-label">Précédent</span> {{ older.title }}</a></div>{% endif %}
{% if newer %}<div class="nav-next"><a href="{{ newer.path }}" rel="next">
<span class="nav-label">Suivant</span> {{ newer.title }}</a></div>{% endif %}
</div></nav>
<div id="comments" class="comments-area">
<h2 class="comments-title">{{ post.comment_count }} réflexions au sujet de “{{ post.title }}”</h2>
<ol class="comment-list">
{% for row, depth, opens, closes, even in items %}
<li id="comment-{{ row.number }}" class="comment {{ even }} depth-{{ depth }}
{%- if opens %} parent{% endif %}">
<article id="div-comment-{{ row.number }}" class="comment-body p-comment h-cite">
<footer class="comment-meta">
<div class="comment-author vcard p-author h-card"><b class="fn p-name">
{%- if row.url %}<a href="{{ row.url }}" rel="ugc external nofollow" class="url u-url">
{{- row.author or "Anonyme" }}</a>{% else %}{{ row.author or "Anonyme" }}{% endif -%}
</b> <span class="says">dit :</span></div>
<div class="comment-metadata"><a class="u-url"
 href="{{ post.path }}?comment={{ row.number }}#comment-
{{- row.number }}"><time class="dt-published"
 datetime="{{ row.created_at }}">{{ moment(row.created_at) }}</time></a>
</div>
</footer>
<div class="comment-content e-content">{{ row.html|safe }}</div>
<div class="reply"><a rel="nofollow" class="comment-reply-link"
 href="{{ post.path }}?replytocom={{ row.number }}#respond" data-commentid="{{ row.number }}"
 data-postid="{{ post.id }}" data-belowelement="div-comment-{{ row.number }}"
 data-respondelement="respond" data-replyto="Répondre à {{ row.author or "Anonyme" }}"
 aria-label="Répondre à {{ row.author or "Anonyme" }}">Répondre</a></div>
</article>
{% if opens %}
<ol class="children">
{% else %}
</li>
{% for _ in range(closes) %}
</ol>
</li>
{% endfor %}
{% endif %}
{% endfor %}
</ol>
<div id="respond" class="comment-respond" role="region" aria-labelledby="reply-title">
<h3 id="reply-title" class="comment-reply-title" data-usual="Laisser un commentaire">Laisser un
commentaire <small><a rel="nofollow" id="cancel-comment-reply-link"
 href="{{ post.path }}#respond" hidden>Annuler la réponse</a></small></h3>
<form id="commentform" class="comment-form" method="post" action="/comments/{{ post.id }}"
 novalidate>
<p class="comment-notes">Seul le texte est nécessaire. Votre e-mail n’est jamais montré.</p>
<p class="comment-form-comment"><label for="comment">Commentaire</label>
<textarea id="comment" name="comment" rows="8" maxlength="65525" required></textarea></p>
{% for name, label, kind, most in (("author", "Nom", "text", 245), ("email", "E-mail", "email",
 100), ("url", "Site web", "url", 200)) %}
<p class="comment-form-{{ name }}"><label for="{{ name }}">{{ label }}</label> <input
 id="{{ name }}" name="{{ name }}" type="{{ kind }}" value="" maxlength="{{ most }}"
 autocomplete="{{ name }}"></p>
{% endfor %}
<p class="comment-form-cookies-consent"><input id="wp-comment-cookies-consent"
 name="wp-comment-cookies-consent" type="checkbox" value="yes">
<label for="wp-comment-cookies-consent">Se souvenir de moi dans ce navigateur, par un cookie de ce
seul site.</label></p>
<p hidden><label for="spam_more">Laisser vide</label> <input id="spam_more" name="spam_more"></p>
<p class="form-submit"><input name="submit" type="submit" id="submit" class="submit button-main"
 value="Envoyer le commentaire"> <input type="hidden" name="comment_post_ID" value="{{ post.id }}">
<input type="hidden" name="comment_parent" id="comment_parent" value="0"><input type="hidden"
 name="csrf_token" value="{{ token }}"></p>
</form>
</div>
</div>
<script type="application/ld+json">{{ data|safe }}</script>
</div>
</main>
<footer class="site-footer">
<p class="accounts-log-in"><a href="/login/" rel="nofollow">Se connecter</a></p>
<p class="feeds-links"><a href="/feed.atom">Flux des articles</a> ·
<a href="/comments.atom">Flux des commentaires</a></p>
<form role="search" method="get" class="search-form" action="/search">
<p class="check"><label class="screen-reader-text" for="search-field">Chercher sur ce site</label>
<input type="search" id="search-field" class="search-field" name="q" value="" maxlength="400"
 placeholder="Des mots, “une suite”, -sans">
<button class="button search-submit">Chercher</button></p>
</form>
</footer>
</body>
</html>
"""

app = Flask(__name__)
engine = create_engine(f"sqlite:///{os.environ.get('REFERENCE_DATABASE', '')}")
template = app.jinja_env.from_string(PAGE)


@app.get("/")
def home() -> str:
    """Answer that the server runs."""
    return "here"


@app.get("/<path:path>")
def post(path: str) -> Response:
    """Show a post with its thread and its form."""
    with engine.connect() as connection:
        values = {"path": f"/{path}", "now": datetime.now(UTC).replace(tzinfo=None).isoformat(" ")}
        found = connection.execute(POST, values).one_or_none()
        if found is None:
            abort(404)
        comments = connection.execute(COMMENTS, {"post": found.id}).all()
        older = connection.execute(OLDER, {"time": found.published_at}).first()
        newer = connection.execute(NEWER, {"time": found.published_at}).first()
        menu = connection.execute(MENU).all()
    host = request.host_url.rstrip("/")
    url, picture = host + found.path, f"{host}/opengraph/{found.id}-0123456789ab.png"
    page = template.render(
        post=found,
        published=datetime.fromisoformat(found.published_at),
        updated=datetime.fromisoformat(found.updated_at),
        picture=picture,
        minutes=max(1, round(len(plain(found.html).split()) / 215)),
        data=data(found, comments, url, picture, host),
        older=older,
        newer=newer,
        menu=menu,
        items=arranged(comments),
        shares=shares(found.title, url),
        url=url,
        token=token(found.id),
        day=day,
        moment=moment,
    )
    response = Response(page)
    response.set_etag(hashlib.sha1(response.get_data(), usedforsecurity=False).hexdigest())
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request.environ)
    return response


def arranged(rows: list[Row[Any]] | Any) -> list[tuple[Any, int, bool, int, str]]:
    """Put answers behind what they answer, with the lists that open and close."""
    children: dict[int | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    stack = [(row, 1) for row in reversed(children.get(None, []))]
    order = []
    while stack:
        row, depth = stack.pop()
        order.append((row, depth))
        stack += [(one, depth + 1) for one in reversed(children.get(row.id, []))]
    items = []
    for index, (row, depth) in enumerate(order):
        following = order[index + 1][1] if index + 1 < len(order) else 1
        even = "odd alt" if index % 2 else "even"
        items.append((row, depth, following > depth, max(depth - following, 0), even))
    return items


def plain(html: str) -> str:
    """Give the words of HTML."""
    return unescape(TAG.sub("", html))


def data(post: Any, comments: Any, url: str, picture: str, host: str) -> str:
    """Describe the post and its comments for machines, as JSON-LD."""
    places = {row.id: f"{url}?comment={row.number}#comment-{row.number}" for row in comments}
    said = []
    for row in comments:
        one = {
            "@type": "Comment",
            "@id": places[row.id],
            "text": plain(row.html),
            "dateCreated": row.created_at,
            "author": {"@type": "Person", "name": row.author or "Anonyme"},
        }
        if row.parent_id in places:
            one["parentItem"] = {"@type": "Comment", "@id": places[row.parent_id]}
        said.append(one)
    values = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": url,
        "url": url,
        "headline": post.title,
        "description": post.summary,
        "image": picture,
        "datePublished": post.published_at,
        "dateModified": post.updated_at,
        "inLanguage": "fr",
        "author": {"@type": "Person", "name": post.author},
        "publisher": {"@type": "Organization", "name": "La place", "url": f"{host}/"},
        "commentCount": post.comment_count,
        "comment": said,
    }
    shown = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return shown.replace("<", "\\u003c").replace("&", "\\u0026")


def shares(title: str, url: str) -> list[tuple[str, str, str]]:
    """Fill in the addresses that share a post."""
    values = {
        "title": quote(title, safe=""),
        "url": quote(url, safe=""),
        "both": quote(f"{title} {url}", safe=""),
    }
    return [(name, label, href.format(**values)) for name, label, href in SHARES]


def token(post_id: int) -> str:
    """Sign a post and the hour."""
    hour = int(time.time()) // 3600
    return f"{hour:x}.{hmac.new(SECRET, f'{post_id} {hour}'.encode(), hashlib.sha256).hexdigest()}"


def day(time: datetime) -> str:
    """Show a day in French."""
    return f"{time.day} {MONTHS[time.month - 1]} {time.year}"


def moment(stored: str) -> str:
    """Show a day and a time of day in French."""
    time = datetime.fromisoformat(stored)
    return f"{day(time)}, {time:%H:%M}"
