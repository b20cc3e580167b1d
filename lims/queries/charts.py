"""Control charts: the list with what each showed last and when its next check is due, and one chart with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain import charts
from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import ChartPoint, ControlChart, Instrument, MeasurementStandard, Person, QualityCase
from lims.records.series import ZONE

PAGE = 30
RECENT = 30
"""Points of a sparkline."""


@dataclass(frozen=True, slots=True)
class Line:
    """A chart of a list. recent: its newest points, oldest first. due: day of the next check, None when it has ended."""

    chart: ControlChart
    recent: Sequence[ChartPoint]
    due: date | None
    days_left: int | None

    @property
    def last(self) -> ChartPoint | None:
        return self.recent[-1] if self.recent else None

    @property
    def fixed(self) -> charts.Fixed | None:
        return charts.spans(self.chart.baseline, [])[-1].fixed


@dataclass(frozen=True, slots=True)
class History:
    """One chart: all its points in order, its spans, who entered what, and the numbers of the cases it opened."""

    chart: ControlChart
    instrument: Instrument | None
    standard: MeasurementStandard | None
    points: Sequence[ChartPoint]
    spans: Sequence[charts.Span]
    people: Mapping[int, Person]
    cases: Mapping[int, QualityCase]
    due: date | None
    days_left: int | None

    @property
    def now(self) -> charts.Span:
        return self.spans[-1]


def by_code(session: Session, code: str, viewer: Actor, *, lock: bool = False) -> ControlChart:
    """One of them; lock: nobody else adds to it before this transaction ends. Raises NotFound."""
    require(viewer, "quality.read")
    question = select(ControlChart).where(ControlChart.code == code)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="control_chart", number=code)
    return found


def points_of(session: Session, chart: ControlChart) -> Sequence[ChartPoint]:
    """Every point of a chart in the order of entry."""
    return session.scalars(
        select(ChartPoint).where(ChartPoint.control_chart_id == chart.id).order_by(ChartPoint.id)
    ).all()


def lines(session: Session, viewer: Actor, *, on: date, after: str = "", size: int = PAGE) -> list[Line]:
    """A page of charts by code, those behind `after`; one more than `size` tells that there is another page."""
    require(viewer, "quality.read")
    rows = session.scalars(
        select(ControlChart).where(ControlChart.code > after).order_by(ControlChart.code).limit(size + 1)
    ).all()
    return _with_recent(session, rows, on)


def due(session: Session, viewer: Actor, *, on: date, within: int = 7) -> list[Line]:
    """Intermediate checks that are overdue or due within some days, the longest overdue first."""
    require(viewer, "quality.read")
    rows = session.scalars(
        select(ControlChart).where(ControlChart.state != "ended", ControlChart.period_days > 0)
    ).all()
    found = [line for line in _with_recent(session, rows, on) if line.days_left is not None]
    return sorted(
        (line for line in found if line.days_left is not None and line.days_left <= within),
        key=lambda line: (line.days_left or 0, line.chart.code),
    )


def history(session: Session, code: str, viewer: Actor, *, on: date) -> History:
    """One chart with everything about it, in six statements."""
    chart = by_code(session, code, viewer)
    points = points_of(session, chart)
    people = session.scalars(select(Person).where(Person.id.in_({p.by_id for p in points if p.by_id is not None})))
    cases = session.scalars(
        select(QualityCase).where(QualityCase.id.in_({p.case_id for p in points if p.case_id is not None}))
    )
    day = _due(chart, points[-1] if points else None)
    return History(
        chart=chart,
        instrument=None if chart.instrument_id is None else session.get(Instrument, chart.instrument_id),
        standard=None
        if chart.measurement_standard_id is None
        else session.get(MeasurementStandard, chart.measurement_standard_id),
        points=points,
        spans=charts.spans(chart.baseline, points),
        people={each.id: each for each in people},
        cases={each.id: each for each in cases},
        due=day,
        days_left=None if day is None else (day - on).days,
    )


def _with_recent(session: Session, rows: Sequence[ControlChart], on: date) -> list[Line]:
    """Lines with their newest points; ids first, rows by id then."""
    rank = func.row_number().over(partition_by=ChartPoint.control_chart_id, order_by=ChartPoint.id.desc())
    ranked = (
        select(ChartPoint.id, rank.label("rank"))
        .where(ChartPoint.control_chart_id.in_([row.id for row in rows]))
        .subquery()
    )
    newest = select(ranked.c.id).where(ranked.c.rank <= RECENT)
    recent: dict[int, list[ChartPoint]] = {}
    for point in session.scalars(select(ChartPoint).where(ChartPoint.id.in_(newest)).order_by(ChartPoint.id)):
        recent.setdefault(point.control_chart_id, []).append(point)
    found = []
    for row in rows:
        own = recent.get(row.id, [])
        day = _due(row, own[-1] if own else None)
        found.append(Line(row, own, day, None if day is None else (day - on).days))
    return found


def _due(chart: ControlChart, last: ChartPoint | None) -> date | None:
    """The day by which the next check is to be done; counted from the last point, or from the chart's entry."""
    if chart.state == "ended" or chart.period_days <= 0:
        return None
    since = chart.entered_at if last is None else last.at
    return since.astimezone(ZONE).date() + timedelta(days=chart.period_days)
