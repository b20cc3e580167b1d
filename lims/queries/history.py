"""Everything about one record or certificate, for the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import (
    AuditEntry,
    CalibrationVersion,
    Certificate,
    Correction,
    Customer,
    Evaluation,
    Instrument,
    Person,
    ProcedureVersion,
    Reading,
    Record,
    Remark,
    Request,
    Result,
    RunEvent,
    Signature,
)


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record with all that was observed, derived, said and signed."""

    record: Record
    request: Request
    item: Instrument
    customer: Customer
    procedure: ProcedureVersion
    performer: Person
    readings: Sequence[Reading]
    events: Sequence[RunEvent]
    corrections: Sequence[Correction]
    remarks: Sequence[Remark]
    evaluation: Evaluation | None
    results: Sequence[Result]
    signatures: Sequence[Signature]
    versions: dict[int, tuple[CalibrationVersion, Instrument]]
    people: dict[int, Person]
    audit: Sequence[AuditEntry]
    certificates: Sequence[Certificate]


def record_detail(session: Session, number: str, viewer: Actor) -> RecordDetail:
    """A record and what belongs to it, in a fixed number of statements."""
    require(viewer, "records.read")
    record = session.scalar(select(Record).where(Record.number == number))
    if record is None:
        raise NotFound(kind="record", number=number)
    request = session.get_one(Request, record.request_id)
    evaluation = session.scalar(
        select(Evaluation).where(Evaluation.record_id == record.id).order_by(Evaluation.version.desc()).limit(1)
    )
    results = (
        []
        if evaluation is None
        else session.scalars(
            select(Result).where(Result.evaluation_id == evaluation.id).order_by(Result.point, Result.id)
        ).all()
    )
    readings = session.scalars(select(Reading).where(Reading.record_id == record.id).order_by(Reading.seq)).all()
    corrections = session.scalars(
        select(Correction).where(Correction.record_id == record.id).order_by(Correction.id)
    ).all()
    remarks = session.scalars(select(Remark).where(Remark.record_id == record.id).order_by(Remark.id)).all()
    signatures = session.scalars(
        select(Signature)
        .where(Signature.object_type == "record", Signature.object_id == record.id)
        .order_by(Signature.id)
    ).all()
    used = {r.calibration_version_id for r in readings if r.calibration_version_id is not None}
    versions = {
        version.id: (version, instrument)
        for version, instrument in session.execute(
            select(CalibrationVersion, Instrument)
            .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
            .where(CalibrationVersion.id.in_(used))
        )
    }
    known = {record.performer_id, *(s.person_id for s in signatures), *(r.by_id for r in remarks)}
    known |= {c.by_id for c in corrections}
    return RecordDetail(
        record=record,
        request=request,
        item=session.get_one(Instrument, request.instrument_id),
        customer=session.get_one(Customer, request.customer_id),
        procedure=session.get_one(ProcedureVersion, record.procedure_version_id),
        performer=session.get_one(Person, record.performer_id),
        readings=readings,
        events=session.scalars(select(RunEvent).where(RunEvent.record_id == record.id).order_by(RunEvent.seq)).all(),
        corrections=corrections,
        remarks=remarks,
        evaluation=evaluation,
        results=results,
        signatures=signatures,
        versions=versions,
        people={p.id: p for p in session.scalars(select(Person).where(Person.id.in_(known)))},
        audit=audit_of(session, "record", number, viewer),
        certificates=session.scalars(
            select(Certificate).where(Certificate.request_id == request.id).order_by(Certificate.id)
        ).all(),
    )


def audit_of(session: Session, object_type: str, object_id: str, viewer: Actor) -> Sequence[AuditEntry]:
    """The audit entries about one object, in order."""
    require(viewer, "records.read")
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_type == object_type, AuditEntry.object_id == object_id)
        .order_by(AuditEntry.seq)
    ).all()


def audit_page(
    session: Session, viewer: Actor, *, before: int | None = None, size: int = 50
) -> tuple[Sequence[AuditEntry], int | None]:
    """The newest audit entries first; `before` continues."""
    require(viewer, "audit.read")
    question = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(size + 1)
    if before is not None:
        question = question.where(AuditEntry.seq < before)
    rows = session.scalars(question).all()
    return rows[:size], rows[size - 1].seq if len(rows) > size else None
