"""Procedures and their versions: what is in force, who signed, what still runs by an old one, what changed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries import competence
from lims.records import AuditEntry, Person, ProcedureVersion, Record, Request, Signature

PAGE = 40
SHORT = 50
ENDED = ("locked", "interrupted")
"""Records that nothing is done with any more."""


@dataclass(frozen=True, slots=True)
class Page:
    """The version in force of each name, or its newest where none is. open: name → versions on their way."""

    versions: Sequence[ProcedureVersion]
    open: dict[str, int]
    next: str | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature and who gave it."""

    signature: Signature
    person: Person


@dataclass(frozen=True, slots=True)
class Detail:
    """A version in full. versions: all of its name, newest first. running: work that goes on by a superseded one."""

    shown: ProcedureVersion
    versions: Sequence[ProcedureVersion]
    signed: Sequence[Signed]
    authorised: Sequence[competence.Held]
    running: Sequence[tuple[Record, Request, ProcedureVersion]]
    story: Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a difference. kind: same | added | removed | gap (left out). old, new: line numbers, from 1."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


def page(session: Session, viewer: Actor, *, text: str = "", after: str = "", size: int = PAGE) -> Page:
    """Procedures by name. text: in the name or the method's code. Two statements."""
    require(viewer, "procedures.read")
    rank = func.row_number().over(
        partition_by=ProcedureVersion.name,
        order_by=((ProcedureVersion.state == "current").desc(), ProcedureVersion.id.desc()),
    )
    ranked = select(ProcedureVersion.id, rank.label("rank")).where(ProcedureVersion.name > after)
    if text.strip():
        columns = (ProcedureVersion.name, ProcedureVersion.method_code)
        asked = text.strip().lower()
        ranked = ranked.where(or_(*(func.lower(column).contains(asked, autoescape=True) for column in columns)))
    first = ranked.subquery()
    found = session.scalars(
        select(ProcedureVersion)
        .join(first, first.c.id == ProcedureVersion.id)
        .where(first.c.rank == 1)
        .order_by(ProcedureVersion.name)
        .limit(size + 1)
    ).all()
    shown = found[:size]
    waiting = session.execute(
        select(ProcedureVersion.name, func.count())
        .where(ProcedureVersion.state.in_(("draft", "verified", "approved")))
        .where(ProcedureVersion.name.in_([each.name for each in shown]))
        .group_by(ProcedureVersion.name)
    )
    return Page(shown, {name: int(count) for name, count in waiting}, shown[-1].name if len(found) > size else None)


def detail(session: Session, name: str, viewer: Actor, day: date, *, version: str = "") -> Detail:
    """A procedure at one version: the one asked for, or the one in force, or the newest. Raises NotFound."""
    versions = versions_of(session, name, viewer)
    shown = chosen(versions, name, version)
    story = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_type == "procedure", AuditEntry.object_id == name)
        .order_by(AuditEntry.seq)
    ).all()
    authorised = competence.authorised(session, name, day, viewer)
    return Detail(shown, versions, _signed(session, shown.id), authorised, _running(session, name), story)


def versions_of(session: Session, name: str, viewer: Actor) -> Sequence[ProcedureVersion]:
    """All versions of a name, newest first. Raises NotFound."""
    require(viewer, "procedures.read")
    question = select(ProcedureVersion).where(ProcedureVersion.name == name).order_by(ProcedureVersion.id.desc())
    found = session.scalars(question).all()
    if not found:
        raise NotFound(kind="procedure", number=name)
    return found


def chosen(versions: Sequence[ProcedureVersion], name: str, version: str) -> ProcedureVersion:
    """The version asked for, or the one in force, or the newest. Raises NotFound."""
    if version:
        found = [each for each in versions if each.version == version]
        if not found:
            raise NotFound(kind="procedure", number=f"{name} {version}")
        return found[0]
    return next((each for each in versions if each.state == "current"), versions[0])


def signatures(session: Session, version_id: int) -> Sequence[Signature]:
    """The signatures under a version, in order."""
    question = select(Signature).where(Signature.object_type == "procedure", Signature.object_id == version_id)
    return session.scalars(question.order_by(Signature.id)).all()


def _signed(session: Session, version_id: int) -> list[Signed]:
    question = (
        select(Signature, Person)
        .join(Person, Person.id == Signature.person_id)
        .where(Signature.object_type == "procedure", Signature.object_id == version_id)
    )
    return [Signed(signature, person) for signature, person in session.execute(question.order_by(Signature.id))]


def _running(session: Session, name: str) -> list[tuple[Record, Request, ProcedureVersion]]:
    question = (
        select(Record, Request, ProcedureVersion)
        .join(Request, Request.id == Record.request_id)
        .join(ProcedureVersion, ProcedureVersion.id == Record.procedure_version_id)
        .where(ProcedureVersion.name == name, ProcedureVersion.state == "superseded", Record.state.not_in(ENDED))
        .order_by(Record.id)
        .limit(SHORT)
    )
    return [(record, request, version) for record, request, version in session.execute(question)]


def changes(old: str, new: str, *, context: int = 3) -> list[Change]:
    """What changed from one text to another, line by line with some lines about each change; nothing: an empty list."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Change] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context):
        if found or group[0][1] > 0:
            found.append(Change("gap", "…"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found += [Change("same", before[i1 + n], i1 + n + 1, j1 + n + 1) for n in range(i2 - i1)]
                continue
            found += [Change("removed", before[i], old=i + 1) for i in range(i1, i2)]
            found += [Change("added", after[j], new=j + 1) for j in range(j1, j2)]
    return found


def named(session: Session, key: int, viewer: Actor) -> tuple[str, str]:
    """Name and version of a row. Raises NotFound."""
    require(viewer, "procedures.read")
    found = session.get(ProcedureVersion, key)
    if found is None:
        raise NotFound(kind="procedure", number=str(key))
    return found.name, found.version
