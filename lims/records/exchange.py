"""What goes in and out: notices, the search table, imports of a laboratory's past, requests of machines answered once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Bilingual, Id


class Notice(Base):
    """A message to a person, or to all people of a customer. subject, body: both languages. mailed_at: when it left.

    link: a path of this app. needs_action: stays on top until done_at.
    """

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "read_at"), Index(None, "mail", "mailed_at"))

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    subject: Mapped[Bilingual]
    body: Mapped[Bilingual]
    link: Mapped[str] = mapped_column(default="")
    needs_action: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    mail: Mapped[bool] = mapped_column(default=False)
    mailed_at: Mapped[datetime | None]


class SearchGram(Base):
    """Two neighbouring signs of a text of an object: what the search box looks up, the same on both databases.

    gram: see lims.domain.grams; in the order of code points on both. kind: see lims.records.searched.
    """

    __tablename__ = "search_gram"
    __table_args__ = (Index(None, "kind", "object_id"),)

    gram: Mapped[str] = mapped_column(Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int | None]


class ImportBatch(Base):
    """A spreadsheet of the laboratory's past: looked at first, then taken over whole. state: lims.domain.states.IMPORT."""

    __tablename__ = "import_batch"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    findings: Mapped[dict[str, Any]]
    state: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    applied_at: Mapped[datetime | None]


class LegacyCertificate(Base):
    """A certificate issued before this system, as its spreadsheet says; its file if there is one."""

    __tablename__ = "legacy_certificate"
    __table_args__ = (UniqueConstraint("number"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    number: Mapped[str]
    kind: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), index=True)
    issued: Mapped[date]
    valid_to: Mapped[date | None]
    data: Mapped[dict[str, Any]]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)


class IdempotencyKey(Base):
    """A post of a machine and its answer: sent again under the same key, the same answer comes back."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str]
    digest: Mapped[str]
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
