"""From readings to results: each point's budget bound, evaluated, decided, printed; kept by adding, never by changing.

`work_out` reads and computes and stores nothing: submitting a record and executing a certificate again both call it,
so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from statistics import fmean
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

import uncertainty
from instruments import procedures, specifications
from lims import audit
from lims.config import Settings
from lims.domain import binding, standards, states
from lims.domain.actor import Actor
from lims.domain.canonical import digest_of
from lims.domain.errors import NotAllowed, RecordIncomplete, RunStillGoing, StandardNotValid
from lims.domain.rights import require
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
from lims.services import bench, people
from uncertainty import conformity, report

# With fewer effective degrees of freedom than this, k comes from t at 95.45 % (JCGM 100:2008, G.6.4; k = 2 otherwise).
DOF_FOR_K2 = 50
COVERAGE_AT_FEW_DOF = 0.9545
"""Probability of an interval of k = 2 about a normal distribution (JCGM 100:2008, 6.3.3)."""


@dataclass(frozen=True, slots=True)
class WorkedPoint:
    """One result with everything that is stored of it."""

    point: int
    measurand: str
    unit: str
    value: float
    u: float
    dof: float | None
    k: float
    p: float | None
    U: float
    reported: dict[str, Any]
    budget: dict[str, Any]
    verdict: dict[str, Any]
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


def submit(
    session: Session, record_number: str, password: str, *, by: Actor, at: datetime, settings: Settings
) -> Evaluation:
    """Evaluate a finished record and hand it over for verification, signed by the one who performed it."""
    require(by, "records.submit")
    people.confirm_password(session, by, password, at=at)
    record = bench.record_by_number(session, record_number)
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
    known = set(
        session.scalars(select(Source.id).where(Source.id.in_({id_ for point in worked for id_ in point.sources})))
    )
    fresh = {}
    for point in worked:
        for id_, facts in point.sources.items():
            if id_ not in known:
                fresh[id_] = {
                    "id": id_,
                    "description": facts["description"],
                    "calibration_version_id": facts["calibration_version_id"],
                    "u": facts["u"],
                    "dof": facts["dof"],
                    "unit": facts["unit"],
                }
    if fresh:
        session.execute(insert(Source), list(fresh.values()))
    edges = []
    for point in worked:
        result = Result(
            evaluation_id=evaluation.id,
            point=point.point,
            measurand=point.measurand,
            unit=point.unit,
            value=point.value,
            u=point.u,
            dof=point.dof,
            k=point.k,
            p=point.p,
            U=point.U,
            reported=point.reported,
            budget=point.budget,
            verdict=point.verdict,
        )
        session.add(result)
        session.flush()
        edges += [
            {"result_id": result.id, "source_id": id_, "sensitivity": facts["sensitivity"]}
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
    evaluation = latest_evaluation(session, record)
    return digest_of(
        {
            "record": record.number,
            "request": record.request_id,
            "procedure": record.procedure_version_id,
            "stage": record.stage,
            "performer": record.performer_id,
            "journal": record.journal_head,
            "setup": record.setup,
            "readings": [[_text(cell) for cell in row] for row in readings],
            "corrections": [[_text(cell) for cell in row] for row in corrections],
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
    version = session.get_one(ProcedureVersion, record.procedure_version_id)
    procedure = procedures.read(version.text, file=version.name)
    if procedure.data is not None:
        return _work_out_file(session, record, procedure)
    request = session.get_one(Request, record.request_id)
    item = session.get_one(Instrument, request.instrument_id)
    kept = effective_readings(session, record)
    used: dict[int, CalibrationVersion] = {}
    return [
        _work_out_point(session, record, request, item, procedure, point, kept, used)
        for point in points_of(record, procedure, item)
    ]


def _work_out_file(session: Session, record: Record, procedure: procedures.Procedure) -> list[WorkedPoint]:
    """The measurands of a file of readings, from the readings stored; k from t at 95.45 %."""
    columns: dict[str, list[float]] = {}
    units: dict[str, str] = {}
    for reading, value in effective_readings(session, record):
        if value is not None:
            columns.setdefault(reading.channel, []).append(value)
            units[reading.channel] = reading.unit
    document = procedure.bind(
        {channel: {"readings": values, "unit": units[channel]} for channel, values in columns.items()},
        title=record.number,
    ) | {"coverage": COVERAGE_AT_FEW_DOF}
    evaluated = uncertainty.evaluate(document)
    worked = []
    for number, name in enumerate(procedure.measurands, start=1):
        result = evaluated.results[name]
        _verdict, printed = decide(result, None, {"rule": "none"})
        title = dict(procedure.template.measurands[name].get("title") or {"zh": name, "en": name})  # type: ignore[call-overload]
        reported = printed | {
            "quantity": {language: f"{name} {text}" for language, text in title.items()},
            "function": "",
            "range": "",
            "nominal": None,
            "reference": None,
            "indication": None,
            "value": printed["error"],
            "unit": result.unit,
        }
        worked.append(
            WorkedPoint(
                point=number,
                measurand=name,
                unit=result.unit,
                value=result.value,
                u=result.u,
                dof=finite(result.dof),
                k=result.k,
                p=result.p,
                U=result.U,
                reported=reported,
                budget={"document": document, "answer": evaluated.to_dict()},
                verdict={"verdict": "none"},
                sources=sources_of(result, document),
            )
        )
    return worked


def points_of(record: Record, procedure: procedures.Procedure, item: Instrument) -> tuple[procedures.Point, ...]:
    """The points of a record, planned again from the procedure's text: they do not depend on addresses."""
    about = {"maker": item.maker, "model": item.model, "serial": item.serial}
    return procedures.plan(procedure, stage=record.stage, item=about).points


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


def _work_out_point(
    session: Session,
    record: Record,
    request: Request,
    item: Instrument,
    procedure: procedures.Procedure,
    point: procedures.Point,
    kept: Sequence[tuple[Reading, float | None]],
    used: dict[int, CalibrationVersion],
) -> WorkedPoint:
    mine = [(r, value) for r, value in kept if r.role == "item" and r.point == point.no and value is not None]
    good = [(r, value) for r, value in mine if r.status == "ok" and isfinite(value)]
    if not good:
        raise RecordIncomplete(record=record.number, point=point.no, nominal=f"{point.nominal_text}")
    day = good[-1][0].at.date()
    standard = specification = None
    if procedure.source_mode == "certificate":
        standard = _standard(session, good[-1][0], point, day, used)
    else:
        specification = _source_specification(session, procedure, point)
    unit = point.display_unit
    document = binding.point_document(
        procedure.template,
        procedure=procedure.name,
        title=f"{item.model} {item.serial}, {point.function} {point.range_text}, {point.nominal_text} {unit}",
        unit=point.unit,
        result_unit=unit,
        readings=[value for _, value in good],
        resolution=float(point.resolution),
        resolution_id=f"resolution:{item.code}:{point.function}:{point.range_text}",
        setting=point.nominal,
        range_=point.range,
        standard=standard,
        specification=specification,
        room=_room(session, kept, [r for r, _ in good], used),
    )
    document, evaluated = evaluate_with_k(document, "error")
    result = evaluated.results["error"]
    scale = uncertainty.units.convert(1.0, point.unit, unit)
    indication = fmean(value for _, value in good) * scale
    verdict, printed = decide(result, (float(point.low) * scale, float(point.high) * scale), request.rule)
    place = report.place_of(printed["U"])
    reported = printed | {
        "function": point.function,
        "range": point.range_text,
        "nominal": point.nominal_text,
        "reference": report.round_to(indication - result.value, place),
        "indication": report.round_to(indication, place),
        "unit": unit,
    }
    return WorkedPoint(
        point=point.no,
        measurand="error",
        unit=unit,
        value=result.value,
        u=result.u,
        dof=finite(result.dof),
        k=result.k,
        p=result.p,
        U=result.U,
        reported=reported,
        budget={"document": document, "answer": evaluated.to_dict()},
        verdict=verdict,
        sources=sources_of(result, document),
    )


def finite(dof: float | None) -> float | None:
    """Degrees of freedom as stored: infinite ones are None."""
    return dof if dof is not None and isfinite(dof) else None


def evaluate_with_k(document: dict[str, Any], measurand: str) -> tuple[dict[str, Any], Any]:
    """Evaluate with k = 2, or with k from t at 95.45 % where the effective degrees of freedom are few."""
    evaluated = uncertainty.evaluate(document)
    dof = finite(evaluated.results[measurand].dof)
    if dof is None or dof >= DOF_FOR_K2:
        return document, evaluated
    document = document | {"coverage": COVERAGE_AT_FEW_DOF}
    return document, uncertainty.evaluate(document)


def decide(
    result: Any, limits: tuple[float, float] | None, rule: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verdict under the rule agreed, and the strings as printed. The printed U is what the rule sees."""
    value_text, U_text = report.y_and_U(result.value, result.U)
    printed: dict[str, Any] = {
        "error": value_text,
        "U": U_text,
        "k": report.k_text(result.k),
        "p": None if result.p is None else f"{result.p:.4f}",
        "dof": None if result.p is None or finite(result.dof) is None else str(int(result.dof)),
    }
    if limits is None:
        return {"verdict": "none"}, printed | {"low": None, "high": None, "tur": None, "verdict": "none"}
    low, high = limits
    verdict = conformity.decide(float(value_text), float(U_text), low, high, dict(rule))
    place = report.place_of(U_text)
    printed |= {
        "low": report.round_to(low, place),
        "high": report.round_to(high, place),
        "tur": report.plain(round(verdict.tur, 1)) if verdict.tur is not None else None,
        "verdict": verdict.verdict,
    }
    data = {
        "verdict": verdict.verdict,
        "rule": dict(rule),
        "tur": verdict.tur,
        "w": verdict.w,
        "low": low,
        "high": high,
    }
    return data, printed


def sources_of(result: Any, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sources of a result with their sensitivities; certificate and drift sources name their calibration version."""
    texts = {q.get("id"): q.get("source", "") for q in document["quantities"].values()}
    found = {}
    for id_, sensitivity in result.sensitivities.items():
        parts = id_.split(":")
        calibration = int(parts[1]) if parts[0] in ("cal", "drift", "tc") and parts[1].isdigit() else None
        found[id_] = {
            "sensitivity": sensitivity,
            "u": result.source_u[id_],
            "dof": finite(result.source_dof.get(id_)),
            "unit": result.unit,
            "description": {"text": texts.get(id_) or id_},
            "calibration_version_id": calibration,
        }
    return found


def _standard(
    session: Session, reading: Reading, point: procedures.Point, day: date, used: dict[int, CalibrationVersion]
) -> standards.StandardAtPoint:
    version = _version(session, reading.calibration_version_id, used)
    if version is None:
        raise RecordIncomplete(record=str(reading.record_id), point=point.no, nominal=point.nominal_text)
    if not version.valid_from <= day <= version.valid_to:
        raise StandardNotValid(standard=version.certificate_number, used_at=day, valid_to=version.valid_to)
    return standards.at_point(
        version_data(version), point.function, point.nominal, on=day, standard=version.certificate_number
    )


def _source_specification(
    session: Session, procedure: procedures.Procedure, point: procedures.Point
) -> binding.SpecificationAtPoint:
    """The standard's own specification at the point, its confidence level as the maker states it."""
    source = registers.instrument_for(session, "source")
    table = specifications.load_specification(source.model)
    limit = specifications.limits(
        table, point.function, None, Decimal(repr(point.nominal)), procedure.interval or "1 year"
    )
    return binding.SpecificationAtPoint(
        half_width=float(limit.mpe),
        confidence=None if table.confidence is None else float(table.confidence),
        id=f"spec:{source.code}:{point.function}:{limit.range.text}:{point.nominal!r}",
        reference=limit.reference,
    )


def version_data(version: CalibrationVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "certificate_number": version.certificate_number,
        "issued": version.issued,
        "functions": version.functions,
        "correlation": version.correlation,
    }


def _version(session: Session, id_: int | None, used: dict[int, CalibrationVersion]) -> CalibrationVersion | None:
    if id_ is None:
        return None
    if id_ not in used:
        used[id_] = session.get_one(CalibrationVersion, id_)
    return used[id_]


def _room(
    session: Session,
    kept: Sequence[tuple[Reading, float | None]],
    mine: Sequence[Reading],
    used: dict[int, CalibrationVersion],
) -> binding.Room | None:
    """Mean corrected room temperature while the point was measured; the nearest reading where none fell inside."""
    rows = [(r, value) for r, value in kept if r.role == "ambient" and r.channel == "temperature" and value is not None]
    if not rows:
        return None
    begin, end = mine[0].at, mine[-1].at
    inside = [(r, value) for r, value in rows if begin <= r.at <= end]
    if not inside:
        inside = [min(rows, key=lambda row: abs((row[0].at - begin).total_seconds()))]
    version = _version(session, inside[0][0].calibration_version_id, used)
    if version is None:
        return None
    temperature = fmean(value for _, value in inside)
    certified = standards.at_point(
        version_data(version), "temperature", temperature, on=begin.date(), standard=version.certificate_number
    )
    return binding.Room(
        temperature=temperature + certified.correction,
        U=max(part.U for part in certified.parts),
        certificate=version.certificate_number,
    )


def stored(session: Session, evaluation: Evaluation) -> list[Result]:
    return list(
        session.scalars(select(Result).where(Result.evaluation_id == evaluation.id).order_by(Result.point, Result.id))
    )
