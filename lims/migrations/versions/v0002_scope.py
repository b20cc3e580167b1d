"""The laboratory's scope: capabilities, each version frozen but for its state."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import big, day, instant, json, table, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = [
    "id",
    "code",
    "version",
    "measurand",
    "accreditation",
    "data",
    "digest",
    "valid_from",
    "entered_by",
    "entered_at",
]


def upgrade() -> None:
    table(
        "capability",
        text("code"),
        big("version"),
        text("measurand"),
        text("accreditation"),
        json("data"),
        text("digest"),
        day("valid_from"),
        day("valid_to"),
        text("state"),
        big("entered_by", null=True, to="person.id"),
        instant("entered_at"),
        unique=[("code", "version")],
        index=[("measurand",)],
    )
    connection = op.get_bind()
    triggers.prepare(connection)
    triggers.frozen(connection, "capability", ("id",), ("code", "version"), columns=FROZEN)
