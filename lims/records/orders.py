"""What a customer orders and what the laboratory agrees: service requests, work orders, batches, visits, hand-overs.

ServiceRequest (委托单) ── lines ──▶ WorkOrder (任务单, one a kind of work) ──▶ Request (one item's job, records.work)
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id


class ServiceRequest(Base):
    """A customer's order of one or several items. state: lims.domain.states.SERVICE_REQUEST.

    place: laboratory | on_site | mobile. delivery: electronic | paper | both. reason_code: why refused, see
    lims.domain.orders.REFUSALS. version: grows with each edit, so that of two editors the second is told.
    """

    __tablename__ = "service_request"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    contact: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="laboratory")
    site: Mapped[str] = mapped_column(default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    delivery: Mapped[str] = mapped_column(default="electronic")
    language: Mapped[str] = mapped_column(default="zh")
    accredited: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(index=True)
    reason_code: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ServiceRequestLine(Base):
    """One item of an order. wanted: verification | calibration | test. work: lims.domain.orders.WORK.

    use: what the item is used for, see lims.domain.orders.USES. review: the gate lines of the contract review as they
    stood. request_id: the job that came of it. state: proposed | accepted | refused | withdrawn.
    """

    __tablename__ = "service_request_line"
    __table_args__ = (UniqueConstraint("service_request_id", "position"),)

    id: Mapped[Id]
    service_request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"))
    position: Mapped[int]
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), index=True)
    wanted: Mapped[str]
    work: Mapped[str]
    use: Mapped[str] = mapped_column(default="other")
    procedure_name: Mapped[str | None]
    rule: Mapped[dict[str, Any]]
    as_left: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    review: Mapped[list[dict[str, Any]]]
    reason_code: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), index=True)


class WorkOrder(Base):
    """What the laboratory has agreed to do: the items of one kind of work. state: lims.domain.states.WORK_ORDER.

    kind: lims.domain.orders.WORK. service_request_id None: the laboratory's own work (期间核查, 重复性, …).
    agreed: contract review as signed: lines, fee policy, delivery. due: the day promised, None for the term of its kind.
    to_bill_since: when it came to cost something that no invoice asks for yet; None: nothing is to be invoiced.
    """

    __tablename__ = "work_order"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    service_request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    kind: Mapped[str]
    agreed: Mapped[dict[str, Any]]
    due: Mapped[date | None]
    state: Mapped[str] = mapped_column(index=True)
    accepted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime]
    to_bill_since: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ItemEvent(Base):
    """What happened to an item in the laboratory's hands, with its evidence. kind: lims.domain.orders.ITEM_EVENTS.

    file_id: a photograph or another file of it.
    """

    __tablename__ = "item_event"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    payload: Mapped[dict[str, Any]]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class HandOver(Base):
    """The item, or the paper, given back. way: pickup | courier | electronic. signature: a drawn one, or None for typed."""

    __tablename__ = "hand_over"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    what: Mapped[str]
    way: Mapped[str]
    to_name: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Batch(Base):
    """Identical items measured with one set-up and approved in one act. state: lims.domain.states.BATCH.

    setup: what was set once for all. Requests name their batch.
    """

    __tablename__ = "batch"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    procedure_name: Mapped[str]
    setup: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class SiteVisit(Base):
    """Work at the customer's, over days. people: ids of those who go. state: lims.domain.states.SITE_VISIT."""

    __tablename__ = "site_visit"

    id: Mapped[Id]
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    site: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date]
    people: Mapped[list[int]]
    equipment: Mapped[list[int]]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Provider(Base):
    """Another laboratory that work may be given to (ISO/IEC 17025:2017, 6.6). scope: measurands it is accredited for."""

    __tablename__ = "provider"

    id: Mapped[Id]
    name: Mapped[Bilingual]
    accreditation: Mapped[str] = mapped_column(default="")
    scope: Mapped[list[Any]]
    valid_to: Mapped[date | None]
    state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Rating(Base):
    """How content a customer was with a work order, 1 to 5."""

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("work_order_id", "by_id"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    stars: Mapped[int]
    text: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Booking(Base):
    """A bench, standard or room kept for a span. state: lims.domain.states.BOOKING. customer_id: a guest's booking."""

    __tablename__ = "booking"
    __table_args__ = (Index(None, "instrument_id", "from_at"),)

    id: Mapped[Id]
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"))
    purpose: Mapped[str]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
