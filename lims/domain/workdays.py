"""Working days and the clocks that statutes and contracts start: how many days, counted from what, held while waiting.

Public holidays and the working days moved for them (调休) are data of a year; every count of days is data of a province,
with its source (domain notes 2.4). A clock that somebody holds (waiting for the customer, a part, the weather) stands still.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lims.words import N_

from .errors import UnusableValue

SATURDAY = 5
LONGEST = 3660
"""Days that a count may look ahead: ten years."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """closed: days off although they fall on a weekday. opened: weekend days that are worked."""

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day in self.opened or (day.weekday() < SATURDAY and day not in self.closed)

    def add(self, day: date, days: int) -> date:
        """The day so many working days after a day, which itself is not counted."""
        left = days
        for _ in range(LONGEST):
            if left <= 0:
                return day
            day += timedelta(days=1)
            left -= self.is_working(day)
        raise UnusableValue(field="days", found=str(days), right="within ten years")

    def between(self, begin: date, end: date) -> int:
        """Working days after `begin` up to and with `end`; negative when `end` comes first."""
        if end < begin:
            return -self.between(end, begin)
        return sum(self.is_working(begin + timedelta(days=n)) for n in range(1, (end - begin).days + 1))


def read(data: Mapping[str, Any]) -> Calendar:
    """{"closed": [day or [first, last]], "opened": […]} as a laboratory keeps it. Raises UnusableValue."""
    closed, opened = _days(data.get("closed", ()), "closed"), _days(data.get("opened", ()), "opened")
    both = closed & opened
    if both:
        raise UnusableValue(field="opened", found=str(min(both)), right="a day off or a working day, not both")
    return Calendar(closed, opened)


def _days(listed: Iterable[Any], field: str) -> frozenset[date]:
    found: set[date] = set()
    for entry in listed:
        ends = entry if isinstance(entry, Sequence) and not isinstance(entry, str) else (entry, entry)
        try:
            first, last = (each if isinstance(each, date) else date.fromisoformat(each) for each in ends)
        except (TypeError, ValueError) as error:
            right = N_("a day such as 2026-10-01, or [first, last]")
            raise UnusableValue(field=field, found=str(entry), right=right) from error
        if not 0 <= (last - first).days < 366:
            raise UnusableValue(field=field, found=str(entry), right="the first day before the last")
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take. counted: "working" or "calendar" days. source: the statute or agreement; figures
    that nobody has read in their source are unverified, and shown so."""

    code: str
    days: int
    counted: str
    source: Mapping[str, str]
    verified: bool = False
    waives_fee: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A span in which the clock stands: from a day on, until a day (None: still)."""

    begin: date
    end: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a term stands on a day. used: days counted so far. late: past the end."""

    due: date
    used: int
    left: int
    held: bool
    late: bool


def clock(term: Term, begin: date, today: date, calendar: Calendar, holds: Sequence[Hold] = ()) -> Clock:
    """The state of a term that began on a day: the day itself is not counted, days on hold are not either."""
    due, used, day = begin, 0, begin
    for _ in range(LONGEST):
        if used == term.days:
            break
        day += timedelta(days=1)
        used += _counts(term, day, calendar, holds, today)
        due = day
    spent = sum(
        _counts(term, begin + timedelta(days=n), calendar, holds, today)
        for n in range(1, max((today - begin).days, 0) + 1)
    )
    held = any(_held(hold, today, today) for hold in holds)
    return Clock(due=due, used=spent, left=term.days - spent, held=held, late=today > due)


def _counts(term: Term, day: date, calendar: Calendar, holds: Sequence[Hold], today: date) -> bool:
    if any(_held(hold, day, today) for hold in holds):
        return False
    return term.counted == "calendar" or calendar.is_working(day)


def _held(hold: Hold, day: date, today: date) -> bool:
    """A hold that has not ended holds up to today: what comes after is counted as if work went on tomorrow."""
    return hold.begin <= day <= (hold.end - timedelta(days=1) if hold.end else today)
