"""Measurement standards (计量标准): set up or taken over with their certificate, their equipment, their life, their states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import measurement_standards as rules
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, StaleEdit, UnusableValue
from lims.domain.rights import require
from lims.queries import measurement_standards as lists
from lims.records import Instrument, MeasurementStandard, StandardEquipment, StandardEvent, StandardTest
from lims.records.series import ZONE, next_number
from lims.words import N_, both

LEVELS = {
    "public_highest": N_("highest public standard"),
    "public": N_("public standard"),
    "enterprise_highest": N_("highest standard of an enterprise, compulsory"),
    "enterprise": N_("standard of an enterprise"),
    "working": N_("working standard"),
}
PARTS = ("main", "auxiliary")
WITH_A_CERTIFICATE = ("in_force",)


def enter(
    session: Session,
    *,
    name: Mapping[str, str],
    level: str,
    scope: Mapping[str, Any],
    place: Mapping[str, str],
    equipment: Sequence[tuple[int, str]],
    by: Actor | None,
    at: datetime,
    certificate_number: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    environment: Mapping[str, Any] | None = None,
    plan: Mapping[str, Any] | None = None,
    keeper_id: int | None = None,
) -> MeasurementStandard:
    """A measurement standard that is being set up, or, with its certificate, one that is in force already.

    scope: {"procedures", "measurand", "unit", "range", "U" or "mpe", "k"}. equipment: (instrument id, main | auxiliary).
    Raises UnusableValue, NotFound.
    """
    if by is not None:
        require(by, "standards.manage")
    if level not in LEVELS:
        raise UnusableValue(field="level", found=level or "—", right=", ".join(LEVELS))
    if not scope.get("procedures"):
        raise UnusableValue(field="procedures", found="—", right=N_("the procedures that the standard serves"))
    if not any(part == "main" for _, part in equipment):
        raise UnusableValue(field="equipment", found="—", right=N_("at least one main instrument of the register"))
    if certificate_number is not None:
        _require_span(certificate_number, valid_from, valid_to)
    row = MeasurementStandard(
        code=next_number(session, "measurement_standard", at),
        name=dict(name),
        level=level,
        public=level.startswith("public"),
        certificate_number=certificate_number,
        valid_from=valid_from,
        valid_to=valid_to,
        keeper_id=keeper_id,
        place=dict(place),
        scope=dict(scope),
        environment=dict(environment or {}),
        plan=dict(plan or {}),
        state="preparing" if certificate_number is None else "in_force",
        entered_at=at,
    )
    session.add(row)
    session.flush()
    day = at.astimezone(ZONE).date()
    for instrument_id, part in equipment:
        _add_part(session, row, instrument_id, part, valid_from or day)
    _event(session, row, "entered", "", {"certificate": certificate_number}, by, at)
    who = by.username if by else "command line"
    audit.append(session, "measurement_standard.entered", "measurement_standard", row.code, by=who, at=at,
                 payload={"level": level, "certificate": certificate_number})  # fmt: skip
    return row


def move(
    session: Session,
    code: str,
    state: str,
    note: str,
    *,
    by: Actor,
    at: datetime,
    certificate_number: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    approval: str = "",
) -> MeasurementStandard:
    """The next state of a measurement standard, with its line in the 履历书.

    in_force wants the certificate and its span; sealing a public standard wants the number of the approval (a public
    standard must not be stopped without it: 山东省计量条例 第十六条 and others, as the laboratory's rules say).
    """
    require(by, "standards.manage")
    row = lists.by_code(session, code, by, lock=True)
    states.MEASUREMENT_STANDARD.require(code, row.state, state)
    if state in ("changed", "sealed", "revoked") and not note.strip():
        raise UnusableValue(field="note", found="—", right=N_("what has changed, or why"))
    if state in ("sealed", "revoked") and row.public and not approval.strip():
        raise UnusableValue(
            field="approval", found="—", right=N_("the number of the approval to stop a public standard")
        )
    if state in WITH_A_CERTIFICATE and (row.state != "changed" or certificate_number):
        _require_span(certificate_number, valid_from, valid_to)
        row.certificate_number, row.valid_from, row.valid_to = certificate_number.strip(), valid_from, valid_to
    before, row.state = row.state, state
    facts = {"from": before, "to": state, "certificate": row.certificate_number, "approval": approval.strip()}
    _event(session, row, state, note.strip(), facts, by, at)
    session.flush()
    audit.append(session, "measurement_standard.moved", "measurement_standard", code, by=by.username, at=at,
                 payload=facts, reason=note.strip() or None)  # fmt: skip
    return row


def note(session: Session, code: str, text: str, *, by: Actor, at: datetime) -> StandardEvent:
    """A line in the 履历书."""
    require(by, "standards.test")
    row = lists.by_code(session, code, by)
    if not text.strip():
        raise UnusableValue(field="text", found="—", right=N_("what happened"))
    event = _event(session, row, "note", text.strip(), {}, by, at)
    audit.append(session, "measurement_standard.noted", "measurement_standard", code, by=by.username, at=at,
                 reason=text.strip())  # fmt: skip
    return event


def plan(
    session: Session, code: str, kind: str, figures: Mapping[str, float], *, version: int, by: Actor, at: datetime
) -> MeasurementStandard:
    """What the tests of a kind are held to from now on, and how often. Raises UnusableValue, StaleEdit.

    figures: months, and of repeatability s; of stability U or mpe; of an intermediate check reference and limit.
    """
    require(by, "standards.manage")
    row = lists.by_code(session, code, by, lock=True)
    if row.version != version:
        raise StaleEdit(kind="measurement_standard", number=code, found=row.version, yours=version)
    if kind not in rules.TESTS:
        raise UnusableValue(field="kind", found=kind or "—", right=", ".join(rules.TESTS))
    months = figures.get("months", rules.MONTHS)
    if not 1 <= months <= 120 or months != int(months):
        raise UnusableValue(field="months", found=f"{months:g}", right=both("{low} to {high}", low=1, high=120))
    for name, value in figures.items():
        if name not in ("months", "reference") and not value > 0:
            raise UnusableValue(field=name, found=f"{value:g}", right=N_("a number above zero"))
    before = row.plan.get(kind, {})
    row.plan = dict(row.plan) | {kind: dict(figures) | {"months": int(months)}}
    facts = {"kind": kind, "before": before, "after": row.plan[kind]}
    _event(session, row, "planned", "", facts, by, at)
    audit.append(session, "measurement_standard.planned", "measurement_standard", code, by=by.username, at=at,
                 payload=facts)  # fmt: skip
    return row


def add_test(
    session: Session,
    code: str,
    kind: str,
    on_day: date,
    readings: Sequence[float],
    *,
    conditions: Mapping[str, Any] | None = None,
    given: Mapping[str, float] | None = None,
    by: Actor | None,
    at: datetime,
) -> StandardTest:
    """A test of the standard, judged at once by its plan, kept with its readings and a line in the 履历书.

    conditions: where, with what and how, as text. given: see lims.domain.measurement_standards.judge.
    """
    if by is None:
        row = session.scalars(select(MeasurementStandard).where(MeasurementStandard.code == code)).one()
    else:
        require(by, "standards.test")
        row = lists.by_code(session, code, by, lock=True)
    if on_day > at.astimezone(ZONE).date():
        raise UnusableValue(field="on_day", found=on_day.isoformat(), right=N_("a day that has come"))
    before = session.scalars(
        select(StandardTest)
        .where(StandardTest.measurement_standard_id == row.id, StandardTest.kind == kind, StandardTest.on_day <= on_day)
        .order_by(StandardTest.on_day, StandardTest.id)
    ).all()
    judged = rules.judge(kind, readings, row.plan.get(kind, {}), [each.readings for each in before], given)
    made = StandardTest(
        measurement_standard_id=row.id,
        kind=kind,
        on_day=on_day,
        unit=str(row.scope.get("unit", "")),
        readings=[float(each) for each in readings],
        outcome=dict(judged.outcome),
        ok=judged.ok,
        conditions=dict(conditions or {}),
        at=at,
        by_id=None if by is None else by.person_id,
    )
    session.add(made)
    session.flush()
    facts = {"test": made.id, "kind": kind, "ok": judged.ok, "day": on_day.isoformat()}
    _event(session, row, "tested", "", facts, by, at)
    who = by.username if by else "command line"
    audit.append(session, "measurement_standard.tested", "measurement_standard", code, by=who, at=at,
                 payload=facts | {"outcome": {k: repr(v) for k, v in judged.outcome.items()}})  # fmt: skip
    return made


def _require_span(certificate: str, valid_from: date | None, valid_to: date | None) -> None:
    if not certificate.strip():
        raise UnusableValue(field="certificate_number", found="—", right=N_("the number of its certificate"))
    if valid_from is None or valid_to is None or valid_to < valid_from:
        found = f"{valid_from or '—'} … {valid_to or '—'}"
        raise UnusableValue(field="valid_to", found=found, right=N_("a last day that is not before the first"))


def _add_part(session: Session, row: MeasurementStandard, instrument_id: int, part: str, day: date) -> None:
    if part not in PARTS:
        raise UnusableValue(field="part", found=part, right=", ".join(PARTS))
    instrument = session.get(Instrument, instrument_id)
    if instrument is None or instrument.customer_id is not None:
        raise NotFound(kind="standard", number=str(instrument_id))
    session.add(
        StandardEquipment(
            measurement_standard_id=row.id, instrument_id=instrument_id, part=part, from_day=day, to_day=None
        )
    )
    session.flush()


def _event(
    session: Session,
    row: MeasurementStandard,
    kind: str,
    text: str,
    payload: dict[str, Any],
    by: Actor | None,
    at: datetime,
) -> StandardEvent:
    event = StandardEvent(
        measurement_standard_id=row.id,
        kind=kind,
        note=text,
        payload=payload,
        at=at,
        by_id=None if by is None else by.person_id,
    )
    session.add(event)
    session.flush()
    return event
