"""Signatures, certificates and what was issued of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import APPEND_ONLY, Base, Id


class Signature(Base):
    """A person and a meaning bound to the digest of a canonical object. meaning: perform | verify | approve.

    object_type: record | certificate. method: password | password+totp | certificate.
    """

    __tablename__ = "signature"
    __table_args__ = (Index(None, "object_type", "object_id"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    object_type: Mapped[str]
    object_id: Mapped[int]
    object_digest: Mapped[str]
    meaning: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    method: Mapped[str]


class Certificate(Base):
    """One frozen snapshot with its digest. It is never edited: an amendment is a new one that names the old.

    kind: calibration | verification | result_notice | evaluation_report. snapshot: canonical JSON text.
    token: opens the public page together with the number.
    """

    __tablename__ = "certificate"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    record_ids: Mapped[list[int]]
    snapshot: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)
    token: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(index=True)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    reason: Mapped[str | None]


class CertificateStatus(Base):
    """The newest row is the state in force: issued, superseded (by successor_id) or withdrawn."""

    __tablename__ = "certificate_status"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    status: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))


class Document(Base):
    """A rendered and signed file of a certificate, one of each kind (pdf, dcc), byte for byte as handed out."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("certificate_id", "kind"), {"info": APPEND_ONLY})

    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    bytes: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(index=True)
    unsigned_sha256: Mapped[str | None]
    created_at: Mapped[datetime]


class CertificateEvent(Base):
    """What was done with an issued certificate: printed | reprinted | copy | handed_over | mailed | sampled. note: why, to whom."""

    __tablename__ = "certificate_event"
    __table_args__ = ({"info": APPEND_ONLY},)

    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
