"""Quality: cases, control charts, proficiency tests, internal audits, risks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id


class QualityCase(Base):
    """A case that is followed to its end. kind: nonconformity | impact | complaint | dispute | audit_finding | hazard.

    state: the machine of its kind, lims.domain.quality.machine. origin: what opened it ({"type", "number", …}).
    affected: what it touches, each with its outcome. from_day, to_day: interval of doubt.
    """

    __tablename__ = "quality_case"
    __table_args__ = (Index(None, "kind", "state"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    title: Mapped[str]
    origin: Mapped[dict[str, Any]]
    severity: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due: Mapped[date | None]
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]
    affected: Mapped[list[dict[str, Any]]]
    state: Mapped[str]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class CaseEntry(Base):
    """What was done or found in a case. kind: lims.domain.quality.ENTRIES."""

    __tablename__ = "case_entry"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("quality_case.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str]
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ControlChart(Base):
    """A check standard watched over time. chart: shewhart | ewma | cusum. baseline: centre, s and rules, when fixed."""

    __tablename__ = "control_chart"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[Bilingual]
    instrument_id: Mapped[int | None] = mapped_column(ForeignKey("instrument.id"), index=True)
    measurement_standard_id: Mapped[int | None] = mapped_column(ForeignKey("measurement_standard.id"), index=True)
    procedure_name: Mapped[str | None]
    quantity: Mapped[str]
    unit: Mapped[str]
    chart: Mapped[str]
    baseline: Mapped[dict[str, Any]]
    period_days: Mapped[int]
    state: Mapped[str]
    entered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ChartPoint(Base):
    """One point of a control chart. signals: the rules it broke. case_id: the case that it opened."""

    __tablename__ = "chart_point"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    control_chart_id: Mapped[int] = mapped_column(ForeignKey("control_chart.id"), index=True)
    value: Mapped[float]
    readings: Mapped[list[Any]]
    signals: Mapped[list[Any]]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("quality_case.id"))
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ProficiencyTest(Base):
    """A round of a proficiency test or comparison. results: [{"point", "x", "U", "X", "U_ref", "sigma"?, "En", "zeta"?}]."""

    __tablename__ = "proficiency_test"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str]
    scheme: Mapped[str]
    measurand: Mapped[str]
    unit: Mapped[str]
    procedure_name: Mapped[str | None]
    planned: Mapped[date]
    results: Mapped[list[dict[str, Any]]]
    outcome: Mapped[str | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("quality_case.id"))
    state: Mapped[str]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class InternalAudit(Base):
    """An internal audit (ISO/IEC 17025:2017, 8.8). sample: what was drawn, with the seed, so that it can be drawn again."""

    __tablename__ = "internal_audit"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    clauses: Mapped[list[Any]]
    planned: Mapped[date]
    lead_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sample: Mapped[dict[str, Any]]
    report: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    entered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Risk(Base):
    """A risk or chance (8.5). likelihood, consequence: 1 to 5."""

    __tablename__ = "risk"

    id: Mapped[Id]
    title: Mapped[str]
    area: Mapped[str]
    likelihood: Mapped[int]
    consequence: Mapped[int]
    treatment: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    review_on: Mapped[date | None]
    state: Mapped[str]
    entered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
