"""The search table follows its objects: written in the flush that writes them, by no service and so forgotten by none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from lims.domain.grams import grams

from .base import Base
from .exchange import SearchGram
from .measurement_standards import MeasurementStandard
from .people import Person
from .registers import Customer, Instrument, ProcedureVersion

Texts = Callable[[Any], Iterable[str]]
Kept = tuple[str, tuple[str, ...], Texts]

KINDS: dict[type[Base], Kept] = {
    Customer: ("customer", ("name", "contact"), lambda row: (*row.name.values(), row.contact)),
    Instrument: (
        "instrument",
        ("code", "maker", "model", "serial", "description", "customer_id"),
        lambda row: (row.code, row.maker, row.model, row.serial, *row.description.values()),
    ),
    ProcedureVersion: (
        "procedure",
        ("name", "title", "method_code"),
        lambda row: (row.name, row.method_code, *row.title.values()),
    ),
    MeasurementStandard: (
        "measurement_standard",
        ("code", "name", "certificate_number"),
        lambda row: (row.code, row.certificate_number or "", *row.name.values()),
    ),
    Person: ("person", ("username", "name"), lambda row: (row.username, *row.name.values())),
}
"""Model → its kind in the search table, the columns it is found by, and their texts."""
BLOCK = 2_000


def follow(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Sessions whose flushes keep the search table."""
    event.listen(sessions, "after_flush", lambda session, _context: _keep(session))
    return sessions


def _keep(session: Session) -> None:
    changed = [row for row in session.dirty if type(row) in KINDS and _touched(row)]
    added = [row for row in session.new if type(row) in KINDS]
    for row in changed:
        session.execute(
            delete(SearchGram).where(SearchGram.kind == KINDS[type(row)][0], SearchGram.object_id == row.id),
            execution_options={"synchronize_session": False},
        )
    rows = [line for row in (*added, *changed) for line in _lines(type(row), row)]
    if rows:
        session.connection().execute(insert(SearchGram), rows)


def _touched(row: Base) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in KINDS[type(row)][1])


def again(session: Session) -> int:
    """Write the whole search table anew, for rows that came in past the flush; the caller commits. Returns its lines."""
    session.execute(delete(SearchGram), execution_options={"synchronize_session": False})
    written = 0
    for model in KINDS:
        last = 0
        while True:
            key = model.__table__.c.id
            batch = session.execute(select(model.__table__).where(key > last).order_by(key).limit(BLOCK)).all()
            if not batch:
                break
            rows = [line for found in batch for line in _lines(model, found)]
            session.connection().execute(insert(SearchGram), rows)
            written += len(rows)
            last = batch[-1].id
    return written


def _lines(model: type[Base], found: Any) -> Iterator[dict[str, Any]]:
    """The lines of the search table for one object, mapped or as a row of its table."""
    kind, _columns, texts = KINDS[model]
    owner = found.id if kind == "customer" else getattr(found, "customer_id", None)
    for gram in grams(texts(found)):
        yield {"gram": gram, "kind": kind, "object_id": found.id, "customer_id": owner}
