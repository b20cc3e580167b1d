"""Bookings as the viewer may see them: a customer sees their own, and of others' that a span is taken, by construction.

What is taken by others is asked for a customer without its row: the thing and the span alone leave the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from lims.domain import bookings as rules
from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import may, require
from lims.records import AuditEntry, Booking, Customer, Instrument, Person

GUESTS = "guests"
"""Key in a thing's details: whether customers may ask for it."""
THINGS = 40
"""Things of a page."""
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A span of a thing. booking: None where it is another's and the viewer is a customer: it is taken, no more is told."""

    instrument_id: int
    span: rules.Span
    state: str
    booking: Booking | None
    who: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Things:
    """A page of what can be booked; after: the id where it ends, None at the end."""

    rows: Sequence[Instrument]
    after: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A booking in a list with its thing and who it is for."""

    booking: Booking
    thing: Instrument
    who: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Detail:
    """One booking with its history, oldest first; people: username → name, empty for a customer."""

    line: Line
    asked_by: Mapping[str, str]
    entries: Sequence[AuditEntry]
    people: Mapping[str, Mapping[str, str]]


def _looks(viewer: Actor) -> None:
    if not may(viewer, "bookings.read"):
        require(viewer, "bookings.create")


def _bookable(viewer: Actor) -> Select[Instrument]:
    """Things that the viewer may ask for: the laboratory's own; for a customer those that are open to guests."""
    equipment = Instrument.kind.in_(rules.EQUIPMENT) & Instrument.role.is_not(None)
    question = select(Instrument).where(
        Instrument.customer_id.is_(None),
        or_(equipment, Instrument.kind.in_(rules.PLACES)),
        Instrument.state != "scrapped",
    )
    if viewer.customer_id is not None:
        question = question.where(Instrument.details[GUESTS].as_boolean())
    return question


def things(session: Session, viewer: Actor, *, kind: str = "", after: int | None = None, size: int = THINGS) -> Things:
    """What can be booked, places first. kind: standard, bench, room or "" for all."""
    _looks(viewer)
    question = _bookable(viewer).order_by(Instrument.id).limit(size + 1)
    if kind in rules.KINDS:
        question = question.where(Instrument.kind.in_(rules.EQUIPMENT if kind == "standard" else (kind,)))
    if after is not None:
        question = question.where(Instrument.id > after)
    rows = session.scalars(question).all()
    return Things(rows[:size], rows[size - 1].id if len(rows) > size else None)


def thing(session: Session, code: str, viewer: Actor) -> Instrument:
    """One thing that the viewer may ask for. Raises NotFound."""
    _looks(viewer)
    found = session.scalar(_bookable(viewer).where(Instrument.code == code))
    if found is None:
        raise NotFound(kind="standard", number=code)
    return found


def within(session: Session, viewer: Actor, span: rules.Span, ids: Sequence[int]) -> list[Kept]:
    """Spans of some things that meet a span, in order of time; what was cancelled or not used stands in lists alone."""
    _looks(viewer)
    shown = Booking.instrument_id.in_(ids) & (Booking.from_at < span.end) & (Booking.to_at > span.begin)
    full = _lines(viewer).where(shown, Booking.state.not_in(("cancelled", "no_show")))
    found = [_kept(*row) for row in session.execute(full.limit(2000))]
    if viewer.customer_id is not None:
        others = or_(Booking.customer_id.is_(None), Booking.customer_id != viewer.customer_id)
        bare = select(Booking.instrument_id, Booking.from_at, Booking.to_at)
        rows = session.execute(bare.where(shown, others, Booking.state.in_(rules.TAKEN)).limit(2000))
        found += [Kept(of, rules.Span(begin, end), "taken", None, None) for of, begin, end in rows]
    return sorted(found, key=lambda each: (each.span.begin, each.instrument_id))


def _kept(booking: Booking, _thing: Instrument, person: Person, customer: Customer | None) -> Kept:
    who = customer.name if customer is not None else person.name
    return Kept(booking.instrument_id, rules.Span(booking.from_at, booking.to_at), booking.state, booking, who)


def _lines(viewer: Actor) -> Select[Booking, Instrument, Person, Customer]:
    """Bookings whose rows the viewer may read; a customer their own alone."""
    question = (
        select(Booking, Instrument, Person, Customer)
        .join(Instrument, Instrument.id == Booking.instrument_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Customer, Customer.id == Booking.customer_id)
    )
    if viewer.customer_id is not None:
        return question.where(Booking.customer_id == viewer.customer_id)
    return question


def by_id(session: Session, booking_id: int, viewer: Actor, *, lock: bool = False) -> Booking:
    """One booking; a customer finds their own alone. lock: nobody else moves it before this transaction ends."""
    _looks(viewer)
    question = select(Booking).where(Booking.id == booking_id)
    if viewer.customer_id is not None:
        question = question.where(Booking.customer_id == viewer.customer_id)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question) if booking_id <= LARGEST else None
    if found is None:
        raise NotFound(kind="booking", number=str(booking_id))
    return found


def detail(session: Session, booking_id: int, viewer: Actor) -> Detail:
    """One booking and what happened to it, in three statements. To a customer nobody of the laboratory is named."""
    _looks(viewer)
    row = session.execute(_lines(viewer).where(Booking.id == booking_id)).first() if booking_id <= LARGEST else None
    if row is None:
        raise NotFound(kind="booking", number=str(booking_id))
    booking, of, person, customer = row
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_type == "booking", AuditEntry.object_id == str(booking_id))
        .order_by(AuditEntry.seq)
    ).all()
    named = select(Person).where(Person.username.in_({entry.actor for entry in entries}))
    if viewer.customer_id is not None:
        named = named.where(Person.customer_id == viewer.customer_id)
    known = {row.username: row.name for row in session.scalars(named)}
    hidden = viewer.customer_id is not None and person.customer_id != viewer.customer_id
    return Detail(_line(booking, of, person, customer), {} if hidden else person.name, entries, known)


def _line(booking: Booking, of: Instrument, person: Person, customer: Customer | None) -> Line:
    return Line(booking, of, customer.name if customer is not None else person.name)


def waiting(session: Session, viewer: Actor, *, size: int = THINGS) -> list[Line]:
    """Bookings that wait for an answer, the first to begin on top; a customer's own."""
    _looks(viewer)
    asked = _lines(viewer).where(Booking.state == "requested").order_by(Booking.from_at, Booking.id)
    return [_line(*row) for row in session.execute(asked.limit(size))]


def own(session: Session, viewer: Actor, *, since: datetime, size: int = 500) -> list[Line]:
    """The viewer's own bookings that end after an instant, in order of time: a person's, or a customer's."""
    _looks(viewer)
    mine = _lines(viewer).where(Booking.to_at > since).order_by(Booking.from_at, Booking.id).limit(size)
    if viewer.customer_id is None:
        mine = mine.where(Booking.person_id == viewer.person_id)
    return [_line(*row) for row in session.execute(mine)]


def running(session: Session, viewer: Actor, span: rules.Span, *, size: int = THINGS) -> list[Line]:
    """Bookings of a span that are asked for, kept or in use, and what should be back by its end. For the laboratory."""
    require(viewer, "bookings.read")
    open_ones = Booking.state.in_(("requested", *rules.TAKEN)) & (Booking.from_at < span.end)
    meets = or_(Booking.to_at > span.begin, Booking.state == "in_use")
    rows = session.execute(_lines(viewer).where(open_ones, meets).order_by(Booking.from_at, Booking.id).limit(size))
    return [_line(*row) for row in rows]


def customers(session: Session, viewer: Actor, *, size: int = 200) -> list[Customer]:
    """For whom the counter may book, newest first."""
    require(viewer, "bookings.manage")
    return list(session.scalars(select(Customer).order_by(Customer.id.desc()).limit(size)))
