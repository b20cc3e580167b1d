"""`lims db`: the database."""

from __future__ import annotations

import click

from lims import migrations

from .laboratory import open_laboratory
from .speech import say


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Create the laboratory's database, or bring it to this version."""
    with open_laboratory(create=True):
        say("The database is at version {revision}.", revision=migrations.heads())
