"""Geometry of the dashboard's drawings: a figure as wide as the page, so that its letters are as large as the text.

Only numbers for SVG attributes, in the units of a figure of WIDE × TALL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lims.queries.statistics import Week
from lims.queries.yearly import Month

WIDE, TALL = 960, 200
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 14, 160
"""Where the axes lie; below BOTTOM stand the days and the legend."""


def columns(weeks: Sequence[Week], top: int) -> list[dict[str, Any]]:
    """Two columns a week, the highest as high as the axis. top: the greatest count."""
    step = (WIDE - LEFT - RIGHT) / max(len(weeks), 1)

    def height(count: int) -> float:
        return round(count / top * (BOTTOM - TOP), 1)

    return [
        {"week": week, "x": round(LEFT + 4 + n * step, 1), "wide": round(step * 0.36, 1), "in": height(week.received),
         "out": height(week.issued)}
        for n, week in enumerate(weeks)
    ]  # fmt: skip


def first(today: date) -> date:
    """The first day of the twelve months that end with today's."""
    return date(today.year - 1, today.month + 1, 1) if today.month < 12 else date(today.year, 1, 1)


def twelve(known: Sequence[Month], today: date) -> list[Month]:
    """The last twelve months in order, this one included; those without a certificate stand empty."""
    begin, found = first(today), {month.month: month for month in known}
    names = [f"{begin.year + (begin.month - 1 + n) // 12}-{(begin.month - 1 + n) % 12 + 1:02d}" for n in range(12)]
    return [found.get(name, Month(name, 0, 0, 0)) for name in names]


def pillars(months: Sequence[Month]) -> list[dict[str, Any]]:
    """A pillar a month, its height the share on time: 0 at BOTTOM, 100 % at TOP; none where nothing was promised."""
    step = (WIDE - LEFT - RIGHT) / max(len(months), 1)
    return [
        {"month": month, "x": round(LEFT + (n + 0.2) * step, 1), "wide": round(step * 0.6, 1),
         "middle": round(LEFT + (n + 0.5) * step, 1),
         "tall": None if month.share is None else round(month.share * (BOTTOM - TOP), 1)}
        for n, month in enumerate(months)
    ]  # fmt: skip
