"""What work costs: tariffs as versioned data, fees as rows that are only added to, invoices. Money is decimal text in CNY."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Id


class Tariff(Base):
    """One version of a price list. entries: see lims.domain.fees.read. All but the state and the end is frozen."""

    __tablename__ = "tariff"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[int]
    jurisdiction: Mapped[str]
    source: Mapped[dict[str, Any]]
    entries: Mapped[list[dict[str, Any]]]
    digest: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class Fee(Base):
    """One amount for one job. kind: tariff | urgent | on_site | statutory_free | waived | adjustment. amount: decimal text."""

    __tablename__ = "fee"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[str]
    amount: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariff.id"))
    clause: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Invoice(Base):
    """A bill of jobs. lines: [{"request", "kind", "amount", "text"}]. state: lims.domain.states.INVOICE."""

    __tablename__ = "invoice"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    lines: Mapped[list[dict[str, Any]]]
    total: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    paid_at: Mapped[datetime | None]
