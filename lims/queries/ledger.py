"""The ledger of instruments and the list of customers, as the viewer may see them: a customer sees their own alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import firsts, search
from lims.records import (
    AuditEntry,
    Certificate,
    CertificateStatus,
    Customer,
    Instrument,
    Request,
    ServiceRequest,
    ServiceRequestLine,
)

LARGEST = 2**63 - 1
IN_LABORATORY = ("discrepancy", "received", "in_work", "uncalibratable")
WAYS = ("overdue", "due30", "due60", "in_lab", "ready")
"""Filters of the ledger beside the state: by what is due, and by where the item is."""
COUNTED = 1_000
"""More than this is not counted."""
NOT_USED = ("sealed", "scrapped")
"""Instruments out of use have no due date to miss."""


def customer(session: Session, customer_id: int, *, by: Actor, lock: bool = False) -> Customer:
    """A customer; a customer finds themselves alone. Raises NotFound."""
    require(by, "requests.read")
    found = None
    if customer_id <= LARGEST and by.customer_id in (None, customer_id):
        question = select(Customer).where(Customer.id == customer_id)
        if lock:
            question = question.with_for_update().execution_options(populate_existing=True)
        found = session.scalar(question)
    if found is None:
        raise NotFound(kind="customer", number=str(customer_id))
    return found


def by_code(session: Session, code: str, *, by: Actor, lock: bool = False) -> Instrument:
    """An item of the ledger by its code. Raises NotFound, also for another customer's."""
    require(by, "items.read")
    question = select(Instrument).where(Instrument.code == code, Instrument.kind == "item")
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None or (by.customer_id is not None and found.customer_id != by.customer_id):
        raise NotFound(kind="instrument", number=code)
    return found


def of_customer(session: Session, instrument_id: int, customer_id: int, *, own: bool, by: Actor) -> Instrument:
    """An instrument of a customer by its id; own: the laboratory's standards too. Raises NotFound."""
    require(by, "items.read")
    found = session.get(Instrument, instrument_id) if instrument_id <= LARGEST else None
    theirs = found is not None and (found.customer_id == customer_id or (own and found.customer_id is None))
    if found is None or not theirs or by.customer_id not in (None, customer_id):
        raise NotFound(kind="instrument", number=str(instrument_id))
    return found


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An instrument with its newest job and certificate. due: "", due60, due30 or overdue."""

    item: Instrument
    customer: dict[str, str] | None
    request: Request | None
    certificate: str | None
    status: str
    due: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of lines; `after` continues where it ends, None at the end."""

    lines: Sequence[LedgerLine]
    after: int | None


def _newest() -> Any:
    return (
        select(func.max(Request.id))
        .where(Request.instrument_id == Instrument.id)
        .correlate(Instrument)
        .scalar_subquery()
    )


def _way(question: Any, way: str, on: date) -> Any:
    """Narrow a question to instruments that are due, in the laboratory or ready to be collected."""
    if way in ("overdue", "due30", "due60"):
        question = question.where(Instrument.due.is_not(None), Instrument.state.not_in(NOT_USED))
        if way == "overdue":
            return question.where(Instrument.due < on)
        return question.where(Instrument.due >= on, Instrument.due <= on + timedelta(days=int(way[3:])))
    if way in ("in_lab", "ready"):
        states = IN_LABORATORY if way == "in_lab" else ("issued",)
        return question.where(
            select(Request.id).where(Request.id == _newest(), Request.state.in_(states)).correlate(Instrument).exists()
        )
    return question


def instruments(
    session: Session,
    viewer: Actor,
    *,
    on: date,
    text: str = "",
    customer: int | None = None,
    state: str = "",
    way: str = "",
    after: int | None = None,
    size: int = 40,
) -> LedgerPage:
    """Items by id, newest first: four statements whatever the size. way: one of WAYS."""
    require(viewer, "items.read")
    question = (
        select(Instrument, Customer.name)
        .outerjoin(Customer, Customer.id == Instrument.customer_id)
        .where(Instrument.kind == "item")
        .order_by(Instrument.id.desc())
        .limit(size + 1)
    )
    owner = viewer.customer_id if viewer.customer_id is not None else customer
    if owner is not None:
        question = question.where(Instrument.customer_id == owner)
    if after is not None:
        question = question.where(Instrument.id < after)
    if state:
        question = question.where(Instrument.state == state)
    if text.strip():
        question = _said(session, question, text, own=owner is not None)
    rows = session.execute(_way(question, way, on)).all()
    found = [(item, name) for item, name in rows[:size]]
    lines = _lines(session, found, on)
    return LedgerPage(lines, found[-1][0].id if len(rows) > size else None)


def _said(session: Session, question: Any, text: str, *, own: bool) -> Any:
    """Narrow a question to a text: anywhere in the few of one owner, by the search table among all."""
    if not own:
        return question.where(Instrument.id.in_(search.instrument_ids(session, text) or ()))
    said = Instrument.description
    places = (Instrument.code, Instrument.maker, Instrument.model, Instrument.serial,
              said["zh"].as_string(), said["en"].as_string())  # fmt: skip
    return question.where(or_(*(place.icontains(text.strip(), autoescape=True) for place in places)))


def _lines(session: Session, found: Sequence[tuple[Instrument, dict[str, str] | None]], on: date) -> list[LedgerLine]:
    ids = [item.id for item, _ in found]
    newest = select(func.max(Request.id)).where(Request.instrument_id.in_(ids)).group_by(Request.instrument_id)
    jobs = {r.instrument_id: r for r in session.scalars(select(Request).where(Request.id.in_(newest)))}
    papers = _papers(session, ids)
    lines = []
    for item, name in found:
        number, status = papers.get(item.id, (None, ""))
        due, left = due_of(item, on)
        lines.append(LedgerLine(item, name, jobs.get(item.id), number, status, due, left))
    return lines


def _papers(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Instrument → number and status of its newest certificate."""
    newest = (
        select(func.max(Certificate.id))
        .join(Request, Request.id == Certificate.request_id)
        .where(Request.instrument_id.in_(ids))
        .group_by(Request.instrument_id)
    )
    rows = session.execute(
        select(Request.instrument_id, Certificate.number, CertificateStatus.status)
        .join(Certificate, Certificate.request_id == Request.id)
        .join(CertificateStatus, CertificateStatus.certificate_id == Certificate.id)
        .where(Certificate.id.in_(newest))
        .order_by(CertificateStatus.id)
    ).all()
    return {instrument: (number, status) for instrument, number, status in rows}


def due_of(item: Instrument, on: date) -> tuple[str, int | None]:
    """("overdue" | "due30" | "due60" | "", days left), nothing for what is out of use."""
    if item.due is None or item.state in NOT_USED:
        return "", None
    left = (item.due - on).days
    return ("overdue" if left < 0 else "due30" if left <= 30 else "due60" if left <= 60 else ""), left


def counts(session: Session, viewer: Actor, *, on: date) -> dict[str, int]:
    """How many instruments of the viewer fit each way, and all of them, up to COUNTED: one statement."""
    require(viewer, "items.read")
    base = select(Instrument.id).where(Instrument.kind == "item")
    if viewer.customer_id is not None:
        base = base.where(Instrument.customer_id == viewer.customer_id)
    asked = {"all": base} | {way: _counted(base, way, on, viewer) for way in WAYS}
    row = session.execute(
        select(
            *(
                select(func.count()).select_from(each.limit(COUNTED).subquery()).scalar_subquery().label(name)
                for name, each in asked.items()
            )
        )
    ).one()
    return {name: int(count) for name, count in row._mapping.items()}


def _counted(base: Any, way: str, on: date, viewer: Actor) -> Any:
    """As _way, but from the jobs: of a customer's instruments all, of the laboratory's many the newest 2 COUNTED of each state."""
    if way not in ("in_lab", "ready"):
        return _way(base, way, on)
    states = IN_LABORATORY if way == "in_lab" else ("issued",)
    jobs = select(Request.id, Request.instrument_id)
    if viewer.customer_id is None:
        jobs = jobs.where(Request.id.in_(firsts.in_states(Request, states, most=2 * COUNTED, newest=True)))
    else:
        jobs = jobs.where(Request.state.in_(states), Request.customer_id == viewer.customer_id)
    found, later = jobs.subquery(), aliased(Request)
    is_newest = ~select(later.id).where(later.instrument_id == found.c.instrument_id, later.id > found.c.id).exists()
    return base.join(found, found.c.instrument_id == Instrument.id).where(is_newest)


@dataclass(frozen=True, slots=True)
class Life:
    """An instrument from its entry to today."""

    item: Instrument
    customer: Customer | None
    requests: Sequence[Request]
    orders: Sequence[tuple[ServiceRequest, ServiceRequestLine]]
    certificates: Sequence[tuple[str, str, Any, str]]
    entries: Sequence[AuditEntry]


def life(session: Session, code: str, viewer: Actor) -> Life:
    """Everything that happened to an instrument: orders, jobs, certificates, changes; newest first."""
    item = by_code(session, code, by=viewer)
    papers = session.execute(
        select(Certificate.number, Certificate.kind, Certificate.issued_at, CertificateStatus.status)
        .join(Request, Request.id == Certificate.request_id)
        .join(CertificateStatus, CertificateStatus.certificate_id == Certificate.id)
        .where(Request.instrument_id == item.id)
        .order_by(Certificate.id.desc(), CertificateStatus.id)
    ).all()
    return Life(
        item=item,
        customer=None if item.customer_id is None else session.get(Customer, item.customer_id),
        requests=session.scalars(
            select(Request).where(Request.instrument_id == item.id).order_by(Request.id.desc()).limit(100)
        ).all(),
        orders=[
            (order, line)
            for order, line in session.execute(
                select(ServiceRequest, ServiceRequestLine)
                .join(ServiceRequestLine, ServiceRequestLine.service_request_id == ServiceRequest.id)
                .where(ServiceRequestLine.instrument_id == item.id)
                .order_by(ServiceRequest.id.desc())
                .limit(100)
            )
        ],
        certificates=list({row.number: (row.number, row.kind, row.issued_at, row.status) for row in papers}.values()),
        entries=session.scalars(
            select(AuditEntry)
            .where(AuditEntry.object_type == "instrument", AuditEntry.object_id == code)
            .order_by(AuditEntry.seq.desc())
            .limit(100)
        ).all(),
    )


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Customers with the number of their instruments and orders."""

    lines: Sequence[tuple[Customer, int, int]]
    after: int | None


def customers(
    session: Session, viewer: Actor, *, text: str = "", after: int | None = None, size: int = 40
) -> CustomerPage:
    """Customers, newest first; a customer sees themselves alone."""
    require(viewer, "requests.read")
    items = select(func.count()).where(Instrument.customer_id == Customer.id).correlate(Customer).scalar_subquery()
    orders = select(func.count()).where(ServiceRequest.customer_id == Customer.id).correlate(Customer).scalar_subquery()
    question = select(Customer, items, orders).order_by(Customer.id.desc()).limit(size + 1)
    if viewer.customer_id is not None:
        question = question.where(Customer.id == viewer.customer_id)
    if after is not None:
        question = question.where(Customer.id < after)
    if text.strip():
        question = question.where(_named(text.strip()))
    rows = session.execute(question).all()
    lines = [(customer, int(n), int(m)) for customer, n, m in rows[:size]]
    return CustomerPage(lines, lines[-1][0].id if len(rows) > size else None)


def _named(text: str) -> Any:
    places = (Customer.name["zh"].as_string(), Customer.name["en"].as_string(), Customer.contact)
    return or_(*(place.icontains(text, autoescape=True) for place in places))
