"""The months that are over are counted once, by the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.queries import registers, yearly
from lims.records import MonthCount

BACK = 24
"""Months that a look at a laboratory without counts reaches back; a dashboard draws twelve."""


def keep(session: Session, *, at: datetime) -> int:
    """Count the months that are over and not counted yet; how many. Two workers take turns by their lease."""
    month = registers.day(session, at).replace(day=1)
    known = set(session.scalars(select(MonthCount.month).order_by(MonthCount.month.desc()).limit(BACK)))
    counted = 0
    for _ in range(BACK):
        last = month - timedelta(days=1)
        month = last.replace(day=1)
        name = f"{month:%Y-%m}"
        if name not in known:
            found = yearly.counted(session, month, last)
            session.add(MonthCount(month=name, on_time=found.on_time, late=found.late, without=found.without, at=at))
            counted += 1
    session.flush()
    return counted
