"""Fees at work: quoted at the review, fixed on acceptance, free where the law says so, invoiced once, paid or cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lims import audit
from lims.domain.agreement import Line, Terms
from lims.domain.errors import GateClosed, NotAllowed, NotFound, UnusableValue, WrongState
from lims.queries import fees as lists
from lims.records import Certificate, Fee, Instrument, Invoice, Laboratory, Notice, Receipt, Request, WorkOrder
from lims.services import contract_review as reviews
from lims.services import demonstration, fees, rules
from lims.services import orders as service
from lims.services.contract_review import Decision
from tests.areas.fees import TARIFF, a_priced_work_order, second_finance

from .conftest import Lab

SOURCE = {"title": "内部规定", "clause": "", "verified": True}


def tariff(lab: Lab, **change: Any) -> Any:
    row = fees.propose_tariff(lab.session, **TARIFF | change, by=lab.who("finance"), at=lab.now())
    other = second_finance(lab.session, lab.now())
    return fees.put_tariff_in_force(lab.session, row.id, by=other, at=lab.now())


def accepted(lab: Lab, urgent: bool = False, place: str = "laboratory") -> tuple[WorkOrder, Request]:
    """One item of a customer, ordered and accepted; the gates are open for it."""
    who = lab.who("customer")
    assert who.customer_id is not None
    terms = Terms(urgent=urgent, place=place, site="云岭市 1 号车间" if place != "laboratory" else "")
    line = Line(dict(demonstration.ITEM), procedure="DMM-DCV")
    order = service.draft(lab.session, customer_id=who.customer_id, terms=terms, lines=[line], by=who, at=lab.now())
    service.submit(lab.session, order.number, by=who, at=lab.now())
    look = reviews.look(lab.session, order.number, by=lab.who("keeper"), at=lab.now())
    reviews.decide(
        lab.session,
        order.number,
        {look.lines[0].line.id: Decision(accept=True, procedure="DMM-DCV")},
        version=order.version,
        due=None,
        by=lab.who("keeper"),
        at=lab.now(),
    )
    work = lab.session.scalars(select(WorkOrder)).one()
    return work, lab.session.scalars(select(Request).where(Request.work_order_id == work.id)).one()


def invoiced(lab: Lab, work: WorkOrder) -> Invoice:
    made = fees.invoice(lab.session, work.number, by=lab.who("finance"), at=lab.now())
    assert made is not None
    return made


def test_what_was_quoted_is_fixed_on_acceptance_and_a_later_tariff_changes_nothing(lab: Lab) -> None:
    """By hand from the price list: 300.00, half of it for haste, 200.00 for the way."""
    row = tariff(lab)
    work, request = accepted(lab, urgent=True, place="on_site")
    assert work.agreed["lines"][0]["fee"] == "650.00"
    rows = lab.session.scalars(select(Fee).where(Fee.request_id == request.id).order_by(Fee.id)).all()
    assert [(r.kind, r.amount, r.tariff_id) for r in rows] == [
        ("tariff", "300.00", row.id),
        ("urgent", "150.00", row.id),
        ("on_site", "200.00", row.id),
    ]
    dearer = [entry | {"price": "999"} for entry in TARIFF["entries"]]
    newer = fees.propose_tariff(lab.session, **TARIFF | {"entries": dearer}, by=lab.who("finance2"), at=lab.now())
    fees.put_tariff_in_force(lab.session, newer.id, by=lab.who("finance"), at=lab.now())
    found = lists.of_work(lab.session, work.number, lab.who("finance"))
    assert str(found.total) == "650.00"
    assert audit.verify(lab.session).ok


def test_without_a_price_list_an_order_is_accepted_without_a_price(lab: Lab) -> None:
    work, request = accepted(lab)
    assert work.agreed["lines"][0]["fee"] is None
    assert lab.session.scalars(select(Fee).where(Fee.request_id == request.id)).all() == []
    with pytest.raises(UnusableValue):
        fees.invoice(lab.session, work.number, by=lab.who("finance"), at=lab.now())


def test_who_proposed_a_price_list_does_not_put_it_in_force(lab: Lab) -> None:
    row = fees.propose_tariff(lab.session, **TARIFF, by=lab.who("finance"), at=lab.now())
    with pytest.raises(GateClosed):
        fees.put_tariff_in_force(lab.session, row.id, by=lab.who("finance"), at=lab.now())
    assert row.state == "proposed" and lists.tariff_on(lab.session, lab.at.date()) is None


def test_the_price_of_a_day_is_that_of_the_version_in_force_on_it(lab: Lab) -> None:
    first = tariff(lab)
    later = TARIFF["valid_from"] + timedelta(days=30)
    second = fees.propose_tariff(lab.session, **TARIFF | {"valid_from": later}, by=lab.who("finance"), at=lab.now())
    fees.put_tariff_in_force(lab.session, second.id, by=lab.who("finance2"), at=lab.now())
    days = {later - timedelta(days=1): first.id, later: second.id, TARIFF["valid_from"] - timedelta(days=1): None}
    for day, wanted in days.items():
        found = lists.tariff_on(lab.session, day)
        assert (None if found is None else found.id) == wanted


@pytest.mark.parametrize(
    ("work", "use", "kind", "amount"),
    [
        pytest.param("periodic", "safety", "statutory_free", "0.00", id="compulsory: free (rule compulsory_fee)"),
        pytest.param("periodic", "other", "tariff", "60.00", id="L1 §9: listed but not so used is paid"),
        pytest.param("calibration", "safety", "tariff", "60.00", id="a calibration is no verification"),
        pytest.param("arbitration", "safety", "tariff", "60.00", id="an arbitration is paid"),
    ],
)
def test_compulsory_verification_is_free_and_nothing_else(
    lab: Lab, work: str, use: str, kind: str, amount: str
) -> None:
    tariff(lab)
    rules.list_instrument(lab.session, catalogue="强检目录（演示）", number="1", name={"zh": "压力表", "en": "gauge"},
                          words=["压力表"], uses=["safety"], mode="periodic", interval=6, source=SOURCE,
                          valid_from=TARIFF["valid_from"], by=None, at=lab.now())  # fmt: skip
    gauge = Instrument(code="YLB", kind="item", maker="蓝岭", model="Y-100", serial="1", state="in_service",
                       description={"zh": "一般压力表", "en": "gauge"}, details={})  # fmt: skip
    [line] = fees.quote(lab.session, procedure_name="X", work=work, use=use, urgent=False, place="laboratory",
                        instrument=gauge, day=TARIFF["valid_from"])  # fmt: skip
    assert (line.kind, f"{line.amount:.2f}") == (kind, amount)


def test_an_invoice_is_made_once_paid_and_its_customer_told(lab: Lab) -> None:
    accepted(lab)
    work = a_priced_work_order(lab.session, 1, "done", lab.now())
    finance = lab.who("finance")
    fees.adjust(lab.session, "WT-2026-900001", "-49.99", "老客户", by=finance, at=lab.now())
    invoice = invoiced(lab, work)
    assert (invoice.number, invoice.total, invoice.state) == ("FP-2026-000001", "250.01", "issued")
    told = lab.session.scalars(select(Notice).where(Notice.kind == "invoice_issued")).all()
    assert [note.person_id for note in told] == [lab.who("customer").person_id] and told[0].done_at is None
    for act in (
        lambda: fees.invoice(lab.session, work.number, by=finance, at=lab.now()),
        lambda: fees.adjust(lab.session, "WT-2026-900001", "5.00", "x", by=finance, at=lab.now()),
        lambda: fees.waive(lab.session, "WT-2026-900001", "x", by=finance, at=lab.now()),
    ):
        with pytest.raises(UnusableValue, match="FP-2026-000001"):
            act()
    with pytest.raises(NotFound):
        lists.invoice(lab.session, invoice.number, lab.who("customer2"))
    fees.pay(lab.session, invoice.number, by=finance, at=lab.now())
    assert invoice.paid_at is not None and told[0].done_at is not None
    with pytest.raises(WrongState):
        fees.cancel(lab.session, invoice.number, "x", by=finance, at=lab.now())
    assert audit.verify(lab.session).ok


def test_a_cancelled_invoice_leaves_room_for_another(lab: Lab) -> None:
    accepted(lab)
    work, finance = a_priced_work_order(lab.session, 1, "done", lab.now()), lab.who("finance")
    first = invoiced(lab, work)
    with pytest.raises(UnusableValue):
        fees.cancel(lab.session, first.number, " ", by=finance, at=lab.now())
    fees.cancel(lab.session, first.number, "抬头有误", by=finance, at=lab.now())
    assert invoiced(lab, work).number == "FP-2026-000002"


def test_a_fee_falls_to_zero_at_most_and_is_waived_with_right_and_reason(lab: Lab) -> None:
    accepted(lab)
    work, finance = a_priced_work_order(lab.session, 1, "done", lab.now()), lab.who("finance")
    with pytest.raises(UnusableValue):
        fees.adjust(lab.session, "WT-2026-900001", "-300.01", "x", by=finance, at=lab.now())
    with pytest.raises(NotAllowed):
        fees.waive(lab.session, "WT-2026-900001", "x", by=lab.who("keeper"), at=lab.now())
    with pytest.raises(UnusableValue):
        fees.waive(lab.session, "WT-2026-900001", "", by=finance, at=lab.now())
    row = fees.waive(lab.session, "WT-2026-900001", "公益项目", by=finance, at=lab.now())
    assert (row.kind, row.amount, row.reason) == ("waived", "-300.00", "公益项目")
    with pytest.raises(UnusableValue):
        fees.invoice(lab.session, work.number, by=finance, at=lab.now())


@pytest.mark.parametrize(
    ("days", "waives", "total"),
    [(9, True, "300.00"), (11, True, None), (11, False, "300.00")],
    ids=["in time: paid", "L3 §8, §15: late, no fee", "late in a term that does not waive: paid"],
)
def test_late_work_is_free_where_its_term_says_so(lab: Lab, days: int, waives: bool, total: str | None) -> None:
    accepted(lab)
    work, finance = a_priced_work_order(lab.session, 1, "done", lab.now()), lab.who("finance")
    kept = lab.session.get_one(Laboratory, 1)
    term = {"days": 10, "counted": "calendar", "waives_fee": waives, "source": {"title": "期限"}}
    kept.profile = kept.profile | {"terms": {"calibration": term}}
    job = lab.session.scalars(select(Request).where(Request.work_order_id == work.id)).one()
    lab.session.add(Receipt(request_id=job.id, condition={"zh": "", "en": ""}, received_at=lab.at, by_id=1))
    lab.session.flush()
    later = lab.at + timedelta(days=days)
    assert [each.number for each, _ in lists.to_invoice(lab.session, finance)] == [work.number]
    made = fees.invoice(lab.session, work.number, by=finance, at=later)
    assert (made and made.total) == total
    assert str(lists.of_work(lab.session, work.number, finance).total) == (total or "0.00")
    assert lists.to_invoice(lab.session, finance) == [], "invoiced, or free"


def test_a_certificate_is_handed_out_after_payment_where_the_laboratory_says_so(lab: Lab) -> None:
    accepted(lab)
    work, finance = a_priced_work_order(lab.session, 1, "done", lab.now()), lab.who("finance")
    job = lab.session.scalars(select(Request).where(Request.work_order_id == work.id)).one()
    certificate, customer = Certificate(number="YS-X", request_id=job.id), lab.who("customer")
    lists.release(lab.session, certificate, customer)  # the rule is off as shipped
    kept = lab.session.get_one(Laboratory, 1)
    kept.profile = kept.profile | {"release_after_payment": True}
    lab.session.flush()
    lists.release(lab.session, certificate, lab.who("tech"))
    invoice = invoiced(lab, work)
    with pytest.raises(GateClosed) as refused:
        lists.release(lab.session, certificate, customer)
    assert "300.00" in refused.value.facts["reason"]["en"]
    fees.pay(lab.session, invoice.number, by=finance, at=lab.now())
    lists.release(lab.session, certificate, customer)
