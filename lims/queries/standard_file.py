"""The file of a measurement standard as it stands today, gathered from what the laboratory has recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain import measurement_standards as rules
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import measurement_standards as lists
from lims.queries import registers
from lims.records import (
    Authorisation,
    Certificate,
    Evaluation,
    Person,
    ProcedureVersion,
    Record,
    Request,
    Result,
    StandardTest,
)


@dataclass(frozen=True, slots=True)
class File:
    """What the file shows. documents: (key, title, standing, note); standing: live | missing | elsewhere | none.

    results: printed rows of the newest approved record; budget: contributions at one of its points, greatest first.
    """

    life: lists.Life
    laboratory: Mapping[str, Any]
    procedures: Sequence[ProcedureVersion]
    people: Sequence[tuple[Person, list[str]]]
    certificates: int
    record: str
    results: Sequence[Mapping[str, Any]]
    budget: Mapping[str, Any]
    documents: Sequence[tuple[str, str, str, str]]
    due: Mapping[str, date]

    def tests(self, kind: str) -> list[StandardTest]:
        """The tests of a kind, oldest first."""
        return [test for test in reversed(self.life.tests) if test.kind == kind]


def file(session: Session, code: str, viewer: Actor, *, on: date) -> File:
    """The file: twelve statements. Raises NotFound."""
    require(viewer, "standards.read")
    life = lists.life(session, code, viewer, on=on)
    names = list(life.standard.scope.get("procedures", ()))
    versions = session.scalars(
        select(ProcedureVersion).where(ProcedureVersion.name.in_(names), ProcedureVersion.state == "current")
    ).all()
    people = _people(session, names, on)
    certificates = session.scalar(
        select(func.count(Certificate.id))
        .join(Request, Request.id == Certificate.request_id)
        .where(Request.procedure_name.in_(names))
    )
    record, results, budget = _measured(session, names)
    return File(
        life=life,
        laboratory=registers.laboratory(session),
        procedures=versions,
        people=people,
        certificates=int(certificates or 0),
        record=record,
        results=results,
        budget=budget,
        documents=_documents(life, versions, people, int(certificates or 0), bool(results)),
        due=due_of(life),
    )


def due_of(life: lists.Life) -> dict[str, date]:
    """Kind of test → its next due day."""
    last: dict[str, date] = {}
    for test in life.tests:
        last[test.kind] = max(last.get(test.kind, test.on_day), test.on_day)
    begun = life.standard.valid_from or life.standard.entered_at.date()
    return rules.due(life.standard.plan, last, begun)


def _people(session: Session, names: Sequence[str], on: date) -> list[tuple[Person, list[str]]]:
    rows = session.execute(
        select(Person, Authorisation.role)
        .join(Authorisation, Authorisation.person_id == Person.id)
        .where(
            Authorisation.procedure_name.in_(names),
            Authorisation.state == "granted",
            Authorisation.valid_from <= on,
            Authorisation.valid_to >= on,
        )
        .order_by(Person.id, Authorisation.role)
    ).all()
    found: dict[int, tuple[Person, list[str]]] = {}
    for person, role in rows:
        roles = found.setdefault(person.id, (person, []))[1]
        if role not in roles:
            roles.append(role)
    return list(found.values())


def _measured(session: Session, names: Sequence[str]) -> tuple[str, list[Mapping[str, Any]], Mapping[str, Any]]:
    """The newest locked record measured by one of the procedures: its number, printed rows, and one point's budget."""
    record = session.execute(
        select(Record.id, Record.number)
        .join(Request, Request.id == Record.request_id)
        .where(Request.procedure_name.in_(names), Record.state == "locked")
        .order_by(Record.id.desc())
        .limit(1)
    ).one_or_none()
    if record is None:
        return "", [], {}
    newest = select(func.max(Evaluation.id)).where(Evaluation.record_id == record.id).scalar_subquery()
    rows = session.scalars(select(Result).where(Result.evaluation_id == newest).order_by(Result.point)).all()
    if not rows:
        return str(record.number), [], {}
    shown = max(rows, key=lambda row: float(row.U) / (abs(float(row.reported.get("nominal") or 0)) or float("inf")))
    parts = shown.budget.get("answer", {}).get("contributions", {}).get(shown.measurand, ())
    named = shown.budget.get("document", {}).get("quantities", {})
    budget = {
        "point": shown.point,
        "reported": shown.reported,
        "u": shown.u,
        "unit": shown.unit,
        "parts": [
            dict(part) | {"title": named.get(part["quantity"], {}).get("title", part["quantity"])}
            for part in sorted(parts, key=lambda part: -abs(float(part["contribution"])))
        ],
    }
    return str(record.number), [dict(row.reported) | {"point": row.point} for row in rows], budget


def _documents(
    life: lists.Life,
    versions: Sequence[ProcedureVersion],
    people: Sequence[tuple[Person, list[str]]],
    certificates: int,
    measured: bool,
) -> list[tuple[str, str, str, str]]:
    standard = life.standard
    kinds = {test.kind for test in life.tests}
    calibrated = [version for part, _, version in life.parts if version is not None]
    whole = len(calibrated) == len(life.parts) and all(v.valid_to >= date.min for v in calibrated)
    performers = sum("perform" in roles for _, roles in people)
    there = {
        "certificate": (bool(standard.certificate_number), standard.certificate_number or ""),
        "public_certificate": (bool(standard.certificate_number), ""),
        "report": (True, ""),
        "repeatability": ("repeatability" in kinds, ""),
        "stability": ("stability" in kinds, ""),
        "life": (True, str(len(life.events))),
        "procedure": (bool(versions), ", ".join(f"{v.name} {v.version}" for v in versions)),
        "calibrations": (whole, ", ".join(v.certificate_number for v in calibrated)),
        "people": (performers >= 2, ", ".join(person.username for person, _ in people)),
        "records": (certificates > 0, str(certificates)),
        "capability": ("capability" in kinds or measured, ""),
    }
    found = []
    for key, title in rules.DOCUMENTS:
        if key in rules.ELSEWHERE:
            found.append((key, title, "elsewhere", ""))
        elif key == "public_certificate" and not standard.public:
            found.append((key, title, "none", ""))
        else:
            ok, note = there[key]
            found.append((key, title, "live" if ok else "missing", note))
    return found
