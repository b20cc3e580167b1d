"""Prints and copies of an issued certificate: each is logged, and a second print needs its reason (lost paper, …)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.rights import require
from lims.records import CertificateEvent
from lims.services import certificates
from lims.services.item_events import required
from lims.words import N_

KINDS = ("printed", "copy")
PRINTS = ("printed", "reprinted")


def note(session: Session, number: str, kind: str, why: str, *, by: Actor, at: datetime) -> CertificateEvent:
    """A print or a copy of a certificate. kind: printed (the second one is a reprint) | copy (English, duplicate, …).

    Raises UnusableValue where a reprint or a copy has no reason.
    """
    require(by, "certificates.print")
    certificate = certificates.by_number(session, number, by=by)
    one_of("kind", kind, KINDS)
    before = session.scalar(
        select(CertificateEvent.id)
        .where(CertificateEvent.certificate_id == certificate.id, CertificateEvent.kind.in_(PRINTS))
        .limit(1)
    )
    done = "reprinted" if kind == "printed" and before is not None else kind
    said = why.strip() if done == "printed" else required("why", why, N_("why it is printed again, and for whom"))
    row = CertificateEvent(certificate_id=certificate.id, kind=done, note=said, at=at, by_id=by.person_id)
    session.add(row)
    session.flush()
    audit.append(session, f"certificate.{done}", "certificate", number, by=by.username, at=at, reason=said or None)
    return row
