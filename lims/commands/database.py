"""`lims db`: the database."""

from __future__ import annotations

import click

from lims import migrations
from lims.records import searched
from lims.services import laboratory, rules

from .laboratory import now, open_laboratory
from .speech import say


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Create the laboratory's database, or bring it to this version."""
    with open_laboratory(create=True) as (session, _settings):
        if laboratory.exists(session):
            rules.seed(session, at=now())  # a laboratory of before has none
        say("The database is at version {revision}.", revision=migrations.heads())


@db.command()
def reindex() -> None:
    """Write the search table anew, after rows came in past the program."""
    with open_laboratory() as (session, _settings):
        lines = searched.again(session)
    say("The search table has {lines} lines.", lines=lines)
