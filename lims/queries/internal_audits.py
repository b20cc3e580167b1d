"""Internal audits: the list, one audit with the cases of its findings, and what a sample is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import registers
from lims.records import Authorisation, Certificate, InternalAudit, Person, Record

PAGE = 40


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit with who leads it."""

    audit: InternalAudit
    lead: Person


def by_number(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> InternalAudit:
    """One audit. Raises NotFound."""
    require(viewer, "quality.read")
    question = select(InternalAudit).where(InternalAudit.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="internal_audit", number=number)
    return found


def page(
    session: Session, viewer: Actor, *, before: tuple[date, int] | None = None, size: int = PAGE
) -> Sequence[InternalAudit]:
    """A page of audits, the latest planned first, those before (day, id); one more than `size` where there is more."""
    require(viewer, "quality.read")
    question = select(InternalAudit).order_by(InternalAudit.planned.desc(), InternalAudit.id.desc()).limit(size + 1)
    if before is not None:
        day, key = before
        question = question.where(
            (InternalAudit.planned < day) | ((InternalAudit.planned == day) & (InternalAudit.id < key))
        )
    return session.scalars(question).all()


def detail(session: Session, number: str, viewer: Actor) -> Audit:
    found = by_number(session, number, viewer)
    return Audit(found, session.get_one(Person, found.lead_id))


def population(session: Session, kind: str, from_day: date, to_day: date, viewer: Actor) -> Sequence[str]:
    """Names of what may be sampled, in an interval of days. kind: lims.domain.quality.SAMPLED."""
    require(viewer, "quality.read")
    zone = registers.zone(session)
    begin, end = (datetime.combine(day, at, zone) for day, at in ((from_day, time.min), (to_day, time.max)))
    if kind == "certificate":
        return session.scalars(select(Certificate.number).where(Certificate.issued_at.between(begin, end))).all()
    if kind == "record":
        left_out = ("open", "interrupted")
        asked = select(Record.number).where(Record.started_at.between(begin, end), Record.state.not_in(left_out))
        return session.scalars(asked).all()
    rows = session.execute(
        select(Authorisation.id, Person.username, Authorisation.procedure_name, Authorisation.role)
        .join(Person, Person.id == Authorisation.person_id)
        .where(Authorisation.state == "granted", Authorisation.valid_from <= to_day, Authorisation.valid_to >= from_day)
    )
    return [f"{username} {procedure} {role} #{key}" for key, username, procedure, role in rows]
