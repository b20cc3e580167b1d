"""A standard, a bench or a room kept for somebody: asked for, confirmed, used, given back; or refused, or not used.

bookings.ask(…) ─▶ bookings.confirm ─▶ bookings.begin ─▶ bookings.give_back, with the state it was found in

Whoever confirms holds the thing's row until the transaction ends: of two that confirm at the same moment the second
sees what the first has kept. The reason of a refusal stands in the audit chain and in the notice to who had asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import bookings as rules
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, UnusableValue
from lims.domain.rights import ROLES, may, require
from lims.queries import bookings as lists
from lims.queries import registers
from lims.records import Booking, Customer, Instrument, Person, PersonRole
from lims.services import booking_gates, gatekeeping, notices
from lims.services.item_events import required
from lims.services.providers import LARGEST_ID
from lims.words import N_, both

MANAGERS = tuple(role for role, rights in ROLES.items() if "bookings.manage" in rights)
LONGEST = 200
"""Characters of a purpose and of a name."""


def ask(
    session: Session,
    code: str,
    span: rules.Span,
    purpose: str,
    *,
    note: str = "",
    customer_id: int | None = None,
    by: Actor,
    at: datetime,
) -> Booking:
    """A span of a thing is asked for; nothing is kept yet. customer_id: at the counter, for a customer.

    Raises NotFound, UnusableValue, and GateClosed where the thing is taken, out of date or not in service in the span.
    """
    require(by, "bookings.create")
    owner = _owner(session, customer_id, by)
    thing = lists.thing(session, code, by)
    rules.check(span, at)
    said = _short("purpose", purpose, N_("what it is booked for"))
    gatekeeping.pass_through(
        session, BOOK, "instrument", code, booking_gates.lines(session, thing, span, at), by=by, at=at
    )
    row = Booking(
        instrument_id=thing.id,
        purpose=said,
        from_at=span.begin,
        to_at=span.end,
        person_id=by.person_id,
        customer_id=owner,
        note=note.strip()[:2000],
        state=states.BOOKING.initial,
        created_at=at,
    )
    session.add(row)
    session.flush()
    if not may(by, "bookings.manage"):
        _ask_managers(session, row, thing, at)
    _audit(session, "booking.requested", row, thing, by, at)
    return row


BOOK, CONFIRM, BEGIN = N_("booking"), N_("confirming the booking"), N_("beginning the use")


def _owner(session: Session, customer_id: int | None, by: Actor) -> int | None:
    if by.customer_id is not None:
        return by.customer_id
    if customer_id is None:
        return None
    require(by, "bookings.manage")
    if customer_id > LARGEST_ID or session.get(Customer, customer_id) is None:
        raise NotFound(kind="customer", number=str(customer_id))
    return customer_id


def confirm(session: Session, booking_id: int, *, by: Actor, at: datetime) -> Booking:
    """The thing is kept for the span. Raises GateClosed where somebody else has it, WrongState."""
    require(by, "bookings.manage")
    row, thing = _locked(session, booking_id, by)
    states.BOOKING.require(str(row.id), row.state, "confirmed")
    span = rules.check(rules.Span(row.from_at, row.to_at), at)
    lines = booking_gates.lines(session, thing, span, at, but=row.id)
    gatekeeping.pass_through(session, CONFIRM, "booking", str(row.id), lines, by=by, at=at)
    _move(row, "confirmed")
    session.flush()
    _settle(session, row, at)
    _tell_owner(session, row, thing, N_("{code} is kept for you"), by, at)
    _audit(session, "booking.confirmed", row, thing, by, at)
    return row


def cancel(session: Session, booking_id: int, reason: str, *, by: Actor, at: datetime) -> Booking:
    """Who asked takes it back, or who manages bookings refuses it or takes it away; with the reason. Raises WrongState."""
    row, thing = _of(session, booking_id, by)
    said = _short("reason", reason, N_("why it is not kept"))
    refused = row.state == "requested" and not _is_own(row, by)
    _move(row, "cancelled")
    session.flush()
    _settle(session, row, at)
    subject = N_("The booking of {code} is refused") if refused else N_("The booking of {code} is cancelled")
    _tell_owner(session, row, thing, subject, by, at, said)
    _audit(session, "booking.refused" if refused else "booking.cancelled", row, thing, by, at, said)
    return row


def begin(session: Session, booking_id: int, *, by: Actor, at: datetime) -> Booking:
    """The thing is handed over. Raises GateClosed before its day, after its end, or while another still has it."""
    row, thing = _of(session, booking_id, by, handing=True)
    states.BOOKING.require(str(row.id), row.state, "in_use")
    span = rules.Span(min(at, row.from_at), row.to_at)
    now = rules.may_begin(rules.Span(row.from_at, row.to_at), at, registers.zone(session))
    lines = [now, *(booking_gates.lines(session, thing, span, at, but=row.id) if now.ok else ())]
    gatekeeping.pass_through(session, BEGIN, "booking", str(row.id), lines, by=by, at=at)
    _move(row, "in_use")
    session.flush()
    _audit(session, "booking.begun", row, thing, by, at)
    return row


def give_back(
    session: Session, booking_id: int, condition: str, *, fit: bool = True, by: Actor, at: datetime
) -> Booking:
    """The thing is back. condition: as it was found, in words; not fit: who manages bookings is told (6.4.9)."""
    row, thing = _of(session, booking_id, by, handing=True)
    said = _short("condition", condition, N_("how it was found"))
    _move(row, "returned")
    session.flush()
    if not fit:
        subject = both(N_("{code} came back not fit for use"), code=thing.code)
        told = {"zh": said, "en": said}
        link = f"/bookings/{row.id}"
        ids = _managers(session)
        notices.tell(session, "booking_unfit", subject, told, link, people=ids, needs_action=True, at=at)
    _audit(session, "booking.returned", row, thing, by, at, said, {"fit": fit})
    return row


def no_show(session: Session, booking_id: int, *, by: Actor, at: datetime) -> Booking:
    """Nobody came: the rest of the span is free again. Raises UnusableValue before the span has begun."""
    require(by, "bookings.manage")
    row, thing = _locked(session, booking_id, by)
    states.BOOKING.require(str(row.id), row.state, "no_show")
    if at < row.from_at:
        raise UnusableValue(field="from_at", found=row.from_at.isoformat(timespec="minutes"), right=N_("begun by now"))
    _move(row, "no_show")
    session.flush()
    _tell_owner(session, row, thing, N_("{code} was kept for you and not used"), by, at)
    _audit(session, "booking.no_show", row, thing, by, at)
    return row


def _of(session: Session, booking_id: int, by: Actor, *, handing: bool = False) -> tuple[Booking, Instrument]:
    """A booking that the actor may move: their own, or any for who manages. A customer hands nothing over."""
    require(by, "bookings.create")
    row, thing = _locked(session, booking_id, by)
    if not may(by, "bookings.manage") and (not _is_own(row, by) or (handing and by.customer_id is not None)):
        raise NotAllowed(username=by.username, right="bookings.manage")
    return row, thing


def _is_own(row: Booking, by: Actor) -> bool:
    """A guest's booking is its customer's; any other is the person's who asked."""
    return row.person_id == by.person_id if row.customer_id is None else row.customer_id == by.customer_id


def _locked(session: Session, booking_id: int, by: Actor) -> tuple[Booking, Instrument]:
    """The booking, then its thing, both locked in this order by whoever moves a booking."""
    row = lists.by_id(session, booking_id, by, lock=True)
    wanted = select(Instrument).where(Instrument.id == row.instrument_id).with_for_update(key_share=True)
    return row, session.scalars(wanted.execution_options(populate_existing=True)).one()


def _move(row: Booking, wanted: str) -> None:
    states.BOOKING.require(str(row.id), row.state, wanted)
    row.state = wanted


def _short(field: str, text: str, right: str) -> str:
    said = required(field, text, right)
    if len(said) > LONGEST:
        raise UnusableValue(field=field, found=f"{len(said)}", right=N_("at most 200 characters"))
    return said


def _managers(session: Session) -> list[int]:
    people = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id)
    return list(session.scalars(people.where(PersonRole.role.in_(MANAGERS), Person.active).distinct()))


def _ask_managers(session: Session, row: Booking, thing: Instrument, at: datetime) -> None:
    subject = both(N_("A booking of {code} waits for your answer"), code=thing.code)
    told = {"zh": row.purpose, "en": row.purpose}
    link = f"/bookings/{row.id}"
    people = _managers(session)
    notices.tell(session, "booking_asked", subject, told, link, people=people, needs_action=True, at=at)


def _settle(session: Session, row: Booking, at: datetime) -> None:
    for person_id in _managers(session):
        notices.settle(session, "booking_asked", f"/bookings/{row.id}", person_id=person_id, at=at)


def _tell_owner(
    session: Session, row: Booking, thing: Instrument, subject: str, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Who asked is told, unless it is they who act."""
    if _is_own(row, by):
        return
    zone = registers.zone(session)
    span = " – ".join(f"{each.astimezone(zone):%Y-%m-%d %H:%M}" for each in (row.from_at, row.to_at))
    body = {lang: f"{span}\n{reason}".strip() for lang in ("zh", "en")}
    whom: dict[str, Any] = {"person_id": row.person_id} if row.customer_id is None else {"customer_id": row.customer_id}
    notices.tell(session, "booking", both(subject, code=thing.code), body, f"/bookings/{row.id}", **whom, at=at)


def _audit(
    session: Session,
    act: str,
    row: Booking,
    thing: Instrument,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    facts = {"thing": thing.code, "from": row.from_at.isoformat(), "to": row.to_at.isoformat()} | dict(more or {})
    audit.append(session, act, "booking", row.id, by=by.username, at=at, payload=facts, reason=reason)
