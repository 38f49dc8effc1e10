"""Keep users, and hand out set-up links, from a shell."""

import sys
from collections.abc import Sequence

import click

from blog import console, hooks, settings
from blog import gettext as _

from . import services

DEFAULT_ADDRESS = "http://127.0.0.1:8000"


@click.group()
def users() -> None:
    """List and add people who may log in, and change their passwords."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@console.with_site
def list_(as_json: bool) -> None:
    """List everybody who may log in."""
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "display_name": one.display_name,
            "email": one.email,
            "role": one.role,
            "created": one.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for one in services.users()
    ]
    console.show(rows, as_json=as_json)


@users.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(services.ROLES),
    help="Default: owner for the first user, else moderator.",
)
@click.option("--email", default="")
@click.option("--display-name", default="", help="The name that readers see.")
@console.with_site
def add(name: str, role: str | None, email: str, display_name: str) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    if services.named(name):
        raise console.Refused(services.taken())
    role = role or (services.MODERATOR if services.has_owner() else services.OWNER)
    try:
        services.add(name, _password(), role, email=email, display_name=display_name)
    except services.BadUser as error:
        raise console.Refused(str(error)) from None
    console.say(f"{name} may log in as {role}")


@users.command()
@click.argument("name")
@console.with_site
def password(name: str) -> None:
    """Change a password, asked for or read from standard input, and end the user's sessions."""
    if services.named(name) is None:
        raise console.Refused(f"there is no user {name}: see palabre users list")
    try:
        services.set_password(name, _password())
    except services.BadUser as error:
        raise console.Refused(str(error)) from None
    console.say(f"{name} has a new password; sessions with the old one have ended")


@click.command("setup-link")
@click.option("--address", help=f"Where the site is. Default: site_url, else {DEFAULT_ADDRESS}.")
@console.with_site
def setup_link(address: str | None) -> None:
    """Print a new link, valid for 30 minutes and once, that makes a first owner."""
    if services.has_owner():
        raise console.Refused(
            "the site has an owner already: palabre users add NAME for another person,"
            " palabre users password NAME for a new password"
        )
    base = (address or settings["core"].site_url or DEFAULT_ADDRESS).rstrip("/")
    click.echo(f"{base}/setup/{services.make_link()}")


def startup_lines(address: str, command: str) -> Sequence[str]:
    """Say how a site gets its owner and what comes next, or where its owner goes."""
    if services.has_owner():
        return [_("Admin: %(address)s", address=f"{address}/admin/")]
    link = f"{address}/setup/{services.make_link()}"
    again = f"{command} setup-link --address {address}"
    imports = (one for answer in hooks.commands() for one in answer.value if "import " in one)
    return [
        _("Set it up, once, within 30 minutes: %(link)s", link=link),
        _("A new link: %(command)s", command=again),
        *(_("Import a blog: %(command)s", command=f"{command} {one} FILE") for one in imports),
    ]


def _password() -> str:
    """Ask for a password twice, or read a line of standard input where nobody is there to ask."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise console.Refused("the password on standard input is not UTF-8") from None
