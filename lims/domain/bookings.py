"""Bookings of shared things: spans in the laboratory's time zone, and what must hold before one is kept.

A thing is a standard or monitor of the laboratory, a bench, a room. A span is half-open: one that ends at 10:00 and one
that begins at 10:00 do not meet. That laboratories share their equipment with others is asked by 条例 第十四条 (unverified:
nobody has read its text); the conditions are those of ISO/IEC 17025:2017, 6.4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lims.words import N_, both

from .errors import UnusableValue
from .gates import Reason

KINDS = MappingProxyType({"standard": N_("Standards"), "bench": N_("Benches"), "room": N_("Rooms")})
"""What can be booked, as one chooses it; a monitor is booked like a standard."""
EQUIPMENT = ("standard", "monitor")
PLACES = ("bench", "room")
TAKEN = ("confirmed", "in_use")
"""States in which a span is kept for somebody."""
ENDED = ("returned", "no_show", "cancelled")
LONGEST = timedelta(days=31)
AHEAD = timedelta(days=366)
FORM = N_("a day and time such as 2026-11-23 09:00")
CLAUSE = "ISO/IEC 17025:2017, 6.4.1, 6.4.3"


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant up to another, both aware; the end itself is outside."""

    begin: datetime
    end: datetime

    def meets(self, other: Span) -> bool:
        """Whether the two share any time."""
        return self.begin < other.end and other.begin < self.end

    def days(self, zone: ZoneInfo) -> list[date]:
        """The laboratory's days that the span touches; a span that ends at midnight does not touch the next day."""
        first = self.begin.astimezone(zone).date()
        last = (self.end - timedelta(microseconds=1)).astimezone(zone).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]


TYPED = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]+(\d{2}:\d{2})(?::00)?", re.ASCII)


def instant(typed: str, zone: ZoneInfo, field: str) -> datetime:
    """A local day and time as typed, as an instant in UTC. Raises UnusableValue, also for an hour that clocks skip."""
    said = unicodedata.normalize("NFKC", typed).strip()
    local = _local(said)
    if local is not None:
        found = local.replace(tzinfo=zone).astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) == local:
            return found
    raise UnusableValue(field=field, found=said[:40] or "—", right=FORM)


def _local(said: str) -> datetime | None:
    """The day and time as they stand on a clock of the laboratory; None for what is none."""
    parts = TYPED.fullmatch(said)
    if parts is None or said < "1900":
        return None
    try:
        return datetime.fromisoformat(f"{parts[1]}T{parts[2]}")
    except ValueError:
        return None


def check(span: Span, at: datetime) -> Span:
    """The span, when it can be asked for now. Raises UnusableValue: before now, too long, too far ahead."""
    if span.end <= span.begin:
        raise UnusableValue(field="to_at", found=_said(span.end), right=N_("after the beginning"))
    if span.end <= at:
        raise UnusableValue(field="from_at", found=_said(span.begin), right=N_("a span that is not over yet"))
    if span.end - span.begin > LONGEST:
        raise UnusableValue(field="to_at", found=_said(span.end), right=N_("at most 31 days after the beginning"))
    if span.begin > at + AHEAD:
        raise UnusableValue(field="from_at", found=_said(span.begin), right=N_("within a year from now"))
    return span


def _said(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def in_service(code: str, state: str) -> Reason:
    """The thing may be used: it is in service, not in repair, suspect, sealed or scrapped."""
    ok = state == "in_service"
    text = (
        both("{code} is in service", code=code)
        if ok
        else both("{code} is {state} and cannot be booked", code=code, state=both(STATE_WORDS.get(state, state)))
    )
    return Reason(ok, "booking_in_service", text, "ISO/IEC 17025:2017, 6.4.9")


STATE_WORDS = MappingProxyType(
    {
        "in_lab": N_("away for its own calibration"),
        "suspect": N_("suspect"),
        "stopped": N_("out of use or in repair"),
        "sealed": N_("sealed"),
        "scrapped": N_("scrapped"),
    }
)


def in_date(
    code: str, certificate: str | None, valid_from: date | None, valid_to: date | None, days: Sequence[date]
) -> Reason:
    """The certificate of a standard is in force on each day of a span."""
    name, clause = "booking_in_date", "ISO/IEC 17025:2017, 6.4.7, 6.5.1"
    if certificate is None or valid_to is None:
        return Reason(False, name, both("Standard {standard} has no calibration in force", standard=code), clause)
    facts: dict[str, object] = {"standard": code, "certificate": certificate}
    if valid_from is not None and days[0] < valid_from:
        text = both(
            "Certificate {certificate} of standard {standard} is valid from {day} only", day=valid_from, **facts
        )
        return Reason(False, name, text, clause)
    if days[-1] > valid_to:
        missed = next(day for day in days if day > valid_to)
        text = both(
            "Certificate {certificate} of standard {standard} ends on {valid_to}: it cannot be booked for {day}",
            valid_to=valid_to, day=missed, **facts,
        )  # fmt: skip
        return Reason(False, name, text, clause)
    text = both("Certificate {certificate} of standard {standard} is valid on each day booked", **facts)
    return Reason(True, name, text, clause)


def free(code: str, taken: Iterable[Span], span: Span, zone: ZoneInfo) -> Reason:
    """Nobody else has the thing in the span. The reason names no person: customers read it too."""
    other = next((each for each in sorted(taken, key=lambda s: s.begin) if each.meets(span)), None)
    if other is None:
        return Reason(True, "booking_free", both("{code} is free in this span", code=code), CLAUSE)
    begin, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (other.begin, other.end))
    text = both("{code} is taken from {begin} to {end}", code=code, begin=begin, end=end)
    return Reason(False, "booking_free", text, CLAUSE)


def at_home(code: str, away: Iterable[tuple[date, date]], days: Sequence[date]) -> Reason:
    """The thing is not on a visit to a customer on a day of the span. away: first and last day of each visit."""
    met = next(((a, b) for a, b in sorted(away) if a <= days[-1] and days[0] <= b), None)
    if met is None:
        return Reason(True, "booking_at_home", both("{code} is in the laboratory", code=code), CLAUSE)
    text = both("{code} is away on a visit from {first} to {last}", code=code, first=met[0], last=met[1])
    return Reason(False, "booking_at_home", text, CLAUSE)


def may_begin(span: Span, at: datetime, zone: ZoneInfo) -> Reason:
    """A use begins on its first day or later, before the span is over."""
    ok = at < span.end and at.astimezone(zone).date() >= span.begin.astimezone(zone).date()
    begin, end = (f"{each.astimezone(zone):%Y-%m-%d %H:%M}" for each in (span.begin, span.end))
    text = (
        both("The span booked is now")
        if ok
        else both("It is booked from {begin} to {end}; it cannot begin now", begin=begin, end=end)
    )
    return Reason(ok, "booking_now", text, CLAUSE)


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def bounds(first: date, days: int, zone: ZoneInfo) -> Span:
    """So many local days from a day on, as instants."""
    begin, end = (datetime.combine(first + timedelta(days=n), time(), zone).astimezone(UTC) for n in (0, days))
    return Span(begin, end)
