"""`lims db`: the database."""

from __future__ import annotations

import click

from lims import config
from lims.records.upgrade import upgrade as bring_up

from .speech import say


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Create the laboratory's database, or bring it to this version."""
    settings = config.load()
    settings.data.mkdir(parents=True, exist_ok=True)
    revision = bring_up(settings.database_url)
    say("The database is at version {revision}.", revision=revision)
