"""Results, each with its sensitivities to sources: one sparse table answers budget, chain, correlation and impact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Id


class Evaluation(Base):
    """One evaluation of a record; a later one is a new version beside it. digest: of its results."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("record_id", "version"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    version: Mapped[int]
    at: Mapped[datetime]
    software: Mapped[dict[str, Any]]
    digest: Mapped[str]


class Result(Base):
    """value, u and U in `unit`; dof None: infinite. reported: the strings as printed. budget: document and answer."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("evaluation_id", "point", "measurand"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"))
    point: Mapped[int]
    measurand: Mapped[str]
    unit: Mapped[str]
    value: Mapped[float]
    u: Mapped[float]
    dof: Mapped[float | None]
    k: Mapped[float]
    p: Mapped[float | None]
    U: Mapped[float] = mapped_column("expanded_uncertainty")  # column names know no case: u is taken
    reported: Mapped[dict[str, Any]]
    budget: Mapped[dict[str, Any]]
    verdict: Mapped[dict[str, Any]]


class Source(Base):
    """A source of uncertainty with identity: what two results share is the same row.

    id: as fine as (calibration version, function, range, point or coefficient, component).
    """

    __tablename__ = "source"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[dict[str, Any]]
    calibration_version_id: Mapped[int | None] = mapped_column(ForeignKey("calibration_version.id"), index=True)
    u: Mapped[float]
    dof: Mapped[float | None]
    unit: Mapped[str]


class ResultSource(Base):
    """sensitivity: ∂result/∂source, the measurand's unit per the source's unit."""

    __tablename__ = "result_source"
    __table_args__ = ({"info": APPEND_ONLY},)

    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), primary_key=True, index=True)
    sensitivity: Mapped[float]
