"""Where the bars of a drawn week lie: things down, days across, the hours of a working day wide.

Only numbers for SVG attributes, in per cent of the week's width, so that the drawing is as wide as its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.bookings import Span
from lims.queries.bookings import Kept

DAYS = 7
HOURS = (8, 18)
"""What a day shows at least; it grows to hold what is booked."""
LEAST = 2.4
"""Per cent: a bar is never narrower, so that its shape is seen."""
LANE, EDGE = 26, 4
"""Height of a bar with its gap, and what is left free above and below, in px."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span as drawn. x, wide: per cent of the week; y: px. cut: it began before, or goes on after this week."""

    kept: Kept
    x: float
    wide: float
    y: int
    cut: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Row:
    """The bars of one thing and the height of their drawing in px."""

    bars: Sequence[Bar]
    height: int


def hours_of(spans: Iterable[Span], zone: ZoneInfo) -> tuple[int, int]:
    """The hours that a day has to show: from the earliest beginning to the latest end of what does not last a night."""
    first, last = HOURS
    for span in spans:
        begin, end = span.begin.astimezone(zone), span.end.astimezone(zone)
        if begin.date() == (end - timedelta(microseconds=1)).date():
            first = min(first, begin.hour)
            last = max(last, 24 if end.date() > begin.date() else end.hour + (end.minute > 0))
    return first, last


def rows(kept: Sequence[Kept], monday: date, zone: ZoneInfo) -> dict[int, Row]:
    """Thing → its drawn row; spans that meet, because more than one is asked for, lie one below the other."""
    hours = hours_of((each.span for each in kept), zone)
    found: dict[int, list[Kept]] = {}
    for each in kept:
        found.setdefault(each.instrument_id, []).append(each)
    return {thing: _row(spans, monday, zone, hours) for thing, spans in found.items()}


def _row(kept: Sequence[Kept], monday: date, zone: ZoneInfo, hours: tuple[int, int]) -> Row:
    bars: list[Bar] = []
    ends: list[float] = []
    for each in sorted(kept, key=lambda one: (one.span.begin, one.span.end)):
        left, right = (place(at.astimezone(zone), monday, hours) for at in (each.span.begin, each.span.end))
        x = min(max(left, 0.0), 100 - LEAST)
        wide = max(min(right, 100.0) - x, LEAST)
        lane = next((n for n, end in enumerate(ends) if end <= x + 1e-6), len(ends))
        ends[lane : lane + 1] = [x + wide]
        bars.append(Bar(each, round(x, 2), round(wide, 2), EDGE + lane * LANE, (left < 0, right > 100)))
    return Row(bars, height(len(ends)))


def height(lanes: int) -> int:
    return max(lanes, 1) * LANE + 2 * EDGE


def place(at: datetime, monday: date, hours: tuple[int, int]) -> float:
    """Where a local instant lies, per cent of the week; below 0 and above 100 outside it."""
    first, last = hours
    inside = (at.hour + at.minute / 60 - first) / (last - first)
    return ((at.date() - monday).days + min(max(inside, 0.0), 1.0)) / DAYS * 100
