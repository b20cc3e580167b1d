"""What was brought in: batches of an import, and certificates of before this system."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import ImportBatch, Instrument, LegacyCertificate, Person


def batches(session: Session, viewer: Actor, *, size: int = 50) -> Sequence[tuple[ImportBatch, Person]]:
    """The newest first, with who brought them."""
    require(viewer, "exchange.import")
    rows = session.execute(
        select(ImportBatch, Person)
        .join(Person, Person.id == ImportBatch.by_id)
        .order_by(ImportBatch.id.desc())
        .limit(size)
    ).all()
    return [(batch, person) for batch, person in rows]


def batch(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> ImportBatch:
    """One of them. Raises NotFound."""
    require(viewer, "exchange.import")
    question = select(ImportBatch).where(ImportBatch.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="import", number=number)
    return found


def legacy_of(session: Session, code: str, viewer: Actor) -> Sequence[LegacyCertificate]:
    """Certificates of an instrument from before this system; a customer sees those of their own alone."""
    require(viewer, "certificates.read")
    question = (
        select(LegacyCertificate)
        .join(Instrument, Instrument.id == LegacyCertificate.instrument_id)
        .where(Instrument.code == code)
        .order_by(LegacyCertificate.issued.desc())
    )
    if viewer.customer_id is not None:
        question = question.where(LegacyCertificate.customer_id == viewer.customer_id)
    return session.scalars(question).all()
