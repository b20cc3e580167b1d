"""The laboratory at work: orders, fees, rules as data, measurement standards, quality, notices, search, imports."""

from __future__ import annotations

from alembic import op

from lims.migrations import triggers
from lims.migrations.columns import add, big, day, flag, instant, json, plain, real, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY: dict[str, list[tuple[str, ...]]] = {
    "gate_evidence": [("id",)],
    "training": [("id",)],
    "case_entry": [("id",)],
    "standard_event": [("id",)],
    "standard_test": [("id",)],
    "chart_point": [("id",)],
    "legacy_certificate": [("id",), ("number",)],
    "rating": [("id",), ("work_order_id", "by_id")],
    "fee": [("id",)],
    "hand_over": [("id",)],
    "item_event": [("id",)],
    "certificate_event": [("id",)],
}
FROZEN: list[tuple[str, list[tuple[str, ...]], list[str]]] = [
    (
        "gate_rule",
        [("id",), ("code", "jurisdiction", "version")],
        [
            "id",
            "code",
            "jurisdiction",
            "version",
            "effect",
            "parameters",
            "source",
            "valid_from",
            "entered_by",
            "entered_at",
        ],
    ),
    (
        "tariff",
        [("id",), ("code", "version")],
        [
            "id",
            "code",
            "version",
            "jurisdiction",
            "source",
            "entries",
            "digest",
            "valid_from",
            "entered_by",
            "entered_at",
        ],
    ),
    (
        "catalogue_entry",
        [("id",), ("catalogue", "number", "version")],
        [
            "id",
            "catalogue",
            "number",
            "version",
            "name",
            "words",
            "uses",
            "mode",
            "interval",
            "source",
            "valid_from",
            "entered_by",
            "entered_at",
        ],
    ),
]


def upgrade() -> None:
    table(
        "search_gram",
        plain("gram"),
        text("kind"),
        big("object_id"),
        big("customer_id", null=True),
        key=("gram", "kind", "object_id"),
        index=[("kind", "object_id")],
    )
    table(
        "batch",
        text("number"),
        big("customer_id", to="customer.id"),
        text("procedure_name"),
        json("setup"),
        text("state"),
        big("created_by_id", to="person.id"),
        instant("created_at"),
        unique=[("number",)],
        index=[("customer_id",), ("state",)],
    )
    table(
        "booking",
        big("instrument_id", to="instrument.id"),
        text("purpose"),
        instant("from_at"),
        instant("to_at"),
        big("person_id", to="person.id"),
        big("customer_id", null=True, to="customer.id"),
        text("note"),
        text("state"),
        instant("created_at"),
        big("version"),
        index=[("customer_id",), ("instrument_id", "from_at")],
    )
    table(
        "catalogue_entry",
        text("catalogue"),
        text("number"),
        big("version"),
        json("name"),
        json("words"),
        json("uses"),
        text("mode"),
        big("interval", null=True),
        json("source"),
        day("valid_from"),
        day("valid_to"),
        text("state"),
        big("entered_by", null=True, to="person.id"),
        instant("entered_at"),
        unique=[("catalogue", "number", "version")],
    )
    table(
        "gate_evidence",
        text("step"),
        text("object_type"),
        text("object_number"),
        flag("ok"),
        json("lines"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("object_type", "object_number")],
    )
    table(
        "gate_rule",
        text("code"),
        text("jurisdiction"),
        big("version"),
        text("effect"),
        json("parameters"),
        json("source"),
        day("valid_from"),
        day("valid_to"),
        text("state"),
        big("entered_by", null=True, to="person.id"),
        instant("entered_at"),
        unique=[("code", "jurisdiction", "version")],
    )
    table(
        "idempotency_key",
        big("person_id", to="person.id"),
        text("key"),
        text("digest"),
        big("status"),
        json("answer"),
        instant("at"),
        unique=[("person_id", "key")],
    )
    table(
        "internal_audit",
        text("number"),
        text("title"),
        json("clauses"),
        day("planned"),
        big("lead_id", to="person.id"),
        json("sample"),
        text("report"),
        text("state"),
        instant("entered_at"),
        big("version"),
        unique=[("number",)],
    )
    table(
        "measurement_standard",
        text("code"),
        json("name"),
        text("level"),
        flag("public"),
        text("certificate_number", null=True),
        day("valid_from", null=True),
        day("valid_to", null=True),
        big("keeper_id", null=True, to="person.id"),
        json("place"),
        json("scope"),
        json("environment"),
        json("plan"),
        text("state"),
        instant("entered_at"),
        big("version"),
        unique=[("code",)],
        index=[("state",)],
    )
    table(
        "notice",
        big("person_id", to="person.id"),
        text("kind"),
        json("subject"),
        json("body"),
        text("link"),
        flag("needs_action"),
        instant("at"),
        instant("read_at", null=True),
        instant("done_at", null=True),
        flag("mail"),
        instant("mailed_at", null=True),
        index=[("mail", "mailed_at"), ("person_id", "read_at")],
    )
    table(
        "provider",
        json("name"),
        text("accreditation"),
        json("scope"),
        day("valid_to", null=True),
        text("state"),
        text("note"),
        big("entered_by_id", null=True, to="person.id"),
        instant("entered_at"),
        big("version"),
    )
    table(
        "quality_case",
        text("number"),
        text("kind"),
        text("title"),
        json("origin"),
        text("severity"),
        big("customer_id", null=True, to="customer.id"),
        big("owner_id", null=True, to="person.id"),
        day("due", null=True),
        day("from_day", null=True),
        day("to_day", null=True),
        json("affected"),
        text("state"),
        big("opened_by_id", null=True, to="person.id"),
        instant("opened_at"),
        instant("closed_at", null=True),
        big("version"),
        unique=[("number",)],
        index=[("customer_id",), ("kind", "state")],
    )
    table(
        "risk",
        text("title"),
        text("area"),
        big("likelihood"),
        big("consequence"),
        text("treatment"),
        big("owner_id", null=True, to="person.id"),
        day("review_on", null=True),
        text("state"),
        instant("entered_at"),
        big("version"),
    )
    table(
        "second_factor",
        big("person_id", to="person.id"),
        text("secret"),
        instant("confirmed_at", null=True),
        big("last_step"),
        json("codes"),
        unique=[("person_id",)],
    )
    table(
        "service_request",
        text("number"),
        big("customer_id", to="customer.id"),
        text("contact"),
        text("place"),
        text("site"),
        flag("urgent"),
        text("delivery"),
        text("language"),
        flag("accredited"),
        text("note"),
        text("state"),
        text("reason_code", null=True),
        text("reason"),
        big("created_by_id", null=True, to="person.id"),
        instant("created_at"),
        instant("submitted_at", null=True),
        instant("decided_at", null=True),
        big("decided_by_id", null=True, to="person.id"),
        big("version"),
        unique=[("number",)],
        index=[("customer_id",), ("state",)],
    )
    table(
        "tariff",
        text("code"),
        big("version"),
        text("jurisdiction"),
        json("source"),
        json("entries"),
        text("digest"),
        day("valid_from"),
        day("valid_to"),
        text("state"),
        big("entered_by", null=True, to="person.id"),
        instant("entered_at"),
        unique=[("code", "version")],
    )
    table(
        "training",
        big("person_id", to="person.id"),
        text("kind"),
        text("subject"),
        text("procedure_name", null=True),
        day("on_day"),
        text("outcome"),
        text("note"),
        big("by_id", null=True, to="person.id"),
        instant("at"),
        index=[("person_id",)],
    )
    table(
        "case_entry",
        big("case_id", to="quality_case.id"),
        text("kind"),
        text("text"),
        json("payload"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("case_id",)],
    )
    table(
        "compulsory_entry",
        text("number"),
        big("instrument_id", to="instrument.id"),
        big("customer_id", to="customer.id"),
        big("catalogue_entry_id", to="catalogue_entry.id"),
        text("use"),
        text("place"),
        text("authority"),
        text("state"),
        day("last", null=True),
        day("due", null=True),
        text("result", null=True),
        instant("filed_at"),
        big("filed_by_id", null=True, to="person.id"),
        big("version"),
        unique=[("instrument_id",), ("number",)],
        index=[("customer_id",), ("due",), ("state",)],
    )
    table(
        "control_chart",
        text("code"),
        json("title"),
        big("instrument_id", null=True, to="instrument.id"),
        big("measurement_standard_id", null=True, to="measurement_standard.id"),
        text("procedure_name", null=True),
        text("quantity"),
        text("unit"),
        text("chart"),
        json("baseline"),
        big("period_days"),
        text("state"),
        instant("entered_at"),
        big("version"),
        unique=[("code",)],
        index=[("instrument_id",), ("measurement_standard_id",)],
    )
    table(
        "import_batch",
        text("number"),
        text("kind"),
        big("file_id", to="stored_file.id"),
        json("findings"),
        text("state"),
        big("by_id", to="person.id"),
        instant("at"),
        instant("applied_at", null=True),
        unique=[("number",)],
    )
    table(
        "proficiency_test",
        text("number"),
        text("provider"),
        text("scheme"),
        text("measurand"),
        text("unit"),
        text("procedure_name", null=True),
        day("planned"),
        json("results"),
        text("outcome", null=True),
        big("case_id", null=True, to="quality_case.id"),
        text("state"),
        big("entered_by_id", null=True, to="person.id"),
        instant("entered_at"),
        big("version"),
        unique=[("number",)],
    )
    table(
        "standard_equipment",
        big("measurement_standard_id", to="measurement_standard.id"),
        big("instrument_id", to="instrument.id"),
        text("part"),
        day("from_day"),
        day("to_day", null=True),
        index=[("instrument_id",), ("measurement_standard_id",)],
    )
    table(
        "standard_event",
        big("measurement_standard_id", to="measurement_standard.id"),
        text("kind"),
        text("note"),
        json("payload"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("measurement_standard_id",)],
    )
    table(
        "standard_test",
        big("measurement_standard_id", to="measurement_standard.id"),
        text("kind"),
        day("on_day"),
        text("unit"),
        json("readings"),
        json("outcome"),
        flag("ok", null=True),
        json("conditions"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("measurement_standard_id",)],
    )
    table(
        "work_order",
        text("number"),
        big("service_request_id", null=True, to="service_request.id"),
        text("kind"),
        json("agreed"),
        day("due", null=True),
        text("state"),
        big("accepted_by_id", to="person.id"),
        instant("accepted_at"),
        big("version"),
        unique=[("number",)],
        index=[("service_request_id",), ("state",)],
    )
    table(
        "chart_point",
        big("control_chart_id", to="control_chart.id"),
        real("value"),
        json("readings"),
        json("signals"),
        big("case_id", null=True, to="quality_case.id"),
        text("note"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("control_chart_id",)],
    )
    table(
        "invoice",
        text("number"),
        big("customer_id", to="customer.id"),
        big("work_order_id", null=True, to="work_order.id"),
        json("lines"),
        text("total"),
        text("state"),
        instant("issued_at"),
        big("issued_by_id", to="person.id"),
        instant("paid_at", null=True),
        unique=[("number",)],
        index=[("customer_id",), ("state",), ("work_order_id",)],
    )
    table(
        "legacy_certificate",
        text("number"),
        text("kind"),
        big("customer_id", to="customer.id"),
        big("instrument_id", to="instrument.id"),
        day("issued"),
        day("valid_to", null=True),
        json("data"),
        big("file_id", null=True, to="stored_file.id"),
        big("import_batch_id", null=True, to="import_batch.id"),
        unique=[("number",)],
        index=[("customer_id",), ("import_batch_id",), ("instrument_id",)],
    )
    table(
        "rating",
        big("work_order_id", to="work_order.id"),
        big("stars"),
        text("text"),
        instant("at"),
        big("by_id", to="person.id"),
        unique=[("work_order_id", "by_id")],
    )
    table(
        "site_visit",
        big("work_order_id", to="work_order.id"),
        text("site"),
        day("from_day"),
        day("to_day"),
        json("people"),
        json("equipment"),
        text("note"),
        text("state"),
        big("created_by_id", to="person.id"),
        instant("created_at"),
        index=[("work_order_id",)],
    )
    table(
        "fee",
        big("request_id", to="request.id"),
        text("kind"),
        text("amount"),
        text("reason"),
        big("tariff_id", null=True, to="tariff.id"),
        text("clause"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("request_id",)],
    )
    table(
        "hand_over",
        big("request_id", to="request.id"),
        text("what"),
        text("way"),
        text("to_name"),
        text("note"),
        big("signature_id", null=True, to="stored_file.id"),
        instant("at"),
        big("by_id", to="person.id"),
        index=[("request_id",)],
    )
    table(
        "item_event",
        big("request_id", to="request.id"),
        text("kind"),
        text("note"),
        json("payload"),
        big("file_id", null=True, to="stored_file.id"),
        instant("at"),
        big("by_id", to="person.id"),
        index=[("request_id",)],
    )
    table(
        "service_request_line",
        big("service_request_id", to="service_request.id"),
        big("position"),
        big("instrument_id", to="instrument.id"),
        text("wanted"),
        text("work"),
        text("use"),
        text("procedure_name", null=True),
        json("rule"),
        flag("as_left"),
        text("note"),
        text("state"),
        json("review"),
        text("reason_code", null=True),
        text("reason"),
        big("request_id", null=True, to="request.id"),
        unique=[("service_request_id", "position")],
        index=[("instrument_id",), ("request_id",)],
    )
    table(
        "certificate_event",
        big("certificate_id", to="certificate.id"),
        text("kind"),
        text("note"),
        instant("at"),
        big("by_id", null=True, to="person.id"),
        index=[("certificate_id",)],
    )
    _columns()
    connection = op.get_bind()
    triggers.prepare(connection)
    for name, keys in APPEND_ONLY.items():
        triggers.append_only(connection, name, *keys)
    for name, keys, columns in FROZEN:
        triggers.frozen(connection, name, *keys, columns=columns)


def _columns() -> None:
    """What the tables of before gain; rows that are there keep working."""
    add("request", text("work"), default="'calibration'")
    add("request", text("use"), default="'other'")
    add("request", flag("frozen"), default="false")
    add("request", flag("accredited"), default="false")
    for name, to in (("work_order_id", "work_order"), ("batch_id", "batch"), ("assigned_to_id", "person")):
        add("request", big(name, null=True, to=f"{to}.id"))
        op.create_index(f"ix_request_{name}", "request", [name])
    add("request", big("checker_id", null=True, to="person.id"))
    for name in ("customer", "instrument"):
        add(name, json("details"), default="'{}'")
        add(name, big("version"), default="1")
    add("instrument", day("due", null=True))
    op.create_index("ix_instrument_due", "instrument", ["due"])
    add("person", day("valid_to", null=True))
    add("person", big("epoch"), default="0")
    add("person", flag("must_change"), default="false")
    add("person", text("email", null=True))
    add("authorisation", text("state"), default="'granted'")
    add("authorisation", json("scope"), default="'{}'")
    add("authorisation", big("granted_by_id", null=True, to="person.id"))
    add("api_token", json("scopes"), default="'[]'")
