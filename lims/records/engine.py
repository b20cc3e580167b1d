"""Engines and sessions: SQLite by default, PostgreSQL when the laboratory grows, the same rules on both.

SQLite: WAL, synchronous FULL, foreign keys, recursive triggers (else INSERT OR REPLACE slips past a delete trigger),
BEGIN IMMEDIATE for writers, plain BEGIN and query_only for readers.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from lims.domain.errors import UnusableSetting

from .base import require_text
from .searched import follow
from .turns import Turns, WriterConnection, writing

READ_ONLY = "lims_read_only"
LOADED = "lims_loaded"
BUSY_MS = 15_000
# The web app serves with 32 threads; a session holds a connection for one request.
POOL = {"pool_size": 10, "max_overflow": 40}
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA trusted_schema=OFF",
    f"PRAGMA busy_timeout={BUSY_MS}",
)


def _without_rows(record: logging.LogRecord) -> bool:
    """Statements may be logged; at DEBUG the driver's rows would be too, with whatever they hold."""
    return record.levelno > logging.DEBUG


logging.getLogger("sqlalchemy.engine.Engine").addFilter(_without_rows)


def sqlite_url(file: Path) -> str:
    """The address of an SQLite database file."""
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def open_engine(url: str, **options: Any) -> Engine:
    """An engine for sqlite:///file or postgresql+psycopg://…, with the rules above. Raises UnusableSetting."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise _unusable(url) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise _unusable(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
        options = {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"} | options
    if address.database not in (None, "", ":memory:"):
        options = POOL | options
    if address.get_backend_name() == "sqlite":
        options = {"connect_args": {"factory": WriterConnection}} | options
    engine = create_engine(
        address, json_serializer=_to_json, hide_parameters=True, **options
    )  # passwords, tokens: never in a log
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", partial(_begin_sqlite, turns=Turns()))
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write; the caller commits. What was loaded stays readable after the commit."""
    return follow(_keeping(sessionmaker(engine, expire_on_commit=False)))


def reader_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that only read: they take no write lock, and the database refuses their writes."""
    return _keeping(sessionmaker(engine.execution_options(**{READ_ONLY: True}), expire_on_commit=False))


def _keeping(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """What a transaction has loaded is not loaded again in it: the identity map alone forgets what nobody holds."""

    def keep(session: Session, loaded: object) -> None:
        session.info.setdefault(LOADED, []).append(loaded)

    def forget(session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None:
            session.info.pop(LOADED, None)

    for moment in ("loaded_as_persistent", "pending_to_persistent"):
        event.listen(sessions, moment, keep)
    event.listen(sessions, "after_transaction_end", forget)
    return sessions


def _unusable(url: str) -> UnusableSetting:
    return UnusableSetting(
        setting="LIMS_DATABASE_URL",
        place="environment",
        found=url.split("@")[-1],
        right="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
    )


def _to_json(value: Any) -> str:
    """JSON as it is stored: readable Chinese, no NaN (which is not JSON), no half of a surrogate pair."""
    return require_text(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection, turns: Turns) -> None:
    reading = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
    if reading:
        connection.exec_driver_sql("BEGIN")
    else:
        held = connection.connection.driver_connection
        assert isinstance(held, WriterConnection)
        with writing(held, turns, BUSY_MS / 1000):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
