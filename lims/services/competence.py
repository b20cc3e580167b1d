"""Competence: what people have shown, and their authorisations from a proposal to a withdrawal (ISO/IEC 17025:2017, 6.2).

proposed → trained → assessed follow from what has been shown; granted, suspended and withdrawn are decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import competence, gates, states
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, NotFound, UnusableValue
from lims.domain.rights import require
from lims.queries import registers
from lims.records import Authorisation, Person, ProcedureVersion, Training
from lims.services import gatekeeping
from lims.services.people import LARGEST_ID
from lims.words import N_

LONGEST = 500
YEAR = timedelta(days=365)
OPEN = ("proposed", "trained", "assessed")


def note_training(
    session: Session,
    username: str,
    kind: str,
    subject: str,
    *,
    procedure: str,
    on_day: date,
    outcome: str,
    note: str,
    by: Actor,
    at: datetime,
) -> Training:
    """What a person was trained in, observed at or examined in; open proposals go on where it shows what they wait for.

    kind, outcome: lims.domain.competence. procedure: its name, or empty. Nobody assesses themselves. Raises
    UnusableValue, GateClosed.
    """
    require(by, "training.manage")
    person = _person(session, username)
    _one_of("kind", kind, competence.KINDS)
    _one_of("outcome", outcome, competence.OUTCOMES)
    if on_day > registers.day(session, at):
        raise UnusableValue(field="on_day", found=str(on_day), right=N_("a day up to today"))
    if kind in competence.ASSESSMENT:
        _open(competence.not_oneself(by.person_id, person.id), kind)
    row = Training(
        person_id=person.id,
        kind=kind,
        subject=_text("subject", subject),
        procedure_name=_procedure(session, procedure) if procedure.strip() else None,
        on_day=on_day,
        outcome=outcome,
        note=note.strip()[:LONGEST],
        by_id=by.person_id,
        at=at,
    )
    session.add(row)
    session.flush()
    if row.procedure_name is not None:
        _follow(session, _of(session, person.id, row.procedure_name, None, OPEN), at)
    facts = {"kind": kind, "procedure": row.procedure_name or "", "on": on_day.isoformat(), "outcome": outcome}
    audit.append(session, "training.noted", "person", person.id, by=by.username, at=at, payload=facts)
    return row


def propose(session: Session, username: str, procedure: str, role: str, *, by: Actor, at: datetime) -> Authorisation:
    """A person is to be authorised for a procedure in a role; a renewal is proposed beside the one that is ending.

    Raises UnusableValue where a proposal for the same work is open already.
    """
    require(by, "authorisations.manage")
    person, name = _person(session, username), _procedure(session, procedure)
    _one_of("role", role, competence.ROLES)
    if _of(session, person.id, name, role, OPEN):
        raise UnusableValue(field="procedure", found=name, right=N_("work that no other proposal is open for"))
    today = registers.day(session, at)
    row = Authorisation(
        person_id=person.id,
        procedure_name=name,
        role=role,
        valid_from=today,
        valid_to=today + YEAR,
        state=states.AUTHORISATION.initial,
        scope={},
    )
    session.add(row)
    session.flush()
    _follow(session, [row], at)
    _audit(session, "authorisation.proposed", row, by, at)
    return row


def gates_before_granting(session: Session, row: Authorisation, *, by: Actor, at: datetime) -> list[gates.Reason]:
    """What must hold before an authorisation is granted or taken up again, each line with its clause."""
    require(by, "competence.read")
    today, rules = registers.day(session, at), competence.terms(registers.laboratory(session))
    shown = _shown(session, row.person_id)
    lines = [
        competence.granted_by(by.roles),
        competence.not_oneself(by.person_id, row.person_id),
        competence.trained(shown, row.procedure_name, today, rules.evidence_months),
        competence.assessed(shown, row.procedure_name, today, rules.evidence_months),
    ]
    if row.state != "suspended":
        others = _of(session, row.person_id, row.procedure_name, row.role, ("suspended",))
        lines.append(competence.none_suspended(len(others)))
    return lines


def grant(
    session: Session,
    key: int,
    *,
    valid_from: date,
    valid_to: date,
    scope: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> Authorisation:
    """Authorise a person who has been trained and assessed, from a day to a day (6.2.6).

    scope: lims.domain.competence.range_of, empty for the whole range. Raises GateClosed, UnusableValue, WrongState.
    """
    require(by, "authorisations.manage")
    row = _locked(session, key)
    if row.state == "suspended":
        raise UnusableValue(field="state", found=row.state, right=N_("assessed; one that is suspended is resumed"))
    longest = competence.terms(registers.laboratory(session)).longest_years
    competence.validity(valid_from, valid_to, registers.day(session, at), longest)
    _follow(session, [row], at)
    lines = gates_before_granting(session, row, by=by, at=at)
    gatekeeping.pass_through(session, "grant", "authorisation", str(row.id), lines, by=by, at=at)
    states.AUTHORISATION.move(row, "granted")
    row.valid_from, row.valid_to, row.scope, row.granted_by_id = valid_from, valid_to, dict(scope), by.person_id
    session.flush()
    _audit(session, "authorisation.granted", row, by, at)
    return row


def resume(session: Session, key: int, reason: str, *, by: Actor, at: datetime) -> Authorisation:
    """A suspended authorisation counts again, with its own days; what is asked at a grant is asked again."""
    require(by, "authorisations.manage")
    row, why = _locked(session, key), _text("reason", reason)
    if row.state != "suspended":
        raise UnusableValue(field="state", found=row.state, right=N_("suspended"))
    lines = gates_before_granting(session, row, by=by, at=at)
    gatekeeping.pass_through(session, "resume", "authorisation", str(row.id), lines, by=by, at=at)
    states.AUTHORISATION.move(row, "granted")
    session.flush()
    _audit(session, "authorisation.resumed", row, by, at, why)
    return row


def suspend(session: Session, key: int, reason: str, *, by: Actor, at: datetime) -> Authorisation:
    """Work stops at once: this authorisation and each other one in force for the same work no longer counts."""
    return _stop(session, key, "suspended", reason, by=by, at=at)


def withdraw(session: Session, key: int, reason: str, *, by: Actor, at: datetime) -> Authorisation:
    """The end of an authorisation or of a proposal, with its reason; a new one begins with a proposal."""
    return _stop(session, key, "withdrawn", reason, by=by, at=at)


def _stop(session: Session, key: int, wanted: str, reason: str, *, by: Actor, at: datetime) -> Authorisation:
    require(by, "authorisations.manage")
    row, why = _locked(session, key), _text("reason", reason)
    stopped = [row]
    if row.state == "granted" and row.valid_to >= registers.day(session, at):
        # A renewal granted beside it would let the person go on.
        others = _of(session, row.person_id, row.procedure_name, row.role, ("granted",))
        stopped += [other for other in others if other.id != row.id]
    for each in stopped:
        states.AUTHORISATION.move(each, wanted)
    session.flush()
    for each in stopped:
        _audit(session, f"authorisation.{wanted}", each, by, at, why)
    return row


def _follow(session: Session, rows: Sequence[Authorisation], at: datetime) -> None:
    """Move proposals as far as what has been shown carries them."""
    today, rules = registers.day(session, at), competence.terms(registers.laboratory(session))
    for row in rows:
        shown = _shown(session, row.person_id)
        asked = (row.procedure_name, today, rules.evidence_months)
        if row.state == "proposed" and competence.trained(shown, *asked).ok:
            states.AUTHORISATION.move(row, "trained")
        if row.state == "trained" and competence.assessed(shown, *asked).ok:
            states.AUTHORISATION.move(row, "assessed")
    session.flush()


def _shown(session: Session, person_id: int) -> Sequence[Training]:
    """By day, and of one day in the order of entering: the last one counts."""
    order = (Training.on_day.desc(), Training.id.desc())
    return session.scalars(select(Training).where(Training.person_id == person_id).order_by(*order)).all()


def _of(
    session: Session, person_id: int, procedure: str, role: str | None, wanted: Sequence[str]
) -> Sequence[Authorisation]:
    question = select(Authorisation).where(
        Authorisation.person_id == person_id,
        Authorisation.procedure_name == procedure,
        Authorisation.state.in_(wanted),
    )
    if role is not None:
        question = question.where(Authorisation.role == role)
    return session.scalars(question.order_by(Authorisation.id)).all()


def _locked(session: Session, key: int) -> Authorisation:
    """The row, with its person's row locked: grants and stops of one person come one after the other."""
    question = select(Authorisation).where(Authorisation.id == key)
    row = session.scalar(question) if key <= LARGEST_ID else None
    if row is None:
        raise NotFound(kind="authorisation", number=str(key))
    session.execute(select(Person.id).where(Person.id == row.person_id).with_for_update())
    session.refresh(row)
    return row


def _person(session: Session, username: str) -> Person:
    found = session.scalar(select(Person).where(Person.username == username.strip()).with_for_update())
    if found is None or not found.active or found.customer_id is not None:
        raise UnusableValue(field="person", found=username[:60] or "—", right=N_("a person of the laboratory"))
    return found


def _procedure(session: Session, name: str) -> str:
    known = select(ProcedureVersion.id).where(ProcedureVersion.name == name.strip()).limit(1)
    if session.scalar(known) is None:
        raise UnusableValue(field="procedure", found=name[:60] or "—", right=N_("the name of a procedure"))
    return name.strip()


def _one_of(field: str, found: str, known: Sequence[str]) -> None:
    if found not in known:
        raise UnusableValue(field=field, found=found[:60] or "—", right=", ".join(known))


def _text(field: str, entered: str) -> str:
    said = entered.strip()
    if not said or len(said) > LONGEST:
        raise UnusableValue(field=field, found=str(len(said)) if said else "—", right=N_("1 to 500 signs"))
    return said


def _open(line: gates.Reason, step: str) -> None:
    if not line.ok:
        raise GateClosed(step=step, reason=line.text, clause=line.clause, closed=1)


def _audit(session: Session, act: str, row: Authorisation, by: Actor, at: datetime, reason: str | None = None) -> None:
    facts = {
        "authorisation": row.id,
        "procedure": row.procedure_name,
        "role": row.role,
        "state": row.state,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat(),
        "scope": dict(row.scope),
    }
    audit.append(session, act, "person", row.person_id, by=by.username, at=at, payload=facts, reason=reason)
