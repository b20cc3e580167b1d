"""Contract review: lines accepted or refused with a ground, and the jobs that come of them. The gates are stood in for."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lims import audit
from lims.domain import gates
from lims.domain.agreement import Line, Terms
from lims.domain.errors import GateClosed, NotAllowed, StaleEdit, UnusableValue, WrongState
from lims.queries import orders as lists
from lims.records import Request, ServiceRequest
from lims.services import contract_review as reviews
from lims.services import demonstration, requests
from lims.services import orders as service
from lims.services.contract_review import Decision

from .conftest import Lab

ACCEPT = Decision(accept=True)
REFUSE = Decision(accept=False, reason_code="out_of_scope", reason="above 1 kV")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Gates that close for items whose serial says so; what was kept as evidence."""
    evidence: list[tuple[Any, ...]] = []

    def at_intake(_session: Any, *, instrument: Any, **said: Any) -> list[gates.Reason]:
        ok = "OUT" not in instrument.serial
        text = {"zh": "范围外", "en": f"{said['procedure_name']}: outside" if not ok else "inside"}
        return [gates.Reason(ok, "in_scope", text, "ISO/IEC 17025:2017, 7.1.1 c)")]

    def keep(_session: Any, step: str, kind: str, number: str, lines: Any, **_: Any) -> None:
        evidence.append((step, kind, number, [line.ok for line in lines]))

    monkeypatch.setattr(reviews, "gatekeeping", SimpleNamespace(at_intake=at_intake, keep=keep))
    return evidence


def submitted(lab: Lab, *serials: str, terms: Terms | None = None, **line: Any) -> ServiceRequest:
    who = lab.who("customer")
    assert who.customer_id is not None
    lines = [Line(dict(demonstration.ITEM) | {"serial": serial}, **line) for serial in serials]
    order = service.draft(
        lab.session, customer_id=who.customer_id, terms=terms or Terms(), lines=lines, by=who, at=lab.now()
    )
    service.submit(lab.session, order.number, by=who, at=lab.now())
    lab.session.commit()
    return order


def decide(lab: Lab, order: ServiceRequest, *decisions: Decision, who: str = "keeper", **more: Any) -> ServiceRequest:
    lines = lists.lines_of(lab.session, order.id)
    said = {line.id: decision for line, decision in zip(lines, decisions, strict=False)}
    facts = {"version": order.version, "due": None} | more
    return reviews.decide(lab.session, order.number, said, **facts, by=lab.who(who), at=lab.now())


def test_five_items_two_kinds_of_work_one_refused(lab: Lab, kept: list[tuple[Any, ...]]) -> None:
    order = submitted(lab, "A", "B", "OUT", "C", terms=Terms(accredited=True))
    lines = lists.lines_of(lab.session, order.id)
    lines[1].work, lines[1].wanted, lines[1].use = "periodic", "verification", "trade"
    lab.session.commit()
    due = lab.at.date() + timedelta(days=9)
    decide(lab, order, ACCEPT, ACCEPT, REFUSE, ACCEPT, due=due)
    assert order.state == "accepted"
    found = lists.detail(lab.session, order.number, lab.who("customer"))
    assert [(work.kind, work.due) for work in found.work] == [("calibration", due), ("periodic", due)]
    jobs = [each.request for each in found.lines]
    assert [job and (job.work, job.use, job.document_kind, job.accredited) for job in jobs] == [
        ("calibration", "other", "calibration", True),
        ("periodic", "trade", "verification", True),
        None,
        ("calibration", "other", "calibration", True),
    ]
    refused = found.lines[2].line
    assert (refused.state, refused.reason_code, refused.reason) == ("refused", "out_of_scope", "above 1 kV")
    assert refused.review[0]["ok"] is False, "the customer sees what the gate said"
    assert {entry[1:3] for entry in kept} == {("request", job.number) for job in jobs if job} | {
        ("service_request_line", f"{order.number}/3")
    }
    assert audit.verify(lab.session).ok


def test_all_refused_refuses_the_order_with_its_ground_and_makes_no_job(lab: Lab) -> None:
    order = submitted(lab, "OUT-1")
    before = lab.session.query(Request).count()
    decide(lab, order, REFUSE)
    assert (order.state, order.reason_code, order.reason) == ("refused", "out_of_scope", "above 1 kV")
    assert lab.session.query(Request).count() == before
    with pytest.raises(WrongState):
        decide(lab, order, REFUSE)


def test_nothing_is_accepted_against_a_closed_gate(lab: Lab) -> None:
    order = submitted(lab, "A", "OUT")
    before = lab.session.query(Request).count()
    with pytest.raises(GateClosed) as refused:
        decide(lab, order, ACCEPT, ACCEPT)
    assert refused.value.facts["clause"] == "ISO/IEC 17025:2017, 7.1.1 c)"
    lab.session.rollback()
    assert order.state == "submitted" and lab.session.query(Request).count() == before


@pytest.mark.parametrize(
    ("decisions", "more", "field"),
    [
        ([ACCEPT], {}, "decision"),
        ([ACCEPT, Decision(accept=False)], {}, "reason_code"),
        ([ACCEPT, Decision(accept=False, reason_code="whim", reason="x")], {}, "reason_code"),
        ([ACCEPT, Decision(accept=False, reason_code="capacity")], {}, "reason"),
    ],
)
def test_every_line_is_decided_and_a_refusal_names_its_ground(
    lab: Lab, decisions: list[Decision], more: dict[str, Any], field: str
) -> None:
    order = submitted(lab, "A", "B")
    with pytest.raises(UnusableValue) as refused:
        decide(lab, order, *decisions, **more)
    assert refused.value.facts["field"] == field
    assert refused.value.facts["line"] == lists.lines_of(lab.session, order.id)[1].id


def test_a_promised_day_is_not_in_the_past(lab: Lab) -> None:
    order = submitted(lab, "A")
    with pytest.raises(UnusableValue):
        decide(lab, order, ACCEPT, due=lab.at.date() - timedelta(days=1))


def test_a_line_without_method_is_not_accepted(lab: Lab) -> None:
    who = lab.who("customer")
    item = {"maker": "X", "model": "UNKNOWN-1", "serial": "1", "description": {"zh": "某表", "en": "meter"}}
    order = service.draft(
        lab.session, customer_id=who.customer_id or 0, terms=Terms(), lines=[Line(item)], by=who, at=lab.now()
    )
    service.submit(lab.session, order.number, by=who, at=lab.now())
    looked = reviews.look(lab.session, order.number, by=lab.who("keeper"), at=lab.now())
    assert looked.lines[0].procedure is None
    with pytest.raises(UnusableValue) as refused:
        decide(lab, order, ACCEPT)
    assert refused.value.facts["field"] == "procedure"
    decide(lab, order, Decision(accept=True, procedure="DMM-DCV"))
    assert lists.detail(lab.session, order.number, who).lines[0].line.procedure_name == "DMM-DCV"


def test_the_method_of_last_time_is_suggested_and_else_one_that_names_the_model(lab: Lab) -> None:
    order = submitted(lab, "A")
    looked = reviews.look(lab.session, order.number, by=lab.who("manager"), at=lab.now())
    assert looked.lines[0].suggested and looked.lines[0].procedure == "DMM-DCV"
    assert looked.due is not None and (looked.due - lab.at.date()).days == 14, "ten working days, no holidays kept"
    other = next(v.name for v in lists.procedures_in_force(lab.session) if v.name != "DMM-DCV")
    lab.session.add(
        Request(
            number="WT-X",
            customer_id=order.customer_id,
            instrument_id=looked.lines[0].item.id,
            procedure_name=other,
            document_kind="calibration",
            rule={"rule": "none"},
            state="closed",
            created_at=lab.at,
        )
    )
    lab.session.flush()
    again = reviews.look(lab.session, order.number, by=lab.who("manager"), at=lab.now())
    assert again.lines[0].procedure == other


def test_the_technical_manager_reviews_and_a_technician_does_not(lab: Lab) -> None:
    order = submitted(lab, "A")
    with pytest.raises(NotAllowed):
        decide(lab, order, ACCEPT, who="tech")
    assert decide(lab, order, ACCEPT, who="manager").state == "accepted"


def test_two_reviewers_do_not_both_decide(lab: Lab) -> None:
    order = submitted(lab, "A")
    with pytest.raises(StaleEdit):
        decide(lab, order, ACCEPT, version=order.version - 1)


def test_given_back_with_a_question_it_is_the_customers_draft_again(lab: Lab) -> None:
    order = submitted(lab, "A")
    with pytest.raises(UnusableValue):
        reviews.give_back(lab.session, order.number, " ", by=lab.who("keeper"), at=lab.now())
    reviews.give_back(lab.session, order.number, "Which range?", by=lab.who("keeper"), at=lab.now())
    assert (order.state, order.reason) == ("draft", "Which range?")
    service.submit(lab.session, order.number, by=lab.who("customer"), at=lab.now())
    assert order.reason == ""


def test_an_arbitration_begins_frozen(lab: Lab) -> None:
    """计量法 第二十一条, as read in the domain notes: no party may alter the technical state."""
    order = submitted(lab, "A", work="arbitration", use="trade")
    decide(lab, order, ACCEPT)
    job = lists.detail(lab.session, order.number, lab.who("keeper")).lines[0].request
    assert job is not None and job.frozen and job.document_kind == "verification"


def test_the_first_item_received_puts_the_work_order_in_progress(lab: Lab) -> None:
    order = submitted(lab, "A", "B")
    decide(lab, order, ACCEPT, ACCEPT)
    found = lists.detail(lab.session, order.number, lab.who("keeper"))
    assert found.lines[0].request is not None
    requests.receive(
        lab.session,
        found.lines[0].request.number,
        condition=demonstration.CONDITION,
        accessories="",
        by=lab.who("keeper"),
        at=lab.now(),
    )
    assert lists.detail(lab.session, order.number, lab.who("customer")).work[0].state == "in_progress"
