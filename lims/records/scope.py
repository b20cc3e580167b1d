"""What the laboratory can measure: its published capabilities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Id


class Capability(Base):
    """One version of a line of the scope. All but the state and the end is frozen: what was stated on a day stays readable.

    data: see lims.domain.cmc.read. state: lims.domain.states.CAPABILITY. accreditation: its identifier, or empty.
    """

    __tablename__ = "capability"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[int]
    measurand: Mapped[str] = mapped_column(index=True)
    accreditation: Mapped[str]
    data: Mapped[dict[str, Any]]
    digest: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
