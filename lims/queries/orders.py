"""Orders and work orders as the viewer may see them: a customer sees their own alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import (
    Customer,
    Instrument,
    Person,
    ProcedureVersion,
    Request,
    ServiceRequest,
    ServiceRequestLine,
    WorkOrder,
)

FINISHED = ("issued", "returned", "closed", "withdrawn", "refused", "uncalibratable", "lost")
"""States of a job in which nothing is left to measure."""


def order_by_number(session: Session, number: str, *, by: Actor, lock: bool = False) -> ServiceRequest:
    """An order; a customer finds their own alone. lock: nobody else changes it before this transaction ends."""
    require(by, "requests.read")
    question = select(ServiceRequest).where(ServiceRequest.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None or (by.customer_id is not None and found.customer_id != by.customer_id):
        raise NotFound(kind="service_request", number=number)
    return found


def work_order_by_number(session: Session, number: str, *, by: Actor, lock: bool = False) -> WorkOrder:
    """A work order; a customer finds those of their own orders. Raises NotFound."""
    require(by, "requests.read")
    question = select(WorkOrder).where(WorkOrder.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is not None and by.customer_id is not None:
        order = None if found.service_request_id is None else session.get(ServiceRequest, found.service_request_id)
        found = found if order is not None and order.customer_id == by.customer_id else None
    if found is None:
        raise NotFound(kind="work_order", number=number)
    return found


def lines_of(session: Session, order_id: int) -> Sequence[ServiceRequestLine]:
    """The lines of an order that a door gave, in their order."""
    return session.scalars(
        select(ServiceRequestLine)
        .where(ServiceRequestLine.service_request_id == order_id)
        .order_by(ServiceRequestLine.position)
    ).all()


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order in a list: how many items it has, and how many of them were refused."""

    order: ServiceRequest
    customer: Mapping[str, str]
    items: int
    refused: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of lines; `after` continues where it ends, None at the end."""

    lines: Sequence[OrderLine]
    after: int | None


def page(
    session: Session,
    viewer: Actor,
    *,
    state: str = "",
    text: str = "",
    customer: int | None = None,
    after: int | None = None,
    size: int = 40,
) -> OrderPage:
    """Orders, newest first: one statement. text: part of a number."""
    require(viewer, "requests.read")
    of = ServiceRequestLine.service_request_id == ServiceRequest.id
    items = select(func.count()).where(of).correlate(ServiceRequest).scalar_subquery()
    refused = select(func.count()).where(of, ServiceRequestLine.state == "refused").correlate(ServiceRequest)
    question = (
        select(ServiceRequest, Customer.name, items, refused.scalar_subquery())
        .join(Customer, Customer.id == ServiceRequest.customer_id)
        .order_by(ServiceRequest.id.desc())
        .limit(size + 1)
    )
    owner = viewer.customer_id if viewer.customer_id is not None else customer
    if owner is not None:
        question = question.where(ServiceRequest.customer_id == owner)
    if state:
        question = question.where(ServiceRequest.state == state)
    if text.strip():
        question = question.where(ServiceRequest.number.icontains(text.strip(), autoescape=True))
    if after is not None:
        question = question.where(ServiceRequest.id < after)
    rows = session.execute(question).all()
    lines = [OrderLine(order, name, int(n), int(m)) for order, name, n, m in rows[:size]]
    return OrderPage(lines, lines[-1].order.id if len(rows) > size else None)


@dataclass(frozen=True, slots=True)
class LineDetail:
    """A line of an order with its item and the job that came of it."""

    line: ServiceRequestLine
    item: Instrument
    request: Request | None


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order with everything that belongs to it."""

    order: ServiceRequest
    customer: Customer
    lines: Sequence[LineDetail]
    work: Sequence[WorkOrder]
    decided_by: Person | None


def detail(session: Session, number: str, viewer: Actor) -> OrderDetail:
    order = order_by_number(session, number, by=viewer)
    rows = session.execute(
        select(ServiceRequestLine, Instrument, Request)
        .join(Instrument, Instrument.id == ServiceRequestLine.instrument_id)
        .outerjoin(Request, Request.id == ServiceRequestLine.request_id)
        .where(ServiceRequestLine.service_request_id == order.id)
        .order_by(ServiceRequestLine.position)
    )
    return OrderDetail(
        order=order,
        customer=session.get_one(Customer, order.customer_id),
        lines=[LineDetail(line, item, request) for line, item, request in rows],
        work=session.scalars(
            select(WorkOrder).where(WorkOrder.service_request_id == order.id).order_by(WorkOrder.id)
        ).all(),
        decided_by=None if order.decided_by_id is None else session.get(Person, order.decided_by_id),
    )


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A work order in a list: items finished out of all, and whose order it is (None: the laboratory's own work)."""

    work: WorkOrder
    order: str | None
    customer: Mapping[str, str] | None
    finished: int
    items: int


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of lines; `after` continues where it ends, None at the end."""

    lines: Sequence[WorkLine]
    after: int | None


def work_page(
    session: Session,
    viewer: Actor,
    *,
    state: str = "",
    kind: str = "",
    after: int | None = None,
    size: int = 40,
) -> WorkPage:
    """Work orders, newest first: one statement."""
    require(viewer, "requests.read")
    of = Request.work_order_id == WorkOrder.id
    items = select(func.count()).where(of).correlate(WorkOrder).scalar_subquery()
    finished = select(func.count()).where(of, Request.state.in_(FINISHED)).correlate(WorkOrder).scalar_subquery()
    question = (
        select(WorkOrder, ServiceRequest.number, Customer.name, finished, items)
        .outerjoin(ServiceRequest, ServiceRequest.id == WorkOrder.service_request_id)
        .outerjoin(Customer, Customer.id == ServiceRequest.customer_id)
        .order_by(WorkOrder.id.desc())
        .limit(size + 1)
    )
    if viewer.customer_id is not None:
        question = question.where(ServiceRequest.customer_id == viewer.customer_id)
    if state:
        question = question.where(WorkOrder.state == state)
    if kind:
        question = question.where(WorkOrder.kind == kind)
    if after is not None:
        question = question.where(WorkOrder.id < after)
    rows = session.execute(question).all()
    lines = [WorkLine(work, number, name, int(n), int(m)) for work, number, name, n, m in rows[:size]]
    return WorkPage(lines, lines[-1].work.id if len(rows) > size else None)


@dataclass(frozen=True, slots=True)
class WorkDetail:
    """A work order with its items."""

    work: WorkOrder
    order: ServiceRequest | None
    customer: Customer | None
    items: Sequence[tuple[Request, Instrument]]
    accepted_by: Person

    @property
    def finished(self) -> int:
        return sum(request.state in FINISHED for request, _ in self.items)


def work_detail(session: Session, number: str, viewer: Actor) -> WorkDetail:
    work = work_order_by_number(session, number, by=viewer)
    order = None if work.service_request_id is None else session.get(ServiceRequest, work.service_request_id)
    rows = session.execute(
        select(Request, Instrument)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .where(Request.work_order_id == work.id)
        .order_by(Request.id)
    )
    return WorkDetail(
        work=work,
        order=order,
        customer=None if order is None else session.get(Customer, order.customer_id),
        items=[(request, item) for request, item in rows],
        accepted_by=session.get_one(Person, work.accepted_by_id),
    )


def own_standards(session: Session, viewer: Actor) -> Sequence[Instrument]:
    """The laboratory's own standards, that internal work is about."""
    require(viewer, "standards.read")
    return session.scalars(
        select(Instrument)
        .where(Instrument.kind.in_(("standard", "monitor")), Instrument.state != "scrapped")
        .order_by(Instrument.code)
    ).all()


def procedures_in_force(session: Session) -> Sequence[ProcedureVersion]:
    """The laboratory's procedures that an order may name."""
    return session.scalars(
        select(ProcedureVersion).where(ProcedureVersion.state == "current").order_by(ProcedureVersion.name)
    ).all()
