"""A short vocabulary for the versions: columns by kind, tables with their keys named by one convention.

Names: pk_<table>, uq_<table>_<columns>, fk_<table>_<columns>, ix_<table>_<columns>, as the models name them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column; called with a name it makes one. to: the column it refers to, such as person.id."""

    type: Any

    def __call__(self, name: str, *, null: bool = False, to: str | None = None) -> tuple[sa.Column[Any], str | None]:
        return sa.Column(name, self.type, nullable=null), to


big = Kind(BIG)
text = Kind(sa.Text())
plain = Kind(sa.Text().with_variant(sa.Text(collation="C"), "postgresql"))
"""Text in the order of code points on both databases, so that a beginning is a span of the index."""
real = Kind(sa.Double())
flag = Kind(sa.Boolean())
day = Kind(sa.Date())
instant = Kind(sa.DateTime(timezone=True))
json = Kind(sa.JSON(none_as_null=True))
blob = Kind(sa.LargeBinary())


def table(
    name: str,
    *columns: tuple[sa.Column[Any], str | None],
    key: Sequence[str] = ("id",),
    unique: Sequence[Sequence[str]] = (),
    index: Sequence[Sequence[str]] = (),
) -> None:
    """Create a table with its keys, foreign keys and indexes. Without a column `id` the key names the columns."""
    made = [column for column, _ in columns]
    if key == ("id",) and all(column.name != "id" for column in made):
        made.insert(0, sa.Column("id", BIG, nullable=False))
    op.create_table(
        name,
        *made,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        *(
            sa.ForeignKeyConstraint([column.name], [to], name=f"fk_{name}_{column.name}")
            for column, to in columns
            if to is not None
        ),
        *(sa.UniqueConstraint(*names, name=f"uq_{name}_{'_'.join(names)}") for names in unique),
    )
    for names in index:
        op.create_index(f"ix_{name}_{'_'.join(names)}", name, list(names))


def add(to_table: str, column: tuple[sa.Column[Any], str | None], *, default: str | None = None) -> None:
    """Add a column to a table that is there. default: SQL, for the rows that are there already."""
    made, to = column
    kind = made.type.compile(op.get_bind().dialect)
    words = [f"ALTER TABLE {to_table} ADD COLUMN {made.name} {kind}"]
    if default is not None:
        if default == "false" and op.get_bind().dialect.name == "sqlite":
            default = "0"
        words.append(f"DEFAULT {default}")
    if not made.nullable:
        words.append("NOT NULL")
    if to is not None:
        table_name, key = to.split(".")
        words.append(f"CONSTRAINT fk_{to_table}_{made.name} REFERENCES {table_name} ({key})")
    op.execute(" ".join(words))
