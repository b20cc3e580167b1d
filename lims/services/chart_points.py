"""Points of control charts: entered, pasted or taken from a record, judged at once; a signal opens a case (17025, 7.10)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import charts
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import charts as lists
from lims.records import ChartPoint, ControlChart, QualityCase, Record, Request, Result
from lims.services import chart_cases
from lims.services.bench import number, record_by_number
from lims.services.evaluation import latest_evaluation
from lims.words import N_, gettext
from uncertainty import units

MOST_POINTS = 500
"""Points of one paste."""
LARGEST = 1e30
"""Beyond it squares and sums leave the numbers of a computer."""
EVALUATED = ("submitted", "verified", "approved", "locked")
ENDED_CASE = ("closed", "rejected")


@dataclass(frozen=True, slots=True)
class Entry:
    """A check: what was read (the point is the mean), when (None: now), and a note."""

    readings: Sequence[str]
    at: datetime | None = None
    note: str = ""


def add_points(session: Session, code: str, entries: Sequence[Entry], *, by: Actor, at: datetime) -> list[ChartPoint]:
    """Checks in the order in which they were made, each judged as it comes. Raises UnusableValue, WrongState."""
    require(by, "charts.add")
    chart = _open(session, code, by)
    if not 1 <= len(entries) <= MOST_POINTS:
        raise UnusableValue(field="points", found=str(len(entries)), right=N_("from 1 to 500 points"))
    before = list(lists.points_of(session, chart))
    added = []
    for entry in entries:
        readings = [each.strip() for each in entry.readings if each.strip()]
        if not readings:
            raise UnusableValue(field="readings", found="—", right=N_("a number such as 10.00012 or 1e-3"))
        values = [number(each, "readings") for each in readings]
        if max(map(abs, values)) > LARGEST:
            raise UnusableValue(
                field="readings", found=entry.readings[0], right=N_("a number such as 10.00012 or 1e-3")
            )
        value = statistics.fmean(values)
        point = _point(session, chart, before, value, list(readings), entry.note, entry.at or at, by, at)
        before.append(point)
        added.append(point)
    _audit_points(session, chart, added, by, at)
    return added


def add_from_record(
    session: Session, code: str, record: str, point: int, *, by: Actor, at: datetime, measurand: str = ""
) -> ChartPoint:
    """A point taken from the result of a record of the check standard; its unit is converted. Raises UnusableValue."""
    require(by, "charts.add")
    require(by, "records.read")
    chart = _open(session, code, by)
    row = record_by_number(session, record)
    result = _result(session, chart, row, point, measurand)
    before = list(lists.points_of(session, chart))
    origin = {"record": record, "point": point, "result": result.id, "unit": result.unit}
    if any(isinstance(each, dict) and each.get("result") == result.id for old in before for each in old.readings):
        raise UnusableValue(
            field="point", found=f"{record} / {point}", right=N_("a result that is not on the chart yet")
        )
    # A simulated clock runs ahead of the wall's; nobody measured in the future.
    measured = min(row.finished_at or row.started_at, at)
    value = units.convert(result.value, result.unit, chart.unit)
    added = _point(session, chart, before, value, [origin], "", measured, by, at)
    _audit_points(session, chart, [added], by, at)
    return added


def _open(session: Session, code: str, by: Actor) -> ControlChart:
    """The chart, locked; one that has ended takes no more points."""
    chart = lists.by_code(session, code, by, lock=True)
    if chart.state == "ended":
        raise WrongState(
            kind="control_chart", number=code, state="ended", wanted="watched", allowed=N_("no other state")
        )
    return chart


def _result(session: Session, chart: ControlChart, record: Record, point: int, measurand: str) -> Result:
    """The one result of a record's point; of the chart's own check standard and procedure."""
    request = session.get(Request, record.request_id)
    if chart.instrument_id is not None and (request is None or request.instrument_id != chart.instrument_id):
        raise UnusableValue(field="record", found=record.number, right=N_("a record of the chart's own check standard"))
    if chart.procedure_name and (request is None or request.procedure_name != chart.procedure_name):
        raise UnusableValue(field="record", found=record.number, right=chart.procedure_name)
    evaluation = latest_evaluation(session, record) if record.state in EVALUATED else None
    if evaluation is None:
        raise UnusableValue(field="record", found=record.number, right=N_("a record that has been submitted"))
    question = select(Result).where(Result.evaluation_id == evaluation.id)
    rows = [row for row in session.scalars(question) if row.point == point and measurand in ("", row.measurand)]
    if len(rows) != 1:
        right = ", ".join(row.measurand for row in rows) or N_("a point of the record that has a result")
        raise UnusableValue(field="point" if not rows else "measurand", found=str(point), right=right)
    return rows[0]


def _point(
    session: Session,
    chart: ControlChart,
    before: Sequence[ChartPoint],
    value: float,
    readings: list[Any],
    note: str,
    measured: datetime,
    by: Actor,
    at: datetime,
) -> ChartPoint:
    """One more point behind those before, with the rules it breaks and the case that this opens."""
    if measured > at:
        raise UnusableValue(field="at", found=measured.isoformat(timespec="minutes"), right=N_("not in the future"))
    if before and measured < before[-1].at:
        right = N_("not before the last point of the chart; points stand in the order of time")
        raise UnusableValue(field="at", found=measured.isoformat(timespec="minutes"), right=right)
    broken = charts.signals_of_next(chart.chart, charts.spans(chart.baseline, before)[-1], value)
    point = ChartPoint(
        control_chart_id=chart.id,
        value=value,
        readings=readings,
        signals=list(broken),
        case_id=_case(session, chart, before, value, broken, by, at) if broken else None,
        note=note.strip(),
        at=measured,
        by_id=by.person_id,
    )
    session.add(point)
    session.flush()
    return point


def _case(
    session: Session,
    chart: ControlChart,
    before: Sequence[ChartPoint],
    value: float,
    broken: Sequence[str],
    by: Actor,
    at: datetime,
) -> int:
    """The case that the signal belongs to: the one that is running, else a new one."""
    running = _running_case(session, before)
    if running is not None:
        return running
    said = "; ".join(gettext(charts.SIGNALS[name], by.language) for name in broken)
    return chart_cases.open_case(
        session,
        title=gettext("Control chart {code}: {rules}", by.language, code=chart.code, rules=said),
        origin={"type": "control_chart", "number": chart.code, "value": value, "signals": list(broken)},
        severity="major",
        by=by,
        at=at,
    ).id


def _running_case(session: Session, before: Sequence[ChartPoint]) -> int | None:
    """The case that this chart has open already: a lasting shift is one case, not one a day."""
    known = {point.case_id for point in before if point.case_id is not None}
    return session.scalar(
        select(QualityCase.id)
        .where(QualityCase.id.in_(known), QualityCase.state.not_in(ENDED_CASE))
        .order_by(QualityCase.id.desc())
    )


def _audit_points(session: Session, chart: ControlChart, added: Sequence[ChartPoint], by: Actor, at: datetime) -> None:
    facts = {
        "points": [point.id for point in added],
        "values": [point.value for point in added],
        "signals": {str(point.id): point.signals for point in added if point.signals},
    }
    audit.append(
        session, "control_chart.points_added", "control_chart", chart.code, by=by.username, at=at, payload=facts
    )
