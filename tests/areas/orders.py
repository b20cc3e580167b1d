"""Orders, work orders, customers and the ledger of instruments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.agreement import Line, Terms
from lims.queries import ledger as books
from lims.queries import orders as lists
from lims.records import Customer, Instrument
from lims.services import contract_review, ledger, orders, people, requests, work_orders


def _order(w: Any) -> str:
    """A number that nobody has; that customers find no other's order is asked in test_orders.py, where there is one."""
    del w
    return "WTD-1"


def _line(w: Any) -> list[Line]:
    return [Line(w.request.instrument_id)]


def _owner(w: Any) -> Customer:
    return w.session.get_one(Customer, w.request.customer_id)


CUSTOMER: dict[str, Any] = {"name": {"zh": "新"}, "address": {}, "contact": "", "details": {}}
EDIT: dict[str, Any] = {"identity": {}, "details": {}, "due": None, "reason": ""}

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PAGES = {
    "customer": "/mine/?way=overdue /orders/ /orders/new /orders/WTD-2026-000001 /orders/WTD-2026-000001/edit "
    "/orders/WTD-2026-000002 /orders/work/ /instruments/ /instruments/YQ-2026-000005",
    "keeper": "/orders/ /orders/new /orders/new?customer=1 /orders/work/ /orders/work/new /orders/work/RW-2026-000001 "
    "/customers/ /customers/new /customers/1 /customers/1/edit /instruments/ /instruments/YQ-2026-000005",
}


def fill(session: Session) -> None:
    """A draft that was given back, an order that waits for its review, own work, instruments due and overdue."""
    who, keeper = people.by_username(session, "customer"), people.by_username(session, "keeper")
    assert who.customer_id is not None
    items = session.scalars(select(Instrument).where(Instrument.customer_id == who.customer_id)).all()
    for item, days in zip(items, (-12, 21, 48), strict=False):
        item.due = AT.date() + timedelta(days=days)
    for text in ("Which range?", ""):
        order = orders.draft(
            session,
            customer_id=who.customer_id,
            terms=Terms(contact="𠮷田 远", urgent=bool(text)),
            lines=[Line(item.id, use="trade", note="100 mV … 1000 V") for item in items],
            by=who,
            at=AT,
        )
        order.reason = text
        if not text:
            orders.submit(session, order.number, by=who, at=AT)
    standard = session.scalars(select(Instrument).where(Instrument.role == "source")).one()
    tech = people.by_username(session, "tech")
    said = {"kind": "intermediate_check", "standard": standard.code, "procedure": "DMM-DCV"}
    work_orders.open_internal(session, **said, due=None, note="", by=tech, at=AT)
    ledger.move_instrument(session, items[0].code, "stopped", "dropped", by=keeper, at=AT)


DOORS: dict[str, Any] = {
    "services.orders.draft": lambda w, by: orders.draft(w.session, customer_id=w.request.customer_id, terms=Terms(), lines=_line(w), by=by, at=w.lab.at),
    "services.orders.edit": lambda w, by: orders.edit(w.session, _order(w), version=1, terms=Terms(), lines=_line(w), by=by, at=w.lab.at),
    "services.orders.submit": lambda w, by: orders.submit(w.session, _order(w), by=by, at=w.lab.at),
    "services.orders.withdraw": lambda w, by: orders.withdraw(w.session, _order(w), "r", by=by, at=w.lab.at),
    "services.contract_review.look": lambda w, by: contract_review.look(w.session, _order(w), by=by, at=w.lab.at),
    "services.contract_review.decide": lambda w, by: contract_review.decide(w.session, _order(w), {}, version=1, due=None, by=by, at=w.lab.at),
    "services.contract_review.give_back": lambda w, by: contract_review.give_back(w.session, _order(w), "q", by=by, at=w.lab.at),
    "services.work_orders.move": lambda w, by: work_orders.move(w.session, "RW-1", "on_hold", "r", by=by, at=w.lab.at),
    "services.work_orders.open_internal": lambda w, by: work_orders.open_internal(w.session, kind="repeatability", standard="YQ-2026-000003", procedure="DMM-DCV", due=None, note="", by=by, at=w.lab.at),
    "services.requests.own_customer": lambda w, by: requests.own_customer(w.session, by=by, at=w.lab.at),
    "services.ledger.add_customer": lambda w, by: ledger.add_customer(w.session, **CUSTOMER, by=by, at=w.lab.at),
    "services.ledger.edit_customer": lambda w, by: ledger.edit_customer(w.session, w.request.customer_id, version=1, **CUSTOMER, by=by, at=w.lab.at),
    "services.ledger.instrument_of": lambda w, by: ledger.instrument_of(w.session, w.request.instrument_id, _owner(w), by=by, at=w.lab.at),
    "services.ledger.edit_instrument": lambda w, by: ledger.edit_instrument(w.session, _code(w), version=1, **EDIT, by=by, at=w.lab.at),
    "services.ledger.move_instrument": lambda w, by: ledger.move_instrument(w.session, _code(w), "stopped", "r", by=by, at=w.lab.at),
    "queries.orders.order_by_number": lambda w, by: lists.order_by_number(w.session, _order(w), by=by),
    "queries.orders.work_order_by_number": lambda w, by: lists.work_order_by_number(w.session, "RW-1", by=by),
    "queries.orders.page": (lambda w, by: lists.page(w.session, by), "customer2"),
    "queries.orders.detail": lambda w, by: lists.detail(w.session, _order(w), by),
    "queries.orders.work_page": (lambda w, by: lists.work_page(w.session, by), "customer2"),
    "queries.orders.work_detail": lambda w, by: lists.work_detail(w.session, "RW-1", by),
    "queries.orders.own_standards": lambda w, by: lists.own_standards(w.session, by),
    "queries.ledger.customer": lambda w, by: books.customer(w.session, w.request.customer_id, by=by),
    "queries.ledger.by_code": lambda w, by: books.by_code(w.session, _code(w), by=by),
    "queries.ledger.of_customer": lambda w, by: books.of_customer(w.session, w.request.instrument_id, w.request.customer_id, own=False, by=by),
    "queries.ledger.instruments": (lambda w, by: books.instruments(w.session, by, on=w.lab.at.date()), "customer2"),
    "queries.ledger.counts": (lambda w, by: books.counts(w.session, by, on=w.lab.at.date()), "customer2"),
    "queries.ledger.life": lambda w, by: books.life(w.session, _code(w), by),
    "queries.ledger.customers": (lambda w, by: books.customers(w.session, by), "customer2"),
}  # fmt: skip

INNER = {
    "services.contract_review.suggest": "reads values",
    "services.orders.settle": "services that have moved an item",
    "services.orders.steps": "reads values",
    "services.orders.withdraw_jobs": "inside a service",
    "queries.orders.lines_of": "of an order that a door gave",
    "queries.orders.procedures_in_force": "the laboratory's own registers",
    "queries.ledger.due_of": "reads a value",
}


def _code(w: Any) -> str:
    return str(w.session.get_one(Instrument, w.request.instrument_id).code)
