"""Rules of a jurisdiction as data: gate rules with their source and validity, what they said, and compulsory verification."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id


class GateRule(Base):
    """One version of a rule: whether a gate of lims.domain.gates applies, where, since when, and with which figures.

    code: the gate. jurisdiction: "CN", "CN-51", … or "laboratory". effect: block | warn | off. source: {"title",
    "clause", "verified"}; verified False: nobody has read the figure in its source. All but state and end is frozen.
    """

    __tablename__ = "gate_rule"
    __table_args__ = (UniqueConstraint("code", "jurisdiction", "version"),)

    id: Mapped[Id]
    code: Mapped[str]
    jurisdiction: Mapped[str]
    version: Mapped[int]
    effect: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    source: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class GateEvidence(Base):
    """What the gates said when a step was taken or refused. lines: [{"ok", "code", "text", "clause", "rule"?}]."""

    __tablename__ = "gate_evidence"
    __table_args__ = (Index(None, "object_type", "object_number"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    step: Mapped[str]
    object_type: Mapped[str]
    object_number: Mapped[str]
    ok: Mapped[bool]
    lines: Mapped[list[dict[str, Any]]]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CatalogueEntry(Base):
    """A line of a catalogue of instruments under compulsory verification, one version. mode: first_only | periodic.

    uses: for which uses it is compulsory, of lims.domain.orders.USES. interval: months, None where the procedure says.
    """

    __tablename__ = "catalogue_entry"
    __table_args__ = (UniqueConstraint("catalogue", "number", "version"),)

    id: Mapped[Id]
    catalogue: Mapped[str]
    number: Mapped[str]
    version: Mapped[int]
    name: Mapped[Bilingual]
    words: Mapped[list[Any]]
    uses: Mapped[list[Any]]
    mode: Mapped[str]
    interval: Mapped[int | None]
    source: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class CompulsoryEntry(Base):
    """An instrument in the register of compulsory verification. state: lims.domain.states.COMPULSORY."""

    __tablename__ = "compulsory_entry"
    __table_args__ = (UniqueConstraint("instrument_id"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    catalogue_entry_id: Mapped[int] = mapped_column(ForeignKey("catalogue_entry.id"))
    use: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    authority: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(index=True)
    last: Mapped[date | None]
    due: Mapped[date | None] = mapped_column(index=True)
    result: Mapped[str | None]
    filed_at: Mapped[datetime]
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
