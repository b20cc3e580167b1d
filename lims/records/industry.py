"""What an industry has to measure: chains, their nodes, and the key parameters of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Bilingual, Id


class ChainParameter(Base):
    """A key parameter at a node of an industry's chain. All but the state is frozen: a change is a new row.

    required: the expanded uncertainty that the industry needs, in `unit`; ratio: how many times smaller the laboratory's
    has to be. stage: lims.domain.industry.STAGES. state: lims.domain.states.CHAIN_PARAMETER.
    """

    __tablename__ = "chain_parameter"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[Id]
    chain: Mapped[Bilingual]
    node: Mapped[Bilingual]
    position: Mapped[int]
    product: Mapped[Bilingual]
    stage: Mapped[str]
    parameter: Mapped[Bilingual]
    measurand: Mapped[str]
    unit: Mapped[str]
    low: Mapped[float]
    high: Mapped[float]
    required: Mapped[float]
    ratio: Mapped[float]
    conditions: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
