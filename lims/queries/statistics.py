"""The dashboard's figures: SQL aggregates over bounded windows, so that a laboratory of a million certificates is as quick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import sqrt
from typing import Any

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import Session

from lims.domain import workdays
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import clocks, firsts, registers
from lims.records import (
    CalibrationVersion,
    Certificate,
    Evaluation,
    Instrument,
    MeasurementStandard,
    QualityCase,
    Receipt,
    Record,
    Request,
    Result,
)

MOST_OPEN = 1000
"""Open jobs that are looked at, the oldest first."""
LATEST_FOUND = 1000
"""As-found records whose verdicts are counted, the newest."""
WEEKS = 13
CLOCKS = ("late", "today", "week", "later", "held", "none")
AGES = (7, 30, 90)
"""Days; open cases are counted up to each, and beyond the last."""
Z_95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % interval of a share of k in n. Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209; n = 0 says nothing: 0 to 1."""
    if n == 0:
        return 0.0, 1.0
    p, z2 = k / n, Z_95**2
    middle, half = p + z2 / (2 * n), Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))


@dataclass(frozen=True, slots=True)
class Week:
    """From a Monday: items received and certificates issued."""

    monday: date
    received: int
    issued: int


@dataclass(frozen=True, slots=True)
class Failures:
    """As-found records of a model: how many failed at a point, the share and its 95 % interval."""

    model: str
    failed: int
    n: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Due:
    """A standard (kind "equipment") or a measurement standard whose certificate ends."""

    kind: str
    code: str
    day: date


@dataclass(frozen=True, slots=True)
class Dashboard:
    """clocks: CLOCKS → open jobs. cases: open cases by age (to 7, 30, 90 days, older)."""

    clocks: Mapping[str, int]
    weeks: Sequence[Week]
    failures: Sequence[Failures]
    due: Sequence[Due]
    cases: Sequence[int]


def dashboard(session: Session, viewer: Actor, *, on: date) -> Dashboard:
    """What a head of the laboratory looks at in the morning. `on`: the laboratory's day."""
    require(viewer, "statistics.read")
    return Dashboard(
        clocks=_clocks(session, on),
        weeks=_weeks(session, on),
        failures=_failures(session),
        due=_due(session, on),
        cases=_cases(session, on),
    )


def _clocks(session: Session, on: date) -> dict[str, int]:
    oldest = firsts.in_states(Request, clocks.RUNNING, most=MOST_OPEN)
    question = select(Request).where(Request.id.in_(oldest)).order_by(Request.id).limit(MOST_OPEN)
    running = session.scalars(question).all()
    known = clocks.of_requests(session, running, on)
    counted = Counter(_standing(known.get(each.id), on) for each in running)
    return {name: counted[name] for name in CLOCKS}


def _standing(clock: workdays.Clock | None, on: date) -> str:
    if clock is None:
        return "none"
    if clock.held:
        return "held"
    if clock.late:
        return "late"
    if clock.due == on:
        return "today"
    return "week" if clock.due <= on + timedelta(days=6 - on.weekday()) else "later"


def _weeks(session: Session, on: date) -> list[Week]:
    """The last 13 calendar weeks, this one included; weeks begin at midnight of the laboratory's Monday."""
    zone = registers.zone(session)
    first = on - timedelta(days=on.weekday(), weeks=WEEKS - 1)
    mondays = [first + timedelta(weeks=n) for n in range(WEEKS + 1)]
    starts = [datetime.combine(day, time(), zone) for day in mondays]

    def count(column: Any, begin: datetime, end: datetime) -> Any:  # each a span of the column's index
        return select(func.count()).where(column >= begin, column < end).scalar_subquery()

    columns = (Receipt.received_at, Certificate.issued_at)
    row = session.execute(select(*(count(each, a, b) for each in columns for a, b in pairwise(starts)))).one()
    return [Week(mondays[n], int(row[n]), int(row[WEEKS + n])) for n in range(WEEKS)]


def _failures(session: Session, size: int = 8) -> list[Failures]:
    newest = (
        select(Record.id, Record.request_id)
        .where(Record.stage == "as_found", Record.state == "locked")
        .order_by(Record.id.desc())
        .limit(LATEST_FOUND)
        .subquery()
    )
    failed = (
        select(literal(1))
        .select_from(Result)
        .join(Evaluation, Evaluation.id == Result.evaluation_id)
        .where(Evaluation.record_id == newest.c.id, Result.verdict["verdict"].as_string() == "fail")
        .correlate(newest)
        .exists()
    )
    n = func.count()
    rows = session.execute(
        select(Instrument.maker, Instrument.model, n, func.sum(case((failed, 1), else_=0)))
        .select_from(newest)
        .join(Request, Request.id == newest.c.request_id)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .group_by(Instrument.maker, Instrument.model)
        .order_by(n.desc(), Instrument.model)
        .limit(size)
    )
    return [Failures(f"{maker} {model}", int(k), int(of), *wilson(int(k), int(of))) for maker, model, of, k in rows]


def _due(session: Session, on: date, size: int = 60) -> list[Due]:
    """What ends within 366 days, or has ended, the first on top."""
    end = on + timedelta(days=366)
    equipment = (
        select(literal("equipment").label("kind"), Instrument.code, CalibrationVersion.valid_to.label("day"))
        .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
        .where(CalibrationVersion.state == "current", Instrument.kind.in_(("standard", "monitor")))
        .where(Instrument.state == "in_service", CalibrationVersion.valid_to <= end)
    )
    kept = select(literal("measurement_standard"), MeasurementStandard.code, MeasurementStandard.valid_to).where(
        MeasurementStandard.state.in_(("in_force", "changed", "re_examination")), MeasurementStandard.valid_to <= end
    )
    both = union_all(equipment, kept).subquery()
    rows = session.execute(select(both.c.kind, both.c.code, both.c.day).order_by(both.c.day, both.c.code).limit(size))
    return [Due(kind, code, day) for kind, code, day in rows]


def _cases(session: Session, on: date) -> list[int]:
    zone = registers.zone(session)
    edges = [datetime.combine(on - timedelta(days=days), time(), zone) for days in AGES]
    at = QualityCase.opened_at
    conditions = [at >= edges[0], (at < edges[0]) & (at >= edges[1]), (at < edges[1]) & (at >= edges[2]), at < edges[2]]
    row = session.execute(
        select(*[func.sum(case((each, 1), else_=0)) for each in conditions]).where(
            QualityCase.state.not_in(("closed", "rejected"))
        )
    ).one()
    return [int(each or 0) for each in row]
