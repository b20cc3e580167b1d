"""Requests, receipts, and the record of a measurement: readings, events, corrections, remarks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id, RawText


class Request(Base):
    """One item's job: what is done with it. rule: the decision rule agreed. state: lims.domain.states.REQUEST.

    work: lims.domain.orders.WORK. use: what the item is used for. work_order_id: the order it belongs to, if any.
    assigned_to_id, checker_id: who is to measure and to verify. frozen: an arbitration, nobody alters the item's state.
    """

    __tablename__ = "request"
    __table_args__ = (Index(None, "state", "id"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), index=True)
    procedure_name: Mapped[str]
    document_kind: Mapped[str]
    rule: Mapped[dict[str, Any]]
    as_left: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    work: Mapped[str] = mapped_column(default="calibration", server_default="calibration")
    use: Mapped[str] = mapped_column(default="other", server_default="other")
    frozen: Mapped[bool] = mapped_column(default=False, server_default=false())
    accredited: Mapped[bool] = mapped_column(default=False, server_default=false())
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"), index=True)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class RequestHold(Base):
    """A span in which the laboratory waits and the clock stands. A row begins or ends it; ends: the row it ends.

    reason: customer | part | repair | subcontract | environment | other.
    """

    __tablename__ = "request_hold"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ends_id: Mapped[int | None] = mapped_column(ForeignKey("request_hold.id"))


class Receipt(Base):
    """The item's arrival and condition as seen (ISO/IEC 17025:2017, 7.4.3)."""

    __tablename__ = "receipt"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    condition: Mapped[Bilingual]
    accessories: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Record(Base):
    """One measurement of one stage. stage: as_found | as_left | result. state: lims.domain.states.RECORD.

    run_dir: folder of the run under the data folder, empty for readings by hand or from a file.
    journal_head: hash of the last delivered journal line.
    """

    __tablename__ = "record"
    __table_args__ = (Index(None, "state", "id"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    procedure_version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    stage: Mapped[str]
    performer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str]
    run_dir: Mapped[str] = mapped_column(default="")
    journal_head: Mapped[str | None]
    software: Mapped[dict[str, Any]]
    setup: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Reading(Base):
    """What an instrument said, as it said it. indication None: no number (overload, garbled), the raw reply is kept.

    seq: the journal's sequence number. calibration_version_id: the calibration this very reading rests on.
    """

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("record_id", "seq"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    seq: Mapped[int]
    role: Mapped[str]
    channel: Mapped[str]
    point: Mapped[int | None]
    n: Mapped[int | None]
    indication: Mapped[float | None]
    unit: Mapped[str]
    raw: Mapped[str] = mapped_column(RawText())
    status: Mapped[str]
    at: Mapped[datetime]
    setup: Mapped[dict[str, Any]]
    calibration_version_id: Mapped[int | None] = mapped_column(ForeignKey("calibration_version.id"), index=True)
    flag: Mapped[str | None]


class RunEvent(Base):
    """An event of the run's journal that is no reading."""

    __tablename__ = "run_event"
    __table_args__ = (UniqueConstraint("record_id", "seq"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]


class Correction(Base):
    """A correction is a row of its own with a reason; what it corrects stays (ISO/IEC 17025:2017, 7.5.2)."""

    __tablename__ = "correction"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))
    field: Mapped[str]
    old: Mapped[str]
    new: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Remark(Base):
    """kind: return (a verifier gives the record back) | note."""

    __tablename__ = "remark"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    text: Mapped[str]
    kind: Mapped[str]


class StoredFile(Base):
    """A file of readings as it came, with its digest and who brought it."""

    __tablename__ = "stored_file"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    bytes: Mapped[bytes]
    provenance: Mapped[dict[str, Any]]
    imported_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
