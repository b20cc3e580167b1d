"""Cases to their end, complaints that a customer sees alone, doubt about a standard, audits, risks."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lims.domain.errors import GateClosed, NotAllowed, NotFound, StaleEdit, UnusableValue, WrongPassword, WrongState
from lims.queries import cases as lists
from lims.queries import internal_audits as audit_lists
from lims.records import (
    Certificate,
    Instrument,
    InternalAudit,
    Notice,
    Person,
    PersonRole,
    QualityCase,
    Request,
    Signature,
)
from lims.services import cases, certificates, incidents, internal_audits, risks

from .conftest import PASSWORD, Lab


def issued(lab: Lab) -> Certificate:
    record = lab.verified()
    return certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )


def write(lab: Lab, number: str, *kinds: str) -> None:
    for kind in kinds:
        cases.add_entry(
            lab.session, number, kind, f"{kind} 已完成", who="tech", day=date(2026, 11, 23), flag=True,
            by=lab.who("quality"), at=lab.now(),
        )  # fmt: skip


def step(lab: Lab, number: str, state: str, who: str = "quality") -> QualityCase:
    return cases.move(lab.session, number, state, by=lab.who(who), at=lab.now())


def opened(lab: Lab, kind: str = "nonconformity") -> str:
    origin = {"type": "other", "number": ""}
    return cases.open_case(lab.session, kind, "读数漏记", origin=origin, by=lab.who("tech"), at=lab.now()).number


def test_a_nonconformity_goes_to_its_end_with_a_signed_resumption(lab: Lab) -> None:
    number = opened(lab)
    with pytest.raises(GateClosed):
        step(lab, number, "contained")
    write(lab, number, "containment", "cause", "effect", "action", "notification", "effectiveness")
    for state in ("contained", "evaluated", "decided", "notified"):
        step(lab, number, state)
    with pytest.raises(GateClosed):
        step(lab, number, "closed")  # work was halted and nobody has let it go on
    with pytest.raises(WrongPassword):
        cases.resume(lab.session, number, "x", "wrong", by=lab.who("quality"), at=lab.now())
    with pytest.raises(NotAllowed):
        cases.resume(lab.session, number, "x", PASSWORD, by=lab.who("tech"), at=lab.now())
    cases.resume(lab.session, number, "已复核", PASSWORD, by=lab.who("quality"), at=lab.now())
    assert lab.session.scalars(select(Signature.meaning).where(Signature.object_type == "quality_case")).all() == [
        "resume"
    ]
    assert step(lab, number, "closed").closed_at is not None
    with pytest.raises(WrongState):
        write(lab, number, "remark")


def test_a_check_that_found_no_effect_sends_the_case_back(lab: Lab) -> None:
    number = opened(lab)
    write(lab, number, "containment", "cause", "effect", "action", "notification")
    for state in ("contained", "evaluated", "decided", "notified"):
        step(lab, number, state)
    cases.add_entry(
        lab.session, number, "effectiveness", "仍有漏记", day=date(2026, 11, 23), by=lab.who("quality"), at=lab.now()
    )
    with pytest.raises(GateClosed):
        step(lab, number, "closed")
    step(lab, number, "evaluated")
    with pytest.raises(GateClosed):
        step(lab, number, "decided")  # the old action proved ineffective
    write(lab, number, "action")
    step(lab, number, "decided")


def test_a_customer_sees_their_own_complaint_and_what_was_told_alone(lab: Lab) -> None:
    customer, other = lab.who("customer"), lab.who("customer2")
    number = cases.open_case(
        lab.session, "complaint", "交付延迟", origin={"type": "certificate", "number": issued(lab).number},
        by=customer, at=lab.now(),
    ).number  # fmt: skip
    inside = opened(lab)
    cases.add_entry(lab.session, number, "remark", "请尽快", by=customer, at=lab.now())
    write(lab, number, "acknowledgement", "investigation", "remark")
    seen = lists.detail(lab.session, number, customer)
    assert [(entry.kind, who) for entry, who in seen.entries] == [("remark", None), ("acknowledgement", None)]
    assert seen.entries[0][0].text == "请尽快"
    assert [row.number for row in lists.page(lab.session, customer)] == [number]
    assert list(lists.page(lab.session, other)) == []
    for who, wanted in ((other, number), (customer, inside)):
        with pytest.raises(NotFound):
            lists.detail(lab.session, wanted, who)
    with pytest.raises(NotAllowed):
        cases.add_entry(lab.session, number, "decision", "x", by=customer, at=lab.now())
    with pytest.raises(NotAllowed):
        cases.open_case(lab.session, "hazard", "x", origin={}, by=customer, at=lab.now())


def test_a_customer_cannot_complain_of_another_customers_certificate(lab: Lab) -> None:
    origin = {"type": "certificate", "number": issued(lab).number}
    with pytest.raises(NotFound):
        cases.open_case(lab.session, "complaint", "x", origin=origin, by=lab.who("customer2"), at=lab.now())


def test_7_9_6_who_did_the_work_does_not_decide_the_complaint(lab: Lab) -> None:
    certificate = issued(lab)
    origin = {"type": "certificate", "number": certificate.number}
    number = cases.open_case(
        lab.session, "complaint", "数据有误", origin=origin, by=lab.who("customer"), at=lab.now()
    ).number
    write(lab, number, "acknowledgement", "investigation", "decision", "notification", "action")
    step(lab, number, "acknowledged")
    step(lab, number, "investigated")
    performer = lab.who("tech").person_id
    lab.session.add(PersonRole(person_id=performer, role="quality_manager"))  # the same person in both offices
    lab.session.flush()
    with pytest.raises(GateClosed) as refused:
        step(lab, number, "decided", "tech")
    assert "7.9.6" in str(refused.value)
    for state in ("decided", "notified", "closed"):
        step(lab, number, state)
    told = lab.session.scalars(
        select(Person.username).join(Notice, Notice.person_id == Person.id).where(Notice.kind == "complaint_decided")
    )
    assert "customer" in set(told)


def test_a_dispute_orders_an_arbitration_whose_item_is_frozen(lab: Lab) -> None:
    """计量法实施细则 第三十六条（未核对原文）: the technical state of what is in dispute is not altered."""
    certificate = issued(lab)
    item = lab.session.get_one(Request, certificate.request_id)
    incidents.dispute(lab.session, item.number, "结论有误", by=lab.who("customer"), at=lab.now())
    case = lab.session.scalars(select(QualityCase)).one()
    for who in ("customer", "quality"):  # who may not order work
        with pytest.raises(NotAllowed):
            cases.order_arbitration(lab.session, case.number, by=lab.who(who), at=lab.now())
    ordered = cases.order_arbitration(lab.session, case.number, by=lab.who("keeper"), at=lab.now())
    assert (ordered.work, ordered.document_kind, ordered.frozen) == ("arbitration", "verification", True)
    assert (ordered.instrument_id, ordered.customer_id, ordered.note) == (
        item.instrument_id,
        item.customer_id,
        case.number,
    )
    assert cases.arbitration_of(lab.session, case) == ordered.number
    with pytest.raises(UnusableValue):
        cases.order_arbitration(lab.session, case.number, by=lab.who("keeper"), at=lab.now())
    with pytest.raises(UnusableValue):
        cases.order_arbitration(lab.session, opened(lab), by=lab.who("keeper"), at=lab.now())


def test_an_objection_on_the_items_page_opens_a_dispute_with_its_last_day(lab: Lab) -> None:
    """15 working days of which nobody has read the source (m): from Monday 23 November to Monday 14 December 2026."""
    item = lab.session.get_one(Request, issued(lab).request_id).number
    incidents.dispute(lab.session, item, "结论有误", by=lab.who("customer"), at=lab.now())
    case = lab.session.scalars(select(QualityCase)).one()
    assert (case.kind, case.state, case.customer_id) == ("dispute", "received", lab.who("customer").customer_id)
    assert (case.origin["until"], case.origin["in_time"]) == ("2026-12-14", True)


def test_doubt_about_a_standard_lists_what_rests_on_it_and_tells_the_customer(lab: Lab) -> None:
    certificate = issued(lab)
    day = date(2026, 11, 23)
    quality = lab.who("quality")
    codes = lab.session.scalars(
        select(Instrument.code).where(Instrument.kind == "standard").order_by(Instrument.id)
    ).all()
    used = [code for code in codes if lists.affected_by(lab.session, code, day, day, quality)]
    assert used
    assert lists.affected_by(lab.session, used[0], day - timedelta(30), day - timedelta(1), quality) == []
    case = cases.open_impact(
        lab.session, used[0], "期间核查超限", from_day=day, to_day=day, by=lab.who("keeper"), at=lab.now()
    )
    assert [each["number"] for each in case.affected] == [certificate.number]
    standard = lab.session.scalars(select(Instrument).where(Instrument.code == used[0])).one()
    assert standard.state == "suspect"
    cases.decide_outcome(
        lab.session, case.number, certificate.number, "notice", "影响小于 U/3", by=quality, at=lab.now()
    )
    assert case.affected[0]["outcome"] == "notice"
    told = lab.session.scalars(
        select(Person.username).join(Notice, Notice.person_id == Person.id).where(Notice.kind == "certificate_doubt")
    )
    assert "customer" in set(told)
    write(lab, case.number, "containment", "cause", "effect", "action")
    for state in ("contained", "evaluated", "decided"):
        step(lab, case.number, state)
    cases.resume(lab.session, case.number, "重新校准合格", PASSWORD, by=quality, at=lab.now())
    assert standard.state == "in_service"


def test_an_audit_draws_a_sample_that_can_be_drawn_again_and_opens_a_case(lab: Lab) -> None:
    certificate, quality = issued(lab), lab.who("quality")
    row = internal_audits.plan(
        lab.session, "年度内审", ["7.5", "7.8"], date(2026, 11, 24), "manager", by=quality, at=lab.now()
    )
    internal_audits.draw(
        lab.session, row.number, {"certificate": 5, "authorisation": 3}, from_day=date(2026, 1, 1),
        to_day=date(2026, 12, 31), seed=7, by=quality, at=lab.now(),
    )  # fmt: skip
    lab.session.commit()
    lab.session.expire_all()
    row = lab.session.scalars(select(InternalAudit)).one()
    objects = row.sample["objects"]
    assert objects[0]["number"] == certificate.number
    names = audit_lists.population(lab.session, "authorisation", date(2026, 1, 1), date(2026, 12, 31), quality)
    by_hand = sorted(names, key=lambda name: hashlib.sha256(f"7:{name}".encode()).hexdigest())[:3]
    assert [each["number"] for each in objects if each["type"] == "authorisation"] == by_hand
    number = row.number
    with pytest.raises(UnusableValue):
        internal_audits.report(lab.session, number, "x", by=quality, at=lab.now())
    with pytest.raises(UnusableValue):
        internal_audits.note_finding(
            lab.session, number, 0, "nonconformity", "页码缺失", "8.9", by=quality, at=lab.now()
        )
    internal_audits.note_finding(lab.session, number, 0, "nonconformity", "页码缺失", "7.8", by=quality, at=lab.now())
    for n in range(1, len(objects)):
        internal_audits.note_finding(lab.session, number, n, "ok", "", by=quality, at=lab.now())
    case = lab.session.scalars(select(QualityCase).where(QualityCase.kind == "audit_finding")).one()
    assert case.origin["audit"] == number
    internal_audits.report(lab.session, number, "体系运行有效", by=quality, at=lab.now())
    assert internal_audits.close(lab.session, number, by=quality, at=lab.now()).state == "closed"


def test_a_risk_is_treated_with_a_day_of_review(lab: Lab) -> None:
    quality = lab.who("quality")
    row = risks.enter(lab.session, "停电", "设施", 3, 4, review_on=None, by=quality, at=lab.now())
    with pytest.raises(UnusableValue):
        risks.change(lab.session, row.id, "treated", 1, 4, "UPS", review_on=None, version=1, by=quality, at=lab.now())
    lab.session.rollback()
    row = risks.enter(lab.session, "停电", "设施", 3, 4, review_on=None, by=quality, at=lab.now())
    changed = risks.change(
        lab.session, row.id, "treated", 1, 4, "UPS", review_on=date(2027, 1, 1), version=1, by=quality, at=lab.now()
    )
    with pytest.raises(StaleEdit):
        risks.change(
            lab.session,
            row.id,
            "accepted",
            2,
            2,
            "late",
            review_on=date(2027, 2, 1),
            version=1,
            by=quality,
            at=lab.now(),
        )
    assert (changed.state, changed.likelihood) == ("treated", 1)
    with pytest.raises(UnusableValue):
        risks.enter(lab.session, "x", "y", 6, 1, review_on=None, by=quality, at=lab.now())
