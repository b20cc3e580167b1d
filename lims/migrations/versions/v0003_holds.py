"""Spans in which the laboratory waits for somebody, and its clocks stand."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import big, instant, table, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table(
        "request_hold",
        big("request_id", to="request.id"),
        text("reason"),
        text("note"),
        instant("at"),
        big("by_id", to="person.id"),
        big("ends_id", null=True, to="request_hold.id"),
        index=[("request_id",)],
    )
    connection = op.get_bind()
    triggers.prepare(connection)
    triggers.append_only(connection, "request_hold", ("id",))
