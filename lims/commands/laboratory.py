"""How commands reach the laboratory: settings, engine, session. Only some commands may create one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from lims import config, migrations
from lims.domain.actor import Actor
from lims.domain.errors import DatabaseNotReady
from lims.records.engine import open_engine, session_factory
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
        settings.data.mkdir(parents=True, exist_ok=True)
    elif not is_ready(settings):
        raise DatabaseNotReady(place=settings.shown_database, found=_version(settings), wanted=migrations.heads())
    engine = open_engine(settings.database)
    try:
        if create:
            migrations.upgrade(engine)
        with session_factory(engine)() as session:
            yield session, settings
            session.commit()
    finally:
        engine.dispose()


def is_ready(settings: config.Settings) -> bool:
    """Whether the laboratory's database is there and of this version."""
    return _version(settings) == migrations.heads()


def _version(settings: config.Settings) -> str:
    if settings.database.startswith("sqlite") and not settings.sqlite_file.exists():
        return "-"
    engine = open_engine(settings.database)
    try:
        with engine.connect() as connection:
            return migrations.current(connection) or "-"
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
