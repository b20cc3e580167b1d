"""Months counted once they are over, items received found by their day, work orders to be invoiced found at once."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import add, big, instant, table, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


TO_BILL = """
UPDATE work_order SET to_bill_since = accepted_at
WHERE (SELECT sum(CAST(fee.amount AS NUMERIC(12, 2))) FROM fee JOIN request ON request.id = fee.request_id
       WHERE request.work_order_id = work_order.id) > 0
AND NOT EXISTS (SELECT 1 FROM invoice WHERE invoice.work_order_id = work_order.id AND invoice.state <> 'cancelled')
"""
"""What earlier versions found by looking through every finished work order."""


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
    add("work_order", instant("to_bill_since", null=True))
    op.create_index("ix_work_order_to_bill_since", "work_order", ["to_bill_since"])
    op.execute(TO_BILL)
    connection = op.get_bind()
    triggers.prepare(connection)
    triggers.append_only(connection, "month_count", ("id",), ("month",))
