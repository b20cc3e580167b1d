"""Can the laboratory measure this, and with what U? Asked by customers who search and by whoever accepts a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments import procedures
from lims.domain import cmc, gates
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import Capability, Result
from uncertainty import report, units

PUBLISHED = ("recognised",)


def lines(session: Session, viewer: Actor, *, all_states: bool = False) -> Sequence[Capability]:
    """The scope as published, newest version of each line; with all_states also what is proposed or has been."""
    require(viewer, "scope.read")
    question = select(Capability).order_by(Capability.measurand, Capability.code, Capability.version.desc())
    if not all_states:
        question = question.where(Capability.state.in_(PUBLISHED))
    return session.scalars(question).all()


def entries(session: Session, day: date, measurand: str | None = None) -> list[cmc.Entry]:
    """What is recognised and in force on a day."""
    question = select(Capability).where(
        Capability.state.in_(PUBLISHED), Capability.valid_from <= day, Capability.valid_to >= day
    )
    if measurand is not None:
        question = question.where(Capability.measurand == measurand)
    return [entry_of(row) for row in session.scalars(question.order_by(Capability.code))]


def entry_of(row: Capability) -> cmc.Entry:
    times = {"valid_from": row.valid_from, "valid_to": row.valid_to}
    return cmc.read(row.data | times | {"code": row.code, "accreditation": row.accreditation, "state": row.state})


def search(
    session: Session,
    viewer: Actor,
    measurand: str,
    low: float,
    high: float,
    unit: str,
    day: date,
    at: Mapping[str, float] | None = None,
) -> cmc.Answer:
    """The best that is published for a span of values."""
    require(viewer, "scope.read")
    return cmc.can_measure(entries(session, day, measurand), measurand, low, high, unit, day, at)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A span of values of one measurand that a procedure measures, in its unit."""

    measurand: str
    unit: str
    low: float
    high: float


def wanted(procedure: procedures.Procedure) -> list[Wanted]:
    """What a procedure's table of points asks of the scope; nothing where files are read."""
    if not procedure.points or procedure.function is None or procedure.unit is None:
        return []
    nominals = [float(point.nominal) for point in procedure.points]
    return [Wanted(procedure.function, procedure.unit, min(nominals), max(nominals))]


def gates_of(session: Session, procedure: procedures.Procedure, day: date) -> list[gates.Reason]:
    """One gate line for each function of a procedure; none where the laboratory has published no scope at all."""
    if session.scalar(select(Capability.id).where(Capability.state.in_(PUBLISHED)).limit(1)) is None:
        return []
    lines = []
    for span, answer in coverage(session, wanted(procedure), day):
        missing = [f"{each.low:g} … {each.high:g} {answer.entry.unit}" for each in answer.missing if answer.entry]
        code = None if answer.entry is None else answer.entry.code
        lines.append(gates.in_scope(span.measurand, span.low, span.high, span.unit, code, missing))
    return lines


def accredited_on(session: Session, day: date) -> list[cmc.Entry]:
    """The lines under accreditation; most laboratories have some, many have none."""
    if session.scalar(select(Capability.id).where(Capability.accreditation != "").limit(1)) is None:
        return []
    return [entry for entry in entries(session, day) if entry.accreditation]


def not_below(accredited: Sequence[cmc.Entry], results: Iterable[Result]) -> list[gates.Reason]:
    """Printed U against what is published under accreditation; one good line, or a line for each U that is below."""
    checked, below = set(), []
    for result in results:
        for entry in accredited:
            if entry.measurand != result.reported.get("function") or not result.reported.get("nominal"):
                continue
            scale = units.convert(1.0, result.unit, entry.unit)
            U = cmc.U_at(entry, float(result.reported["nominal"]) * scale)
            if U is None:
                continue
            checked.add(entry.code)
            if not cmc.printed_not_below(result.reported["U"], U / scale):
                shown = report.round_U(U / scale)
                printed = str(result.reported["U"])
                below.append(
                    gates.not_below_capability(result.point, printed, shown, result.unit, entry.code, ok=False)
                )
    return below or [gates.not_below_capability(0, "", "", "", code, ok=True) for code in sorted(checked)]


def coverage(session: Session, spans: Iterable[Wanted], day: date) -> list[tuple[Wanted, cmc.Answer]]:
    """Each span with what the scope says of it."""
    return [
        (
            span,
            cmc.can_measure(entries(session, day, span.measurand), span.measurand, span.low, span.high, span.unit, day),
        )
        for span in spans
    ]
