"""The gates before a step: which rules prevail, what they say, and the evidence of it.

    gatekeeping.pass_through(session, "start", "request", number, lines, by=by, at=at)   # or GateClosed

A step that is taken leaves its lines in the same transaction. A step that is refused is rolled back, so the refusal
carries its evidence along (GateClosed.evidence) and whoever ends the transaction keeps it with keep_refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain import gate_rules, gates, orders
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, NotFound
from lims.queries import registers, rules, scope
from lims.records import Authorisation, GateEvidence, Instrument, Request

MORE = "evidence"


def ruled(session: Session, lines: Iterable[gates.Reason], day: date, kind: str = "") -> list[gates.Reason]:
    """The lines as the rules in force on a day take them. kind: verification or calibration."""
    return gate_rules.applied(lines, rules.on_day(session, day), kind)


def at_intake(
    session: Session,
    *,
    instrument: Instrument,
    wanted: str,
    work: str,
    use: str,
    procedure_name: str,
    rule: Mapping[str, Any],
    accredited: bool,
    at: datetime,
) -> list[gates.Reason]:
    """What must hold before a line of an order is accepted (ISO/IEC 17025:2017, 7.1)."""
    day = registers.day(session, at)
    verification = work in orders.VERIFICATION
    lines = [_compulsory(session, instrument, work, use, day), gates.procedure_chosen(procedure_name)]  # the law first
    lines.append(gates.rule_agreed(wanted, str(rule.get("rule", "none"))))
    if procedure_name:
        lines += _of_procedure(session, procedure_name, day, accredited=accredited)
    return ruled(session, lines, day, "verification" if verification else "calibration")


def _of_procedure(session: Session, name: str, day: date, *, accredited: bool) -> list[gates.Reason]:
    del accredited  # the capability under accreditation is held to at issue, by the printed U
    try:
        version = registers.current_procedure(session, name)
    except NotFound:
        return [gates.procedure_current(name, "superseded")]
    procedure = registers.procedure_of(version)
    wanted = int((rules.on_day(session, day).get("somebody_authorised") or _One).parameters.get("persons", 1))
    lines = [gates.somebody_authorised(name, _performers(session, name, day), wanted)]
    lines += scope.gates_of(session, procedure, day)
    lines.append(gates.standard_certificate_covers(name, rules.standards_covering(session, name), day))
    for role in procedure.needs:
        lines.append(standard_line(session, role, day))
    return lines


class _One:
    parameters: Mapping[str, Any] = {}


def standard_line(session: Session, role: str, day: date, code: str = "") -> gates.Reason:
    """Whether the standard that plays a role has a calibration in force on the day. code: the one that was chosen."""
    try:
        standard = registers.instrument_for(session, role, code)
    except NotFound:
        return gates.standard_in_date(code or role, None, None, day)
    calibration = registers.current_calibration(session, standard.id)
    return gates.standard_in_date(
        standard.code,
        None if calibration is None else calibration.certificate_number,
        None if calibration is None else calibration.valid_to,
        day,
    )


def _performers(session: Session, procedure: str, day: date) -> int:
    """How many people may perform with a procedure on a day."""
    return int(
        session.scalar(
            select(func.count(func.distinct(Authorisation.person_id))).where(
                Authorisation.procedure_name == procedure,
                Authorisation.role == "perform",
                Authorisation.state == "granted",
                Authorisation.valid_from <= day,
                Authorisation.valid_to >= day,
            )
        )
        or 0
    )


def _compulsory(session: Session, instrument: Instrument, work: str, use: str, day: date) -> gates.Reason:
    entry = rules.compulsory_for(session, instrument, use, day)
    profile = registers.laboratory(session)
    authorised = entry is not None and entry.number in profile.get("compulsory_authorised", ())
    return gates.compulsory_by_verification(
        None if entry is None else entry.number,
        {} if entry is None else entry.name,
        verification=work in orders.VERIFICATION,
        authorised=authorised,
    )


def of_job(session: Session, request: Request, day: date) -> list[gates.Reason]:
    """What the law asks of a job before it is measured, beside what its procedure and people need."""
    item = session.get_one(Instrument, request.instrument_id)
    covering = rules.standards_covering(session, request.procedure_name)
    return [
        _compulsory(session, item, _work(request), request.use, day),
        gates.standard_certificate_covers(request.procedure_name, covering, day),
    ]


def _work(request: Request) -> str:
    """The kind of work; a verification ordered without one counts as a periodic one."""
    if request.document_kind == "verification" and request.work not in orders.VERIFICATION:
        return "periodic"
    return request.work


def pass_through(
    session: Session,
    step: str,
    object_type: str,
    number: str,
    lines: Sequence[gates.Reason],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Keep what the gates say of a step that is taken. Raises GateClosed, with its evidence, where one refuses."""
    closed = gates.closed(lines)
    if closed:
        refusal = GateClosed(step=step, reason=closed[0].text, clause=closed[0].clause, closed=len(closed))
        refusal.evidence = {  # type: ignore[attr-defined]
            "step": step,
            "object_type": object_type,
            "number": number,
            "lines": list(lines),
            "by": by,
            "at": at,
        }
        raise refusal
    keep(session, step, object_type, number, lines, by=by, at=at)


def keep(
    session: Session,
    step: str,
    object_type: str,
    number: str,
    lines: Sequence[gates.Reason],
    *,
    by: Actor,
    at: datetime,
) -> GateEvidence:
    """What the gates said, for the auditor."""
    row = GateEvidence(
        step=step,
        object_type=object_type,
        object_number=number,
        ok=not gates.closed(lines),
        lines=[
            {"ok": e.ok, "code": e.code, "text": dict(e.text), "clause": e.clause} | ({"warn": True} if e.warn else {})
            for e in lines
        ],
        at=at,
        by_id=by.person_id,
    )
    session.add(row)
    session.flush()
    return row


def keep_refused(session: Session, refusal: GateClosed) -> bool:
    """Keep the evidence of a refusal whose transaction was rolled back; False where it carries none."""
    said = getattr(refusal, MORE, None)
    if said is None:
        return False
    keep(session, said["step"], said["object_type"], said["number"], said["lines"], by=said["by"], at=said["at"])
    return True
