"""What a laboratory reports of a year or any other span: counts by SQL aggregates, bounded lists, no loop over jobs.

A job counts once, on the local day its first certificate was issued; amendments count as certificates, not as items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Date, Float, Subquery, Text, case, cast, func, literal, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import registers
from lims.records import (
    CatalogueEntry,
    Certificate,
    CompulsoryEntry,
    Customer,
    Evaluation,
    Fee,
    Instrument,
    MonthCount,
    Record,
    Request,
    Result,
    WorkOrder,
)
from lims.words import N_

MOST = 500
"""Lines of a table, those with the most certificates."""
LONGEST = 3653
"""Days of a span."""
Tally = Mapping[str, tuple[int, int]]
"""Word → certificates, items."""


@dataclass(frozen=True, slots=True)
class Model:
    """An instrument by its name plate: description {zh, en}."""

    description: dict[str, str]
    maker: str
    model: str
    certificates: int
    items: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month as YYYY-MM: items out by the day promised, after it, and without a day promised."""

    month: str
    on_time: int
    late: int
    without: int

    @property
    def items(self) -> int:
        return self.on_time + self.late + self.without

    @property
    def share(self) -> float | None:
        """On time among those promised, 0 to 1; None where none was promised."""
        promised = self.on_time + self.late
        return self.on_time / promised if promised else None


@dataclass(frozen=True, slots=True)
class Compulsory:
    """A line of the catalogue for a use. registered, overdue: as the register stands; the others within the span."""

    catalogue: str
    number: str
    name: dict[str, str]
    use: str
    registered: int
    filed: int
    passed: int
    failed: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Year:
    """found: kind of work → as-found verdict (pass, fail, none) → records. fees: kind → items and amount in CNY."""

    first: date
    last: date
    works: Tally
    uses: Tally
    kinds: Tally
    models: Sequence[Model]
    places: Tally
    found: Mapping[str, Mapping[str, int]]
    months: Sequence[Month]
    fees: Mapping[str, tuple[int, Decimal]]
    compulsory: Sequence[Compulsory]

    @property
    def total(self) -> tuple[int, int]:
        """Certificates and items of the span."""
        return sum(each[0] for each in self.kinds.values()), sum(each[1] for each in self.kinds.values())


def year(session: Session, viewer: Actor, *, first: date, last: date, on: date) -> Year:
    """The report of a span of local days, both included. on: the day of the register. Raises UnusableValue."""
    require(viewer, "statistics.read")
    if last < first:
        raise UnusableValue(field="to", found=last.isoformat(), right=N_("a day not before the first"))
    if (last - first).days >= LONGEST:
        raise UnusableValue(field="to", found=last.isoformat(), right=N_("at most ten years after the first"))
    zone = registers.zone(session)
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    issued = _issued(session, begin, end, zone)
    works, uses, kinds = _combined(session, issued)
    return Year(
        first, last, works, uses, kinds,
        models=_models(session, issued),
        places=_places(session, issued),
        found=_found(session, issued),
        months=_months(session, issued),
        fees=_fees(session, begin, end),
        compulsory=_compulsory(session, first, last, (begin, end), on),
    )  # fmt: skip


def on_time(session: Session, viewer: Actor, *, first: date, last: date) -> list[Month]:
    """The months of a span of local days in order, those without a certificate left out.

    Months that were counted when they were over are read; the others are counted now. Two statements and the zone.
    """
    require(viewer, "statistics.read")
    kept = _kept(session, first, last)
    live = first
    while f"{live:%Y-%m}" in kept and live <= last:
        live = (live.replace(day=1) + timedelta(days=31)).replace(day=1)
    counted = {month.month: month for month in _live(session, live, last)}
    found = counted | kept
    return [found[name] for name in sorted(found) if found[name].items]


def counted(session: Session, first: date, last: date) -> Month:
    """A month as it stands in the certificates."""
    return next(iter(_live(session, first, last)), Month(f"{first:%Y-%m}", 0, 0, 0))


def _kept(session: Session, first: date, last: date) -> dict[str, Month]:
    """The counted months that lie whole in a span."""
    begin = first if first.day == 1 else (first.replace(day=1) + timedelta(days=31)).replace(day=1)
    end = (last + timedelta(days=1)).replace(day=1)
    rows = session.scalars(
        select(MonthCount).where(MonthCount.month >= f"{begin:%Y-%m}", MonthCount.month < f"{end:%Y-%m}")
    )
    return {row.month: Month(row.month, row.on_time, row.late, row.without) for row in rows}


def _live(session: Session, first: date, last: date) -> list[Month]:
    if last < first:
        return []
    zone = registers.zone(session)
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return _months(session, _out(session, begin, end, zone))


def _out(session: Session, begin: datetime, end: datetime, zone: ZoneInfo) -> Subquery:
    """A certificate a row with its day, the day promised, and whether it is the first of its item."""
    return (
        select(
            case((Certificate.supersedes_id.is_(None), 1), else_=0).label("first"),
            WorkOrder.due,
            _local_day(session, Certificate.issued_at, begin, zone).label("day"),
        )
        .select_from(Certificate)
        .join(Request, Request.id == Certificate.request_id)
        .outerjoin(WorkOrder, WorkOrder.id == Request.work_order_id)
        .where(Certificate.issued_at >= begin, Certificate.issued_at < end)
        .subquery()
    )


def _issued(session: Session, begin: datetime, end: datetime, zone: ZoneInfo) -> Subquery:
    """A certificate a row with what it is grouped by; a subquery, so that PostgreSQL groups by plain columns."""
    county, address = Customer.details["county"].as_string(), Customer.address["zh"].as_string()
    return (
        select(
            Request.id.label("request_id"), Request.work, Request.use, Certificate.kind, Instrument.maker,
            Instrument.model, Instrument.description["zh"].as_string().label("zh"),
            Instrument.description["en"].as_string().label("en"),
            func.coalesce(func.nullif(county, ""), func.nullif(address, ""), "").label("place"),
            case((Certificate.supersedes_id.is_(None), 1), else_=0).label("first"),
            WorkOrder.due, _local_day(session, Certificate.issued_at, begin, zone).label("day"),
        )
        .select_from(Certificate)
        .join(Request, Request.id == Certificate.request_id)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .outerjoin(WorkOrder, WorkOrder.id == Request.work_order_id)
        .where(Certificate.issued_at >= begin, Certificate.issued_at < end)
        .subquery()
    )  # fmt: skip


def _local_day(session: Session, at: Any, begin: datetime, zone: ZoneInfo) -> Any:
    """The laboratory's day of an instant. SQLite knows no zones: the offset at the beginning of the span counts there."""
    if session.get_bind().dialect.name == "sqlite":
        minutes = int((begin.utcoffset() or timedelta()).total_seconds() // 60)
        return func.date(at, f"{minutes:+d} minutes")
    return cast(func.timezone(zone.key, at), Date)


def _combined(session: Session, issued: Subquery) -> tuple[Tally, Tally, Tally]:
    """By kind of work, by use, by kind of document, out of one statement."""
    sets: tuple[Counter[str], ...] = tuple(Counter() for _ in range(6))
    c = issued.c
    for row in session.execute(
        select(c.work, c.use, c.kind, func.count(), func.sum(c.first)).group_by(c.work, c.use, c.kind)
    ):
        for n, word in enumerate(row[:3]):
            sets[2 * n][word] += int(row[3])
            sets[2 * n + 1][word] += int(row[4])
    works, uses, kinds = (
        {word: (count, sets[2 * n + 1][word]) for word, count in sets[2 * n].most_common()} for n in range(3)
    )
    return works, uses, kinds


def _models(session: Session, issued: Subquery) -> list[Model]:
    c, n = issued.c, func.count()
    rows = session.execute(
        select(c.zh, c.en, c.maker, c.model, n, func.sum(c.first))
        .group_by(c.zh, c.en, c.maker, c.model)
        .order_by(n.desc(), c.maker, c.model, c.zh)
        .limit(MOST)
    )
    return [
        Model({"zh": zh or "", "en": en or zh or ""}, maker, model, int(k), int(i))
        for zh, en, maker, model, k, i in rows
    ]


def _places(session: Session, issued: Subquery) -> dict[str, tuple[int, int]]:
    """By county where one is kept, else by address."""
    c, n = issued.c, func.count()
    rows = session.execute(
        select(c.place, n, func.sum(c.first)).group_by(c.place).order_by(n.desc(), c.place).limit(MOST)
    )
    return {place: (int(count), int(items)) for place, count, items in rows}


def _found(session: Session, issued: Subquery) -> dict[str, dict[str, int]]:
    """Locked as-found records of the span's jobs by their verdict: fail where any point failed."""
    jobs = select(issued.c.request_id).where(issued.c.first == 1)

    def any_point(verdict: str) -> Any:
        return (
            select(literal(1))
            .select_from(Result)
            .join(Evaluation, Evaluation.id == Result.evaluation_id)
            .where(Evaluation.record_id == Record.id, Result.verdict["verdict"].as_string() == verdict)
            .correlate(Record)
            .exists()
        )

    said = (
        select(
            Request.work,
            case((any_point("fail"), "fail"), (any_point("pass"), "pass"), else_="none").label("verdict"),
        )
        .select_from(Record)
        .join(Request, Request.id == Record.request_id)
        .where(Record.stage == "as_found", Record.state == "locked", Record.request_id.in_(jobs))
        .subquery()
    )
    found: dict[str, dict[str, int]] = {}
    question = select(said.c.work, said.c.verdict, func.count()).group_by(said.c.work, said.c.verdict)
    for work, verdict, count in session.execute(question):
        found.setdefault(work, {"pass": 0, "fail": 0, "none": 0})[verdict] = int(count)
    return dict(sorted(found.items()))


def _months(session: Session, issued: Subquery) -> list[Month]:
    c = issued.c
    month = select(
        func.substr(cast(c.day, Text), 1, 7).label("month"), case((c.due.is_(None), 2), (c.day <= c.due, 0), else_=1)
        .label("how"),
    ).where(c.first == 1).subquery()  # fmt: skip
    counts = [func.sum(case((month.c.how == how, 1), else_=0)) for how in range(3)]
    rows = session.execute(select(month.c.month, *counts).group_by(month.c.month).order_by(month.c.month))
    return [Month(name, int(on_time), int(late), int(without)) for name, on_time, late, without in rows]


def _fees(session: Session, begin: datetime, end: datetime) -> dict[str, tuple[int, Decimal]]:
    """Waived (what was waived) and free by law, entered within the span; whole fen are summed, not binary yuan."""
    fen = cast(func.round(cast(Fee.amount, Float) * 100), BigInteger)
    rows = session.execute(
        select(Fee.kind, func.count(Fee.request_id.distinct()), func.sum(fen))
        .where(Fee.kind.in_(("waived", "statutory_free")), Fee.at >= begin, Fee.at < end)
        .group_by(Fee.kind)
        .order_by(Fee.kind)
    )
    return {kind: (int(items), abs(Decimal(int(total)) / 100)) for kind, items, total in rows}


def _compulsory(
    session: Session, first: date, last: date, span: tuple[datetime, datetime], on: date
) -> list[Compulsory]:
    entry = CompulsoryEntry
    done, kept = entry.last.between(first, last), entry.state != "deregistered"

    def of(condition: Any) -> Any:
        return case((condition, 1), else_=0)

    lines = (
        select(
            CatalogueEntry.catalogue, CatalogueEntry.number, CatalogueEntry.name["zh"].as_string().label("zh"),
            CatalogueEntry.name["en"].as_string().label("en"), entry.use, of(kept).label("kept"),
            of((entry.filed_at >= span[0]) & (entry.filed_at < span[1])).label("filed"),
            of(done & (entry.result == "verified")).label("passed"), of(done & (entry.result == "failed")).label("failed"),
            of(kept & (entry.due < on)).label("overdue"),
        )
        .join(CatalogueEntry, CatalogueEntry.id == entry.catalogue_entry_id)
        .subquery()
    )  # fmt: skip
    c = lines.c
    by = (c.catalogue, c.number, c.zh, c.en, c.use)
    sums = [func.sum(each) for each in (c.kept, c.filed, c.passed, c.failed, c.overdue)]
    rows = session.execute(select(*by, *sums).group_by(*by).order_by(c.catalogue, c.number, c.use).limit(MOST))
    return [
        Compulsory(book, number, {"zh": zh or "", "en": en or zh or ""}, use, *(int(each) for each in counts))
        for book, number, zh, en, use, *counts in rows
    ]
