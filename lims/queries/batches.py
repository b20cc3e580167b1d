"""Batches: what may become one, the list, and one batch with what stands out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lims.domain import batches
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound
from lims.domain.rights import require
from lims.queries import exceptions, firsts
from lims.records import (
    Batch,
    Certificate,
    Customer,
    Instrument,
    Reading,
    Record,
    Request,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a batch. record: its newest that counts. why: what makes it an exception, empty for one like the rest."""

    request: Request
    instrument: Instrument
    record: Record | None
    rows: Sequence[Mapping[str, Any]] = ()
    why: Sequence[str] = ()
    certificate: str | None = None

    @property
    def state(self) -> str:
        return "" if self.record is None else self.record.state


@dataclass(frozen=True, slots=True)
class View:
    """A batch with its items, those that stand out first. spread: point → [(serial, value, stands out)]."""

    batch: Batch
    customer: Customer
    items: Sequence[Item]
    spread: Mapping[int, Sequence[tuple[str, float, bool]]] = field(default_factory=dict)

    @property
    def standing(self) -> str:
        if self.batch.state in ("dissolved", "issued"):
            return self.batch.state
        return batches.standing([item.state for item in self.items])

    @property
    def exceptions(self) -> list[Item]:
        return [item for item in self.items if item.why]

    @property
    def rest(self) -> list[Item]:
        return [item for item in self.items if not item.why]

    def in_state(self, *states: str) -> list[Item]:
        return [item for item in self.items if item.state in states]


@dataclass(frozen=True, slots=True)
class Group:
    """Received requests that may become one batch: the same customer, procedure, document and rule."""

    customer: Customer
    procedure: str
    document_kind: str
    rule: Mapping[str, Any]
    requests: Sequence[tuple[str, Instrument]]


def _staff(viewer: Actor) -> None:
    require(viewer, "bench.read")
    if viewer.customer_id is not None:
        raise NotAllowed(username=viewer.username, right="bench.read")


def by_number(session: Session, number: str, viewer: Actor, *, lock: bool = False) -> Batch:
    """The batch. Raises NotFound."""
    _staff(viewer)
    question = select(Batch).where(Batch.number == number)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is None:
        raise NotFound(kind="batch", number=number)
    return found


def page(
    session: Session, viewer: Actor, *, after: int | None = None, size: int = 40
) -> Sequence[tuple[Batch, Any, int]]:
    """(batch, customer's name, number of items), newest first: one statement."""
    _staff(viewer)
    count = select(func.count(Request.id)).where(Request.batch_id == Batch.id).correlate(Batch).scalar_subquery()
    question = (
        select(Batch, Customer.name, count)
        .join(Customer, Customer.id == Batch.customer_id)
        .order_by(Batch.id.desc())
        .limit(size)
    )
    if after is not None:
        question = question.where(Batch.id < after)
    return [(batch, name, int(n)) for batch, name, n in session.execute(question).all()]


MOST = 4000
"""Records that a list of batches to sign looks at, of each state."""


def _of_batches(found: Select[Any]) -> Select[Any]:
    return found.join(Request).where(Request.batch_id.is_not(None))


def to_sign(session: Session, viewer: Actor, states: Sequence[str]) -> list[tuple[Batch, Any, str, int]]:
    """(batch, customer's name, state of records, how many of them) of batches that wait for a signature, oldest first."""
    _staff(viewer)
    rows = session.execute(
        select(Batch, Customer.name, Record.state, func.count(Record.id))
        .join(Request, Request.batch_id == Batch.id)
        .join(Record, Record.request_id == Request.id)
        .join(Customer, Customer.id == Batch.customer_id)
        .where(Record.id.in_(firsts.in_states(Record, states, most=MOST, narrowed=_of_batches)))
        .group_by(Batch.id, Customer.id, Record.state)
        .order_by(Batch.id)
    )
    return [(batch, name, state, int(n)) for batch, name, state, n in rows]


def offered(session: Session, viewer: Actor, *, least: int = 2) -> list[Group]:
    """What has been received and might be measured as a batch, the largest group first."""
    _staff(viewer)
    rows = session.execute(
        select(Request, Instrument, Customer)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .where(Request.state == "received", Request.batch_id.is_(None))
        .order_by(Request.id.desc())
        .limit(2 * batches.LARGEST)
    ).all()
    groups: dict[tuple[Any, ...], list[tuple[Request, Instrument, Customer]]] = {}
    for row in rows:
        groups.setdefault(kind_of(row[0], row[1]), []).append((row[0], row[1], row[2]))
    found = [
        Group(
            customer=each[0][2],
            procedure=each[0][0].procedure_name,
            document_kind=each[0][0].document_kind,
            rule=each[0][0].rule,
            requests=[(request.number, instrument) for request, instrument, _ in reversed(each)],
        )
        for each in groups.values()
        if len(each) >= least
    ]
    return sorted(found, key=lambda group: -len(group.requests))


def kind_of(request: Request, item: Instrument) -> tuple[Any, ...]:
    """What has to be the same within a batch."""
    rule = tuple(sorted((key, str(value)) for key, value in request.rule.items()))
    return (
        request.customer_id, request.procedure_name, request.document_kind, rule, request.as_left, request.work,
        request.use, item.maker, item.model,
    )  # fmt: skip


def view(session: Session, number: str, viewer: Actor) -> View:
    """A batch as it stands: seven statements whatever its size."""
    batch = by_number(session, number, viewer)
    rows = session.execute(
        select(Request, Instrument)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .where(Request.batch_id == batch.id)
        .order_by(Request.id)
    ).all()
    jobs = [request.id for request, _ in rows]
    records = {
        record.request_id: record
        for record in session.scalars(
            select(Record).where(Record.request_id.in_(jobs), Record.state != "interrupted").order_by(Record.id)
        )
    }
    seen = exceptions.of_records(session, [record.id for record in records.values()])
    results = {record_id: each.rows for record_id, each in seen.items() if each.rows}
    values = _values(session, list(records.values()), results)
    papers: dict[int, str] = {}
    for request_id, paper in session.execute(
        select(Certificate.request_id, Certificate.number)
        .where(Certificate.request_id.in_(jobs))
        .order_by(Certificate.id)
    ):
        papers[request_id] = paper
    far = batches.outliers({str(record_id): points for record_id, points in values.items()})
    items = []
    for request, instrument in rows:
        record = records.get(request.id)
        found = [] if record is None else seen[record.id].rows
        why = [] if record is None else seen[record.id].why
        if record is not None and far.get(str(record.id)):
            why = ["outlier", *why]
        items.append(Item(request, instrument, record, found, why, papers.get(request.id)))
    items.sort(key=lambda item: (not item.why, item.request.id))
    customer = session.get_one(Customer, batch.customer_id)
    return View(batch, customer, items, _spread(items, values, far))


def _values(
    session: Session, records: Sequence[Record], results: Mapping[int, Sequence[Mapping[str, Any]]]
) -> dict[int, dict[int, float]]:
    """Record → point → its error where it is evaluated, the mean of what was read where it is not yet."""
    waiting = [record.id for record in records if record.id not in results]
    found: dict[int, dict[int, float]] = {
        record_id: {int(row["point"]): float(row.get("error", row.get("value", "nan"))) for row in rows}
        for record_id, rows in results.items()
    }
    if found and waiting:
        return found  # errors and indications are not compared with one another
    for record_id, point, mean in session.execute(
        select(Reading.record_id, Reading.point, func.avg(Reading.indication))
        .where(Reading.record_id.in_(waiting), Reading.role == "item", Reading.point.is_not(None))
        .group_by(Reading.record_id, Reading.point)
    ):
        found.setdefault(record_id, {})[int(point)] = float(mean)
    return found


def _spread(
    items: Sequence[Item], values: Mapping[int, Mapping[int, float]], far: Mapping[str, Sequence[int]]
) -> dict[int, list[tuple[str, float, bool]]]:
    found: dict[int, list[tuple[str, float, bool]]] = {}
    for item in items:
        if item.record is not None:
            for point, value in values.get(item.record.id, {}).items():
                marked = point in far.get(str(item.record.id), ())
                found.setdefault(point, []).append((item.instrument.serial, value, marked))
    return dict(sorted(found.items()))
