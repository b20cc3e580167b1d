"""The first page of a person of the laboratory: what each of their roles needs first, in ten statements at most.

A block is asked for where a right of the viewer needs it, and each once however many roles they have: the jobs of all
blocks come in one statement, their clocks in two, all counts in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from lims.domain import bookings as spans
from lims.domain import gates
from lims.domain.actor import Actor
from lims.domain.rights import may
from lims.queries import bookings, cases, certificates, exceptions, fees, firsts, registers, today_counts, worklists
from lims.queries.worklists import RequestLine, StandardLine
from lims.records import (
    Authorisation,
    Customer,
    Instrument,
    ProcedureVersion,
    QualityCase,
    Record,
    Request,
)

OVERSEES = ("items.assign", "requests.review", "quality.manage")
"""Rights of those who look at the work of all."""
SHOWN = 8
"""Lines of a block; the rest stands on the page of its area."""
RUNNING = ("received", "in_work")
MOST = 200
"""Jobs in the laboratory that are looked at, the oldest first."""


@dataclass(frozen=True, slots=True)
class Board:
    """counts: key → how many, for the keys that concern the viewer. closed: request → what stands against a start.
    seen: record to verify or to approve → what stands out of it; those with something come first.

    late, due_today: among the jobs that are the viewer's to measure, or all of them for who oversees.
    """

    counts: Mapping[str, int]
    returned: Sequence[RequestLine] = ()
    running: Sequence[RequestLine] = ()
    to_measure: Sequence[RequestLine] = ()
    in_laboratory: Sequence[RequestLine] = ()
    held: Sequence[RequestLine] = ()
    to_verify: Sequence[RequestLine] = ()
    to_approve: Sequence[RequestLine] = ()
    seen: Mapping[int, exceptions.Seen] = field(default_factory=dict)
    arriving: Sequence[RequestLine] = ()
    closed: Mapping[int, Sequence[gates.Reason]] = field(default_factory=dict)
    standards: Sequence[StandardLine] = ()
    bookings: Sequence[bookings.Line] = ()
    cases: Sequence[QualityCase] = ()
    to_invoice: Sequence[Any] = ()
    latest: Sequence[Any] = ()
    late: int = 0
    due_today: int = 0


def board(session: Session, viewer: Actor, *, on: date, at: datetime) -> Board:
    """What waits for the viewer. on: the laboratory's day; at: the instant of it. Nothing for who has no right."""
    jobs = worklists.by_clock(session, _jobs(session, viewer), on=on)
    standards = worklists.standards(session, viewer, on=on) if _may(viewer, "bench.run", "standards.manage") else []
    newest = _newest(jobs)
    left = [line for line in newest if _to_measure(line, viewer)] if may(viewer, "bench.run") else []
    inside = [line for line in newest if line.request.state in RUNNING] if _may(viewer, *OVERSEES) else []
    clocks = [line.clock for line in (inside or left) if line.clock is not None and not line.clock.held]
    plain = not _may(viewer, "bench.run", "records.verify", "certificates.issue", *OVERSEES)
    to_verify = _in(jobs, viewer, "records.verify", "submitted")
    to_approve = _in(jobs, viewer, "certificates.issue", "verified")
    seen = exceptions.of_records(session, [line.record.id for line in [*to_verify, *to_approve] if line.record])
    return Board(
        counts=today_counts.counts(session, viewer, on=on, at=at),
        returned=[line for line in _in(jobs, viewer, "bench.run", "returned") if _own(line, viewer)],
        running=[line for line in _in(jobs, viewer, "bench.run", "open") if _own(line, viewer)],
        to_measure=[line for line in left if not _is_held(line)],
        in_laboratory=[line for line in inside if not _is_held(line)],
        held=[line for line in (inside or left) if _is_held(line)],
        to_verify=sorted(to_verify, key=lambda line: _plain(line, seen)),
        to_approve=sorted(to_approve, key=lambda line: _plain(line, seen)),
        seen=seen,
        arriving=_arriving(newest, viewer),
        closed=_closed(session, viewer, left[:SHOWN], standards, on),
        standards=standards,
        bookings=_bookings(session, viewer, on) if _may(viewer, "bookings.create", "bookings.manage") else (),
        cases=cases.page(session, viewer, size=SHOWN) if may(viewer, "quality.manage") else (),
        to_invoice=fees.to_invoice(session, viewer, size=SHOWN) if may(viewer, "fees.manage") else (),
        latest=certificates.page(session, viewer, size=8).lines if plain and may(viewer, "certificates.read") else (),
        late=sum(clock.late for clock in clocks),
        due_today=sum(clock.due == on for clock in clocks),
    )


def _may(viewer: Actor, *rights: str) -> bool:
    return any(may(viewer, right) for right in rights)


def _jobs(session: Session, viewer: Actor) -> list[RequestLine]:
    """Every job that a block of the viewer may show, once for each of its records, in one statement."""
    wanted: list[Select[Any]] = []
    if may(viewer, "items.receive"):
        wanted.append(firsts.in_states(Request, ("accepted", "discrepancy"), most=4 * SHOWN, newest=True))
    if _may(viewer, "bench.run", *OVERSEES):
        wanted.append(firsts.in_states(Request, RUNNING, most=MOST))
    for right, states in RECORDS.items():
        if may(viewer, right):
            begun = firsts.in_states(Record, states, most=4 * SHOWN)
            wanted.append(select(Record.request_id.label("id")).where(Record.id.in_(begun)))
    if not wanted:
        return []
    ids = union_all(*(select(each.subquery().c[0].label("id")) for each in wanted)).subquery()
    rows = session.execute(
        select(Request, Instrument, Customer, Record)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .outerjoin(Record, Record.request_id == Request.id)
        .where(Request.id.in_(select(ids.c.id)))
        .order_by(Request.id, Record.id)
    )
    return [RequestLine(request, item, customer, record) for request, item, customer, record in rows]


RECORDS = {
    "bench.run": ("open", "returned"),
    "records.verify": ("submitted",),
    "certificates.issue": ("verified",),
}
"""Right → states of records that wait for who has it."""


def _in(jobs: Sequence[RequestLine], viewer: Actor, right: str, state: str) -> list[RequestLine]:
    if not may(viewer, right):
        return []
    return [line for line in jobs if line.record is not None and line.record.state == state]


def _plain(line: RequestLine, seen: Mapping[int, exceptions.Seen]) -> bool:
    return line.record is None or not seen[line.record.id].why


def _own(line: RequestLine, viewer: Actor) -> bool:
    return line.record is not None and line.record.performer_id == viewer.person_id


def _is_held(line: RequestLine) -> bool:
    return line.clock is not None and line.clock.held


def _newest(lines: Sequence[RequestLine]) -> list[RequestLine]:
    """Each job once, with its newest record, in the order given."""
    found: dict[int, RequestLine] = {}
    for line in lines:
        before = found.get(line.request.id)
        if before is None or (
            line.record is not None and before.record is not None and line.record.id > before.record.id
        ):
            found[line.request.id] = line
    return list(found.values())


def _arriving(newest: Sequence[RequestLine], viewer: Actor) -> list[RequestLine]:
    """Items that differ from their order first, then those expected, the newest on top."""
    if not may(viewer, "items.receive"):
        return []
    lines = [line for line in newest if line.request.state in ("accepted", "discrepancy")]
    return sorted(lines, key=lambda line: (line.request.state == "accepted", -line.request.id))


def _to_measure(line: RequestLine, viewer: Actor) -> bool:
    return (
        line.request.state in RUNNING
        and line.request.assigned_to_id in (None, viewer.person_id)
        and worklists.is_left(line)
    )


def _closed(
    session: Session, viewer: Actor, lines: Sequence[RequestLine], standards: Sequence[StandardLine], on: date
) -> dict[int, list[gates.Reason]]:
    """Request → what stands against a start now: procedure, oneself, standards. The bench asks every gate again."""
    names = {line.request.procedure_name for line in lines}
    if not names:
        return {}
    mine = (Authorisation.procedure_name == ProcedureVersion.name) & (Authorisation.person_id == viewer.person_id)
    rows = session.execute(
        select(ProcedureVersion, Authorisation)
        .outerjoin(Authorisation, mine)
        .where(ProcedureVersion.name.in_(names), ProcedureVersion.state == "current")
        .order_by(ProcedureVersion.id)
    ).all()
    versions = {version.name: version for version, _ in rows}
    granted = [each for _, each in rows if each is not None]
    by_role: dict[str | None, StandardLine] = {}
    for line in sorted(standards, key=lambda each: each.instrument.id):
        if line.instrument.state == "in_service":
            by_role.setdefault(line.instrument.role, line)
    said = {name: gates.closed(_of_procedure(name, versions.get(name), granted, by_role, on)) for name in names}
    return {line.request.id: said[line.request.procedure_name] for line in lines}


def _of_procedure(
    name: str,
    version: ProcedureVersion | None,
    granted: Sequence[Authorisation],
    by_role: Mapping[str | None, StandardLine],
    on: date,
) -> list[gates.Reason]:
    if version is None:
        return [gates.procedure_current(name, "superseded")]
    found = [gates.authorised(granted, name, "perform", on)]
    for role in registers.procedure_of(version).needs:
        line = by_role.get(role)
        held = None if line is None else line.calibration
        code = role if line is None else line.instrument.code
        number, until = (None, None) if held is None else (held.certificate_number, held.valid_to)
        found.append(gates.standard_in_date(code, number, until, on))
    return found


def _bookings(session: Session, viewer: Actor, on: date) -> list[bookings.Line]:
    """Bookings of the day that are the viewer's, or all of them for who manages them."""
    if not may(viewer, "bookings.read"):
        return []
    span = spans.bounds(on, 1, registers.zone(session))
    found = bookings.running(session, viewer, span)
    if may(viewer, "bookings.manage"):
        return found
    return [line for line in found if line.booking.person_id == viewer.person_id]
