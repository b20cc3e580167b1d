"""Triggers that make a table append-only, frozen or kept, for SQLite and PostgreSQL; called by the versions.

append_only   no UPDATE, DELETE, TRUNCATE, REPLACE: rows are only ever added
frozen        no change but to the columns named, no DELETE, no TRUNCATE
forward       a counter only ever grows by one, its row is never deleted

On SQLite an INSERT OR REPLACE deletes without firing the delete trigger unless recursive_triggers is on, which is a
setting of each connection: a trigger before INSERT refuses every key that is there already, whoever connects.
On PostgreSQL the triggers are ALWAYS enabled: session_replication_role does not switch them off.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

FUNCTION = """
CREATE OR REPLACE FUNCTION lims_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$
"""


def prepare(connection: Connection) -> None:
    """The function that PostgreSQL's triggers call; once a database."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(FUNCTION.replace("%", "%%"))


def append_only(connection: Connection, table: str, *keys: Sequence[str]) -> None:
    """Refuse UPDATE, DELETE, TRUNCATE and REPLACE on a table. keys: its primary key and every unique key."""
    why = f"{table} is append-only"
    if connection.dialect.name == "postgresql":
        _refuse_rows(connection, table, "UPDATE OR DELETE", why)
        _refuse_truncate(connection, table, why)
        return
    _sqlite(connection, table, "no_update", "UPDATE", why)
    _sqlite(connection, table, "no_delete", "DELETE", why)
    _refuse_replace(connection, table, keys, why)


def frozen(connection: Connection, table: str, *keys: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a change of the columns named (all that may never change), DELETE, TRUNCATE and REPLACE."""
    why = f"{table} is frozen"
    named = ", ".join(f'"{column}"' for column in columns)
    if connection.dialect.name == "postgresql":
        _refuse_rows(connection, table, f"DELETE OR UPDATE OF {named}", why)
        _refuse_truncate(connection, table, why)
        return
    _sqlite(connection, table, "no_update", f"UPDATE OF {named}", why)
    _sqlite(connection, table, "no_delete", "DELETE", why)
    _refuse_replace(connection, table, keys, why)


def forward(connection: Connection, table: str, *keys: Sequence[str], counter: str) -> None:
    """A counter that only steps forward: UPDATE may not lower it, DELETE, TRUNCATE and REPLACE are refused."""
    why = f"{table} only counts forward"
    lowered = f'NEW."{counter}" < OLD."{counter}"'
    if connection.dialect.name == "postgresql":
        _refuse_rows(connection, table, "DELETE", why)
        _refuse_truncate(connection, table, why)
        _postgresql(connection, table, "no_step_back", f"UPDATE ON {table} FOR EACH ROW WHEN ({lowered})", why)
        return
    _sqlite(connection, table, "no_delete", "DELETE", why)
    _sqlite(connection, table, "no_step_back", "UPDATE", why, when=lowered)
    _refuse_replace(connection, table, keys, why)


def _refuse_replace(connection: Connection, table: str, keys: Sequence[Sequence[str]], why: str) -> None:
    same = [" AND ".join(f'"{name}" = NEW."{name}"' for name in key) for key in keys]
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in same)  # noqa: S608 (our own names)
    _sqlite(connection, table, "no_replace", "INSERT", why, when=there)


def _sqlite(connection: Connection, table: str, name: str, act: str, why: str, when: str = "") -> None:
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_{name} BEFORE {act} ON {table}"
        + (f" WHEN {when}" if when else "")
        + f" BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _refuse_rows(connection: Connection, table: str, acts: str, why: str) -> None:
    _postgresql(connection, table, "no_change", f"{acts} ON {table} FOR EACH ROW", why)


def _refuse_truncate(connection: Connection, table: str, why: str) -> None:
    _postgresql(connection, table, "no_truncate", f"TRUNCATE ON {table} FOR EACH STATEMENT", why)


def _postgresql(connection: Connection, table: str, name: str, when: str, why: str) -> None:
    connection.exec_driver_sql(f"CREATE TRIGGER {table}_{name} BEFORE {when} EXECUTE FUNCTION lims_refuse('{why}')")
    connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")
