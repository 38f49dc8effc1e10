"""Serve files, show pictures in posts, and let authors upload files and look after them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from html import unescape
from mimetypes import guess_type
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from blog import MenuItem, PostRow, csrf_exempt, hookimpl, identity, links, render, render_part
from blog import lazy_gettext as _

from . import services
from .services import MEGABYTES, File

# A picture that an author laid out stays as it is.
PICTURE = re.compile(r"<picture\b.{0,5000}?</picture|<img\b([^<>]*)>", re.IGNORECASE | re.DOTALL)
SAID = re.compile(
    r"""(?i)(?<![\w-])(src|srcset|alt|width)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
YEAR = 365 * 24 * 3600
bp = Blueprint("media", __name__)


@hookimpl
def routes() -> Blueprint:
    """Serve files, and add the library to the admin."""
    return bp


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the library."""
    return [MenuItem(_("Media"), "media.library", identity.WRITE, 25)]


@hookimpl(optionalhook=True)
def slot_post_form(post: PostRow | None) -> Markup:
    """Show in the editor where a file is chosen, and what became of one that was sent."""
    values = {"number": post.id if post else 0, "most": MEGABYTES, **g.get("media_sent", {})}
    return render_part("media/field.html", **values)


@hookimpl
def body_rendered(html: str) -> str:
    """Show pictures of the library in the width that fits, and without a jump."""

    def shown(tag: re.Match[str]) -> str:
        given = {name.lower(): unescape("".join(one)) for name, *one in SAID.findall(tag[1] or "")}
        file = services.found(given.get("src", ""))
        return _picture(file, given, tag[1]) if file and "srcset" not in given else tag[0]

    return PICTURE.sub(shown, html)


@bp.get("/media/<string(length=16):key>/<string(length=16):digest>/<name>")
def file(key: str, digest: str, name: str) -> ResponseReturnValue:
    """Serve a file: pictures and sounds are shown, all others are offered to keep."""
    kind = guess_type(name, strict=False)[0] or "application/octet-stream"
    how = {"as_attachment": not kind.startswith(("image/", "audio/")), "max_age": YEAR}
    with suppress(NotFound):
        answer = send_from_directory(services.at(), f"{key}/{digest}/{name}", mimetype=kind, **how)
        answer.cache_control.public = answer.cache_control.immutable = True
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer
    now = services.found(request.path)
    return redirect(now.path) if now and now.path != request.path else abort(404)


@bp.post("/admin/media/to/<int(max=2147483647):number>")
@csrf_exempt
def insert(number: int) -> ResponseReturnValue:
    """Take a file in the editor, and give that with what shows it at the end of the text."""
    added, problem = _sent()
    line = _line(added, request.form.get("markup", "")) if added else ""
    g.media_sent = {"line": line, "problem": problem}
    editor: Any = current_app.jinja_env.globals.get("admin_editor") or abort(404)
    shown: ResponseReturnValue = editor(number, line)
    return shown


@bp.route("/admin/media/", methods=["GET", "POST"])
@bp.route("/admin/media/<key>", methods=["GET", "POST"])
@csrf_exempt
def library(key: str = "") -> ResponseReturnValue:
    """List files, or show one and where it is used; take, describe, replace or delete one."""
    identity.require(identity.WRITE)
    file = (services.found(f"/media/{key}/") or abort(404)) if key else None
    saved, problem = _sent(file) if request.method == "POST" else (None, "")
    if request.method == "POST" and not problem:
        return redirect(url_for("media.library", key=saved and saved.key), 303)
    page = current_app.jinja_env.select_template(["admin/layout.html", "layout.html"])
    values: dict[str, Any] = {"layout": page, "problem": problem, "most": MEGABYTES}
    if file:
        values |= {"used": services.using(file), "line": _line(file, "markdown")}
    else:
        words, start = request.args.get("q", "")[:200], request.args.get("start", 0, int)
        files, after = services.listed(words, max(0, min(start, 1_000_000)))
        values |= {"words": words, "files": files, "after": after}
    shown = render(f"media/{'item' if file else 'library'}.html", file=file, **values)
    return shown, 422 if problem else 200


def _sent(file: File | None = None) -> tuple[File | None, str]:
    """Do what a form asks for, with a file or a new one; give it, or a word for what is wrong."""
    identity.require(identity.WRITE)
    request.max_content_length = 1 << 29  # what is too large for us is said beside the field
    try:
        if not FlaskForm().validate_on_submit():
            raise services.Refused("token")
        if file and request.form.get("do") == "delete":
            services.remove(file)
            return None, ""
        alt = request.form.get("media_alt", "")
        sent = request.files.get("media_file") or FileStorage()
        if file and not sent:
            return services.note(file._replace(alt=alt)), ""
        data, plain = sent.read((MEGABYTES << 20) + 1), bool(file) or "media_plain" in request.form
        if not sent or len(data) > MEGABYTES << 20:
            raise services.Refused("large" if sent else "empty")
        key = file.key if file else token_hex(8)
        return services.take(key, data, sent.filename or "", alt, plain=plain), ""
    except services.Refused as error:
        return None, str(error)
    except (OSError, DBAPIError):
        return None, "disk"


def _line(file: File, kind: str) -> str:
    """Write what shows a picture in a text, or leads to another file."""
    alt, mark = file.alt or ("" if file.width else file.name), "!" if file.width else ""
    if kind == "markdown":
        return f"{mark}[" + re.sub(r"([\\\[\]<`*_!&])", r"\\\1", alt) + f"]({file.path})"
    if kind == "plain":
        return links.absolute(file.path)
    html = '<img src="{}" alt="{}">' if mark else '<a href="{}">{}</a>'
    return Markup(html).format(file.path, alt)  # noqa: S704 - one of two literals


def _picture(file: File, given: dict[str, str], rest: str) -> str:
    width, asked = file.width, given.get("width", "")
    if re.fullmatch(r"[1-9]\d{0,3}", asked):
        width = min(int(asked), width)
    size = {"width": width, "height": max(1, round(file.height * width / max(1, file.width)))}
    alt = given.get("alt") or file.alt
    # The body is sanitised afterwards; of what a tag says twice, the first counts.
    return render_part("media/picture.html", file=file, alt=alt, rest=Markup(rest), **size)  # noqa: S704 - above
