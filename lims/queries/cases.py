"""Quality cases: the list with what is due first, one case, and what a doubtful standard was used for.

A customer sees their own complaints and disputes alone, and of these what was told to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lims.domain import quality
from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import registers
from lims.records import (
    CalibrationVersion,
    CaseEntry,
    Certificate,
    Instrument,
    Person,
    PersonRole,
    QualityCase,
    Reading,
    Record,
    Request,
    Signature,
)

PAGE = 40
ENDED = ("closed", "rejected")
NO_DAY = date(9999, 12, 31)
"""Stands for no due day, so that what is due comes first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case as its viewer sees it: entries with who wrote them, oldest first."""

    case: QualityCase
    entries: list[tuple[CaseEntry, Person | None]]
    owner: Person | None
    opener: Person | None


def _seen(viewer: Actor) -> Select[QualityCase]:
    """The cases that a viewer may see at all."""
    if viewer.customer_id is None:
        require(viewer, "quality.read")
        return select(QualityCase)
    require(viewer, "complaints.create")
    return select(QualityCase).where(
        QualityCase.customer_id == viewer.customer_id, QualityCase.kind.in_(quality.BY_CUSTOMER)
    )


def by_number(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> QualityCase:
    """One case. Raises NotFound, also for another customer's."""
    question = _seen(viewer).where(QualityCase.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="quality_case", number=number)
    return found


def page(
    session: Session,
    viewer: Actor,
    *,
    kind: str = "",
    ended: bool = False,
    after: tuple[date, int] | None = None,
    size: int = PAGE,
) -> Sequence[QualityCase]:
    """A page of cases, the earliest due first, after (due, id); one more than `size` where there is more."""
    due = func.coalesce(QualityCase.due, NO_DAY)
    question = _seen(viewer).order_by(due, QualityCase.id).limit(size + 1)
    question = question.where(QualityCase.state.in_(ENDED) if ended else QualityCase.state.not_in(ENDED))
    if kind:
        question = question.where(QualityCase.kind == kind)
    if after is not None:
        day, key = after
        question = question.where(or_(due > day, (due == day) & (QualityCase.id > key)))
    return session.scalars(question).all()


def detail(session: Session, number: str, viewer: Actor) -> Case:
    """One case, in four statements."""
    case = by_number(session, number, viewer)
    rows = session.execute(
        select(CaseEntry, Person)
        .outerjoin(Person, Person.id == CaseEntry.by_id)
        .where(CaseEntry.case_id == case.id)
        .order_by(CaseEntry.id)
    )
    inside = viewer.customer_id is None
    return Case(
        case=case,
        entries=[(entry, who if inside else None) for entry, who in rows if inside or shown_to_customer(entry)],
        owner=session.get(Person, case.owner_id) if inside and case.owner_id else None,
        opener=session.get(Person, case.opened_by_id) if inside and case.opened_by_id else None,
    )


def shown_to_customer(entry: CaseEntry) -> bool:
    return entry.kind in quality.SHOWN_TO_CUSTOMER or bool(entry.payload.get("public"))


def staff(session: Session, viewer: Actor) -> Sequence[Person]:
    """Who may own a case or lead an audit: the laboratory's active people."""
    require(viewer, "quality.read")
    apart = select(PersonRole.person_id).where(PersonRole.role.in_(("assessor", "customer", "administrator")))
    return session.scalars(
        select(Person)
        .where(Person.active, Person.customer_id.is_(None), Person.id.not_in(apart))
        .order_by(Person.username)
    ).all()


def affected_by(session: Session, code: str, from_day: date, to_day: date, viewer: Actor) -> list[dict[str, Any]]:
    """Certificates and uncertified records whose readings rest on a calibration of a standard, in an interval of days.

    Read along Reading.calibration_version_id: the direct use. What a standard calibrated with it was used for in turn
    is not followed.
    """
    require(viewer, "quality.read")
    zone = registers.zone(session)
    begin, end = (datetime.combine(day, at, zone) for day, at in ((from_day, time.min), (to_day, time.max)))
    ids = (
        select(Reading.record_id)
        .join(CalibrationVersion, CalibrationVersion.id == Reading.calibration_version_id)
        .join(Instrument, Instrument.id == CalibrationVersion.instrument_id)
        .where(Instrument.code == code, Reading.at >= begin, Reading.at <= end)
    )
    used = session.execute(
        select(Record.id, Record.number, Request.id, Request.customer_id)
        .join(Request, Request.id == Record.request_id)
        .where(Record.id.in_(ids))
        .order_by(Record.id)
    ).all()
    known = session.execute(
        select(Certificate.number, Certificate.record_ids, Request.customer_id)
        .join(Request, Request.id == Certificate.request_id)
        .where(Certificate.request_id.in_(select(Record.request_id).where(Record.id.in_(ids))))
        .order_by(Certificate.id)
    ).all()
    records = {row[0] for row in used}
    documents = [row for row in known if records & set(row[1])]
    certified = {each for row in documents for each in row[1]}
    found = [_one("certificate", number, customer) for number, _ids, customer in documents]
    return found + [_one("record", row[1], row[3]) for row in used if row[0] not in certified]


def _one(kind: str, number: str, customer: int) -> dict[str, Any]:
    return {"type": kind, "number": number, "customer": customer, "outcome": None}


def involved_in(session: Session, case: QualityCase) -> set[int]:
    """People who did the work that a case is about: performers of its records and who signed these."""
    kind, number = case.origin.get("type"), str(case.origin.get("number", ""))
    wanted = select(Record.id).join(Request, Request.id == Record.request_id)
    if kind == "request":
        wanted = wanted.where(Request.number == number)
    elif kind == "record":
        wanted = wanted.where(Record.number == number)
    elif kind == "certificate":
        wanted = wanted.where(
            Request.id == select(Certificate.request_id).where(Certificate.number == number).scalar_subquery()
        )
    else:
        return set()
    performed = session.scalars(select(Record.performer_id).where(Record.id.in_(wanted)))
    signed = session.scalars(
        select(Signature.person_id).where(Signature.object_type == "record", Signature.object_id.in_(wanted))
    )
    return {*performed, *signed}
