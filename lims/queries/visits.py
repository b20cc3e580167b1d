"""Work at customers': which visits there are, with their work order, people and equipment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import Customer, Instrument, Person, ServiceRequest, SiteVisit, WorkOrder


@dataclass(frozen=True, slots=True)
class Line:
    """A visit with what it is for. customer: None for the laboratory's own work."""

    visit: SiteVisit
    work: WorkOrder
    customer: Customer | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of visits with the names of those who go and of what they take; after: None at the end."""

    lines: Sequence[Line]
    people: Mapping[int, Person]
    equipment: Mapping[int, Instrument]
    after: int | None


def page(session: Session, viewer: Actor, *, after: int | None = None, size: int = 40) -> Page:
    """Visits, the newest first; a matter of the laboratory, not of its customers."""
    require(viewer, "bench.read")
    question = (
        select(SiteVisit, WorkOrder, Customer)
        .join(WorkOrder, WorkOrder.id == SiteVisit.work_order_id)
        .outerjoin(ServiceRequest, ServiceRequest.id == WorkOrder.service_request_id)
        .outerjoin(Customer, Customer.id == ServiceRequest.customer_id)
        .order_by(SiteVisit.id.desc())
        .limit(size + 1)
    )
    if after is not None:
        question = question.where(SiteVisit.id < after)
    rows = session.execute(question).all()
    lines = [Line(visit, work, customer) for visit, work, customer in rows[:size]]
    going = {each for line in lines for each in line.visit.people}
    taken = {each for line in lines for each in line.visit.equipment}
    return Page(
        lines,
        {each.id: each for each in session.scalars(select(Person).where(Person.id.in_(going)))},
        {each.id: each for each in session.scalars(select(Instrument).where(Instrument.id.in_(taken)))},
        lines[-1].visit.id if len(rows) > size else None,
    )


def choices(session: Session, viewer: Actor) -> dict[str, Sequence[object]]:
    """What a visit is planned from: open work orders ordered on site or mobile, people, standards in service."""
    require(viewer, "bench.read")
    open_ones = WorkOrder.state.in_(("accepted", "in_progress", "on_hold"))
    there = or_(ServiceRequest.place.in_(("on_site", "mobile")), WorkOrder.service_request_id.is_(None))
    orders = session.execute(
        select(WorkOrder, ServiceRequest)
        .outerjoin(ServiceRequest, ServiceRequest.id == WorkOrder.service_request_id)
        .where(open_ones, there)
        .order_by(WorkOrder.id.desc())
        .limit(200)
    ).all()
    own = Instrument.role.is_not(None) & (Instrument.state == "in_service")
    return {
        "orders": [(work, order) for work, order in orders],
        "people": session.scalars(
            select(Person).where(Person.active, Person.customer_id.is_(None)).order_by(Person.id)
        ).all(),
        "standards": session.scalars(select(Instrument).where(own).order_by(Instrument.code).limit(500)).all(),
    }
