"""The migrated database is what the models say, and refuses what it must refuse, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from lims import migrations
from lims.domain.errors import DatabaseNewer, DatabaseNotReady, DatabaseUnreachable, NoLaboratory, UnusableSetting
from lims.records import Base, append_only_tables
from lims.records.engine import open_engine, sqlite_url
from lims.records.upgrade import is_current, require_current, upgrade

APPEND_ONLY = {
    "audit_entry", "certificate", "certificate_status", "correction", "document", "evaluation", "reading", "receipt",
    "remark", "request_hold", "result", "result_source", "run_event", "signature", "source", "stored_file",
    "item_event", "hand_over", "rating", "fee", "gate_evidence", "standard_event", "standard_test", "case_entry",
    "chart_point", "legacy_certificate", "training", "certificate_event", "month_count",
}  # fmt: skip
FROZEN = {
    "catalogue_entry",
    "gate_rule",
    "tariff",
    "calibration_version",
    "capability",
    "chain_parameter",
    "procedure_version",
    "record",
    "request",
    "person",
}


def value_for(column: sa.Column[Any], number: int) -> Any:
    """Some value a column takes; rows numbered apart differ in every unique key."""
    if isinstance(column.type, sa.JSON):
        return {"n": number}
    kind = getattr(column.type, "impl_instance", column.type).python_type
    if column.foreign_keys:
        return str(number) if kind is str else number
    return {
        int: number,
        str: str(number),
        float: 1.5,
        bool: False,
        bytes: b"x",
        date: date(2026, 11, 20),
        datetime: datetime(2026, 11, 20, tzinfo=UTC),
    }[kind]


def fill(engine: Engine) -> None:
    """One row in every table, each referring to the row of number 1."""
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name == "audit_head":
                continue
            row = {c.name: value_for(c, 1) for c in table.columns if not c.nullable}
            connection.execute(table.insert().values(row))


@pytest.fixture
def filled(engine: Engine) -> Engine:
    fill(engine)
    return engine


def refused(engine: Engine, statement: Any) -> None:
    with pytest.raises(DBAPIError, match=r"append-only|frozen|counts forward"), engine.begin() as connection:
        connection.execute(statement)


def rows(engine: Engine, table: sa.Table) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(table)).all())


def defaults_differ(
    context: Any, inspected: sa.Column[Any], model: sa.Column[Any], found: Any, stated: Any, rendered: Any
) -> bool | None:
    """PostgreSQL has no = for json, so that alembic cannot compare such defaults there: their texts are compared."""
    del context, inspected, rendered
    if not isinstance(model.type, sa.JSON):
        return None
    return (found or "").removesuffix("::json").strip("'") != (stated.arg if stated is not None else "")


def test_models_and_migrated_database_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": defaults_differ}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_append_only_tables_are_those_of_the_design() -> None:
    assert set(append_only_tables()) == APPEND_ONLY


def test_every_append_only_table_refuses_update_and_delete(filled: Engine) -> None:
    for name in sorted(APPEND_ONLY):
        table = Base.metadata.tables[name]
        before = rows(filled, table)
        assert len(before) == 1
        for column in table.columns:
            refused(filled, table.update().values({column: column}))
        refused(filled, table.delete())
        assert rows(filled, table) == before


def test_truncate_is_refused(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    for name in sorted(APPEND_ONLY | FROZEN | {"audit_head", "number_series"}):
        refused(engine, sa.text(f"TRUNCATE {name} CASCADE"))
    engine.dispose()


def unique_keys(table: sa.Table) -> list[list[sa.Column[Any]]]:
    """The primary key and every unique key that is never null."""
    keys = [list(table.primary_key.columns)]
    keys += [list(c.columns) for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    return [key for key in keys if not any(column.nullable for column in key)]


def test_replace_is_refused_even_where_recursive_triggers_are_off(sqlite_database: str) -> None:
    """INSERT OR REPLACE deletes the old row; without recursive_triggers the delete trigger does not see it."""
    engine = open_engine(sqlite_database)
    fill(engine)
    engine.dispose()
    file = sa.make_url(sqlite_database).database
    assert file is not None
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    for name in sorted(APPEND_ONLY | FROZEN | {"number_series", "audit_head"}):
        table = Base.metadata.tables[name]
        primary = {c.name for c in table.primary_key.columns}
        for key in unique_keys(table):
            taken = {c.name for c in key}
            names = [c.name for c in table.columns]
            chosen = ", ".join(f'"{n}"' if n in taken or n not in primary else "NULL" for n in names)
            quoted = ", ".join(f'"{n}"' for n in names)
            for verb in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
                with pytest.raises(sqlite3.IntegrityError, match=r"append-only|frozen|counts forward"):
                    connection.execute(f"{verb} INTO {name} ({quoted}) SELECT {chosen} FROM {name}")
    connection.close()


def test_upsert_is_refused_on_postgresql(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    fill(engine)
    refused(
        engine,
        sa.text("INSERT INTO signature SELECT * FROM signature ON CONFLICT (id) DO UPDATE SET object_digest = 'other'"),
    )
    engine.dispose()


def test_triggers_hold_for_a_replication_session_too(postgres_database: str) -> None:
    """session_replication_role = replica switches ordinary triggers off; these are ALWAYS triggers."""
    engine = open_engine(postgres_database)
    fill(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        with pytest.raises(DBAPIError, match="append-only"):
            connection.exec_driver_sql("DELETE FROM audit_entry")
    engine.dispose()


def test_a_calibration_version_changes_its_state_and_nothing_else(filled: Engine) -> None:
    table = Base.metadata.tables["calibration_version"]
    with filled.begin() as connection:
        connection.execute(table.update().values(state="superseded"))
    for column in table.columns:
        if column.name != "state":
            refused(filled, table.update().values({column: column}))
    refused(filled, table.delete())


def test_a_record_keeps_what_it_was_opened_with(filled: Engine) -> None:
    table = Base.metadata.tables["record"]
    with filled.begin() as connection:
        connection.execute(table.update().values(state="submitted", journal_head="ab"))
    refused(filled, table.update().values(performer_id=table.c.performer_id))
    refused(filled, table.delete())


def test_a_series_of_numbers_never_counts_back(filled: Engine) -> None:
    table = Base.metadata.tables["number_series"]
    refused(filled, table.update().values(last=table.c.last - 1))
    refused(filled, table.delete())
    head = Base.metadata.tables["audit_head"]
    refused(filled, head.update().values(seq=-1))
    refused(filled, head.delete())


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    assert upgrade(database_url) == migrations.heads()
    assert is_current(database_url)
    require_current(database_url)


def test_looking_at_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    file = tmp_path / "data" / "lims.db"
    assert not is_current(sqlite_url(file))
    with pytest.raises(NoLaboratory, match="There is no laboratory at"):
        require_current(sqlite_url(file))
    assert not file.parent.exists()
    upgrade(sqlite_url(file))
    require_current(sqlite_url(file))


def test_a_database_of_a_later_program_is_refused(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(DatabaseNewer, match="9999"):
        upgrade(database_url)
    with pytest.raises(DatabaseNotReady):
        require_current(database_url)


def test_a_failed_upgrade_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lims.migrations import triggers

    def break_down(*_args: object, **_named: object) -> None:
        raise RuntimeError("power cut")

    url = sqlite_url(tmp_path / "lims.db")
    monkeypatch.setattr(triggers, "append_only", break_down)
    with pytest.raises(RuntimeError):
        upgrade(url)
    engine = open_engine(url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_what_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "lims.db"
    file.write_bytes(b"this is not a database, it is a letter" * 100)
    with pytest.raises(DatabaseUnreachable, match=r"lims\.db cannot be opened: file is not a database"):
        require_current(sqlite_url(file))
    with pytest.raises(DatabaseUnreachable, match="nobody"):
        require_current("postgresql+psycopg://nobody@127.0.0.1:1/lims?connect_timeout=2")
    for wrong in ("mysql://localhost/lims", "what is this"):
        with pytest.raises(UnusableSetting, match="LIMS_DATABASE_URL"):
            open_engine(wrong)
