"""Every number of a series and year accounted for: used by what, or missing, which is an alarm.

Numbers are counted in the transaction that uses them (lims.records.series), so a gap means that a row is gone, or that
somebody has counted past the program; a number beyond the counter was never given by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.records import (
    Batch,
    Certificate,
    CertificateEvent,
    CertificateStatus,
    CompulsoryEntry,
    ImportBatch,
    Instrument,
    InternalAudit,
    Invoice,
    MeasurementStandard,
    NumberSeries,
    Person,
    ProficiencyTest,
    QualityCase,
    Record,
    Request,
    ServiceRequest,
    WorkOrder,
)
from lims.records.series import PREFIXES

USED_BY: MappingProxyType[str, InstrumentedAttribute[str]] = MappingProxyType(
    {
        **{name: Certificate.number for name in PREFIXES if name.startswith("certificate.")},
        "service_request": ServiceRequest.number,
        "work_order": WorkOrder.number,
        "request": Request.number,
        "batch": Batch.number,
        "measurement_standard": MeasurementStandard.code,
        "invoice": Invoice.number,
        "compulsory": CompulsoryEntry.number,
        "quality_case": QualityCase.number,
        "complaint": QualityCase.number,
        "proficiency_test": ProficiencyTest.number,
        "internal_audit": InternalAudit.number,
        "import": ImportBatch.number,
        "record": Record.number,
        "instrument": Instrument.code,
    }
)
"""Series → the column its numbers stand in."""
DIGITS = 6
SHOWN = 20
"""Gaps that are listed of a series; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers first … last that nothing uses."""

    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a year. last: counted so far. used: rows that have one of its numbers. beyond: never counted."""

    name: str
    year: int
    prefix: str
    last: int
    used: int
    gaps: Sequence[Gap]
    missing: int
    beyond: int

    @property
    def whole(self) -> bool:
        return not self.missing and not self.beyond


def years(session: Session, viewer: Actor) -> list[int]:
    """The years in which numbers were given, newest first."""
    require(viewer, "numbers.read")
    return list(session.scalars(select(NumberSeries.year).distinct().order_by(NumberSeries.year.desc())))


def accounts(session: Session, viewer: Actor, year: int, names: Sequence[str]) -> list[Series]:
    """These series of a year, where they were begun, each with its gaps: at most three statements a series."""
    require(viewer, "numbers.read")
    rows = session.scalars(
        select(NumberSeries).where(NumberSeries.year == year, NumberSeries.name.in_(names)).order_by(NumberSeries.name)
    )
    return [_account(session, row) for row in rows.all() if row.name in USED_BY]


def _numbers(name: str, year: int) -> tuple[str, Any, Any]:
    """The prefix of a series, its column, and the count within its numbers."""
    column, prefix = USED_BY[name], f"{PREFIXES[name]}-{year}-"
    digits = func.substr(column, len(prefix) + 1)
    # PostgreSQL may cast before it filters: what is no number becomes no count, and so stands beyond the counter.
    return prefix, column, case((digits.regexp_match("^[0-9]+$"), cast(digits, Integer)), else_=None)


def _account(session: Session, row: NumberSeries) -> Series:
    prefix, column, count = _numbers(row.name, row.year)
    mine = column.like(f"{prefix}{'_' * DIGITS}")
    used, within = session.execute(select(func.count(), func.count().filter(count <= row.last)).where(mine)).one()
    missing = row.last - within
    gaps = _gaps(session, prefix, count, mine, row.last) if missing else []
    return Series(row.name, row.year, prefix, row.last, used, gaps[:SHOWN], missing, used - within)


def _gaps(session: Session, prefix: str, count: Any, mine: Any, last: int) -> list[Gap]:
    """Runs of counts between two used ones, before the first, and after the last."""
    n = count.label("n")
    ordered = select(n, func.lag(n, 1, 0).over(order_by=n).label("before")).where(mine, count <= last).subquery()
    rows = session.execute(
        select(ordered.c.before, ordered.c.n)
        .where(ordered.c.n - ordered.c.before > 1)
        .order_by(ordered.c.n)
        .limit(SHOWN + 1)
    ).all()
    spans = [(before + 1, after - 1) for before, after in rows]
    end = session.scalar(select(func.max(count)).where(mine, count <= last)) or 0
    if end < last:
        spans.append((end + 1, last))
    return [Gap(f"{prefix}{a:0{DIGITS}d}", f"{prefix}{b:0{DIGITS}d}", b - a + 1) for a, b in spans]


@dataclass(frozen=True, slots=True)
class Used:
    """A number and what uses it; status: of a certificate, the one in force. None: nothing uses it."""

    number: str
    what: str | None
    status: str = ""


def page(
    session: Session, viewer: Actor, name: str, year: int, *, after: int = 0, size: int = 60
) -> tuple[list[Used], int | None]:
    """Each number of a series in order, `size` at a time from `after`; the count to continue with, None at the end."""
    require(viewer, "numbers.read")
    row = session.scalar(select(NumberSeries).where(NumberSeries.name == name, NumberSeries.year == year))
    if row is None or name not in USED_BY:
        raise NotFound(kind="series", number=f"{name} {year}")
    prefix, column, _count = _numbers(name, year)
    end = min(after + size, row.last)
    wanted = [f"{prefix}{n:0{DIGITS}d}" for n in range(after + 1, end + 1)]
    there = set(session.scalars(select(column).where(column.in_(wanted))))
    status = _statuses(session, wanted) if name.startswith("certificate.") else {}
    what = name.split(".")[0]
    lines = [Used(each, what if each in there else None, status.get(each, "")) for each in wanted]
    return lines, end if end < row.last else None


def _statuses(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Certificate.number, CertificateStatus.status)
        .join(CertificateStatus, CertificateStatus.certificate_id == Certificate.id)
        .where(Certificate.number.in_(numbers))
        .order_by(CertificateStatus.id)
    )
    found: dict[str, str] = {}
    for number, status in rows:
        found[number] = status
    return found


@dataclass(frozen=True, slots=True)
class Print:
    """What was done with a certificate on paper."""

    kind: str
    note: str
    at: datetime
    by: Person | None


def prints(session: Session, certificate: Certificate, viewer: Actor) -> list[Print]:
    """Prints, copies and hand-overs of a certificate, oldest first."""
    require(viewer, "certificates.print")
    rows = session.execute(
        select(CertificateEvent, Person)
        .outerjoin(Person, Person.id == CertificateEvent.by_id)
        .where(CertificateEvent.certificate_id == certificate.id)
        .order_by(CertificateEvent.id)
    )
    return [Print(event.kind, event.note, event.at, by) for event, by in rows]
