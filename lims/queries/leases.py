"""Claims on tasks, each with a time when it runs out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims.records import Lease


def claim(session: Session, task: str, *, holder: str, at: datetime, until: datetime) -> bool:
    """Take a task that nobody holds, or whose lease has run out. False when another worker has it."""
    held = session.scalar(select(Lease).where(Lease.task == task))
    if held is None:
        try:
            with session.begin_nested():
                session.add(Lease(task=task, holder=holder, until=until))
        except IntegrityError:
            return False
        return True
    taken = session.execute(
        update(Lease).where(Lease.task == task, Lease.until < at).values(holder=holder, until=until)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def release(session: Session, task: str) -> None:
    session.execute(delete(Lease).where(Lease.task == task))
