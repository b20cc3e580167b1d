"""The register of compulsory verification: what is filed, applied for, due and overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import search
from lims.records import CatalogueEntry, CompulsoryEntry, Customer, Instrument

SOON = 60
"""Days before the due day from which an instrument is listed as due."""
WAYS = ("overdue", "due", "waiting", "failed")
KEPT = ("filed", "applied", "verified", "failed")
PAGE = 40


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with its instrument and line of the catalogue. state: as kept, or "due" or "overdue" on that day."""

    entry: CompulsoryEntry
    item: Instrument
    customer: dict[str, str]
    listed: CatalogueEntry
    state: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, the nearest due day first; `after` continues where they end."""

    lines: Sequence[Line]
    after: str | None


def state_on(entry: CompulsoryEntry, day: date) -> str:
    """What the entry is on a day: a due day that has passed counts whatever was applied for since (计量法 第九条)."""
    if entry.state == "deregistered" or entry.state == "failed" or entry.due is None:
        return entry.state
    if entry.due < day:
        return "overdue"
    return "due" if entry.state == "verified" and entry.due <= day + timedelta(days=SOON) else entry.state


def page(
    session: Session, viewer: Actor, *, on: date, text: str = "", way: str = "", after: str = "", size: int = PAGE
) -> Page:
    """The register, two statements whatever its size. after: "due/id" of the last line before. way: one of WAYS or ""."""
    require(viewer, "compulsory.read")
    never = date.max
    due = func.coalesce(CompulsoryEntry.due, never)
    question = _question(on, way).order_by(due, CompulsoryEntry.id).limit(size + 1)
    if text.strip():
        question = question.where(CompulsoryEntry.instrument_id.in_(search.instrument_ids(session, text) or ()))
    place = _place(after)
    if place is not None:
        question = question.where(or_(due > place[0], (due == place[0]) & (CompulsoryEntry.id > place[1])))
    rows = session.execute(question).all()
    lines = [_line(row, on) for row in rows[:size]]
    last = lines[-1].entry if len(rows) > size else None
    return Page(lines, None if last is None else f"{(last.due or never).isoformat()}/{last.id}")


def _place(after: str) -> tuple[date, int] | None:
    day, _slash, number = after.partition("/")
    try:
        return (date.fromisoformat(day), int(number)) if number.isascii() and len(number) < 16 else None
    except ValueError:
        return None


def _question(on: date, way: str) -> Any:
    question = (
        select(CompulsoryEntry, Instrument, Customer.name, CatalogueEntry)
        .join(Instrument, Instrument.id == CompulsoryEntry.instrument_id)
        .join(Customer, Customer.id == CompulsoryEntry.customer_id)
        .join(CatalogueEntry, CatalogueEntry.id == CompulsoryEntry.catalogue_entry_id)
    )
    return question.where(*_narrowed(on, way))


def _narrowed(on: date, way: str) -> list[Any]:
    state, due = CompulsoryEntry.state, CompulsoryEntry.due
    soon = on + timedelta(days=SOON)
    return {
        "overdue": [state.in_(("filed", "applied", "verified")), due < on],
        "due": [state.in_(("filed", "applied", "verified")), due >= on, due <= soon],
        "waiting": [state.in_(("filed", "applied")), or_(due.is_(None), due >= on)],
        "failed": [state == "failed"],
    }.get(way, [])


def counts(session: Session, viewer: Actor, *, on: date) -> dict[str, int]:
    """How many entries fit each way: one statement."""
    require(viewer, "compulsory.read")
    asked = [
        select(func.count()).select_from(CompulsoryEntry).where(*_narrowed(on, way)).scalar_subquery().label(way)
        for way in WAYS
    ]
    return {name: int(count) for name, count in session.execute(select(*asked)).one()._mapping.items()}


def entry(session: Session, number: str, viewer: Actor, *, on: date) -> Line:
    """One entry. Raises NotFound."""
    require(viewer, "compulsory.read")
    row = session.execute(_question(on, "").where(CompulsoryEntry.number == number)).one_or_none()
    if row is None:
        raise NotFound(kind="entry", number=number)
    return _line(row, on)


def of_instrument(session: Session, instrument_id: int, *, lock: bool = False) -> CompulsoryEntry | None:
    """The entry of an instrument, None while it is in no register."""
    question = select(CompulsoryEntry).where(CompulsoryEntry.instrument_id == instrument_id)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    return session.scalar(question)


def _line(row: Any, on: date) -> Line:
    entry, item, customer, listed = row
    left = None if entry.due is None or entry.state in ("deregistered", "failed") else (entry.due - on).days
    return Line(entry, item, customer, listed, state_on(entry, on), left)
