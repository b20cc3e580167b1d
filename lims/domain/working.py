"""Work out the results of a record: each point's budget bound, evaluated, decided and printed.

Pure: what was observed comes in, results go out. Submitting a record, executing a certificate again and the truth test
of the simulated bench all call `work_out`, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from statistics import fmean
from typing import Any

import uncertainty
from instruments import procedures, specifications
from uncertainty import conformity, report

from . import binding, standards
from .errors import RecordIncomplete, StandardNotValid

# With fewer effective degrees of freedom than this, k comes from t at 95.45 % (JCGM 100:2008, G.6.4; k = 2 otherwise).
DOF_FOR_K2 = 50
COVERAGE_AT_FEW_DOF = 0.9545
"""Probability of an interval of k = 2 about a normal distribution (JCGM 100:2008, 6.3.3)."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One reading as it counts: value None where a person excluded it, or a point was measured anew."""

    role: str
    channel: str
    point: int | None
    value: float | None
    unit: str
    status: str
    at: datetime
    calibration_version: int | None


@dataclass(frozen=True, slots=True)
class Observed:
    """A record's observations with what they rest on.

    versions: calibration version id → id, certificate_number, issued, valid_from, valid_to, functions, correlation.
    item: code, maker, model, serial. source: code and model of the standard that sourced, for `source: specification`.
    """

    record: str
    procedure: procedures.Procedure
    stage: str
    item: Mapping[str, str]
    rule: Mapping[str, Any]
    observations: Sequence[Observation]
    versions: Mapping[int, Mapping[str, Any]]
    source: Mapping[str, str] = field(default_factory=dict)


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


def work_out(observed: Observed) -> list[WorkedPoint]:
    """Every result of a record. Raises RecordIncomplete, StandardNotValid, StandardDoesNotCover, UncertaintyError."""
    if observed.procedure.data is not None:
        return _work_out_file(observed)
    about = {name: observed.item[name] for name in ("maker", "model", "serial")}
    plan = procedures.plan(observed.procedure, stage=observed.stage, item=about)
    return [_work_out_point(observed, point) for point in plan.points]


def _work_out_file(observed: Observed) -> list[WorkedPoint]:
    """The measurands of a file of readings, k from t at 95.45 %."""
    procedure = observed.procedure
    columns: dict[str, list[float]] = {}
    units: dict[str, str] = {}
    for reading in observed.observations:
        if reading.value is not None:
            columns.setdefault(reading.channel, []).append(reading.value)
            units[reading.channel] = reading.unit
    document = procedure.bind(
        {channel: {"readings": values, "unit": units[channel]} for channel, values in columns.items()},
        title=observed.record,
    ) | {"coverage": COVERAGE_AT_FEW_DOF}
    evaluated = uncertainty.evaluate(document)
    worked = []
    for number, name in enumerate(procedure.measurands, start=1):
        result = evaluated.results[name]
        _verdict, printed = decide(result, None, {"rule": "none"})
        title: Any = procedure.template.measurands[name].get("title") or {"zh": name, "en": name}
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
        worked.append(_worked(number, name, result, reported, {"verdict": "none"}, document, evaluated))
    return worked


def _worked(
    point: int,
    name: str,
    result: uncertainty.Result,
    reported: dict[str, Any],
    verdict: dict[str, Any],
    document: dict[str, Any],
    evaluated: uncertainty.Evaluation,
) -> WorkedPoint:
    return WorkedPoint(
        point=point,
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
        verdict=verdict,
        sources=sources_of(result, document),
    )


def _work_out_point(observed: Observed, point: procedures.Point) -> WorkedPoint:
    procedure, item = observed.procedure, observed.item
    good = [
        (reading, reading.value)
        for reading in observed.observations
        if reading.role == "item" and reading.point == point.no and reading.status == "ok"
        if reading.value is not None and isfinite(reading.value)
    ]
    unit = point.display_unit
    if not good:
        raise RecordIncomplete(record=observed.record, point=point.no, nominal=f"{point.nominal_text} {unit}")
    standard = specification = None
    if procedure.source_mode == "certificate":
        standard = _standard(observed, good[-1][0], point)
    else:
        specification = _source_specification(observed, point)
    document = binding.point_document(
        procedure.template,
        procedure=procedure.name,
        title=f"{observed.record}, {item['model']} {item['serial']}, {point.function} {point.range_text}, "
        f"{point.no}: {point.nominal_text} {unit}",
        unit=point.unit,
        result_unit=unit,
        readings=[value for _, value in good],
        resolution=float(point.resolution),
        resolution_id=f"resolution:{item['code']}:{point.function}:{point.range_text}:{observed.record}:{point.no}",
        setting=point.nominal,
        standard=standard,
        specification=specification,
        room=_room(observed, [reading for reading, _ in good]),
    )
    document, evaluated = evaluate_with_k(document, "error")
    result = evaluated.results["error"]
    scale = uncertainty.units.convert(1.0, point.unit, unit)
    indication = fmean(value for _, value in good) * scale
    verdict, printed = decide(result, (float(point.low) * scale, float(point.high) * scale), observed.rule)
    place = report.place_of(printed["U"])
    reported = printed | {
        "function": point.function,
        "range": point.range_text,
        "nominal": point.nominal_text,
        "reference": report.round_to(indication - result.value, place),
        "indication": report.round_to(indication, place),
        "unit": unit,
    }
    return _worked(point.no, "error", result, reported, verdict, document, evaluated)


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


def _standard(observed: Observed, reading: Observation, point: procedures.Point) -> standards.StandardAtPoint:
    """What the certificate named by the point's reading says there, if it was in force on the day."""
    version = None if reading.calibration_version is None else observed.versions.get(reading.calibration_version)
    if version is None:
        raise RecordIncomplete(record=observed.record, point=point.no, nominal=point.nominal_text)
    day = _in_force(version, reading.at.date())
    return standards.at_point(version, point.function, point.nominal, on=day, standard=version["certificate_number"])


def _in_force(version: Mapping[str, Any], day: date) -> date:
    if not version["valid_from"] <= day <= version["valid_to"]:
        raise StandardNotValid(standard=version["certificate_number"], used_at=day, valid_to=version["valid_to"])
    return day


def _source_specification(observed: Observed, point: procedures.Point) -> binding.SpecificationAtPoint:
    """The standard's own specification at the point, its confidence level as the maker states it."""
    table = specifications.load_specification(observed.source["model"])
    limit = specifications.limits(
        table, point.function, None, Decimal(repr(point.nominal)), observed.procedure.interval or "1 year"
    )
    return binding.SpecificationAtPoint(
        half_width=float(limit.mpe),
        confidence=None if table.confidence is None else float(table.confidence),
        id=f"spec:{observed.source['code']}:{point.function}:{limit.range.text}:{point.nominal!r}",
        reference=limit.reference,
    )


def _room(observed: Observed, mine: Sequence[Observation]) -> binding.Room | None:
    """Mean corrected room temperature while the point was measured; the nearest reading where none fell inside."""
    rows = [
        (reading, reading.value)
        for reading in observed.observations
        if reading.role == "ambient" and reading.channel == "temperature" and reading.value is not None
    ]
    if not rows:
        return None
    begin, end = mine[0].at, mine[-1].at
    inside = [row for row in rows if begin <= row[0].at <= end]
    if not inside:
        inside = [min(rows, key=lambda row: abs((row[0].at - begin).total_seconds()))]
    id_ = inside[0][0].calibration_version
    version = None if id_ is None else observed.versions.get(id_)
    if version is None:
        return None
    temperature = fmean(value for _, value in inside)
    day = _in_force(version, begin.date())
    certified = standards.at_point(version, "temperature", temperature, on=day, standard=version["certificate_number"])
    return binding.Room(
        temperature=temperature + certified.correction,
        U=max(part.U for part in certified.parts),
        certificate=version["certificate_number"],
    )
