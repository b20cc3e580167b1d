"""Every route as every role. The table says who may open what; whoever else asks is refused, and nothing changes.

An endpoint stands at the right it needs, "endpoint:POST" where a method needs another than the rest. Areas of the
laboratory add their own tables (tests/areas, ROUTES).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lims.domain.rights import RIGHTS, ROLES
from lims.records import Base
from lims.services import people, tokens
from tests import areas
from tests.web import laboratory
from tests.web.test_doors import OPEN_TO_ANYBODY

PASSWORD = "a password of the walk"
CUSTOMER = 2
"""Whose people the customer among the walkers belongs to."""
EVERYBODY, STAFF = "everybody", "the laboratory's own"
ROUTES = {
    EVERYBODY: "today.index today.find pieces.index account.settings account.password account.sign_out "
    "account.make_token account.end_token second_factor.settings second_factor.end second_factor.start",
    STAFF: "people.rights",
    "role:customer": "mine.index mine.notices",
    "people.manage": "people.index people.detail people.new people.do",
    "requests.read": "orders.index orders.detail orders.work_index orders.work intake.index intake.detail "
    "customers.index customers.detail bench.prepare api-work.list_requests api-work.one_request",
    "requests.create": "orders.new orders.edit orders.submit orders.withdraw intake.new instruments.move "
    "api-work.create_request",
    "requests.review": "order_review.review order_review.give_back orders.work_move",
    "requests.hold": "intake.hold",
    "customers.manage": "customers.new customers.edit",
    "items.read": "instruments.index instruments.detail instruments.edit",
    "items.receive": "intake.receive orders.work_new api-work.receive",
    "bench.read": "bench.index live.run live.events live.parts api-work.events api-work.gates",
    "bench.run": "bench.start live.command live.close api-work.start api-work.command",
    "readings.enter": "bench.by_hand",
    "readings.import": "bench.from_file",
    "records.read": "records.detail records.correct review.index review.card api-work.one_record",
    "records.submit": "records.submit records.report api-work.submit",
    "records.verify": "review.verify review.verify_all api-work.verify api-work.verify_all",
    "records.return": "review.give_back review.note api-work.give_back",
    "certificates.read": "certificates.index certificates.detail certificates.document api-documents.list_certificates "
    "api-documents.one_certificate api-documents.document traceability.index traceability.chain api-documents.chain",
    "certificates.issue": "review.issue review.issue_all api-work.issue api-work.issue_all",
    "certificates.amend": "certificates.amend",
    "certificates.withdraw": "certificates.withdraw api-documents.withdraw",
    "audit.verify": "quality.index quality.verify certificates.execute_again",
    "budgets.evaluate": "budgets.index api-budgets.evaluate",
    "standards.read": "standards.index standards.detail measurement_standards.index measurement_standards.detail",
    "standards.test": "measurement_standards.note",
    "standards.manage": "measurement_standards.move",
    "calibrations.add": "standards.add",
    "rules.read": "rules.index",
    "rules.manage": "rules.new rules.force rules.withdraw",
    "scope.read": "scope.index",
    "scope.manage": "scope.new scope.withdraw",
    "industry.read": "industry.index",
    "industry.manage": "industry.new industry.withdraw",
}
NARROWED = {
    "customers.index": {"customer"},
    "customers.detail": {"customer"},
    "certificates.execute_again": {"administrator"},
    **{f"api-bookings.{act}": {"technician"} for act in ("cancel_booking", "begin_use", "give_back_thing")},
}
"""Roles that have the right and are refused all the same: a customer has no list of customers, who keeps the
accounts reads no certificate, and the booking asked about is another person's."""
SENT: dict[str, dict[str, Any]] = {
    "live.command": {"do": "pause"},
    "api-bookings.ask_for": {"from_at": "2026-12-01T01:00:00Z", "to_at": "2026-12-01T04:00:00Z"},
    "api-work.create_request": {"instrument": 1, "customer_id": CUSTOMER},
}
"""What a call needs beside the least that it describes, to be about the person and not about its form."""
NAMED = {"people.do": {"act": "close"}, "account.end_token": {"token_id": "987654"}}


def table() -> dict[str, str]:
    """Endpoint, with its method where that matters → right."""
    found: dict[str, str] = {}
    for listed in (ROUTES, *(getattr(area, "ROUTES", {}) for area in areas.modules())):
        for right, endpoints in listed.items():
            assert right in RIGHTS | {EVERYBODY, STAFF} or right.startswith(("role:", "any:")), right
            found |= dict.fromkeys(endpoints.split(), right)
    return found


def holders(right: str) -> set[str]:
    if right == EVERYBODY:
        return set(ROLES)
    if right == STAFF:
        return set(ROLES) - {"customer"}
    kind, _colon, named = right.partition(":")
    if kind == "role":
        return set(named.split(","))
    wanted = named.split(",") if kind == "any" else [right]
    return {role for role, rights in ROLES.items() if rights & set(wanted)}


def routes(app: Flask) -> list[tuple[Rule, str]]:
    listed = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN_TO_ANYBODY]
    return [(rule, method) for rule in listed for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def address(rule: Rule) -> str:
    named = NAMED.get(rule.endpoint, {})
    path = re.sub(r"<any\((\w+).*?>", r"\1", rule.rule)
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: named.get(found[2], "1" if found[1] == "int" else "X-1"), path)


@pytest.fixture
def walkers(app: Flask) -> dict[str, str]:
    """Role → a token of somebody who has this role alone."""
    with app.extensions["lims_writers"]() as session:
        found = {role: _walker(session, role, CUSTOMER if role == "customer" else None) for role in ROLES}
        session.commit()
    return found


def _walker(session: Session, role: str, customer_id: int | None) -> str:
    name = f"walks-as-{role}"
    people.add_person(
        session,
        username=name,
        name={"zh": role, "en": role},
        password=PASSWORD,
        roles=[role],
        by=None,
        at=laboratory.AT,
        customer_id=customer_id,
    )
    return tokens.make(session, "walk", 30, by=people.by_username(session, name), at=laboratory.AT)


def body_for(described: dict[str, Any], rule: Rule, method: str) -> dict[str, Any]:
    """The least that the description of a call asks for, so that the answer is about the person, not about the form."""
    path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
    call = described["paths"].get(path, {}).get(method.lower(), {})
    schema = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return dict(_least(described, schema)) if schema else {}


def _least(described: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(described, described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "enum" in schema:
        return next(each for each in schema["enum"] if each is not None)
    plain = {"integer": 1, "number": 1, "boolean": True, "array": [], "string": "x"}
    kind = schema.get("type", "object")
    if kind in plain:
        return "2026-11-20" if schema.get("format") == "date" else plain[kind]
    given = schema.get("properties", {})
    least = {name: _least(described, given.get(name, {})) for name in schema.get("required", [])}
    return least | ({"password": PASSWORD} if "password" in least else {})


def state(session: Session) -> dict[str, int]:
    """Rows of each table, and how far the audit chain has come."""
    tables = {
        t.name: session.execute(select(func.count()).select_from(t)).scalar_one() for t in Base.metadata.sorted_tables
    }
    for name in ("api_token", "signin_attempt"):
        tables.pop(name)
    return tables


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    known = {rule.endpoint for rule, _ in routes(app)}
    listed = {each.split(":")[0] for each in table()}
    assert sorted(known - listed) == []
    assert sorted(listed - known) == []


@pytest.mark.parametrize("role", list(ROLES))
def test_every_route_as(app: Flask, walkers: dict[str, str], role: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client, who = app.test_client(), table()
    described = client.get("/api/v1/openapi.json").get_json()
    signed = client.post("/sign-in", data={"username": f"walks-as-{role}", "password": PASSWORD})
    assert signed.status_code == 302
    wrong = []
    with app.extensions["lims_readers"]() as session:
        before = state(session)
    for rule, method in routes(app):
        right = who.get(f"{rule.endpoint}:{method}") or who[rule.endpoint]
        if role in holders(right) - NARROWED.get(rule.endpoint, set()):
            continue
        answer = _asked(client, rule, method, walkers[role], described)
        if answer != 403:
            wrong.append(f"{method} {rule.endpoint} answered {answer}; {role} has no {right}")
    with app.extensions["lims_readers"]() as session:
        assert state(session) == before, "somebody without the right has changed something"
    for rule, method in routes(app):
        right = who.get(f"{rule.endpoint}:{method}") or who[rule.endpoint]
        if role in holders(right) - NARROWED.get(rule.endpoint, set()) and rule.endpoint != "account.sign_out":
            answer = _asked(client, rule, method, walkers[role], described)
            if answer in (401, 403) or answer >= 500:
                wrong.append(f"{method} {rule.endpoint} answered {answer}; {role} has {right}")
    assert wrong == []


def _asked(client: FlaskClient, rule: Rule, method: str, token: str, described: dict[str, Any]) -> int:
    if rule.endpoint.startswith("api"):
        sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}}
        if method != "GET":
            sent["json"] = body_for(described, rule, method) | SENT.get(rule.endpoint, {})
    else:
        sent = {"headers": {"Accept": "text/html"}, "data": SENT.get(rule.endpoint)}
    answer = client.open(address(rule), method=method, **sent)
    answer.close()
    return answer.status_code
