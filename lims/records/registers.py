"""The registers: customers, instruments, calibrations of standards, procedures, and the laboratory itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Bilingual, Id


class Customer(Base):
    """Who orders work. details: invoice title, telephone, e-mail, county, as the laboratory needs them."""

    __tablename__ = "customer"

    id: Mapped[Id]
    name: Mapped[Bilingual]
    address: Mapped[Bilingual]
    contact: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class Instrument(Base):
    """An instrument under its lifetime code: a customer's item, a standard or a monitor of the laboratory.

    kind: item | standard | monitor. role: source | meter | ambient, what it plays on the bench.
    resource: its VISA name, or bench:<device> for the simulated one. state: lims.domain.states.INSTRUMENT.
    details: class (A, B, C), range, resolution, mpe, location, custodian, interval, asset number. due: when its
    calibration or verification ends.
    """

    __tablename__ = "instrument"
    __table_args__ = (Index(None, "model", "serial"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    description: Mapped[Bilingual]
    maker: Mapped[str]
    model: Mapped[str]
    serial: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    resource: Mapped[str | None]
    driver: Mapped[str | None]
    role: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default="in_service")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    due: Mapped[date | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class CalibrationVersion(Base):
    """What one certificate of a standard says. All but the state is frozen: results point to it for ever.

    issuer: {"zh", "en", "demonstration"?}. functions: see lims.domain.standards. route_class: a to d of
    CNAS-CL01-G002:2021, 4.5. correlation between this certificate's sources: {"kind": "none" | "full" | "matrix" | "unknown"}.
    upstream: [{"certificate", "issuer"?, "calibration_version_id"?}], towards the SI.
    state: lims.domain.states.CALIBRATION. source: "import" | "manual".
    """

    __tablename__ = "calibration_version"

    id: Mapped[Id]
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), index=True)
    certificate_number: Mapped[str] = mapped_column(index=True)
    issuer: Mapped[dict[str, Any]]
    issued: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    route_class: Mapped[str]
    state: Mapped[str]
    functions: Mapped[list[dict[str, Any]]]
    upstream: Mapped[list[dict[str, Any]]]
    correlation: Mapped[dict[str, Any]]
    digest: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime | None]
    source: Mapped[str]


class ProcedureVersion(Base):
    """One version of a procedure document, its text whole. All but the state is frozen."""

    __tablename__ = "procedure_version"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[Id]
    name: Mapped[str]
    version: Mapped[str]
    title: Mapped[Bilingual]
    text: Mapped[str]
    digest: Mapped[str]
    state: Mapped[str]
    method_code: Mapped[str]


class Laboratory(Base):
    """The one laboratory (id 1). profile: name, address, code, contact, place, demonstration, and its settings."""

    __tablename__ = "laboratory"

    id: Mapped[Id]
    profile: Mapped[dict[str, Any]]


class Lease(Base):
    """A claim on a task until an instant; whoever finds it run out may take it."""

    __tablename__ = "lease"

    id: Mapped[Id]
    task: Mapped[str] = mapped_column(unique=True)
    holder: Mapped[str]
    until: Mapped[datetime]
