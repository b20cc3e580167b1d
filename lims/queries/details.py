"""One object of the laboratory with everything that belongs to it, as a page or a program reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import (
    CalibrationVersion,
    Certificate,
    CertificateStatus,
    Customer,
    Document,
    Instrument,
    Person,
    ProcedureVersion,
    Receipt,
    Record,
    Request,
)


def request_by_number(session: Session, number: str, *, by: Actor, lock: bool = False) -> Request:
    """The request; a customer finds their own alone. lock: nobody else changes it before this transaction ends."""
    require(by, "requests.read")
    question = select(Request).where(Request.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    request = session.scalar(question)
    if request is None or (by.customer_id is not None and request.customer_id != by.customer_id):
        raise NotFound(kind="request", number=number)
    return request


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """A request with its item, customer, receipts, records and certificates."""

    request: Request
    item: Instrument
    customer: Customer
    procedure: ProcedureVersion | None
    receipts: Sequence[Receipt]
    records: Sequence[Record]
    certificates: Sequence[Certificate]


def request_detail(session: Session, number: str, viewer: Actor) -> RequestDetail:
    require(viewer, "requests.read")
    request = request_by_number(session, number, by=viewer)
    return RequestDetail(
        request=request,
        item=session.get_one(Instrument, request.instrument_id),
        customer=session.get_one(Customer, request.customer_id),
        procedure=session.scalar(
            select(ProcedureVersion).where(
                ProcedureVersion.name == request.procedure_name, ProcedureVersion.state == "current"
            )
        ),
        receipts=session.scalars(select(Receipt).where(Receipt.request_id == request.id).order_by(Receipt.id)).all(),
        records=session.scalars(select(Record).where(Record.request_id == request.id).order_by(Record.id)).all(),
        certificates=session.scalars(
            select(Certificate).where(Certificate.request_id == request.id).order_by(Certificate.id)
        ).all(),
    )


def choices_for_request(session: Session, viewer: Actor) -> dict[str, Any]:
    """Customers, items and procedures that this viewer may ask for."""
    require(viewer, "requests.create")
    customers = select(Customer).order_by(Customer.id)
    items = select(Instrument).where(Instrument.kind == "item").order_by(Instrument.code)
    if viewer.customer_id is not None:
        customers = customers.where(Customer.id == viewer.customer_id)
        items = items.where(Instrument.customer_id == viewer.customer_id)
    return {
        "customers": session.scalars(customers).all(),
        "items": session.scalars(items.limit(500)).all(),
        "procedures": session.scalars(
            select(ProcedureVersion).where(ProcedureVersion.state == "current").order_by(ProcedureVersion.name)
        ).all(),
    }


@dataclass(frozen=True, slots=True)
class OwnInstrument:
    """A customer's instrument with its newest certificate."""

    item: Instrument
    certificate: Certificate | None
    status: str
    request: Request | None


def own_instruments(session: Session, viewer: Actor) -> list[OwnInstrument]:
    require(viewer, "items.read")
    items = session.scalars(
        select(Instrument).where(Instrument.customer_id == viewer.customer_id).order_by(Instrument.code)
    ).all()
    asked: dict[int, Request] = {}
    for request in session.scalars(
        select(Request).where(Request.customer_id == viewer.customer_id).order_by(Request.id)
    ):
        asked[request.instrument_id] = request
    newest: dict[int, tuple[Certificate, str]] = {}
    for certificate, item, status in session.execute(
        select(Certificate, Request.instrument_id, CertificateStatus.status)
        .join(Request, Request.id == Certificate.request_id)
        .join(CertificateStatus, CertificateStatus.certificate_id == Certificate.id)
        .where(Request.customer_id == viewer.customer_id)
        .order_by(Certificate.id, CertificateStatus.id)
    ):
        newest[item] = (certificate, status)
    none: tuple[Certificate | None, str] = (None, "")
    return [OwnInstrument(i, *newest.get(i.id, none), asked.get(i.id)) for i in items]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that changed about a certificate of the customer."""

    certificate: Certificate
    status: CertificateStatus
    successor: str | None


def notices(session: Session, viewer: Actor) -> list[Notice]:
    require(viewer, "certificates.read")
    rows = session.execute(
        select(CertificateStatus, Certificate)
        .join(Certificate, Certificate.id == CertificateStatus.certificate_id)
        .join(Request, Request.id == Certificate.request_id)
        .where(Request.customer_id == viewer.customer_id, CertificateStatus.status != "issued")
        .order_by(CertificateStatus.id.desc())
        .limit(100)
    ).all()
    successors = {status.successor_id for status, _ in rows if status.successor_id is not None}
    numbers: Mapping[int, str] = {
        c.id: c.number for c in session.scalars(select(Certificate).where(Certificate.id.in_(successors)))
    }
    return [Notice(c, s, numbers.get(s.successor_id) if s.successor_id is not None else None) for s, c in rows]


@dataclass(frozen=True, slots=True)
class StandardDetail:
    """A standard with every calibration it has had, newest first."""

    instrument: Instrument
    versions: Sequence[CalibrationVersion]


def standard_detail(session: Session, code: str, viewer: Actor) -> StandardDetail:
    require(viewer, "standards.read")
    instrument = session.scalar(
        select(Instrument).where(Instrument.code == code, Instrument.kind.in_(("standard", "monitor")))
    )
    if instrument is None:
        raise NotFound(kind="standard", number=code)
    versions = session.scalars(
        select(CalibrationVersion)
        .where(CalibrationVersion.instrument_id == instrument.id)
        .order_by(CalibrationVersion.id.desc())
    ).all()
    return StandardDetail(instrument, versions)


def upstream_choices(session: Session) -> Sequence[tuple[CalibrationVersion, Instrument]]:
    """Certificates of other standards that a new one may rest on."""
    return [
        (version, instrument)
        for version, instrument in session.execute(
            select(CalibrationVersion, Instrument)
            .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
            .where(CalibrationVersion.state.in_(("current", "confirmed")))
            .order_by(Instrument.code)
        )
    ]


@dataclass(frozen=True, slots=True)
class CertificateDetail:
    """A certificate with its states and documents (without their bytes)."""

    certificate: Certificate
    statuses: Sequence[tuple[CertificateStatus, Person]]
    documents: Sequence[tuple[str, str, str, int]]
    records: Sequence[Record]
    supersedes: str | None
    successor: str | None
    request: Request


def certificate_detail(session: Session, certificate: Certificate) -> CertificateDetail:
    statuses = [
        (status, person)
        for status, person in session.execute(
            select(CertificateStatus, Person)
            .join(Person, Person.id == CertificateStatus.by_id)
            .where(CertificateStatus.certificate_id == certificate.id)
            .order_by(CertificateStatus.id)
        )
    ]
    linked = {certificate.supersedes_id, statuses[-1][0].successor_id} - {None}
    numbers = {c.id: c.number for c in session.scalars(select(Certificate).where(Certificate.id.in_(linked)))}
    return CertificateDetail(
        certificate=certificate,
        statuses=statuses,
        documents=[
            (kind, name, sha256, size)
            for kind, name, sha256, size in session.execute(
                select(Document.kind, Document.file_name, Document.sha256, func.length(Document.bytes))
                .where(Document.certificate_id == certificate.id)
                .order_by(Document.kind.desc())
            )
        ],
        records=session.scalars(select(Record).where(Record.id.in_(certificate.record_ids)).order_by(Record.id)).all(),
        supersedes=numbers.get(certificate.supersedes_id or 0),
        successor=numbers.get(statuses[-1][0].successor_id or 0),
        request=session.get_one(Request, certificate.request_id),
    )
