"""What is in a state in the order of its numbers, by one index; a person's roles with their version."""

from __future__ import annotations

from alembic import op

from lims.migrations.columns import add, big

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("request", "record"):
        op.drop_index(f"ix_{name}_state", name)
        op.create_index(f"ix_{name}_state_id", name, ["state", "id"])
    add("person", big("version"), default="1")
