"""Upgrade a database from a program: no alembic.ini, no working folder, one upgrade at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

LOCK = 0x5375_7975_616E  # "Suyuan": PostgreSQL's advisory lock while a database is upgraded


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def heads() -> str:
    """The version that this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(connection: Connection) -> str | None:
    """The version a database is at; None where it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether a version belongs to this program's history."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a version; all or nothing. Two that start at once wait for each other."""
    config = _config()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
