"""Verification by a second person: exceptions first, a remark that returns the record, a correction with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import exceptional, gates, states
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, NotFound, UnusableValue
from lims.domain.rights import require
from lims.queries import exceptions as standing_out
from lims.queries import history, registers
from lims.records import Correction, ProcedureVersion, Reading, Record, Remark, Result, Signature
from lims.services import bench, evaluation, gatekeeping, notices, people, person_gates
from lims.words import N_

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """What a verifier looks at: exceptions first, then the rest, with its count."""

    record: Record
    exceptions: list[dict[str, Any]] = field(default_factory=list)
    rest: list[Result] = field(default_factory=list)


def exceptions(session: Session, record_number: str, *, by: Actor) -> ReviewCard:
    """Points near or outside their limits or changed since last time, flagged or corrected readings, faults of the run."""
    require(by, "records.read")
    return exceptions_in(session, history.record_detail(session, record_number, by))


def exceptions_in(session: Session, record: history.RecordDetail) -> ReviewCard:
    """The same of a record that has been read."""
    found: list[dict[str, Any]] = []
    rest = []
    before = standing_out.of_records(session, [record.record.id])[record.record.id].before
    for result in record.results:
        then = before.get(exceptional.place(result.reported))
        reasons = [exceptional.reason(result.reported), exceptional.since(result.reported, then)]
        if not any(reasons):
            rest.append(result)
        for reason in filter(None, reasons):
            found.append({"kind": reason, "point": result.point, "result": result, "before": then})
    told = {event.payload.get("reading") for event in record.events if event.kind == "flagged"}
    for reading in record.readings:
        if reading.flag is not None or reading.status != "ok" or reading.seq in told:
            found.append({"kind": "flagged", "point": reading.point, "reading": reading})
    for correction in record.corrections:
        found.append({"kind": "corrected", "point": None, "correction": correction})
    for event in record.events:
        if event.kind in standing_out.TOLD:
            found.append({"kind": event.kind, "point": event.payload.get("point"), "event": event})
    return ReviewCard(record=record.record, exceptions=found, rest=rest)


def verify(session: Session, record_number: str, password: str, *, by: Actor, at: datetime) -> Signature:
    """Sign a record as verified: another person than the performer, authorised for the procedure, on this digest."""
    require(by, "records.verify")
    people.confirm_password(session, by, password, at=at)
    return verify_one(session, record_number, by=by, at=at)


def verify_one(session: Session, record_number: str, *, by: Actor, at: datetime) -> Signature:
    """The same of one record, the password asked before."""
    record = bench.record_by_number(session, record_number, lock=True)
    lines = gates_before_verifying(session, record, by=by, at=at)
    gatekeeping.pass_through(session, "verify", "record", record.number, lines, by=by, at=at)
    states.RECORD.move(record, "verified")
    digest = evaluation.record_digest(session, record)
    signature = evaluation.sign(session, "record", record.id, digest, "verify", by=by, at=at)
    notices.record_waits(session, record, "approve", but=by.person_id, at=at)
    audit.append(session, "record.verified", "record", record.number, by=by.username, at=at, after=digest)
    return signature


def verify_all(
    session: Session, record_numbers: Sequence[str], password: str, *, by: Actor, at: datetime
) -> list[Signature]:
    """Sign several records as verified, the password once; all of them or none. Only records without an exception."""
    require(by, "records.verify")
    people.confirm_password(session, by, password, at=at)
    return [verify_one(session, each.number, by=by, at=at) for each in without_exception(session, record_numbers)]


def without_exception(session: Session, record_numbers: Sequence[str]) -> list[Record]:
    """The records, each once. Raises NotFound, and UnusableValue where a person has to open one by itself."""
    wanted = list(dict.fromkeys(record_numbers))
    if not wanted:
        raise UnusableValue(field="records", found="0", right=N_("at least one that waits for this signature"))
    records = {each.number: each for each in session.scalars(select(Record).where(Record.number.in_(wanted)))}
    for number in wanted:
        if number not in records:
            raise NotFound(kind="record", number=number)
    seen = standing_out.of_records(session, [each.id for each in records.values()])
    for number in wanted:
        if seen[records[number].id].why:
            right = N_("only records without an exception; those with one are signed on their own page")
            raise UnusableValue(field="records", found=number, right=right)
    return [records[number] for number in wanted]


def gates_before_verifying(session: Session, record: Record, *, by: Actor, at: datetime) -> list[gates.Reason]:
    require(by, "records.verify")
    procedure = session.get_one(ProcedureVersion, record.procedure_version_id)
    today = registers.day(session, at)
    lines = [
        gates.may_sign(by.roles),
        gates.separation("verify", by.person_id, performer=record.performer_id),
        *person_gates.lines(session, record.request_id, procedure, "verify", by=by, day=today),
    ]
    return gatekeeping.ruled(session, lines, today)


def return_record(session: Session, record_number: str, remark: str, *, by: Actor, at: datetime) -> Remark:
    """Give a record back to its performer with what is to be done; nothing of it is lost."""
    require(by, "records.return")
    record = bench.record_by_number(session, record_number, lock=True)
    text = remark.strip()
    if not text:
        raise UnusableValue(field="remark", found="", right=N_("what the performer should look at or do"))
    separate = gates.separation("verify", by.person_id, performer=record.performer_id)
    if not separate.ok:
        raise GateClosed(step="return", reason=separate.text, clause=separate.clause, closed=1)
    states.RECORD.move(record, "returned")
    row = Remark(record_id=record.id, by_id=by.person_id, at=at, text=text, kind="return")
    session.add(row)
    session.flush()
    notices.record_returned(session, record, text, at=at)
    audit.append(session, "record.returned", "record", record.number, by=by.username, at=at, reason=text)
    return row


def note(session: Session, record_number: str, text: str, *, by: Actor, at: datetime) -> Remark:
    """A reviewer's note, for the review alone: no part of the record, in no digest, and not the performer's to write."""
    require(by, "records.return")
    record = bench.record_by_number(session, record_number)
    said = text.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise UnusableValue(field="note", found=f"{len(said)}" if said else "—", right=N_("1 to 2000 signs"))
    separate = gates.separation("verify", by.person_id, performer=record.performer_id)
    if not separate.ok:
        raise GateClosed(step="note", reason=separate.text, clause=separate.clause, closed=1)
    row = Remark(record_id=record.id, by_id=by.person_id, at=at, text=said, kind="note")
    session.add(row)
    session.flush()
    bound = hashlib.sha256(said.encode()).hexdigest()  # the record's timeline is open to its performer, the note is not
    audit.append(session, "review.noted", "record", record.number, by=by.username, at=at, after=bound)
    return row


def correct(
    session: Session,
    record_number: str,
    reading_id: int,
    new: str,
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> Correction:
    """Correct or exclude one reading by a new row with a reason (ISO/IEC 17025:2017, 7.5.2); the reading itself stays.

    new: the corrected indication as text, or "excluded".
    """
    require(by, "records.correct")
    record = bench.record_by_number(session, record_number, lock=True)
    reading = session.get(Reading, reading_id)
    if reading is None or reading.record_id != record.id:
        raise NotFound(kind="reading", number=str(reading_id))
    if record.state not in ("open", "returned"):
        raise UnusableValue(field="record", found=record.state, right=N_("open, or returned to its performer"))
    if not reason.strip():
        raise UnusableValue(field="reason", found="", right=N_("why the reading is corrected"))
    value = new.strip() if new.strip() == "excluded" else repr(bench.number(new, "indication"))
    correction = Correction(
        record_id=record.id,
        reading_id=reading.id,
        field="indication",
        old=reading.raw,
        new=value,
        reason=reason.strip(),
        by_id=by.person_id,
        at=at,
    )
    session.add(correction)
    session.flush()
    audit.append(
        session,
        "reading.corrected",
        "record",
        record.number,
        by=by.username,
        at=at,
        reason=reason.strip(),
        payload={"reading": reading.seq, "old": reading.raw, "new": value},
    )
    return correction
