"""Months counted once they are over; items received are found by their day."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import big, instant, table, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "month_count",
        text("month"),
        big("on_time"),
        big("late"),
        big("without"),
        instant("at"),
        unique=[("month",)],
    )
    op.create_index("ix_receipt_received_at", "receipt", ["received_at"])
    connection = op.get_bind()
    triggers.prepare(connection)
    triggers.append_only(connection, "month_count", ("id",), ("month",))
