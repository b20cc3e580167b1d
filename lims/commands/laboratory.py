"""How commands reach the laboratory: settings, engine, session. Only some commands may create one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from lims import config
from lims.domain.actor import Actor
from lims.records.engine import open_engine, session_factory
from lims.records.upgrade import require_current, upgrade
from lims.services import people


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_laboratory(
    settings: config.Settings | None = None, *, create: bool = False
) -> Iterator[tuple[Session, config.Settings]]:
    """A session on the laboratory that the settings name; committed at the end, rolled back by an error.

    create: make the database where there is none (demo, serve, restore, db upgrade); otherwise a missing or older
    database is refused with what to do.
    """
    settings = settings or config.load()
    if create:
        upgrade(settings.database)
    else:
        require_current(settings.database)
    engine = open_engine(settings.database)
    try:
        with session_factory(engine)() as session:
            yield session, settings
            session.commit()
    finally:
        engine.dispose()


def signed_in(session: Session, username: str | None) -> Actor:
    """Who runs a command: the name given, with the password asked on the terminal."""
    name = username or click.prompt("Name", err=True)
    password = click.prompt("Password", hide_input=True, err=True)
    try:
        return people.authenticate(session, name, password, at=now(), address="command line")
    finally:
        session.commit()


def auditor_of_this_machine(session: Session) -> Actor:
    """Read-only eyes for commands on the machine itself: who may read the database file may read its records."""
    del session
    return Actor(0, "command line", {"zh": "命令行", "en": "command line"}, frozenset({"auditor"}))
