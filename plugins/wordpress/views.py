"""Serve the pictures of the old blog, and import from a page of the admin."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from blog import (
    Job,
    control,
    csrf_exempt,
    generation,
    identity,
    jobs,
    posts,
    render,
    session,
    writing,
)
from blog import gettext as _

from . import uploads
from .broken import BrokenExport
from .forms import ImportForm
from .jobs import folder
from .problems import sentence
from .report import totals

LARGEST = 512 * 1024 * 1024
CHECKED_AT_ONCE = 4 * 1024 * 1024
DAY = 24 * 3600
# What an SVG draws is shown; nothing in it runs or loads.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
SECONDS = "2"
RECENT = 5
MOST_LINKED = 500

IMPORT = "wordpress.import"
bp = Blueprint("wordpress", __name__)


@bp.get("/wp-content/uploads/<path:name>")
@bp.get("/<path:_folder>/wp-content/uploads/<path:name>")
def upload(name: str, _folder: str = "") -> ResponseReturnValue:
    """Serve a file of the old blog, also below the folder where the blog was."""
    file, kind = uploads.find(generation().instance, name), uploads.type_of(name)
    if file is None or kind is None or uploads.is_deleted(file):
        abort(404)
    response = send_file(
        file,
        mimetype=kind,
        as_attachment=not uploads.is_shown(kind),
        conditional=True,
        max_age=DAY,
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@bp.get("/admin/import/")
def start() -> ResponseReturnValue:
    """Ask for a file."""
    identity.require(IMPORT)
    return _ask(ImportForm())


@bp.post("/admin/import/")
@csrf_exempt
def take() -> ResponseReturnValue:
    """Take a file, and leave the work to a job."""
    identity.require(IMPORT)
    request.max_content_length = LARGEST
    form = ImportForm()
    if not form.validate_on_submit():
        return _ask(form), 422
    problem = _refused(form.file.data)
    if problem:
        form.file.errors = [problem]
        return _ask(form), 422
    return redirect(url_for("wordpress.progress", job=_queue(form.file.data)), 303)


@bp.get("/admin/import/<int(max=2147483647):job>")
def progress(job: int) -> ResponseReturnValue:
    """Show how far an import has come, then its report."""
    identity.require(IMPORT)
    found = jobs.state(job)
    if found is None or (found.plugin, found.job) != ("wordpress", "import"):
        abort(404)
    page = Response(_show("progress.html", **_state(found)), mimetype="text/html")
    if found.done_at is None:
        page.headers["Refresh"] = SECONDS  # goes on without a script, and says so to nobody else
    return page


@bp.route("/admin/import/pictures", methods=["GET", "POST"])
def pictures() -> ResponseReturnValue:
    """Show what posts name and is not here; fetch it from the hosts that the owner ticks."""
    from . import fetching  # noqa: PLC0415 - no start should pay for what few requests need

    identity.require(IMPORT)
    lacking = fetching.lacking()
    chosen = [one for one in request.form.getlist("hosts") if one in lacking]
    if chosen:
        # Many a blog leads from one of these to the other.
        bare = [uploads.bare(one) for one in chosen]
        both = sorted({*bare, *(f"www.{one}" for one in bare)})
        control.store({"hosts": "\n".join(both)}, "wordpress")
        fetching.begin(chosen)
        return redirect(url_for("wordpress.pictures"), 303)
    job = fetching.latest()
    said = (job.progress or job.payload) if job else {}
    told = {"counts": said.get("counts", {}), "missed": said.get("missed", [])}
    is_done = bool(job and job.done_at)
    told["problem"] = _("Tick a host first.") if request.method == "POST" else ""
    page = Response(_show("fetch.html", hosts=lacking, job=job, is_done=is_done, **told))
    if told["problem"]:
        page.status_code = 422
    elif job and not is_done:
        page.headers["Refresh"] = SECONDS
    return page


def _refused(file: FileStorage) -> str:
    """Check a file that is small enough while the person waits."""
    from . import wxr  # noqa: PLC0415 - no start should pay for what few requests need

    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    try:
        if size <= CHECKED_AT_ONCE:
            wxr.check(file.stream)  # type: ignore[arg-type]
    except BrokenExport as error:
        return sentence(error.problem, error.line, error.column)
    return ""


def _queue(file: FileStorage) -> int:
    target = folder()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{secrets.token_hex(8)}.xml"
    file.stream.seek(0)
    file.save(target / name)
    (target / name).chmod(0o600)
    with writing() as write:
        return jobs.add(write, "wordpress", "import", {"file": name})


def _state(job: Job) -> dict[str, Any]:
    said = job.progress
    problem = sentence(said["problem"], said["line"], said["column"]) if "problem" in said else ""
    rows = said.get("report", [])
    sums = totals(rows)
    named = dict.fromkeys(post["id"] for row in rows for post in row.get("posts", ()))
    return {
        "percent": int(said.get("part", 0) * 100),
        "is_done": job.done_at is not None,
        "problem": problem or (_("The import failed.") if job.done_at and job.error else ""),
        "rows": rows,
        "totals": sums,
        "posts": {post.id: post for post in posts.listed(list(named)[:MOST_LINKED])},
        "known": sum(count for what, count in sums.items() if what.endswith(" known")),
    }


def _ask(form: ImportForm) -> str:
    from . import fetching  # noqa: PLC0415 - no start should pay for what few requests need

    return _show("import.html", form=form, recent=_recent(), pictures=fetching.is_offered())


def _recent() -> list[tuple[int, datetime, bool]]:
    """List the last imports: number, when it was asked for, and whether it is done."""
    query = (
        select(Job.id, Job.created_at, Job.done_at)
        .where(Job.plugin == "wordpress", Job.job == "import")
        .order_by(Job.id.desc())
        .limit(RECENT)
    )
    return [(job, asked, done is not None) for job, asked, done in session.execute(query)]


def _show(template: str, **values: Any) -> str:
    env = current_app.jinja_env
    navigation = env.globals.get("admin_navigation")
    return render(
        f"wordpress/{template}",
        layout=env.select_template(["admin/layout.html", "layout.html"]),
        navigation=navigation("wordpress.start") if callable(navigation) else (),
        here=request.path,
        **values,
    )
