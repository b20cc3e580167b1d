"""From readings to results, kept by adding, never by changing. The computing itself is lims.domain.working."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from lims import audit
from lims.config import Settings
from lims.domain import states, working
from lims.domain.actor import Actor
from lims.domain.canonical import digest_of
from lims.domain.errors import NotAllowed, RunStillGoing, SourceConflict
from lims.domain.rights import require
from lims.domain.working import WorkedPoint
from lims.queries import registers
from lims.records import (
    CalibrationVersion,
    Correction,
    Evaluation,
    Instrument,
    ProcedureVersion,
    Reading,
    Record,
    Request,
    Result,
    ResultSource,
    RunEvent,
    Signature,
    Source,
)
from lims.services import bench, notices, people

SAME = 1e-9  # relative: what is one source has one u


def submit(
    session: Session, record_number: str, password: str, *, by: Actor, at: datetime, settings: Settings
) -> Evaluation:
    """Evaluate a finished record and hand it over for verification, signed by the one who performed it."""
    require(by, "records.submit")
    people.confirm_password(session, by, password, at=at)
    return hand_over(session, record_number, by=by, at=at, settings=settings)


def hand_over(session: Session, record_number: str, *, by: Actor, at: datetime, settings: Settings) -> Evaluation:
    """The same of one record, the password asked before."""
    record = bench.record_by_number(session, record_number, lock=True)
    if record.performer_id != by.person_id:
        raise NotAllowed(username=by.username, right="records.submit")
    if record.run_dir:
        bench.deliver(session, record_number, settings=settings)
    if record.finished_at is None:
        raise RunStillGoing(
            record=record_number, state=bench.run_state(session, record_number, by=by, settings=settings)
        )
    states.RECORD.move(record, "submitted")
    evaluation = evaluate(session, record, at=at)
    digest = record_digest(session, record)
    sign(session, "record", record.id, digest, "perform", by=by, at=at)
    notices.settle(session, "record_returned", f"/records/{record.number}", person_id=by.person_id, at=at)
    notices.record_waits(session, record, "verify", but=by.person_id, at=at)
    audit.append(
        session,
        "record.submitted",
        "record",
        record.number,
        by=by.username,
        at=at,
        after=digest,
        payload={"evaluation": evaluation.version},
    )
    return evaluation


def sign(
    session: Session, object_type: str, object_id: int, digest: str, meaning: str, *, by: Actor, at: datetime
) -> Signature:
    """A signature binds a person and a meaning to the digest of the canonical object, the password asked just before."""
    signature = Signature(
        object_type=object_type,
        object_id=object_id,
        object_digest=digest,
        meaning=meaning,
        person_id=by.person_id,
        at=at,
        method="password",
    )
    session.add(signature)
    session.flush()
    return signature


def evaluate(session: Session, record: Record, *, at: datetime) -> Evaluation:
    """A new evaluation of a record, with its results and their sensitivities to sources."""
    worked = work_out(session, record)
    last = session.scalar(select(func.max(Evaluation.version)).where(Evaluation.record_id == record.id)) or 0
    evaluation = Evaluation(
        record_id=record.id,
        version=last + 1,
        at=at,
        software=registers.software(),
        digest=digest_of([_as_data(point) for point in worked]),
    )
    session.add(evaluation)
    session.flush()
    keep(session, evaluation, worked)
    return evaluation


def keep(session: Session, evaluation: Evaluation, worked: Sequence[WorkedPoint]) -> None:
    """Store results and the sparse table result × source → sensitivity."""
    wanted = {id_ for point in worked for id_ in point.sources}
    there = {row.id: row.u for row in session.execute(select(Source.id, Source.u).where(Source.id.in_(wanted)))}
    known = dict(there)
    fresh: dict[str, dict[str, Any]] = {}
    for point in worked:
        for id_, facts in point.sources.items():
            stated = known.setdefault(id_, facts["u"])
            if abs(stated - facts["u"]) > SAME * stated:
                raise SourceConflict(source=id_, known=repr(stated), found=repr(facts["u"]))
            if id_ not in there:
                fresh[id_] = {
                    "id": id_,
                    "description": facts["description"],
                    "calibration_version_id": facts["calibration_version_id"],
                    "u": facts["u"],
                    "dof": facts["dof"],
                    "unit": facts["unit"],
                }
    if fresh:
        session.execute(insert(Source), list(fresh.values()), execution_options={"render_nulls": True})
    stored_as = ("point", "measurand", "unit", "value", "u", "dof", "k", "p", "U", "reported", "budget", "verdict")
    rows = [{name: getattr(point, name) for name in stored_as} | {"evaluation_id": evaluation.id} for point in worked]
    session.execute(insert(Result), rows, execution_options={"render_nulls": True})
    ids = {
        (point, measurand): id_
        for id_, point, measurand in session.execute(
            select(Result.id, Result.point, Result.measurand).where(Result.evaluation_id == evaluation.id)
        )
    }
    edges = [
        {"result_id": ids[point.point, point.measurand], "source_id": id_, "sensitivity": facts["sensitivity"]}
        for point in worked
        for id_, facts in point.sources.items()
    ]
    if edges:
        session.execute(insert(ResultSource), edges)
    session.flush()


def record_digest(session: Session, record: Record) -> str:
    """SHA-256 of the canonical record: identity, readings, corrections and the evaluation; what signatures bind."""
    readings = session.execute(
        select(Reading.seq, Reading.role, Reading.channel, Reading.point, Reading.raw, Reading.indication, Reading.unit)
        .where(Reading.record_id == record.id)
        .order_by(Reading.seq)
    ).all()
    corrections = session.execute(
        select(Correction.reading_id, Correction.field, Correction.old, Correction.new, Correction.reason)
        .where(Correction.record_id == record.id)
        .order_by(Correction.id)
    ).all()
    return digest_in(record, readings, corrections, latest_evaluation(session, record))


def digest_in(
    record: Record, readings: Sequence[Any], corrections: Sequence[Any], evaluation: Evaluation | None
) -> str:
    """The same of a record that has been read: its readings by seq, its corrections and its newest evaluation."""
    seen = ("seq", "role", "channel", "point", "raw", "indication", "unit")
    said = ("reading_id", "field", "old", "new", "reason")
    return digest_of(
        {
            "record": record.number,
            "request": record.request_id,
            "procedure": record.procedure_version_id,
            "stage": record.stage,
            "performer": record.performer_id,
            "journal": record.journal_head,
            "setup": record.setup,
            "readings": [[_text(getattr(row, name)) for name in seen] for row in readings],
            "corrections": [[_text(getattr(row, name)) for name in said] for row in corrections],
            "evaluation": None if evaluation is None else evaluation.digest,
        }
    )


def latest_evaluation(session: Session, record: Record) -> Evaluation | None:
    return session.scalar(
        select(Evaluation).where(Evaluation.record_id == record.id).order_by(Evaluation.version.desc()).limit(1)
    )


def _text(cell: Any) -> Any:
    return repr(cell) if isinstance(cell, float) else cell


def _as_data(point: WorkedPoint) -> dict[str, Any]:
    return {
        "point": point.point,
        "measurand": point.measurand,
        "unit": point.unit,
        "value": repr(point.value),
        "u": repr(point.u),
        "dof": None if point.dof is None else repr(point.dof),
        "k": repr(point.k),
        "U": repr(point.U),
        "reported": point.reported,
    }


def work_out(session: Session, record: Record) -> list[WorkedPoint]:
    """Every result of a record, from its stored readings, corrections and calibration versions; stores nothing."""
    return working.work_out(observed(session, record))


def observed(session: Session, record: Record) -> working.Observed:
    """What was observed for a record, as it counts today, with everything it rests on."""
    procedure_version = session.get_one(ProcedureVersion, record.procedure_version_id)
    request = session.get_one(Request, record.request_id)
    item = session.get_one(Instrument, request.instrument_id)
    zone = registers.zone(session)  # whether a standard was in force is asked of the laboratory's calendar
    observations = [
        working.Observation(
            r.role, r.channel, r.point, value, r.unit, r.status, r.at.astimezone(zone), r.calibration_version_id
        )
        for r, value in effective_readings(session, record)
    ]
    used = {o.calibration_version for o in observations if o.calibration_version is not None}
    versions = session.scalars(select(CalibrationVersion).where(CalibrationVersion.id.in_(used)))
    source = session.scalar(
        select(Instrument).where(Instrument.code == record.setup.get("standards", {}).get("source", ""))
    )
    return working.Observed(
        record=record.number,
        procedure=registers.procedure_of(procedure_version),
        stage=record.stage,
        item={"code": item.code, "maker": item.maker, "model": item.model, "serial": item.serial},
        rule=request.rule,
        observations=observations,
        versions={version.id: version_data(version) for version in versions},
        source={} if source is None else {"code": source.code, "model": source.model},
    )


def version_data(version: CalibrationVersion) -> dict[str, Any]:
    """A calibration version as plain data (lims.domain.standards)."""
    names = ("id", "certificate_number", "issued", "valid_from", "valid_to", "functions", "correlation")
    return {name: getattr(version, name) for name in names}


def effective_readings(session: Session, record: Record) -> list[tuple[Reading, float | None]]:
    """Readings with what counts of each: the corrected indication where a correction exists, None where excluded."""
    corrected: dict[int, str] = {}
    for row in session.scalars(
        select(Correction)
        .where(Correction.record_id == record.id, Correction.field == "indication")
        .order_by(Correction.id)
    ):
        if row.reading_id is not None:
            corrected[row.reading_id] = row.new
    restarted = _restarts(session, record)
    answer: list[tuple[Reading, float | None]] = []
    for reading in session.scalars(select(Reading).where(Reading.record_id == record.id).order_by(Reading.seq)):
        new = corrected.get(reading.id)
        if new == "excluded" or reading.seq < restarted.get(reading.point or 0, 0):
            answer.append((reading, None))
        else:
            answer.append((reading, reading.indication if new is None else float(new)))
    return answer


def _restarts(session: Session, record: Record) -> dict[int, int]:
    """Where a point was measured anew: only what came after counts."""
    latest: dict[int, int] = {}
    for event in session.scalars(
        select(RunEvent)
        .where(RunEvent.record_id == record.id, RunEvent.kind == "point_restarted")
        .order_by(RunEvent.seq)
    ):
        latest[int(event.payload["point"])] = event.seq
    return latest


def stored(session: Session, evaluation: Evaluation) -> list[Result]:
    return list(
        session.scalars(select(Result).where(Result.evaluation_id == evaluation.id).order_by(Result.point, Result.id))
    )
