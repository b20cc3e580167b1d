"""`lims user`: accounts, from the machine the laboratory runs on."""

from __future__ import annotations

import click

from lims.domain.rights import ROLES
from lims.services import people

from .laboratory import now, open_laboratory
from .speech import say


@click.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="name in Chinese")
@click.option("--name-en", help="name in Latin letters")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)))
@click.option("--customer", type=int, help="number of the customer whose account it is, with --role customer")
@click.password_option(help="asked for when left out")
def add(
    username: str, name: str, name_en: str | None, roles: tuple[str, ...], customer: int | None, password: str
) -> None:
    """Add an account."""
    with open_laboratory() as (session, _settings):
        people.add_person(
            session,
            username=username,
            name={"zh": name, "en": name_en or name},
            password=password,
            roles=roles,
            customer_id=customer,
            by=None,
            at=now(),
        )
    say("{username} can sign in now.", username=username)
