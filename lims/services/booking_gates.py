"""What must hold before a thing is kept for a span: in service, in date on each day, in the laboratory, nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lims.domain import bookings as rules
from lims.domain import gates
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import bookings as lists
from lims.queries import registers
from lims.records import Booking, Instrument, SiteVisit


def gates_before(session: Session, booking_id: int, *, by: Actor, at: datetime) -> list[gates.Reason]:
    """What stands for and against confirming a booking, for who decides."""
    require(by, "bookings.manage")
    row = lists.by_id(session, booking_id, by)
    thing = session.get_one(Instrument, row.instrument_id)
    return lines(session, thing, rules.Span(row.from_at, row.to_at), at, but=row.id)


def lines(
    session: Session, thing: Instrument, span: rules.Span, at: datetime, *, but: int | None = None
) -> list[gates.Reason]:
    """What stands for and against a span of a thing. but: the booking it is about, which is not in its own way."""
    zone = registers.zone(session)
    days = span.days(zone)
    found = [rules.in_service(thing.code, thing.state)]
    if thing.kind in rules.EQUIPMENT:
        found += [_in_date(session, thing, days), rules.at_home(thing.code, _away(session, thing, days), days)]
    return [*found, rules.free(thing.code, _taken(session, thing, span, at, but), span, zone)]


def _in_date(session: Session, thing: Instrument, days: Sequence[date]) -> gates.Reason:
    held = registers.current_calibration(session, thing.id)
    if held is None:
        return rules.in_date(thing.code, None, None, None, days)
    return rules.in_date(thing.code, held.certificate_number, held.valid_from, held.valid_to, days)


def _taken(session: Session, thing: Instrument, span: rules.Span, at: datetime, but: int | None) -> list[rules.Span]:
    """Spans kept by others; what is in use and not back is taken at this very instant, whatever was booked."""
    later = or_(Booking.to_at > span.begin, Booking.state == "in_use")
    kept = select(Booking).where(Booking.instrument_id == thing.id, Booking.state.in_(rules.TAKEN), later)
    kept = kept.execution_options(populate_existing=True)
    rows = session.scalars(kept if but is None else kept.where(Booking.id != but)).all()
    now = at + timedelta(microseconds=1)
    return [rules.Span(b.from_at, max(b.to_at, now) if b.state == "in_use" else b.to_at) for b in rows]


def _away(session: Session, thing: Instrument, days: Sequence[date]) -> list[tuple[date, date]]:
    """Visits to customers that take the thing along, in the days of a span."""
    there = SiteVisit.state.in_(("planned", "under_way"))
    met = select(SiteVisit).where(there, SiteVisit.from_day <= days[-1], SiteVisit.to_day >= days[0])
    return [(each.from_day, each.to_day) for each in session.scalars(met) if thing.id in each.equipment]
