"""Measurement standards and their lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import (
    CalibrationVersion,
    Instrument,
    MeasurementStandard,
    Person,
    StandardEquipment,
    StandardEvent,
    StandardTest,
)

SOON = timedelta(days=183)
"""Re-examination is applied for half a year before (m): shown as due from then on."""


@dataclass(frozen=True, slots=True)
class Line:
    """A measurement standard of a list; days_left of its certificate, None without one."""

    standard: MeasurementStandard
    days_left: int | None

    @property
    def due(self) -> bool:
        return self.days_left is not None and self.days_left <= SOON.days


@dataclass(frozen=True, slots=True)
class Life:
    """A measurement standard with its equipment and their current certificates, its 履历书 and its tests."""

    standard: MeasurementStandard
    keeper: Person | None
    parts: Sequence[tuple[StandardEquipment, Instrument, CalibrationVersion | None]]
    events: Sequence[StandardEvent]
    tests: Sequence[StandardTest]
    days_left: int | None


def lines(session: Session, viewer: Actor, *, on: date) -> list[Line]:
    """All of them, the one whose certificate ends first on top."""
    require(viewer, "standards.read")
    rows = session.scalars(select(MeasurementStandard).order_by(MeasurementStandard.code)).all()
    found = [Line(row, None if row.valid_to is None else (row.valid_to - on).days) for row in rows]
    return sorted(found, key=lambda line: (line.days_left is None, line.days_left or 0))


def by_code(session: Session, code: str, viewer: Actor, *, lock: bool = False) -> MeasurementStandard:
    """One of them. Raises NotFound."""
    require(viewer, "standards.read")
    question = select(MeasurementStandard).where(MeasurementStandard.code == code)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="measurement_standard", number=code)
    return found


def life(session: Session, code: str, viewer: Actor, *, on: date) -> Life:
    """Everything about one, in five statements."""
    row = by_code(session, code, viewer)
    parts = session.execute(
        select(StandardEquipment, Instrument, CalibrationVersion)
        .join(Instrument, Instrument.id == StandardEquipment.instrument_id)
        .outerjoin(
            CalibrationVersion,
            (CalibrationVersion.instrument_id == Instrument.id) & (CalibrationVersion.state == "current"),
        )
        .where(StandardEquipment.measurement_standard_id == row.id)
        .order_by(StandardEquipment.part.desc(), StandardEquipment.id)
    ).all()
    return Life(
        standard=row,
        keeper=None if row.keeper_id is None else session.get(Person, row.keeper_id),
        parts=[(part, instrument, version) for part, instrument, version in parts],
        events=session.scalars(
            select(StandardEvent)
            .where(StandardEvent.measurement_standard_id == row.id)
            .order_by(StandardEvent.id.desc())
        ).all(),
        tests=session.scalars(
            select(StandardTest).where(StandardTest.measurement_standard_id == row.id).order_by(StandardTest.id.desc())
        ).all(),
        days_left=None if row.valid_to is None else (row.valid_to - on).days,
    )
