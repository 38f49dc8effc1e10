"""Serve the site: for trying and developing, and for production."""

from __future__ import annotations

import os
import socket
import sys
import threading

import click

from blog import folder, migrate
from blog.console import Context, Refused
from blog.platform import lifecycle
from blog.platform.context import hooks
from blog.site import Site
from blog.welcome import say_welcome

PORT = 8000
LOCAL = "127.0.0.1"
CHOSEN_PORT = "PALABRE_PORT"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8000, or the next free.")
@click.option("--reload/--no-reload", default=True, help="Take changed files at once.")
@click.pass_obj
def run(context: Context, port: int | None, reload: bool) -> None:
    """Serve the site here, to try and to develop; a new folder becomes a site unasked."""
    # Its tools would slow every other command.
    from blog import development  # noqa: PLC0415

    if development.is_first():
        if port and not _is_free(port):
            raise Refused(f"port {port} is taken: name another, or none for the next that is free")
        _make(context)
        _migrate(context)
        port = port or _free_port()
        os.environ[CHOSEN_PORT] = str(port)
        _greet(context, f"http://{LOCAL}:{port}")
    site = Site(context.instance, debug=True)
    development.serve(site, port or int(os.environ[CHOSEN_PORT]), reload=reload)


@click.command()
@click.option("--host", default=LOCAL, show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True)
@click.pass_obj
def serve(context: Context, host: str, port: int, workers: int, threads: int) -> None:
    """Serve the site for its readers."""
    from blog.server import serve as start  # noqa: PLC0415 - gunicorn is not there on Windows

    _check(context)
    _greet(context, f"http://{f'[{host}]' if ':' in host else host}:{port}", in_public=True)
    site = context.site
    site.warm_up()
    context.close()  # no process may inherit a connection
    start(site, host=host, port=port, workers=workers, threads=threads)


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is due.")
@click.pass_obj
def work(context: Context, once: bool) -> None:
    """Do the work of the outbox: mail, imports, what plugins put there."""
    context.site.housekeep()
    context.site.begin_night()
    while context.site.work():
        pass
    if not once:
        context.site.keep_house(threading.Event())


def _make(context: Context) -> None:
    if folder.create(context.instance):
        say_welcome(context.site)


def _migrate(context: Context) -> None:
    site = context.site
    if migrate.pending(site.database, [migrate.CORE]):
        migrate.upgrade(site.database, migrate.CORE)
    with site.database_only():
        lifecycle.prepare_tables(site.database, site.instance, site.report)


def _check(context: Context) -> None:
    """Refuse to serve tables that are older or newer than the code."""
    if migrate.pending(context.site.database, [migrate.CORE]):
        raise Refused(f"the tables are older than the code: {context.command_line('migrate')}")


def _greet(context: Context, address: str, *, in_public: bool = False) -> None:
    """Print the blog's address first, then what plugins say an owner does next."""
    click.echo(f"Your blog: {address}/")
    with context.loaded() as current:
        base = (current.config.site_url.rstrip("/") if in_public else "") or address
        for answer in hooks.startup_lines(base, context.command_line()):
            for line in answer.value:
                click.echo(line)
    click.echo("Stop it: Ctrl+C")
    sys.stdout.flush()


def _free_port() -> int:
    for port in range(PORT, PORT + 100):
        if _is_free(port):
            return port
    raise Refused(f"no port is free from {PORT} on: name one with --port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
        except OSError:
            return False
    return True
