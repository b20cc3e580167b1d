"""Lists of work: jobs with their items, customers, records and clocks; standards with the days left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lims.domain import workdays
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import clocks, firsts
from lims.records import CalibrationVersion, Customer, Instrument, Record, Request

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request with its item, customer and newest record."""

    request: Request
    item: Instrument
    customer: Customer
    record: Record | None
    clock: workdays.Clock | None = None


@dataclass(frozen=True, slots=True)
class StandardLine:
    """A standard with its current calibration and the days left of it."""

    instrument: Instrument
    calibration: CalibrationVersion | None
    days_left: int | None


def requests(
    session: Session, viewer: Actor, *, states: Sequence[str] = (), after: int | None = None, size: int = 40
) -> list[RequestLine]:
    """Requests newest first, with item, customer and newest record; a customer sees their own alone.

    after: the id of the last request of the page before.
    """
    require(viewer, "requests.read")
    question = (
        select(Request, Instrument, Customer)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .order_by(Request.id.desc())
        .limit(size)
    )
    if viewer.customer_id is not None:
        question = question.where(Request.customer_id == viewer.customer_id)
    if states:
        question = question.where(Request.state.in_(states))
    if after is not None:
        question = question.where(Request.id < after)
    rows = session.execute(question).all()
    newest: dict[int, Record] = {}
    for record in session.scalars(
        select(Record).where(Record.request_id.in_([r.id for r, _, _ in rows])).order_by(Record.id)
    ):
        newest[record.request_id] = record
    return [RequestLine(r, item, customer, newest.get(r.id)) for r, item, customer in rows]


def by_record_state(
    session: Session,
    viewer: Actor,
    states: Sequence[str],
    *,
    after: int | None = None,
    size: int = 40,
    alone: bool = False,
) -> list[RequestLine]:
    """Requests whose record is in one of these states, oldest first. alone: without those of a batch.

    after: the id of the last record of the page before.
    """
    require(viewer, "records.read")

    def narrowed(found: Select[Any]) -> Select[Any]:
        if after is not None:
            found = found.where(Record.id > after)
        return found.join(Request).where(Request.batch_id.is_(None)) if alone else found

    question = (
        select(Request, Instrument, Customer, Record)
        .join(Record, Record.request_id == Request.id)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .where(Record.id.in_(firsts.in_states(Record, states, most=size, narrowed=narrowed)))
        .order_by(Record.id)
        .limit(size)
    )
    rows = session.execute(question).all()
    return [RequestLine(request, item, customer, record) for request, item, customer, record in rows]


def open_records(session: Session, viewer: Actor) -> Sequence[RequestLine]:
    """Records that are being measured or were given back, oldest first."""
    return by_record_state(session, viewer, ("open", "returned"))


def to_measure(session: Session, viewer: Actor, *, on: date, size: int = 200) -> list[RequestLine]:
    """Requests with something left to measure: no record yet, a run that was closed, or a second stage agreed.

    One's own on top, another's at the end; among them the one that is due first, what is on hold last.
    """
    left = []
    for line in requests(session, viewer, states=("received", "in_work"), size=size):
        if is_left(line):
            left.append(line)
    return sorted(by_clock(session, left, on=on), key=lambda line: _whose(line, viewer))


def is_left(line: RequestLine) -> bool:
    """Whether something is left to measure, by its newest record."""
    record = line.record
    again = record is not None and record.stage == "as_found" and line.request.as_left and record.state != "open"
    return record is None or record.state == "interrupted" or again


def _whose(line: RequestLine, viewer: Actor) -> int:
    """0 one's own, 1 nobody's yet, 2 somebody else's."""
    if line.request.assigned_to_id is None:
        return 1
    return 0 if line.request.assigned_to_id == viewer.person_id else 2


def by_clock(session: Session, lines: Sequence[RequestLine], *, on: date) -> list[RequestLine]:
    """The lines with their clocks, in the order in which they are due; those without a term keep their order behind."""
    found = clocks.of_requests(session, [line.request for line in lines], on)
    known = [replace(line, clock=found.get(line.request.id)) for line in lines]
    return sorted(known, key=_urgency)


def _urgency(line: RequestLine) -> tuple[bool, bool, date]:
    if line.clock is None:
        return True, False, date.max
    return False, line.clock.held, line.clock.due


def standards(session: Session, viewer: Actor, *, on: date) -> list[StandardLine]:
    """The laboratory's standards, the one whose certificate ends first on top."""
    require(viewer, "standards.read")
    rows = session.execute(
        select(Instrument, CalibrationVersion)
        .outerjoin(
            CalibrationVersion,
            (CalibrationVersion.instrument_id == Instrument.id) & (CalibrationVersion.state == "current"),
        )
        .where(Instrument.kind.in_(("standard", "monitor")), Instrument.role.is_not(None))
        .order_by(Instrument.id)
    ).all()
    lines = [StandardLine(i, c, None if c is None else (c.valid_to - on).days) for i, c in rows]
    return sorted(lines, key=lambda line: (line.days_left is not None, line.days_left or 0))
