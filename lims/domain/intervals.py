"""When a calibration falls due, and what interval to propose next (ILAC G24:2022; JJF 1139 is the domestic counterpart).

A proposal is never taken without review: these functions propose, a person decides.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

SOON, NEAR = 30, 60
"""Days before the end from which a date is shown as close."""


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def valid_to(calibrated: date, months: int) -> date:
    """The last day of validity: the day before the same day of the month, so that 12 months from 2 March end on 1 March."""
    return months_after(calibrated, months) - timedelta(days=1)


def days_left(end: date, today: date) -> int:
    """Whole days until the last day of validity; 0 on that day, negative afterwards."""
    return (end - today).days


def is_overdue(end: date, today: date) -> bool:
    return today > end


def urgency(end: date, today: date) -> str:
    """overdue | soon (30 days) | near (60 days) | good."""
    left = days_left(end, today)
    if left < 0:
        return "overdue"
    return "soon" if left <= SOON else "near" if left <= NEAR else "good"


@dataclass(frozen=True, slots=True)
class Proposal:
    """months: proposed interval. changed: against the present one. reason: longer | shorter | kept | at_limit."""

    months: int
    changed: bool
    reason: str


def staircase(
    present: int,
    found: list[bool],
    *,
    longer: float = 1.25,
    shorter: float = 0.75,
    needed: int = 3,
    least: int = 1,
    most: int = 60,
) -> Proposal:
    """Automatic adjustment, the staircase of ILAC G24 (method 1).

    present: months. found: as-found verdicts in order of time, True inside the limits.
    Outside at the last calibration shortens at once; `needed` calibrations in a row inside lengthen.
    """
    if not found:
        return Proposal(present, False, "kept")
    if not found[-1]:
        wanted = max(least, int(present * shorter))
        reason = "shorter"
    elif len(found) >= needed and all(found[-needed:]):
        wanted = min(most, max(present + 1, int(present * longer)))
        reason = "longer"
    else:
        return Proposal(present, False, "kept")
    return Proposal(wanted, True, reason) if wanted != present else Proposal(present, False, "at_limit")
