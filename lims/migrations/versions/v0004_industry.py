"""Key parameters of industry chains, frozen but for their state."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import big, instant, json, real, table, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FROZEN = [
    "id", "chain", "node", "position", "product", "stage", "parameter", "measurand", "unit", "low", "high", "required",
    "ratio", "conditions", "note", "entered_by", "entered_at",
]  # fmt: skip


def upgrade() -> None:
    table(
        "chain_parameter",
        json("chain"),
        json("node"),
        big("position"),
        json("product"),
        text("stage"),
        json("parameter"),
        text("measurand"),
        text("unit"),
        real("low"),
        real("high"),
        real("required"),
        real("ratio"),
        json("conditions"),
        text("note"),
        text("state"),
        big("entered_by", null=True, to="person.id"),
        instant("entered_at"),
        index=[("state",)],
    )
    connection = op.get_bind()
    triggers.prepare(connection)
    triggers.frozen(connection, "chain_parameter", ("id",), columns=FROZEN)
