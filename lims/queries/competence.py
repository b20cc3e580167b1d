"""Who may do what with which procedure, what ends soon, where too few are left, and what a person has done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lims.domain import competence
from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import registers
from lims.records import (
    AuditEntry,
    Authorisation,
    Certificate,
    Person,
    PersonRole,
    ProcedureVersion,
    Record,
    Request,
    Signature,
    Training,
)

PAGE = 25
TRAININGS = 40
SHORT = 50
BENCH_ROLES = ("technician", "verifier", "approver")
RANK = {"granted": 5, "suspended": 4, "assessed": 3, "trained": 2, "proposed": 1, "expired": 0}
"""Where somebody has several rows for the same work, the one that matters most is drawn."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A letter of the matrix. state: as lims.domain.states, or expired where its last day has passed."""

    key: int
    role: str
    state: str
    valid_to: date
    limited: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One procedure: person → marks in the order of the roles. performers: who may perform on the day."""

    name: str
    title: Mapping[str, str]
    performers: int
    marks: Mapping[int, Sequence[Mark]]

    @property
    def gap(self) -> bool:
        return self.performers < competence.PERFORMERS


@dataclass(frozen=True, slots=True)
class Matrix:
    """people across, procedures down. next: the name after which the next page begins."""

    people: Sequence[Person]
    lines: Sequence[Line]
    next: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """An authorisation and whose it is."""

    row: Authorisation
    person: Person


@dataclass(frozen=True, slots=True)
class Work:
    """What a person has done with a procedure: role → (count, last instant)."""

    name: str
    done: Mapping[str, tuple[int, datetime]]
    supervision: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A person's competence. trainings: newest first, one page; more: the id to go on before."""

    person: Person
    roles: Sequence[str]
    authorisations: Sequence[Authorisation]
    trainings: Sequence[Training]
    more: int | None
    work: Sequence[Work] = field(default_factory=tuple)


def state_on(row: Authorisation, day: date) -> str:
    """The state as it is shown: one that was granted and has ended is expired."""
    return "expired" if row.state == "granted" and row.valid_to < day else row.state


def matrix(
    session: Session,
    viewer: Actor,
    day: date,
    *,
    text: str = "",
    role: str = "",
    gaps: bool = False,
    after: str = "",
    size: int = PAGE,
) -> Matrix:
    """A page of the matrix, by the procedure's name. text: in its name or method; role: that letter alone.

    gaps: only procedures in force with too few performers. Three statements.
    """
    require(viewer, "competence.read")
    performers = _performers(day).subquery()
    count = func.coalesce(performers.c.count, 0)
    question = (
        select(ProcedureVersion.name, ProcedureVersion.title, count)
        .outerjoin(performers, performers.c.name == ProcedureVersion.name)
        .where(ProcedureVersion.state == "current", ProcedureVersion.name > after)
        .order_by(ProcedureVersion.name)
        .limit(size + 1)
    )
    if text.strip():
        question = question.where(_named(text.strip().lower()))
    if gaps:
        question = question.where(count < competence.PERFORMERS)
    found = [(name, title, int(able)) for name, title, able in session.execute(question)]
    shown = found[:size]
    rows = _authorisations(session, [name for name, _, _ in shown], role)
    people = _people(session, {row.person_id for row in rows})
    lines = [Line(name, title, able, _marks(rows, name, day)) for name, title, able in shown]
    return Matrix(people, lines, shown[-1][0] if len(found) > size else None)


def _named(asked: str) -> ColumnElement[bool]:
    columns = (ProcedureVersion.name, ProcedureVersion.method_code)
    return or_(*(func.lower(column).contains(asked, autoescape=True) for column in columns))


def _performers(day: date) -> Select[str, int]:
    return (
        select(
            Authorisation.procedure_name.label("name"), func.count(Authorisation.person_id.distinct()).label("count")
        )
        .join(Person, Person.id == Authorisation.person_id)
        .where(Authorisation.role == "perform", *_in_force(day), Person.active)
        .group_by(Authorisation.procedure_name)
    )


def _in_force(day: date) -> tuple[ColumnElement[bool], ...]:
    return (Authorisation.state == "granted", Authorisation.valid_from <= day, Authorisation.valid_to >= day)


def _authorisations(session: Session, names: Sequence[str], role: str) -> Sequence[Authorisation]:
    question = select(Authorisation).where(Authorisation.procedure_name.in_(names), Authorisation.state != "withdrawn")
    if role:
        question = question.where(Authorisation.role == role)
    return session.scalars(question.order_by(Authorisation.id)).all()


def _people(session: Session, holders: Iterable[int]) -> Sequence[Person]:
    """The laboratory's people at the bench, and whoever else holds something; active ones."""
    at_bench = select(PersonRole.person_id).where(PersonRole.role.in_(BENCH_ROLES))
    concerned = or_(Person.id.in_(at_bench), Person.id.in_(list(holders)))
    question = select(Person).where(Person.active, Person.customer_id.is_(None), concerned)
    return session.scalars(question.order_by(Person.username)).all()


def _marks(rows: Iterable[Authorisation], name: str, day: date) -> dict[int, list[Mark]]:
    best: dict[tuple[int, str], Mark] = {}
    for row in rows:
        if row.procedure_name != name:
            continue
        mark = Mark(row.id, row.role, state_on(row, day), row.valid_to, bool(row.scope))
        before = best.get((row.person_id, row.role))
        if before is None or (RANK[mark.state], mark.valid_to) >= (RANK[before.state], before.valid_to):
            best[row.person_id, row.role] = mark
    found: dict[int, list[Mark]] = {}
    for role in competence.ROLES:
        for (person, theirs), mark in best.items():
            if theirs == role:
                found.setdefault(person, []).append(mark)
    return found


def ending(session: Session, viewer: Actor, day: date, *, size: int = SHORT) -> Sequence[Held]:
    """What ends soon or has ended, the earliest first, unless a later one for the same work is in force."""
    require(viewer, "competence.read")
    days = competence.terms(registers.laboratory(session)).expiring_days
    later = Authorisation.__table__.alias("later")
    renewed = (
        select(later.c.id)
        .where(
            later.c.person_id == Authorisation.person_id,
            later.c.procedure_name == Authorisation.procedure_name,
            later.c.role == Authorisation.role,
            later.c.state == "granted",
            later.c.valid_to > Authorisation.valid_to,
        )
        .exists()
    )
    question = _held().where(Authorisation.state == "granted", Authorisation.valid_to <= day + timedelta(days=days))
    question = question.where(Person.active, ~renewed).order_by(Authorisation.valid_to, Authorisation.id).limit(size)
    return [Held(row, person) for row, person in session.execute(question)]


def waiting(session: Session, viewer: Actor, *, size: int = SHORT) -> Sequence[Held]:
    """Proposals on their way and what is suspended, oldest first."""
    require(viewer, "competence.read")
    question = _held().where(Authorisation.state.in_(("proposed", "trained", "assessed", "suspended")))
    return [Held(row, person) for row, person in session.execute(question.order_by(Authorisation.id).limit(size))]


def authorised(session: Session, name: str, day: date, viewer: Actor) -> Sequence[Held]:
    """Who is authorised for a procedure on a day, by role and name."""
    require(viewer, "procedures.read")
    question = _held().where(Authorisation.procedure_name == name, *_in_force(day), Person.active)
    question = question.order_by(Authorisation.role, Person.username, Authorisation.id)
    return [Held(row, person) for row, person in session.execute(question)]


def _held() -> Select[Authorisation, Person]:
    return select(Authorisation, Person).join(Person, Person.id == Authorisation.person_id)


def staff(session: Session, viewer: Actor) -> Sequence[Person]:
    """The laboratory's own active people, for a choice."""
    require(viewer, "competence.read")
    question = select(Person).where(Person.active, Person.customer_id.is_(None))
    return session.scalars(question.order_by(Person.username)).all()


def procedure_names(session: Session, viewer: Actor) -> Sequence[str]:
    """Names of all procedures, for a choice."""
    require(viewer, "competence.read")
    return session.scalars(select(ProcedureVersion.name).distinct().order_by(ProcedureVersion.name)).all()


def one(session: Session, key: int, viewer: Actor) -> Held:
    """An authorisation and whose it is. Raises NotFound."""
    require(viewer, "competence.read")
    found = session.execute(_held().where(Authorisation.id == key)).one_or_none()
    if found is None:
        raise NotFound(kind="authorisation", number=str(key))
    return Held(*found)


def story(session: Session, row: Authorisation, viewer: Actor) -> Sequence[AuditEntry]:
    """What was decided of an authorisation, and the evidence for its procedure, in order."""
    require(viewer, "competence.read")
    question = select(AuditEntry).where(
        AuditEntry.object_type == "person",
        AuditEntry.object_id == str(row.person_id),
        or_(AuditEntry.act.startswith("authorisation."), AuditEntry.act == "training.noted"),
    )
    found = session.scalars(question.order_by(AuditEntry.seq)).all()
    about = {"authorisation.": ("authorisation", row.id), "training.": ("procedure", row.procedure_name)}
    return [
        entry
        for entry in found
        for prefix, (name, value) in about.items()
        if entry.act.startswith(prefix) and entry.payload.get(name) == value
    ]


def file_of(session: Session, username: str, viewer: Actor, day: date, *, before: int | None = None) -> File:
    """What a person has shown, may do and has done. before: of trainings, as File.more. Raises NotFound."""
    require(viewer, "competence.read")
    person = session.scalar(select(Person).where(Person.username == username, Person.customer_id.is_(None)))
    if person is None:
        raise NotFound(kind="person", number=username)
    rows = session.scalars(
        select(Authorisation)
        .where(Authorisation.person_id == person.id)
        .order_by(Authorisation.procedure_name, Authorisation.role, Authorisation.id.desc())
    ).all()
    question = select(Training).where(Training.person_id == person.id).order_by(Training.id.desc())
    if before is not None:
        question = question.where(Training.id < before)
    trainings = session.scalars(question.limit(TRAININGS + 1)).all()
    more = trainings[TRAININGS - 1].id if len(trainings) > TRAININGS else None
    roles = session.scalars(select(PersonRole.role).where(PersonRole.person_id == person.id).order_by(PersonRole.role))
    months = competence.terms(registers.laboratory(session)).supervise_months
    done = _done(session, person.id)
    return File(person, roles.all(), rows, trainings[:TRAININGS], more, _work(session, done, rows, day, months))


Done = Mapping[str, Mapping[str, tuple[int, datetime]]]
"""Procedure → role → (records performed, records verified or certificates approved, the last time)."""


def _done(session: Session, person_id: int) -> Done:
    performed = (
        select(ProcedureVersion.name, func.count(), func.max(Record.started_at))
        .join(Record, Record.procedure_version_id == ProcedureVersion.id)
        .where(Record.performer_id == person_id)
        .group_by(ProcedureVersion.name)
    )
    verified = (
        select(ProcedureVersion.name, func.count(Record.id.distinct()), func.max(Signature.at))
        .join(Record, Record.procedure_version_id == ProcedureVersion.id)
        .join(Signature, and_(Signature.object_type == "record", Signature.object_id == Record.id))
        .where(Signature.person_id == person_id, Signature.meaning == "verify")
        .group_by(ProcedureVersion.name)
    )
    approved = (
        select(Request.procedure_name, func.count(Certificate.id.distinct()), func.max(Signature.at))
        .join(Certificate, Certificate.request_id == Request.id)
        .join(Signature, and_(Signature.object_type == "certificate", Signature.object_id == Certificate.id))
        .where(Signature.person_id == person_id, Signature.meaning == "approve")
        .group_by(Request.procedure_name)
    )
    found: dict[str, dict[str, tuple[int, datetime]]] = {}
    for role, question in zip(competence.ROLES, (performed, verified, approved), strict=True):
        for name, count, last in session.execute(question):
            found.setdefault(name, {})[role] = (count, last)
    return found


def _work(session: Session, done: Done, rows: Iterable[Authorisation], day: date, months: int) -> list[Work]:
    """Work by procedure; supervision is due where an authorisation in force was not used for so long."""
    zone, limit = registers.zone(session), competence.months_before(day, months)
    idle = set()
    for row in rows:
        if row.state != "granted" or not row.valid_from <= day <= row.valid_to:
            continue
        last = done.get(row.procedure_name, {}).get(row.role)
        since = row.valid_from if last is None else max(row.valid_from, last[1].astimezone(zone).date())
        if since < limit:
            idle.add(row.procedure_name)
    return [Work(name, done.get(name, {}), name in idle) for name in sorted(set(done) | idle)]
