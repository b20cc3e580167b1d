"""Is a document genuine, and what does the laboratory say of it today? For anybody who holds it."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.config import Settings
from lims.documents import authenticate, keys
from lims.documents import snapshot as snapshots_of
from lims.records import Certificate, Document
from lims.services import certificates, reexecution


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """What the public page says. Without the right token nothing but "unknown" is said."""

    number: str
    status: str  # current | superseded | withdrawn | unknown
    issued: datetime | None = None
    kind: str = ""
    content: dict[str, Any] | None = None
    digest: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    changed_at: datetime | None = None
    successor: str | None = None

    @property
    def known(self) -> bool:
        return self.status != "unknown"


def status(session: Session, number: str, token: str, *, at: datetime, address: str = "") -> PublicStatus:
    """The certificate's state today, for who knows number and token; each look-up leaves an audit entry."""
    certificate = session.scalar(select(Certificate).where(Certificate.number == number))
    if certificate is None or not hmac.compare_digest(certificate.token.encode(), token.encode()):
        return PublicStatus(number=number, status="unknown")
    audit.append(
        session, "certificate.looked_up", "certificate", number, by="public", at=at, payload={"address": address}
    )
    return _public(session, certificate)


def _public(session: Session, certificate: Certificate) -> PublicStatus:
    row = certificates.status_of(session, certificate)
    successor = None if row.successor_id is None else session.get_one(Certificate, row.successor_id).number
    rows = session.execute(select(Document.kind, Document.sha256).where(Document.certificate_id == certificate.id))
    digests = {kind: sha256 for kind, sha256 in rows}  # noqa: C416  rows are not pairs to mypy
    return PublicStatus(
        number=certificate.number,
        status="current" if row.status == "issued" else row.status,
        issued=certificate.issued_at,
        kind=certificate.kind,
        content=json.loads(certificate.snapshot),
        digest=certificate.digest,
        digests=digests,
        reason=row.reason,
        changed_at=row.at,
        successor=successor,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `lims verify` says of one file: signature, the registry's word, and the digits computed again."""

    examination: authenticate.Examination
    registered: PublicStatus | None
    same_file: bool | None
    same_content: bool | None
    again: reexecution.Reexecution | None

    @property
    def ok(self) -> bool:
        """Good when signed well, registered here, current, unchanged and reproducible."""
        if self.examination.signature != "good":
            return False
        if self.registered is None:
            return False  # our own root alone is trusted here, and what it has signed stands in the register
        good = self.registered.status == "current" and self.same_file is not False and self.same_content is not False
        return good and (self.again is None or self.again.ok)


def _roots(settings: Settings) -> list[bytes]:
    """The root certificates this laboratory trusts: its own."""
    own = settings.data / "keys" / keys.ROOT_PEM
    return [own.read_bytes()] if own.is_file() else []


def examine_file(session: Session | None, data: bytes, *, settings: Settings) -> Verdict:
    """Examine a PDF or DCC, ours or foreign. session: the laboratory's records, or None where there are none."""
    trust = [] if session is None else _roots(settings)
    examination = authenticate.examine(data, trust=trust)
    certificate = (
        None
        if session is None or not examination.number
        else session.scalar(select(Certificate).where(Certificate.number == examination.number))
    )
    if session is None or certificate is None:
        return Verdict(examination, None, None, None, None)
    public = _public(session, certificate)
    sha256 = hashlib.sha256(data).hexdigest()
    same_file = sha256 in public.digests.values() if public.digests else None
    frozen = snapshots_of.digest(json.loads(certificate.snapshot))
    same_content = frozen == certificate.digest and examination.snapshot_digest in (None, "", certificate.digest)
    return Verdict(examination, public, same_file, same_content, reexecution.execute_again(session, certificate))
