"""Serve the site: for trying and developing, and for production."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading

import click

from blog import folder, migrate
from blog.console import Context, Refused
from blog.language import gettext
from blog.platform import code, lifecycle, preparing
from blog.platform.context import hooks
from blog.site import Site
from blog.welcome import say_welcome

PORT = 8000
LOCAL = "127.0.0.1"
SAFE = "Load only the plugins that are bundled with Palabre."
CHOSEN_PORT = "PALABRE_PORT"
# Set where systemd, or a server that is replaced, listens already and passes that on.
PASSED_ON = {"LISTEN_FDS", "GUNICORN_FD"}


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8000, or the next free.")
@click.option("--reload/--no-reload", default=True, help="Take changed files at once.")
@click.option("--safe", is_flag=True, help=SAFE)
@click.pass_obj
def run(context: Context, port: int | None, reload: bool, safe: bool) -> None:
    """Serve the site here, to try and to develop; a new folder becomes a site unasked."""
    # Its tools would slow every other command.
    from blog import development  # noqa: PLC0415

    if development.is_first():
        if port and not _is_free(port):
            raise Refused(f"port {port} is taken: name another, or none for the next that is free")
        _make(context)
        context.site.safe = safe
        _migrate(context)
        port = port or _free_port()
        os.environ[CHOSEN_PORT] = str(port)
        _greet(context, f"http://{LOCAL}:{port}")
    site = Site(context.instance, debug=True, safe=safe)
    development.serve(site, port or int(os.environ[CHOSEN_PORT]), reload=reload)


@click.command()
@click.option("--host", default=LOCAL, show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--safe", is_flag=True, help=SAFE)
@click.pass_obj
def serve(context: Context, host: str, port: int, workers: int, threads: int, safe: bool) -> None:
    """Serve the site for its readers."""
    from blog import server  # noqa: PLC0415 - gunicorn is not there on Windows

    if not PASSED_ON.intersection(os.environ):
        _refuse_taken(host, port)
    gc.disable()  # loading makes no garbage, and looking for it takes time; until workers begin
    try:
        _check(context)
        site = context.site
        site.safe = safe
        with context.unloaded():
            code.adopt(context.instance)
        site.hold_back()
        _greet(context, f"http://{f'[{host}]' if ':' in host else host}:{port}", in_public=True)
        server.prepare(site)  # no process may inherit a connection
        server.serve(site, host=host, port=port, workers=workers, threads=threads)
    finally:
        gc.enable()


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is due.")
@click.pass_obj
def work(context: Context, once: bool) -> None:
    """Do the work of the outbox: mail, imports, what plugins put there."""
    site, changed = context.site, threading.Event()
    site.begin(lambda _: changed.set())
    site.housekeep()
    site.begin_night()
    while site.work():
        pass
    if not once:
        site.keep_house(changed)
    if changed.is_set():  # a process never holds old and new code of a plugin
        context.close()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - itself again


def _make(context: Context) -> None:
    if folder.create(context.instance):
        say_welcome(context.site)


def _migrate(context: Context) -> None:
    site = context.site
    preparing.prepare_all(site.database, site.instance, safe=site.safe)
    if migrate.pending(site.database, [migrate.CORE]):
        migrate.upgrade(site.database, migrate.CORE)
    if site.safe:  # nothing that is not bundled may be imported, not even to see its tables
        return
    with site.database_only():
        code.adopt(site.instance, edited=True)
        lifecycle.prepare_tables(site.database, site.instance, site.report)


def _check(context: Context) -> None:
    """Refuse to serve tables that are older or newer than the code."""
    if migrate.pending(context.site.database, [migrate.CORE]):
        raise Refused(f"the tables are older than the code: {context.command_line('migrate')}")


def _greet(context: Context, address: str, *, in_public: bool = False) -> None:
    """Print the blog's address first, then what plugins say an owner does next."""
    with context.loaded() as current:
        base = (current.config.site_url.rstrip("/") if in_public else "") or address
        click.echo(gettext("Your blog: %(address)s", address=f"{address}/"))
        for answer in hooks.startup_lines(base, context.command_line()):
            for line in answer.value:
                click.echo(line)
        click.echo(gettext("Stop it: Ctrl+C"))
    sys.stdout.flush()


def _free_port() -> int:
    for port in range(PORT, PORT + 100):
        if _is_free(port):
            return port
    raise Refused(f"no port is free from {PORT} on: name one with --port")


def _is_free(port: int) -> bool:
    try:
        _listen(LOCAL, port)
    except OSError:
        return False
    return True


def _refuse_taken(host: str, port: int) -> None:
    try:
        _listen(host, port)
    except OSError as error:
        why = error.strerror or error
        raise Refused(f"cannot listen at {host}, port {port}: {why}; choose with --port") from None


def _listen(host: str, port: int) -> None:
    """Raise ``OSError`` where nobody can listen, or somebody does."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
