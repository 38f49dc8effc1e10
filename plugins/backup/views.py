"""Show archives in the admin, make one, and send it to the owner."""

from flask import Blueprint, Response, abort, current_app, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from blog import Job, generation, identity, jobs, render, session, settings, writing

from . import services

KEEP = "backup.keep"
SECONDS = "2"
bp = Blueprint("backup", __name__)


@bp.get("/admin/backup/")
def archives() -> ResponseReturnValue:
    """List the archives, and say how the latest that was asked for goes."""
    identity.require(KEEP)
    job = _latest()
    waits = job is not None and job.done_at is None
    env = current_app.jinja_env
    navigation = env.globals.get("admin_navigation")
    page = render(
        "backup/archives.html",
        layout=env.select_template(["admin/layout.html", "layout.html"]),
        navigation=navigation("backup.archives") if callable(navigation) else (),
        here=request.path,
        archives=services.kept(generation().instance),
        waits=waits,
        problem=job.progress.get("problem", job.error) if job and not waits else "",
        settings=settings["backup"],
    )
    # The page asks for itself again, without a script, for as long as it is true.
    return Response(page, mimetype="text/html", headers={"Refresh": SECONDS} if waits else None)


@bp.post("/admin/backup/")
def make() -> ResponseReturnValue:
    """Leave an archive to a job, unless one is being made."""
    identity.require(KEEP)
    job = _latest()
    if job is None or job.done_at is not None:
        with writing() as write:
            jobs.add(write, "backup", "make", {})
    return redirect(url_for("backup.archives"), 303)


@bp.get("/admin/backup/<name>")
def download(name: str) -> ResponseReturnValue:
    """Send an archive."""
    identity.require(KEEP)
    found = [one for one in services.kept(generation().instance) if one.name == name]
    if not found:
        abort(404)
    answer = send_file(found[0].path, "application/zip", as_attachment=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _latest() -> Job | None:
    query = select(Job).where(Job.plugin == "backup", Job.job == "make")
    return session.scalar(query.order_by(Job.id.desc()).limit(1))
