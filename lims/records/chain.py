"""The audit chain's rows. Written and verified by lims.audit alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Id


class AuditEntry(Base):
    """One act. hash: SHA-256 over the canonical JSON of everything else in the row, prev_hash included."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "object_type", "object_id"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    seq: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The one row (id 1) that names the last entry; locked last in a transaction, so that entries never fork."""

    __tablename__ = "audit_head"

    id: Mapped[Id]
    seq: Mapped[int]
    hash: Mapped[str]
