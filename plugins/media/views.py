"""Serve files, and let authors upload them and look after them."""

from html import escape
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup

from blog import csrf_exempt, identity, markup, render, render_part, session
from blog import gettext as _

from . import services
from .models import File

LARGEST, MEGABYTES, YEAR = 1 << 29, 32, 365 * 24 * 3600
bp = Blueprint("media", __name__)


@bp.before_request
def ask_permission() -> None:
    """Serve files to everybody, and show the pages to those who write."""
    if request.endpoint != "media.file":
        identity.require(identity.WRITE)
        request.max_content_length = LARGEST  # what is too large for us is said beside the field


@bp.get("/media/<digest>/<name>")
def file(digest: str, name: str) -> ResponseReturnValue:
    """Serve a file: pictures and sounds are shown, all others are offered to keep."""
    path = services.find(digest, name)
    if path is None:
        now = services.found([digest]).get(digest) if digest.isalnum() else None
        return redirect(now.path) if now and now.hash != digest else abort(404)
    kind = services.type_of(name)
    keeps = not kind.startswith(("image/", "audio/"))
    answer = send_file(path, kind, as_attachment=keeps, conditional=True, max_age=YEAR)
    answer.cache_control.public = answer.cache_control.immutable = True
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.post("/admin/media/to/<int(max=2147483647):number>")
@csrf_exempt
def insert(number: int) -> ResponseReturnValue:
    """Take a file in the editor, and give that what shows it in a text."""
    added, g.media_problem = _sent()
    line = _line(added, request.form.get("markup", ""), _alt()) if added else ""
    if "part" in request.args:  # a script asks for its own part of the page
        return field(number, line)
    editor: Any = current_app.jinja_env.globals.get("admin_editor") or abort(404)
    shown: ResponseReturnValue = editor(number, line)
    return shown


@bp.route("/admin/media/", methods=["GET", "POST"])
@csrf_exempt
def library() -> ResponseReturnValue:
    """List files, the newest first, by words in name and description; take a new one."""
    added, problem = _sent() if request.method == "POST" else (None, "")
    if added:
        return redirect(url_for("media.item", number=added.id), 303)
    words = markup.clean_line(request.args.get("q", ""))[:200]
    rows = services.listed(words, max(0, min(request.args.get("before", 0, int), 2**31 - 1)))
    return _show("library", words=words, rows=rows, size=services.PAGE, problem=problem)


@bp.route("/admin/media/<int(max=2147483647):number>", methods=["GET", "POST"])
@csrf_exempt
def item(number: int) -> ResponseReturnValue:
    """Show a file and where it is used; describe, replace or delete it."""
    found, problem = session.get(File, number) or abort(404), ""
    if request.method == "POST":
        problem, target = _changed(found, request.form.get("do", ""))
        if not problem:
            return redirect(target, 303)
    used, line = services.using(found), _line(found, "markdown", found.alt)
    return _show("item", file=found, used=used, line=line, problem=problem)


def field(number: int, line: str = "") -> Markup:
    """Show the part of the editor, with what became of the file that was sent."""
    values = {"problem": g.get("media_problem", ""), "most": MEGABYTES}
    return render_part("media/field.html", number=number, line=line, **values)


def _changed(found: File, do: str) -> tuple[str, str]:
    """Do what a button says; give a word for what is wrong, or where to go then."""
    problem = _sent(found)[1] if do == "replace" else ""
    if do != "replace" and not FlaskForm().validate_on_submit():
        problem = "token"
    elif do == "delete":
        services.remove(found)
    elif do == "describe":
        services.note(found, {"alt": _alt()})
    if not problem:
        flash({"text": _("Done.")}, "done")  # type: ignore[arg-type]  # as the admin shows it
    return problem, url_for("media.library") if do == "delete" else request.path


def _sent(instead: File | None = None) -> tuple[File | None, str]:
    """Store the file that was sent; give it, or a word that says why not."""
    try:
        if not FlaskForm().validate_on_submit():
            return None, "token"
        sent = request.files.get("media_file")
        if not sent or not sent.filename:
            return None, "empty"
        data, plain = sent.read((MEGABYTES << 20) + 1), "media_plain" in request.form
        if len(data) > MEGABYTES << 20:
            return None, "large"
        plain = plain or instead is not None
        return services.take(data, sent.filename, _alt(), plain=plain, instead=instead), ""
    except services.Refused as error:
        return None, str(error)
    except OSError:
        return None, "disk"


def _alt() -> str:
    return markup.clean_line(request.form.get("media_alt", ""))[:1000]


def _line(file: File, kind: str, alt: str) -> str:
    """Write what shows a picture in a text, or leads to another file."""
    alt = alt or ("" if file.width else file.name)
    if kind == "markdown":
        alt = "".join(f"\\{one}" if one in "\\[]<`*_!&" else one for one in alt)
        return f"{'!' if file.width else ''}[{alt}]({file.path})"
    if kind == "plain":
        return request.host_url.rstrip("/") + file.path
    picture = f'<img src="{file.path}" alt="{escape(alt)}">'
    return picture if file.width else f'<a href="{file.path}">{escape(alt)}</a>'


def _show(page: str, *, problem: str, **values: Any) -> ResponseReturnValue:
    layout = current_app.jinja_env.select_template(["admin/layout.html", "layout.html"])
    values |= {"layout": layout, "problem": problem, "most": MEGABYTES}
    return render(f"media/{page}.html", **values), 422 if problem else 200
