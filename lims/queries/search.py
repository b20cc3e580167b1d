"""The search box: an instrument by serial, a certificate by number, a customer by two Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from lims.domain import grams
from lims.domain.actor import Actor
from lims.domain.rights import may
from lims.records import (
    Certificate,
    Customer,
    Instrument,
    Invoice,
    LegacyCertificate,
    MeasurementStandard,
    ProcedureVersion,
    QualityCase,
    Record,
    Request,
    SearchGram,
    ServiceRequest,
    WorkOrder,
)
from lims.records.series import PREFIXES
from lims.words import pick

SHOWN = 12
"""Of each kind."""
MANY = 400
"""Of instruments that a list is narrowed to."""
COMMON = 2_000
"""A part found this often is common; more of it is not counted."""
LONGEST = 200
YEARS = 3

RIGHTS = {
    "customer": "customers.manage",
    "instrument": "items.read",
    "procedure": "procedures.read",
    "measurement_standard": "standards.read",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. key: its number, code or id in its page's address. title, sub: as shown."""

    kind: str
    key: str
    title: str
    sub: str = ""
    state: str = ""


def find(session: Session, viewer: Actor, question: str, *, on: date, lang: str = "zh") -> list[Hit]:
    """What fits, numbers first; each kind only where the viewer may read it, a customer among their own alone.

    Six statements at most, however much there is.
    """
    question = question.strip()[:LONGEST]
    parts = grams.asked(question)
    if not parts:
        return []
    found = _numbered(session, viewer, question, on)
    if viewer.customer_id is not None:
        return found + _own_items(session, viewer, question, lang)
    return found + _named(session, viewer, parts, lang)


def spellings(question: str, on: date) -> list[str]:
    """The numbers that a question may stand for: as typed, or the last digits in each series and year."""
    typed = grams.plain(question).upper().replace(" ", "")
    if not re.fullmatch(r"[0-9]{1,6}", typed):
        return [typed, question.strip()]
    digits = typed.zfill(6)
    years = range(on.year, on.year - YEARS, -1)
    return [typed, *(f"{prefix}-{year}-{digits}" for prefix in sorted(set(PREFIXES.values())) for year in years)]


def _numbered(session: Session, viewer: Actor, question: str, on: date) -> list[Hit]:
    numbers = spellings(question, on)
    asked = [_one(kind, table, owner) for kind, table, right, owner in _NUMBERED if may(viewer, right)]
    if not asked:
        return []
    statements = []
    for statement, number, owner in asked:
        statement = statement.where(number.in_(numbers))
        if viewer.customer_id is not None:
            statement = statement.where(owner == viewer.customer_id)
        statements.append(statement)
    rows = session.execute(union_all(*statements).limit(4 * SHOWN)).all()
    return [Hit(kind, number, number, state=state or "") for kind, number, state in rows]


def _one(kind: str, table: Any, owner: Any) -> tuple[Select[Any], Any, Any]:
    state = table.state if hasattr(table, "state") else literal("")
    statement = select(literal(kind).label("kind"), table.number.label("number"), state.label("state"))
    if table in (Certificate, Record):
        statement = statement.join(Request, Request.id == table.request_id)
    return statement, table.number, owner


_NUMBERED: tuple[tuple[str, Any, str, Any], ...] = (
    ("certificate", Certificate, "certificates.read", Request.customer_id),
    ("request", Request, "requests.read", Request.customer_id),
    ("record", Record, "records.read", Request.customer_id),
    ("service_request", ServiceRequest, "requests.read", ServiceRequest.customer_id),
    ("work_order", WorkOrder, "items.receive", literal(0)),
    ("invoice", Invoice, "fees.read", Invoice.customer_id),
    ("quality_case", QualityCase, "quality.read", QualityCase.customer_id),
    ("legacy_certificate", LegacyCertificate, "certificates.read", LegacyCertificate.customer_id),
)


def _own_items(session: Session, viewer: Actor, question: str, lang: str) -> list[Hit]:
    """A customer's own items: they are few, so each is looked at."""
    if not may(viewer, "items.read"):
        return []
    rows = session.scalars(
        select(Instrument).where(Instrument.customer_id == viewer.customer_id).order_by(Instrument.id.desc())
    ).all()
    wanted = grams.asked(question)
    kept = [row for row in rows if _fits(row, wanted)]
    return [_instrument(row, lang) for row in kept[:SHOWN]]


def _fits(row: Instrument, wanted: Sequence[tuple[str, bool]]) -> bool:
    has = grams.grams((row.code, row.maker, row.model, row.serial, *row.description.values()))
    return all(gram in has if whole else any(each.startswith(gram) for each in has) for gram, whole in wanted)


def _named(session: Session, viewer: Actor, parts: Sequence[tuple[str, bool]], lang: str) -> list[Hit]:
    kinds = [
        kind
        for kind, right in RIGHTS.items()
        if may(viewer, right) or (kind == "customer" and may(viewer, "requests.read"))
    ]
    if not kinds:
        return []
    ids = _ids(session, parts, kinds)
    hits: list[Hit] = []
    for kind, (table, shown) in _NAMED.items():
        if ids.get(kind):
            rows = session.scalars(select(table).where(table.id.in_(ids[kind])).order_by(table.id.desc())).all()
            hits += [shown(row, lang) for row in rows]
    return hits


def instrument_ids(session: Session, question: str) -> list[int] | None:
    """Ids of instruments that fit a question, at most MANY; None for a question that asks nothing.

    For lists that are narrowed by a text and ask for their viewer's right themselves.
    """
    parts = grams.asked(question[:LONGEST])
    return _ids(session, parts, ["instrument"], MANY).get("instrument", []) if parts else None


def _ids(
    session: Session, parts: Sequence[tuple[str, bool]], kinds: Sequence[str], most: int = SHOWN
) -> dict[str, list[int]]:
    """Ids by kind that have every part. The rarest part leads, the others are looked up for each row of it."""
    counted = union_all(
        *(
            select(
                literal(n).label("part"),
                select(func.count())
                .select_from(select(SearchGram.gram).where(_has(SearchGram, part)).limit(COMMON).subquery())
                .scalar_subquery()
                .label("often"),
            )
            for n, part in enumerate(parts)
        )
    )
    often: dict[int, int] = {part: count for part, count in session.execute(counted)}  # noqa: C416  rows are no tuples
    if not all(often.values()):
        return {}
    first, *rest = sorted(range(len(parts)), key=lambda n: often[n])
    statements = []
    for kind in kinds:
        lead = aliased(SearchGram)
        whole = parts[first][1]
        # Of a span of grams the key leads; SQLite would take the index of kinds, and read all of one.
        its_kind = lead.kind == kind if whole else func.coalesce(lead.kind, "") == kind
        statement = select(lead.kind, lead.object_id).where(its_kind, _has(lead, parts[first]))
        for n in rest:
            other = aliased(SearchGram)
            same = and_(other.kind == lead.kind, other.object_id == lead.object_id, _has(other, parts[n]))
            statement = statement.where(exists().where(same))
        # A whole gram comes in the order of the index; newest first costs nothing there.
        if whole:
            statement = statement.order_by(lead.object_id.desc())
        statements.append(select(statement.limit(most).subquery()))
    ids: dict[str, list[int]] = {}
    for kind, object_id in session.execute(union_all(*statements)).all():
        if object_id not in ids.setdefault(kind, []):
            ids[kind].append(object_id)
    return ids


def _has(table: Any, part: tuple[str, bool]) -> ColumnElement[bool]:
    gram, whole = part
    if whole:
        return table.gram == gram  # type: ignore[no-any-return]
    return and_(table.gram >= gram, table.gram < grams.after(gram))


def _customer(row: Customer, lang: str) -> Hit:
    return Hit("customer", str(row.id), pick(row.name, lang), row.contact)


def _instrument(row: Instrument, lang: str) -> Hit:
    title = f"{row.maker} {row.model} · {row.serial}"
    return Hit("instrument", row.code, title, f"{row.code} · {pick(row.description, lang)}", row.state)


def _standard(row: MeasurementStandard, lang: str) -> Hit:
    return Hit("measurement_standard", row.code, pick(row.name, lang), row.code, row.state)


def _procedure(row: ProcedureVersion, lang: str) -> Hit:
    return Hit("procedure", row.name, f"{row.method_code} · {pick(row.title, lang)}", row.version, row.state)


_NAMED: dict[str, tuple[Any, Callable[[Any, str], Hit]]] = {
    "customer": (Customer, _customer),
    "instrument": (Instrument, _instrument),
    "measurement_standard": (MeasurementStandard, _standard),
    "procedure": (ProcedureVersion, _procedure),
}
