"""Write new plugins, and install those of others."""

from collections.abc import Mapping

import click

from blog import hookimpl

from . import cli


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add ``plugins new`` and ``plugins install``."""
    return {"plugins new": cli.new, "plugins install": cli.install}
