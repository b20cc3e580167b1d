"""Prices in force, what jobs cost, invoices: a customer sees their own alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from lims.domain import fees
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, NotFound
from lims.domain.rights import may, require
from lims.queries import registers
from lims.queries.orders import work_order_by_number
from lims.records import Certificate, Customer, Fee, Instrument, Invoice, Request, ServiceRequest, Tariff, WorkOrder
from lims.words import N_, both

IN_FORCE = ("current", "superseded")


def tariff_on(session: Session, day: date) -> Tariff | None:
    """The price list of a day: the one that began last; None where the laboratory keeps none."""
    return session.scalar(
        select(Tariff)
        .where(Tariff.state.in_(IN_FORCE), Tariff.valid_from <= day, Tariff.valid_to >= day)
        .order_by(Tariff.valid_from.desc(), Tariff.id.desc())
        .limit(1)
    )


def tariffs(session: Session, viewer: Actor) -> Sequence[Tariff]:
    """Every version, newest first; to a customer the one in force alone."""
    require(viewer, "fees.read")
    question = select(Tariff).order_by(Tariff.code, Tariff.version.desc())
    return session.scalars(question if viewer.customer_id is None else question.where(Tariff.state == "current")).all()


def tariff(session: Session, tariff_id: int, viewer: Actor, *, lock: bool = False) -> Tariff:
    """One version of a price list. Raises NotFound."""
    require(viewer, "fees.read")
    question = select(Tariff).where(Tariff.id == tariff_id)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question) if tariff_id < 2**31 else None
    if found is None or (viewer.customer_id is not None and found.state != "current"):
        raise NotFound(kind="tariff", number=str(tariff_id))
    return found


def rows_of(session: Session, request_ids: Sequence[int]) -> dict[int, list[Fee]]:
    """Job → the rows of its fee, in order."""
    found: dict[int, list[Fee]] = {}
    for row in session.scalars(select(Fee).where(Fee.request_id.in_(request_ids)).order_by(Fee.id)):
        found.setdefault(row.request_id, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class JobFee:
    """A job with the rows of its fee and their sum."""

    request: Request
    item: Instrument
    rows: Sequence[Fee]

    @property
    def total(self) -> Decimal:
        return fees.total(row.amount for row in self.rows)


@dataclass(frozen=True, slots=True)
class WorkFees:
    """A work order with what its jobs cost and the invoices of it, newest first."""

    work: WorkOrder
    customer: Customer | None
    jobs: Sequence[JobFee]
    invoices: Sequence[Invoice]

    @property
    def total(self) -> Decimal:
        return fees.total(job.total for job in self.jobs)

    @property
    def open(self) -> Invoice | None:
        """The invoice that counts: to be paid or paid."""
        return next((each for each in self.invoices if each.state != "cancelled"), None)


def of_work(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> WorkFees:
    """What a work order costs. lock: nobody else invoices it meanwhile."""
    require(viewer, "fees.read")
    work = work_order_by_number(session, number, by=viewer, lock=lock)
    order = None if work.service_request_id is None else session.get_one(ServiceRequest, work.service_request_id)
    jobs = session.execute(
        select(Request, Instrument)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .where(Request.work_order_id == work.id)
        .order_by(Request.id)
    ).all()
    rows = rows_of(session, [request.id for request, _ in jobs])
    made = select(Invoice).where(Invoice.work_order_id == work.id).order_by(Invoice.id.desc())
    return WorkFees(
        work=work,
        customer=None if order is None else session.get_one(Customer, order.customer_id),
        jobs=[JobFee(request, item, rows.get(request.id, [])) for request, item in jobs],
        invoices=session.scalars(made).all(),
    )


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice in a list. work: number of its work order."""

    invoice: Invoice
    customer: Mapping[str, str]
    work: str | None


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of lines; `after` continues where it ends, None at the end."""

    lines: Sequence[InvoiceLine]
    after: int | None


def page(session: Session, viewer: Actor, *, state: str = "", after: int | None = None, size: int = 40) -> InvoicePage:
    """Invoices, newest first: one statement."""
    require(viewer, "fees.read")
    question = (
        select(Invoice, Customer.name, WorkOrder.number)
        .join(Customer, Customer.id == Invoice.customer_id)
        .outerjoin(WorkOrder, WorkOrder.id == Invoice.work_order_id)
        .order_by(Invoice.id.desc())
        .limit(size + 1)
    )
    if viewer.customer_id is not None:
        question = question.where(Invoice.customer_id == viewer.customer_id)
    if state:
        question = question.where(Invoice.state == state)
    if after is not None:
        question = question.where(Invoice.id < after)
    rows = session.execute(question).all()
    lines = [InvoiceLine(invoice, name, work) for invoice, name, work in rows[:size]]
    return InvoicePage(lines, lines[-1].invoice.id if len(rows) > size else None)


def invoice(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> Invoice:
    """One invoice; a customer finds their own alone. Raises NotFound."""
    require(viewer, "fees.read")
    question = select(Invoice).where(Invoice.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None or (viewer.customer_id is not None and found.customer_id != viewer.customer_id):
        raise NotFound(kind="invoice", number=number)
    return found


def to_invoice(session: Session, viewer: Actor, *, size: int = 40) -> Sequence[tuple[WorkOrder, Mapping[str, str]]]:
    """Finished work orders with something to pay and no invoice, also those whose items are back; oldest first.

    Empty for who keeps no invoices.
    """
    require(viewer, "fees.read")
    if not may(viewer, "fees.manage"):
        return []
    rows = session.execute(
        select(WorkOrder, Customer.name)
        .join(ServiceRequest, ServiceRequest.id == WorkOrder.service_request_id)
        .join(Customer, Customer.id == ServiceRequest.customer_id)
        .where(WorkOrder.to_bill_since.is_not(None), WorkOrder.state.in_(("done", "closed")))
        .order_by(WorkOrder.to_bill_since, WorkOrder.id)
        .limit(size)
    )
    return [(work, name) for work, name in rows]


def release(session: Session, certificate: Certificate, viewer: Actor) -> None:
    """Nothing, when the viewer may have the certificate's files. Raises GateClosed for a customer who has still to pay,
    in a laboratory whose profile says release_after_payment.
    """
    require(viewer, "certificates.read")
    if viewer.customer_id is None:
        return
    request = session.get_one(Request, certificate.request_id)
    if request.customer_id != viewer.customer_id:
        raise NotFound(kind="certificate", number=certificate.number)
    if not registers.laboratory(session).get("release_after_payment", False):
        return
    owed = fees.total(session.scalars(select(Fee.amount).where(Fee.request_id == request.id)))
    paid = request.work_order_id is not None and session.scalar(
        select(exists().where(Invoice.work_order_id == request.work_order_id, Invoice.state == "paid"))
    )
    if owed > 0 and not paid:
        raise GateClosed(
            step=N_("handing out the certificate's files"),
            reason=both(N_("{amount} CNY for this work has not been paid yet"), amount=fees.text(owed)),
            clause="release_after_payment",
            closed=1,
        )
