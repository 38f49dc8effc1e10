"""Back up and restore from a shell."""

from pathlib import Path

import click

from blog import console, transfer

from . import archives, services

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--verify", is_flag=True, help="Restore it into a scratch database and compare.")
@click.option("--with-secrets", is_flag=True, help="Keep the secret key and secret settings too.")
@click.pass_obj
def backup(context: console.Context, file: Path, verify: bool, with_secrets: bool) -> None:
    """Write the whole site into one archive, while it runs.

    A file that is there is replaced once the new one is whole.
    """
    check = archives.verify if verify else bool
    with context.unloaded() as site:
        try:
            said = archives.write(
                site.database, context.instance, file, with_secrets=with_secrets, check=check
            )
        except archives.BackupFailed as error:
            raise console.Refused(str(error)) from None
    console.say(f"{file}: {said}{'; restored elsewhere and compared' if verify else ''}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Replace the site that is there without asking.")
@click.pass_obj
def restore(context: console.Context, file: Path, yes: bool) -> None:
    """Put back what backup wrote, in place of the site that is there, or into a new folder.

    The database may be of the other kind.
    A site that is there is kept as an archive in its folder first.
    """
    try:
        with archives.opened(file) as archive:
            console.say(f"{file}: {archive.said}")
            for name in transfer.homeless(archive.owned, archive.code):
                console.say(f"left out: tables of {name}, whose code is nowhere")
            if not yes and (context.instance / archives.KEY).exists():
                command = context.command_line("restore", str(file), "--yes")
                unasked = f"the site that is there would be replaced: to do so, {command}"
                console.agree(f"Replace the site in {context.instance}?", unasked)
            database = transfer.lay_out(context.instance)
            try:
                with transfer.held_still(context.instance):
                    if not transfer.is_empty(database):
                        # None is let go: the one before may be the last of a good site, or this.
                        kept = services.keep(database, context.instance, services.RESTORE)
                        console.say(f"the site that was there is in {kept}")
                    left = archives.restore(database, context.instance, archive)
            finally:
                database.dispose()
    except (transfer.RestoreRefused, archives.BackupFailed) as error:
        raise console.Refused(str(error)) from None
    for table, rows in left.items():
        console.say(f"left out: {rows} rows of {table} that point at what is gone")
    context.close()
    context.site.housekeep()
    console.say(f"the site is in {context.instance}")
