"""Everything about one record or certificate, for the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import (
    AuditEntry,
    Base,
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

Row = TypeVar("Row", bound=Base)


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
    """A record and what belongs to it, in ten statements."""
    require(viewer, "records.read")
    found = session.execute(
        select(Record, Request, Instrument, Customer, ProcedureVersion, Person)
        .join(Request, Request.id == Record.request_id)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .join(ProcedureVersion, ProcedureVersion.id == Record.procedure_version_id)
        .join(Person, Person.id == Record.performer_id)
        .where(Record.number == number)
    ).one_or_none()
    if found is None:
        raise NotFound(kind="record", number=number)
    record, request, item, customer, procedure, performer = found
    people = {performer.id: performer}
    evaluation, results = _evaluated(session, record.id)
    readings = session.scalars(select(Reading).where(Reading.record_id == record.id).order_by(Reading.seq)).all()
    return RecordDetail(
        record=record,
        request=request,
        item=item,
        customer=customer,
        procedure=procedure,
        performer=performer,
        readings=readings,
        events=session.scalars(select(RunEvent).where(RunEvent.record_id == record.id).order_by(RunEvent.seq)).all(),
        corrections=_by(session, Correction, Correction.by_id, people, Correction.record_id == record.id),
        remarks=_by(session, Remark, Remark.by_id, people, Remark.record_id == record.id),
        evaluation=evaluation,
        results=results,
        signatures=_by(
            session,
            Signature,
            Signature.person_id,
            people,
            (Signature.object_type == "record") & (Signature.object_id == record.id),
        ),
        versions=_versions(session, readings),
        people=people,
        audit=audit_of(session, "record", number, viewer),
        certificates=session.scalars(
            select(Certificate)
            .options(defer(Certificate.snapshot))  # 20 kB that the page does not show
            .where(Certificate.request_id == request.id)
            .order_by(Certificate.id)
        ).all(),
    )


def _evaluated(session: Session, record_id: int) -> tuple[Evaluation | None, list[Result]]:
    """The newest evaluation of a record, and its results by point."""
    newest = select(func.max(Evaluation.id)).where(Evaluation.record_id == record_id).scalar_subquery()
    rows = session.execute(
        select(Evaluation, Result)
        .outerjoin(Result, Result.evaluation_id == Evaluation.id)
        .where(Evaluation.id == newest)
        .order_by(Result.point, Result.id)
    ).all()
    return (rows[0][0] if rows else None), [result for _, result in rows if result is not None]


def _by(session: Session, table: type[Row], person_id: Any, people: dict[int, Person], which: Any) -> list[Row]:
    """Rows in order; the people who made them are added to `people`."""
    rows = session.execute(
        select(table, Person).join(Person, Person.id == person_id).where(which).order_by(table.id)  # type: ignore[attr-defined]
    ).all()
    people.update({person.id: person for _, person in rows})
    return [row for row, _ in rows]


def _versions(session: Session, readings: Sequence[Reading]) -> dict[int, tuple[CalibrationVersion, Instrument]]:
    """The calibrations that the readings rest on."""
    used = {reading.calibration_version_id for reading in readings} - {None}
    if not used:
        return {}
    rows = session.execute(
        select(CalibrationVersion, Instrument)
        .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
        .where(CalibrationVersion.id.in_(used))
    ).all()
    return {version.id: (version, instrument) for version, instrument in rows}


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
