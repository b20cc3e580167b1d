"""Rules, gates and measurement standards."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lims.queries import measurement_standards as standards
from lims.queries import rules as lists
from lims.queries import standard_file
from lims.records import GateRule, MeasurementStandard
from lims.services import measurement_standards, rules
from tests.factories import TODAY

PAGES = {
    "manager": "/rules/ /rules/new",
    "tech": "/rules/ /measurement-standards/ /measurement-standards/JB-2026-000001",
    "keeper": "/measurement-standards/JB-2026-000001",
}
ROUTES = {
    "standards.read": "measurement_standards.file",
    "standards.test": "measurement_standards.test",
    "standards.manage": "measurement_standards.plan",
}
SOURCE = {"title": "内部规定", "clause": "3.1", "verified": True}
RULE: dict[str, Any] = {
    "code": "in_scope",
    "jurisdiction": "laboratory",
    "effect": "warn",
    "parameters": {},
    "source": SOURCE,
    "valid_from": TODAY,
}
LINE: dict[str, Any] = {
    "catalogue": "x",
    "number": "1",
    "name": {"zh": "表", "en": "gauge"},
    "words": ["表"],
    "uses": ["trade"],
    "mode": "periodic",
    "interval": 12,
    "source": SOURCE,
    "valid_from": TODAY,
}


def a_rule(w: Any) -> int:
    return int(w.session.scalars(select(GateRule.id)).first() or 0)


def a_standard(w: Any) -> str:
    return str(w.session.scalars(select(MeasurementStandard.code)).first())


DOORS = {
    "queries.rules.history": lambda w, by: lists.history(w.session, by),
    "queries.rules.rule": lambda w, by: lists.rule(w.session, a_rule(w), by),
    "queries.rules.evidence": lambda w, by: lists.evidence(w.session, "record", w.issued.number, by),
    "services.rules.propose": lambda w, by: rules.propose(w.session, **RULE, by=by, at=w.lab.at),
    "services.rules.put_in_force": lambda w, by: rules.put_in_force(w.session, a_rule(w), by=by, at=w.lab.at),
    "services.rules.withdraw": lambda w, by: rules.withdraw(w.session, a_rule(w), "x", by=by, at=w.lab.at),
    "services.rules.list_instrument": lambda w, by: rules.list_instrument(w.session, **LINE, by=by, at=w.lab.at),
    "queries.measurement_standards.lines": lambda w, by: standards.lines(w.session, by, on=TODAY),
    "queries.measurement_standards.by_code": lambda w, by: standards.by_code(w.session, a_standard(w), by),
    "queries.measurement_standards.life": lambda w, by: standards.life(w.session, a_standard(w), by, on=TODAY),
    "services.measurement_standards.enter": lambda w, by: measurement_standards.enter(
        w.session,
        name={"zh": "x", "en": "x"},
        level="public",
        scope={"procedures": ["X"]},
        place={},
        equipment=[(1, "main")],
        by=by,
        at=w.lab.at,
    ),
    "services.measurement_standards.move": lambda w, by: measurement_standards.move(
        w.session, a_standard(w), "changed", "x", by=by, at=w.lab.at
    ),
    "services.measurement_standards.plan": lambda w, by: measurement_standards.plan(
        w.session, a_standard(w), "stability", {"mpe": 1.0}, version=1, by=by, at=w.lab.at
    ),
    "services.measurement_standards.add_test": lambda w, by: measurement_standards.add_test(
        w.session, a_standard(w), "repeatability", TODAY, [1.0] * 10, by=by, at=w.lab.at
    ),
    "queries.standard_file.file": lambda w, by: standard_file.file(w.session, a_standard(w), by, on=TODAY),
    "services.measurement_standards.note": lambda w, by: measurement_standards.note(
        w.session, a_standard(w), "x", by=by, at=w.lab.at
    ),
}
BEFORE = "services that have asked for the right of the step"
INNER = {
    "queries.standard_file.due_of": "the file and its page",
    "services.measurement_standard_examples.a_year": "founding of the demonstration",
    "queries.rules.jurisdictions": "reads the profile",
    "queries.rules.on_day": BEFORE,
    "queries.rules.parameter": BEFORE,
    "queries.rules.catalogue_on": BEFORE,
    "queries.rules.compulsory_for": BEFORE,
    "queries.rules.standards_covering": BEFORE,
    "services.rules.seed": "founding",
    "services.gatekeeping.ruled": BEFORE,
    "services.gatekeeping.at_intake": BEFORE,
    "services.gatekeeping.standard_line": BEFORE,
    "services.gatekeeping.of_job": BEFORE,
    "services.gatekeeping.pass_through": BEFORE,
    "services.gatekeeping.keep": BEFORE,
    "services.gatekeeping.keep_refused": "who ends the refused transaction",
}
