"""Gates on both databases: rules in force, evidence kept of what was taken and refused, compulsory verification."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from lims.domain.errors import GateClosed, NotAllowed, UnusableValue
from lims.queries import rules as lists
from lims.records import GateEvidence, GateRule, Instrument, Request
from lims.services import bench, certificates, demonstration, gatekeeping, measurement_standards, requests, rules
from tests.factories import TODAY

from .conftest import PASSWORD, Lab

SOURCE = {"title": "内部规定", "clause": "3.1", "verified": True}


def propose(lab: Lab, code: str, effect: str, **more: object) -> GateRule:
    facts = {"jurisdiction": "laboratory", "parameters": {}, "source": SOURCE, "valid_from": TODAY} | more
    return rules.propose(lab.session, code=code, effect=effect, by=lab.who("manager"), at=lab.now(), **facts)  # type: ignore[arg-type]


def test_a_rule_is_put_in_force_by_another_person_and_the_one_before_stays_readable(lab: Lab) -> None:
    first = propose(lab, "in_scope", "warn")
    with pytest.raises(GateClosed, match="another person"):
        rules.put_in_force(lab.session, first.id, by=lab.who("manager"), at=lab.now())
    rules.put_in_force(lab.session, first.id, by=lab.who("quality"), at=lab.now())
    assert lists.on_day(lab.session, TODAY)["in_scope"].effect == "warn"
    second = propose(lab, "in_scope", "off", valid_from=TODAY + timedelta(days=10))
    rules.put_in_force(lab.session, second.id, by=lab.who("quality"), at=lab.now())
    assert (first.state, first.valid_to) == ("superseded", TODAY + timedelta(days=9))
    assert lists.on_day(lab.session, TODAY + timedelta(days=9))["in_scope"].effect == "warn"
    assert lists.on_day(lab.session, TODAY + timedelta(days=10))["in_scope"].effect == "off"


def test_a_technician_reads_the_rules_and_changes_none(lab: Lab) -> None:
    assert lists.history(lab.session, lab.who("tech"))
    with pytest.raises(NotAllowed):
        rules.propose(
            lab.session, code="in_scope", jurisdiction="CN", effect="off", parameters={}, source=SOURCE,
            valid_from=TODAY, by=lab.who("tech"), at=lab.now(),
        )  # fmt: skip
    with pytest.raises(UnusableValue):
        propose(lab, "separation", "off")


def test_a_taken_step_leaves_its_evidence(lab: Lab) -> None:
    record = lab.verified()
    certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    steps = {row.step: row for row in lab.session.scalars(select(GateEvidence))}
    assert {"start as_found", "verify", "issue"} <= set(steps)
    assert all(row.ok and row.lines for row in steps.values())
    assert any(line["code"] == "separation" for line in steps["issue"].lines)


def test_a_refused_step_is_undone_and_its_evidence_kept(lab: Lab) -> None:
    request = lab.request()
    lab.session.commit()
    late = lab.at + timedelta(days=300)
    with pytest.raises(GateClosed) as refused:
        bench.enter_readings(lab.session, request.number, "as_found", [], by=lab.who("tech"), at=late)
    lab.session.rollback()
    started = select(GateEvidence).where(GateEvidence.step == "start as_found")
    assert lab.session.scalar(started) is None
    assert gatekeeping.keep_refused(lab.session, refused.value)
    row = lab.session.scalars(started).one()
    assert (row.ok, row.object_number, row.step) == (False, request.number, "start as_found")
    bad = [line for line in row.lines if not line["ok"] and not line.get("warn")]
    assert {line["code"] for line in bad} == {"standard_in_date"} and bad[0]["clause"]


def test_a_customer_s_request_passes_the_gates_of_intake_and_the_office_keeps_their_lines(lab: Lab) -> None:
    """ISO/IEC 17025:2017, 7.1.1: nothing is accepted by nobody; a request with a standard out of date wants a person."""
    accepted = select(GateEvidence).where(GateEvidence.step == requests.ACCEPT).order_by(GateEvidence.id.desc())
    request = lab.request()
    row = lab.session.scalars(accepted).first()
    assert row is not None and row.ok and row.object_number == request.number
    late = lab.at + timedelta(days=300)
    with pytest.raises(GateClosed, match="accepting the request is refused"):
        asked(lab, "customer", late)
    office = asked(lab, "keeper", late)
    row = lab.session.scalars(accepted).first()
    assert row is not None and not row.ok and row.object_number == office.number


def asked(lab: Lab, who: str, at: datetime) -> Request:
    customer = lab.who("customer").customer_id
    assert customer is not None
    return requests.create(
        lab.session,
        customer_id=customer,
        instrument=demonstration.ITEM,
        procedure="DMM-DCV",
        document_kind="calibration",
        rule={"rule": "none"},
        by=lab.who(who),
        at=at,
    )


def test_an_item_under_compulsory_verification_is_not_calibrated(lab: Lab) -> None:
    """L1 9: the laboratory's catalogue lists pressure gauges used for safety."""
    request = lab.request(use="safety")
    item = lab.session.get_one(Instrument, request.instrument_id)
    assert "compulsory_by_verification" not in closed(lab, request.number)
    item.description = {"zh": "一般压力表", "en": "pressure gauge"}
    lab.session.flush()
    assert "compulsory_by_verification" in closed(lab, request.number)


def closed(lab: Lab, number: str) -> set[str]:
    return {line.code for line in bench.gates_before(lab.session, number, by=lab.who("tech"), at=lab.at) if line.blocks}


def test_a_verification_wants_a_measurement_standard_in_force(lab: Lab) -> None:
    request = lab.request(document_kind="verification")
    assert "standard_certificate_covers" not in closed(lab, request.number)
    keeper = lab.who("keeper")
    measurement_standards.move(
        lab.session, "JB-2026-000001", "sealed", "搬迁", approval="批 1", by=keeper, at=lab.now()
    )
    assert "standard_certificate_covers" in closed(lab, request.number)
    calibration = lab.request()
    lines = bench.gates_before(lab.session, calibration.number, by=lab.who("tech"), at=lab.at)
    warned = [line for line in lines if line.code == "standard_certificate_covers"]
    assert warned and not warned[0].ok and warned[0].warn


def test_a_public_standard_is_not_stopped_without_approval(lab: Lab) -> None:
    with pytest.raises(UnusableValue, match="approval"):
        measurement_standards.move(lab.session, "JB-2026-000001", "sealed", "搬迁", by=lab.who("keeper"), at=lab.now())


def test_an_arbitrated_item_is_not_adjusted(lab: Lab) -> None:
    request = lab.request(as_left=True)
    request.frozen = True
    lab.session.flush()
    with pytest.raises(GateClosed, match="arbitration"):
        bench.enter_readings(lab.session, request.number, "as_left", [], by=lab.who("tech"), at=lab.now())


def test_intake_names_each_reason_with_its_clause(lab: Lab) -> None:
    item = lab.session.get_one(Instrument, lab.request().instrument_id)
    lines = gatekeeping.at_intake(
        lab.session, instrument=item, wanted="calibration", work="calibration", use="other",
        procedure_name="DMM-DCV", rule={"rule": "none"}, accredited=False, at=lab.at,
    )  # fmt: skip
    codes = {line.code for line in lines}
    assert {
        "procedure_chosen",
        "somebody_authorised",
        "in_scope",
        "standard_in_date",
        "compulsory_by_verification",
    } <= codes
    assert all(line.clause and line.text["zh"] and line.text["en"] for line in lines)
    assert not [line for line in lines if line.blocks]
    missing = gatekeeping.at_intake(
        lab.session, instrument=item, wanted="calibration", work="calibration", use="other",
        procedure_name="", rule={"rule": "none"}, accredited=False, at=lab.at,
    )  # fmt: skip
    assert [line.code for line in missing if line.blocks] == ["procedure_chosen"]


def test_shipped_rules_are_entered_once(lab: Lab) -> None:
    assert rules.seed(lab.session, at=lab.now()) == 0
