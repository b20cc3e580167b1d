"""A customer's request and the receipt of the item: what comes before any record (ISO/IEC 17025:2017, 7.1, 7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import agreement, gates, orders, states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, WrongState
from lims.domain.rights import may, require
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import Customer, Receipt, Request
from lims.records.series import next_number
from lims.services import gatekeeping, ledger
from lims.services.orders import settle
from lims.words import N_, both

DOCUMENT_KINDS = ("calibration", "verification")
RULES = agreement.RULES
OWN = ledger.OWN
ACCEPT = N_("accepting the request")


def create(
    session: Session,
    *,
    customer_id: int,
    instrument: int | Mapping[str, Any],
    procedure: str,
    document_kind: str,
    rule: Mapping[str, Any],
    by: Actor,
    at: datetime,
    note: str = "",
    as_left: bool = False,
    work: str = "",
    use: str = "other",
    accredited: bool = False,
    work_order_id: int | None = None,
) -> Request:
    """A request for one item, with the decision rule agreed beforehand (7.1.3).

    instrument: an id, or maker, model, serial and description of an item not seen before.
    rule: {"rule": "none" | "simple" | "third" | "guarded", "r": guard band as a multiple of U}.
    work: lims.domain.orders.WORK, empty for the usual one of the document. A request of an arbitration begins frozen.
    """
    _require_may_create(by, customer_id, work_order_id)
    customer = _customer(session, customer_id)
    agreement.one_of("document_kind", document_kind, DOCUMENT_KINDS)
    agreed, work = agreement.rule_of(rule), work or ("periodic" if document_kind == "verification" else "calibration")
    agreement.one_of("work", work, tuple(orders.WORK))
    agreement.one_of("use", use, tuple(orders.USES))
    registers.current_procedure(session, procedure)
    item = ledger.instrument_of(session, instrument, customer, by=by, at=at)
    number = next_number(session, "request", at)
    if work_order_id is None:
        lines = gatekeeping.at_intake(
            session,
            instrument=item,
            wanted=document_kind,
            work=work,
            use=use,
            procedure_name=procedure,
            rule=agreed,
            accredited=accredited,
            at=at,
        )
        _reviewed(session, number, lines, by=by, at=at)
    request = Request(
        number=number,
        customer_id=customer_id,
        instrument_id=item.id,
        procedure_name=procedure,
        document_kind=document_kind,
        rule=agreed,
        as_left=as_left,
        note=note,
        state="accepted",
        created_by_id=by.person_id,
        created_at=at,
        work=work,
        use=use,
        frozen=work == "arbitration",
        accredited=accredited,
        work_order_id=work_order_id,
    )
    session.add(request)
    session.flush()
    audit.append(
        session,
        "request.created",
        "request",
        request.number,
        by=by.username,
        at=at,
        payload={
            "item": item.code,
            "procedure": procedure,
            "document_kind": document_kind,
            "rule": agreed,
            "work": work,
            "use": use,
            "accredited": accredited,
        },
    )
    return request


def _reviewed(session: Session, number: str, lines: list[gates.Reason], *, by: Actor, at: datetime) -> None:
    """The review of a request without an order (7.1.1, 7.1.2): what a gate refuses a customer has to order, and a person
    decides; somebody of the laboratory decides with the gates before their eyes. Either way their lines are kept."""
    if by.customer_id is not None:
        gatekeeping.pass_through(session, ACCEPT, "request", number, lines, by=by, at=at)
    else:
        gatekeeping.keep(session, ACCEPT, "request", number, lines, by=by, at=at)


def _require_may_create(by: Actor, customer_id: int, work_order_id: int | None) -> None:
    """Who creates requests, or who reviews the order that this one comes of; a customer for themselves alone."""
    if work_order_id is None or not may(by, "requests.review"):
        require(by, "requests.create")
    if by.customer_id is not None and by.customer_id != customer_id:
        raise NotAllowed(username=by.username, right="requests.create")


def _customer(session: Session, customer_id: int) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(kind="customer", number=str(customer_id))
    return customer


def own(session: Session, procedure: str, *, by: Actor, at: datetime) -> Request:
    """A request of the laboratory itself, for readings that come as a file and belong to no customer's order."""
    require(by, "readings.import")
    customer = own_customer(session, by=by, at=at)
    item = {"maker": "-", "model": procedure, "serial": "-", "description": both("Object of the readings in the file")}
    return create(
        session,
        customer_id=customer.id,
        instrument=item,
        procedure=procedure,
        document_kind="calibration",
        rule={"rule": "none"},
        by=by,
        at=at,
    )


def own_customer(session: Session, *, by: Actor, at: datetime) -> Customer:
    """The laboratory as its own customer, entered when it is first needed."""
    if by.customer_id is not None:
        raise NotAllowed(username=by.username, right="readings.import")
    if not may(by, "readings.import"):
        require(by, "requests.create")
    customer = session.scalar(select(Customer).where(Customer.contact == OWN))
    if customer is None:
        profile = registers.laboratory(session)
        customer = Customer(name=dict(profile["name"]), address=dict(profile["address"]), contact=OWN)
        session.add(customer)
        session.flush()
        audit.append(session, "customer.added", "customer", customer.id, by=by.username, at=at)
    return customer


def receive(
    session: Session, number: str, *, condition: Mapping[str, str], accessories: str, by: Actor, at: datetime
) -> Receipt:
    """The item has arrived: its condition and accessories as seen (7.4.3)."""
    require(by, "items.receive")
    request = request_by_number(session, number, by=by, lock=True)
    if request.state == "discrepancy":  # what differs is decided on first, lims.services.items.resolve
        raise WrongState(
            kind="request",
            number=number,
            state=request.state,
            wanted="received",
            allowed=N_("a decision on what differs"),
        )
    states.REQUEST.move(request, "received")
    receipt = Receipt(
        request_id=request.id,
        condition=dict(condition),
        accessories=accessories,
        received_at=at,
        by_id=by.person_id,
    )
    session.add(receipt)
    session.flush()
    audit.append(
        session,
        "item.received",
        "request",
        request.number,
        by=by.username,
        at=at,
        payload={"condition": dict(condition), "accessories": accessories},
    )
    if request.work_order_id is not None:
        settle(session, request.work_order_id, at)
    return receipt
