"""Make a site, migrate it, look after it."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from typing import Any

import click

from blog import doctor as doctoring
from blog import folder
from blog import migrate as migrating
from blog.config import LANGUAGES
from blog.console import Context, Refused, say, show
from blog.platform import lifecycle, preparing
from blog.welcome import say_welcome


@click.command()
@click.option("--no-input", is_flag=True, help="Ask nothing and make no welcome post.")
@click.option("--language", type=click.Choice(LANGUAGES))
@click.option("--title")
@click.pass_obj
def init(context: Context, no_input: bool, language: str | None, title: str | None) -> None:
    """Make a site in the instance's folder; twice is harmless."""
    asks = not no_input and sys.stdin.isatty()
    if asks:
        title = title or click.prompt("Title", default="Palabre", err=True)
        language = language or click.prompt(
            "Language", type=click.Choice(LANGUAGES), default="en", err=True
        )
    settings: dict[str, Any] = {"language": language or "en"}
    if title:
        settings["title"] = title
    if not folder.create(context.instance, settings=settings):
        say(f"there is a site in {context.instance} already; nothing was changed")
        return
    if not no_input:
        say_welcome(context.site)
    context.site.housekeep()
    say(f"a new site is in {context.instance}; next: {context.command_line('run')}")


@click.command()
@click.option("--anyway", is_flag=True, help="Migrate whatever plugins say, as of a full disk.")
@click.pass_obj
def migrate(context: Context, anyway: bool) -> None:
    """Bring the tables of the core and of every plugin to what the code expects.

    Plugins are asked first, so that one may keep what is there: backup does.
    """
    site = context.site
    if not anyway:
        preparing.prepare_all(site.database, site.instance)
    for owner in migrating.pending(site.database, [migrating.CORE]):
        say(f"migrating {owner.name}")
        migrating.upgrade(site.database, owner)
    with context.unloaded():
        problems = lifecycle.prepare_tables(site.database, site.instance, site.report)
    site.housekeep()
    if problems:
        raise Refused("; ".join(problems))
    say("the tables are what the code expects")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """Check the site and say how to mend what is wrong; no plugin is imported."""
    findings = doctoring.examine(context.instance)
    show([one._asdict() for one in findings], as_json=as_json)
    if any(one.state == "wrong" for one in findings):
        raise SystemExit(1)


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"palabre {installed('palabre')}")
