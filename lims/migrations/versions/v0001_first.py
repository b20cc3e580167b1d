"""The first tables: people, registers, work, results, certificates, and the audit chain with its triggers."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import big, blob, day, flag, instant, json, real, table, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HEAD = "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')"
APPEND_ONLY: dict[str, list[tuple[str, ...]]] = {
    "audit_entry": [("id",), ("seq",)],
    "certificate": [("id",), ("number",), ("supersedes_id",)],
    "certificate_status": [("id",)],
    "correction": [("id",)],
    "document": [("id",), ("certificate_id", "kind")],
    "evaluation": [("id",), ("record_id", "version")],
    "reading": [("id",), ("record_id", "seq")],
    "receipt": [("id",)],
    "remark": [("id",)],
    "result": [("id",), ("evaluation_id", "point", "measurand")],
    "result_source": [("result_id", "source_id")],
    "run_event": [("id",), ("record_id", "seq")],
    "signature": [("id",)],
    "source": [("id",)],
    "stored_file": [("id",)],
}
"""Table → its primary key and unique keys."""
FROZEN: list[tuple[str, list[tuple[str, ...]], list[str]]] = [
    (
        "calibration_version",
        [("id",)],
        [
            "id",
            "instrument_id",
            "certificate_number",
            "issuer",
            "issued",
            "valid_from",
            "valid_to",
            "route_class",
            "functions",
            "upstream",
            "correlation",
            "digest",
            "entered_by",
            "entered_at",
            "source",
        ],
    ),
    (
        "procedure_version",
        [("id",), ("name", "version")],
        ["id", "name", "version", "title", "text", "digest", "method_code"],
    ),
    (
        "record",
        [("id",), ("number",)],
        ["id", "number", "request_id", "procedure_version_id", "stage", "performer_id", "software", "started_at"],
    ),
    (
        "request",
        [("id",), ("number",)],
        ["id", "number", "customer_id", "instrument_id", "created_at"],
    ),
    (
        "person",
        [("id",), ("username",)],
        ["id", "username"],
    ),
]
"""Table, its keys, and the columns that never change: all but the state of a calibration or procedure version."""


def upgrade() -> None:
    table(
        "audit_entry",
        big("seq"),
        instant("at"),
        text("actor"),
        text("act"),
        text("object_type"),
        text("object_id"),
        text("before", null=True),
        text("after", null=True),
        json("payload"),
        text("reason", null=True),
        text("prev_hash"),
        text("hash"),
        unique=[("seq",)],
        index=[("object_type", "object_id")],
    )
    table(
        "audit_head",
        big("seq"),
        text("hash"),
    )
    table(
        "customer",
        json("name"),
        json("address"),
        text("contact"),
    )
    table(
        "laboratory",
        json("profile"),
    )
    table(
        "lease",
        text("task"),
        text("holder"),
        instant("until"),
        unique=[("task",)],
    )
    table(
        "number_series",
        text("name"),
        big("year"),
        big("last"),
        unique=[("name", "year")],
    )
    table(
        "procedure_version",
        text("name"),
        text("version"),
        json("title"),
        text("text"),
        text("digest"),
        text("state"),
        text("method_code"),
        unique=[("name", "version")],
    )
    table(
        "signin_attempt",
        text("username"),
        instant("at"),
        text("address"),
        flag("succeeded"),
        index=[("username", "at")],
    )
    table(
        "instrument",
        text("code"),
        text("kind"),
        json("description"),
        text("maker"),
        text("model"),
        text("serial"),
        big("customer_id", null=True, to="customer.id"),
        text("resource", null=True),
        text("driver", null=True),
        text("role", null=True),
        text("state"),
        unique=[("code",)],
        index=[("customer_id",), ("model", "serial"), ("role",)],
    )
    table(
        "person",
        text("username"),
        json("name"),
        text("password_hash"),
        text("language"),
        flag("active"),
        flag("demonstration"),
        big("customer_id", null=True, to="customer.id"),
        unique=[("username",)],
        index=[("customer_id",)],
    )
    table(
        "api_token",
        big("person_id", to="person.id"),
        text("digest"),
        text("label"),
        instant("created_at"),
        instant("expires", null=True),
        instant("revoked_at", null=True),
        unique=[("digest",)],
        index=[("person_id",)],
    )
    table(
        "authorisation",
        big("person_id", to="person.id"),
        text("procedure_name"),
        text("role"),
        day("valid_from"),
        day("valid_to"),
        index=[("person_id",)],
    )
    table(
        "calibration_version",
        big("instrument_id", to="instrument.id"),
        text("certificate_number"),
        json("issuer"),
        day("issued"),
        day("valid_from"),
        day("valid_to"),
        text("route_class"),
        text("state"),
        json("functions"),
        json("upstream"),
        json("correlation"),
        text("digest"),
        big("entered_by", null=True, to="person.id"),
        instant("entered_at", null=True),
        text("source"),
        index=[("certificate_number",), ("instrument_id",)],
    )
    table(
        "person_role",
        big("person_id", to="person.id"),
        text("role"),
        unique=[("person_id", "role")],
    )
    table(
        "request",
        text("number"),
        big("customer_id", to="customer.id"),
        big("instrument_id", to="instrument.id"),
        text("procedure_name"),
        text("document_kind"),
        json("rule"),
        flag("as_left"),
        text("note"),
        text("state"),
        big("created_by_id", null=True, to="person.id"),
        instant("created_at"),
        unique=[("number",)],
        index=[("customer_id",), ("instrument_id",), ("state",)],
    )
    table(
        "signature",
        text("object_type"),
        big("object_id"),
        text("object_digest"),
        text("meaning"),
        big("person_id", to="person.id"),
        instant("at"),
        text("method"),
        index=[("object_type", "object_id")],
    )
    table(
        "stored_file",
        text("name"),
        text("sha256"),
        blob("bytes"),
        json("provenance"),
        big("imported_by_id", to="person.id"),
        instant("at"),
        index=[("sha256",)],
    )
    table(
        "certificate",
        text("number"),
        text("kind"),
        big("request_id", to="request.id"),
        json("record_ids"),
        text("snapshot"),
        text("digest"),
        text("token"),
        instant("issued_at"),
        big("supersedes_id", null=True, to="certificate.id"),
        text("reason", null=True),
        unique=[("number",), ("supersedes_id",)],
        index=[("digest",), ("issued_at",), ("request_id",)],
    )
    table(
        "receipt",
        big("request_id", to="request.id"),
        json("condition"),
        text("accessories"),
        instant("received_at"),
        big("by_id", to="person.id"),
        index=[("request_id",)],
    )
    table(
        "record",
        text("number"),
        big("request_id", to="request.id"),
        big("procedure_version_id", to="procedure_version.id"),
        text("stage"),
        big("performer_id", to="person.id"),
        text("state"),
        text("run_dir"),
        text("journal_head", null=True),
        json("software"),
        json("setup"),
        instant("started_at"),
        instant("finished_at", null=True),
        unique=[("number",)],
        index=[("request_id",), ("state",)],
    )
    table(
        "source",
        text("id"),
        json("description"),
        big("calibration_version_id", null=True, to="calibration_version.id"),
        real("u"),
        real("dof", null=True),
        text("unit"),
        index=[("calibration_version_id",)],
    )
    table(
        "certificate_status",
        big("certificate_id", to="certificate.id"),
        text("status"),
        instant("at"),
        big("by_id", to="person.id"),
        text("reason", null=True),
        big("successor_id", null=True, to="certificate.id"),
        index=[("certificate_id",)],
    )
    table(
        "document",
        big("certificate_id", to="certificate.id"),
        text("kind"),
        text("file_name"),
        blob("bytes"),
        text("sha256"),
        text("unsigned_sha256", null=True),
        instant("created_at"),
        unique=[("certificate_id", "kind")],
        index=[("sha256",)],
    )
    table(
        "evaluation",
        big("record_id", to="record.id"),
        big("version"),
        instant("at"),
        json("software"),
        text("digest"),
        unique=[("record_id", "version")],
    )
    table(
        "reading",
        big("record_id", to="record.id"),
        big("seq"),
        text("role"),
        text("channel"),
        big("point", null=True),
        big("n", null=True),
        real("indication", null=True),
        text("unit"),
        text("raw"),
        text("status"),
        instant("at"),
        json("setup"),
        big("calibration_version_id", null=True, to="calibration_version.id"),
        text("flag", null=True),
        unique=[("record_id", "seq")],
        index=[("calibration_version_id",)],
    )
    table(
        "remark",
        big("record_id", to="record.id"),
        big("by_id", to="person.id"),
        instant("at"),
        text("text"),
        text("kind"),
        index=[("record_id",)],
    )
    table(
        "run_event",
        big("record_id", to="record.id"),
        big("seq"),
        text("kind"),
        instant("at"),
        json("payload"),
        unique=[("record_id", "seq")],
    )
    table(
        "correction",
        big("record_id", to="record.id"),
        big("reading_id", null=True, to="reading.id"),
        text("field"),
        text("old"),
        text("new"),
        text("reason"),
        big("by_id", to="person.id"),
        instant("at"),
        index=[("record_id",)],
    )
    table(
        "result",
        big("evaluation_id", to="evaluation.id"),
        big("point"),
        text("measurand"),
        text("unit"),
        real("value"),
        real("u"),
        real("dof", null=True),
        real("k"),
        real("p", null=True),
        real("expanded_uncertainty"),
        json("reported"),
        json("budget"),
        json("verdict"),
        unique=[("evaluation_id", "point", "measurand")],
    )
    table(
        "result_source",
        big("result_id", to="result.id"),
        text("source_id", to="source.id"),
        real("sensitivity"),
        key=("result_id", "source_id"),
        index=[("source_id",)],
    )
    op.execute(HEAD)
    _triggers()


def _triggers() -> None:
    connection = op.get_bind()
    triggers.prepare(connection)
    for name, keys in APPEND_ONLY.items():
        triggers.append_only(connection, name, *keys)
    triggers.forward(connection, "audit_head", ("id",), counter="seq")
    triggers.forward(connection, "number_series", ("id",), ("name", "year"), counter="last")
    for name, keys, columns in FROZEN:
        triggers.frozen(connection, name, *keys, columns=columns)
