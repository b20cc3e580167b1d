"""Fees: a price list in force and one proposed, a priced work order, invoices to be paid and paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain import fees as prices
from lims.queries import fees as lists
from lims.records import Invoice, Request, ServiceRequest, Tariff, WorkOrder
from lims.services import fees, people
from tests.factories import TODAY

PAGES = {
    "finance": "/fees/ /fees/?state=paid /fees/FP-2026-000001 /fees/work/RW-2026-900003 /fees/work/RW-2026-900001 "
    "/fees/tariffs/ /fees/tariffs/new",
    "customer": "/fees/ /fees/FP-2026-000001 /fees/work/RW-2026-900001 /fees/tariffs/",
    "auditor": "/fees/FP-2026-000002",
}
ROUTES = {
    "fees.read": "fees.index fees.detail fees.document fees.work fees.tariffs",
    "fees.manage": "fees.pay fees.cancel fees.change fees.new_tariff fees.move_tariff",
}
ENTRIES: list[dict[str, Any]] = [
    {"procedures": ["DMM-DCV"], "words": [], "work": ["calibration"], "per": "item", "price": "300.00", "urgent": "50",
     "on_site": "200.00"},
    {"procedures": [], "words": ["压力表"], "work": [], "per": "item", "price": "60", "urgent": "0", "on_site": "0"},
    {"procedures": ["PRESSURE-GAUGE"], "words": [], "work": ["calibration"], "per": "point", "price": "12.50",
     "urgent": "33", "on_site": "0"},
]  # fmt: skip
TARIFF: dict[str, Any] = {
    "code": "SF",
    "entries": ENTRIES,
    "source": {"title": "收费标准（演示）", "verified": False},
    "valid_from": TODAY,
}


def second_finance(session: Session, at: Any) -> Any:
    """Another person who keeps tariffs: what one proposes the other puts in force."""
    from tests.lims.services.conftest import PASSWORD

    people.add_person(session, username="finance2", name={"zh": "财二", "en": "Cai Er"}, password=PASSWORD,
                      roles=["finance"], by=None, at=at)  # fmt: skip
    return people.by_username(session, "finance2")


def a_priced_work_order(session: Session, number: int, state: str, at: Any) -> WorkOrder:
    """A work order with one finished job of 300.00 CNY; numbers far from the series', which other areas count on."""
    job = session.scalars(select(Request).order_by(Request.id)).first()
    assert job is not None
    order = ServiceRequest(
        number=f"WTD-2026-90000{number}", customer_id=job.customer_id, state="accepted", created_at=at
    )
    session.add(order)
    session.flush()
    keeper = people.by_username(session, "keeper")
    work = WorkOrder(number=f"RW-2026-90000{number}", service_request_id=order.id, kind="calibration", agreed={},
                     state=state, accepted_by_id=keeper.person_id, accepted_at=at)  # fmt: skip
    session.add(work)
    session.flush()
    made = Request(
        number=f"WT-2026-90000{number}",
        customer_id=job.customer_id,
        instrument_id=job.instrument_id,
        procedure_name=job.procedure_name,
        document_kind="calibration",
        rule={"rule": "none"},
        state="returned",
        created_at=at,
        work_order_id=work.id,
    )
    session.add(made)
    session.flush()
    line = prices.Line("tariff", prices.money("300.00", "x"), "DMM-DCV: 1 × 300.00", "SF 1")
    fees.fix(session, made, [line], by=keeper, at=at)
    return work


def fill(session: Session) -> None:
    from tests.web.laboratory import AT  # which imports the areas

    finance, other = people.by_username(session, "finance"), second_finance(session, AT)
    row = fees.propose_tariff(session, **TARIFF, by=finance, at=AT)
    fees.put_tariff_in_force(session, row.id, by=other, at=AT)
    fees.propose_tariff(session, **TARIFF, by=other, at=AT)
    for n in (1, 2, 3):
        a_priced_work_order(session, n, "done", AT)
    fees.adjust(session, "WT-2026-900001", "-50.00", "老客户", by=finance, at=AT)
    fees.invoice(session, "RW-2026-900001", by=finance, at=AT)
    paid = fees.invoice(session, "RW-2026-900002", by=finance, at=AT)
    assert paid is not None
    fees.pay(session, paid.number, by=finance, at=AT)


def _first(w: Any) -> str:
    return str(w.session.scalars(select(Invoice.number)).first() or "FP-2026-000001")


def _tariff(w: Any) -> int:
    return int(w.session.scalars(select(Tariff.id)).first() or 1)


DOORS: dict[str, Any] = {
    "services.fees.propose_tariff": lambda w, by: fees.propose_tariff(w.session, **TARIFF, by=by, at=w.lab.at),
    "services.fees.put_tariff_in_force": lambda w, by: fees.put_tariff_in_force(w.session, _tariff(w), by=by, at=w.lab.at),
    "services.fees.withdraw_tariff": lambda w, by: fees.withdraw_tariff(w.session, _tariff(w), "x", by=by, at=w.lab.at),
    "services.fees.adjust": lambda w, by: fees.adjust(w.session, w.request.number, "1.00", "x", by=by, at=w.lab.at),
    "services.fees.waive": lambda w, by: fees.waive(w.session, w.request.number, "x", by=by, at=w.lab.at),
    "services.fees.invoice": lambda w, by: fees.invoice(w.session, "RW-1", by=by, at=w.lab.at),
    "services.fees.pay": lambda w, by: fees.pay(w.session, _first(w), by=by, at=w.lab.at),
    "services.fees.cancel": lambda w, by: fees.cancel(w.session, _first(w), "x", by=by, at=w.lab.at),
    "queries.fees.tariffs": (lambda w, by: lists.tariffs(w.session, by), "customer2"),
    "queries.fees.release": lambda w, by: lists.release(w.session, w.certificate, by),
    "queries.fees.tariff": lambda w, by: lists.tariff(w.session, _tariff(w), by),
    "queries.fees.of_work": lambda w, by: lists.of_work(w.session, "RW-1", by),
    "queries.fees.page": (lambda w, by: lists.page(w.session, by), "customer2"),
    "queries.fees.invoice": lambda w, by: lists.invoice(w.session, _first(w), by),
    "queries.fees.to_invoice": (lambda w, by: lists.to_invoice(w.session, by), "customer2"),
}  # fmt: skip
OF_A_DOOR = "services and pages that have asked for the right"
INNER = {
    "services.fees.quote": "the contract review",
    "services.fees.fix": "the contract review",
    "services.fees.book": "the contract review",
    "queries.fees.tariff_on": OF_A_DOOR,
    "queries.fees.rows_of": OF_A_DOOR,
}
