"""Measurement standards (计量标准) as JJF 1033 knows them: the set of equipment, its certificate, its life and its tests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id


class MeasurementStandard(Base):
    """A measurement standard. state: lims.domain.states.MEASUREMENT_STANDARD.

    level: public_highest | public | enterprise_highest | enterprise | working. certificate_number: 考核证书. scope:
    {"procedures": [...], "measurand", "unit", "range": [low, high], "U" or "mpe": text, "k"}. environment: quantity →
    [low, high, unit]. plan: {"repeatability": {...}, "stability": {...}}, the criteria and periods.
    """

    __tablename__ = "measurement_standard"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Bilingual]
    level: Mapped[str]
    public: Mapped[bool] = mapped_column(default=False)
    certificate_number: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    place: Mapped[Bilingual]
    scope: Mapped[dict[str, Any]]
    environment: Mapped[dict[str, Any]]
    plan: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    entered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class StandardEquipment(Base):
    """An instrument that belongs to a measurement standard. part: main | auxiliary. to_day None: still."""

    __tablename__ = "standard_equipment"

    id: Mapped[Id]
    measurement_standard_id: Mapped[int] = mapped_column(ForeignKey("measurement_standard.id"), index=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), index=True)
    part: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date | None]


class StandardEvent(Base):
    """A line of the 履历书: what happened to a measurement standard. kind: lims.domain.measurement_standards.EVENTS."""

    __tablename__ = "standard_event"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    measurement_standard_id: Mapped[int] = mapped_column(ForeignKey("measurement_standard.id"), index=True)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class StandardTest(Base):
    """A test of a measurement standard. kind: repeatability | stability | intermediate_check | capability.

    readings: as observed. outcome: computed, with the criterion it was held to. ok None: no criterion.
    """

    __tablename__ = "standard_test"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    measurement_standard_id: Mapped[int] = mapped_column(ForeignKey("measurement_standard.id"), index=True)
    kind: Mapped[str]
    on_day: Mapped[date]
    unit: Mapped[str]
    readings: Mapped[list[Any]]
    outcome: Mapped[dict[str, Any]]
    ok: Mapped[bool | None]
    conditions: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
