"""Proficiency tests and comparisons: planned, measured, reported, evaluated; a score beyond its limit opens a case.

ISO/IEC 17025:2017, 7.7.2 and 7.7.3; CNAS-RL02 asks for a plan (unverified).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lims import audit
from lims.domain import charts, proficiency, states
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import proficiency as lists
from lims.records import ProficiencyTest
from lims.records.series import next_number
from lims.services import chart_cases
from lims.words import N_, gettext

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)


def plan(
    session: Session,
    *,
    scheme: str,
    provider: str,
    measurand: str,
    unit: str,
    planned: date,
    by: Actor,
    at: datetime,
    procedure_name: str | None = None,
) -> ProficiencyTest:
    """A round that the laboratory means to take part in. Raises UnusableValue."""
    require(by, "quality.manage")
    charts.require_unit(unit)
    for field, found in (("scheme", scheme), ("provider", provider), ("measurand", measurand)):
        if not found.strip():
            raise UnusableValue(field=field, found="—", right=N_("filled in"))
    if not FIRST <= planned <= LAST:
        raise UnusableValue(field="planned", found=planned.isoformat(), right=N_("a day from 1990 to 2100"))
    row = ProficiencyTest(
        number=next_number(session, "proficiency_test", at),
        provider=provider.strip(),
        scheme=scheme.strip(),
        measurand=measurand.strip(),
        unit=unit,
        procedure_name=(procedure_name or "").strip() or None,
        planned=planned,
        results=[],
        outcome=None,
        state=states.PROFICIENCY.initial,
        entered_by_id=by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    _audit(session, "proficiency.planned", row, by, at, {"scheme": row.scheme, "planned": planned.isoformat()})
    return row


def enter_results(session: Session, number: str, text: str, *, by: Actor, at: datetime) -> ProficiencyTest:
    """The laboratory's own results, before anybody knows the reference: lines of point; x; U and, not 2, k.

    Until they are reported they may be entered again; what stood before is in the audit trail.
    """
    require(by, "charts.add")
    row = lists.by_number(session, number, by, lock=True)
    if row.state != "measured":
        states.PROFICIENCY.require(number, row.state, "measured")
    row.results = [dict(each) for each in proficiency.rows(text, proficiency.OWN, 3)]
    row.state = "measured"
    session.flush()
    _audit(session, "proficiency.measured", row, by, at, {"results": row.results})
    return row


def report(session: Session, number: str, *, by: Actor, at: datetime) -> ProficiencyTest:
    """The results have been sent to the provider; from now on they stand as they are."""
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    states.PROFICIENCY.move(row, "reported")
    session.flush()
    _audit(session, "proficiency.reported", row, by, at, {"results": row.results})
    return row


def evaluate(session: Session, number: str, text: str, *, by: Actor, at: datetime) -> ProficiencyTest:
    """Reference values of the provider: lines of point; X; U_ref and, where stated, σpt and k_ref. Scores follow.

    A warning or action signal opens a nonconformity. Raises UnusableValue, WrongState.
    """
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    states.PROFICIENCY.require(number, row.state, "evaluated")
    given = proficiency.rows(text, proficiency.REFERENCE, 3)
    row.results = [proficiency.scored(each) for each in proficiency.joined(row.results, given)]
    row.outcome = proficiency.worst([each["verdict"] for each in row.results])
    if row.outcome != proficiency.SATISFACTORY:
        row.case_id = _case(session, row, by, at)
    states.PROFICIENCY.move(row, "evaluated")
    session.flush()
    _audit(session, "proficiency.evaluated", row, by, at, {"outcome": row.outcome, "results": row.results})
    return row


def cancel(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> ProficiencyTest:
    """A planned round that will not take place, with the reason."""
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    states.PROFICIENCY.require(number, row.state, "cancelled")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("a reason"))
    states.PROFICIENCY.move(row, "cancelled")
    session.flush()
    _audit(session, "proficiency.cancelled", row, by, at, {}, reason.strip())
    return row


def _case(session: Session, row: ProficiencyTest, by: Actor, at: datetime) -> int:
    """The case of a round whose scores are not all satisfactory; a warning alone is a minor one."""
    points = [each["point"] for each in row.results if each["verdict"] != proficiency.SATISFACTORY]
    outcome = gettext(proficiency.OUTCOMES[str(row.outcome)], by.language)
    return chart_cases.open_case(
        session,
        title=gettext("Proficiency test {scheme}: {outcome}", by.language, scheme=row.scheme, outcome=outcome),
        origin={"type": "proficiency_test", "number": row.number, "points": points},
        severity="major" if row.outcome == proficiency.UNSATISFACTORY else "minor",
        by=by,
        at=at,
    ).id


def _audit(
    session: Session,
    act: str,
    row: ProficiencyTest,
    by: Actor,
    at: datetime,
    payload: Mapping[str, Any],
    reason: str = "",
) -> None:
    audit.append(
        session,
        act,
        "proficiency_test",
        row.number,
        by=by.username,
        at=at,
        payload=dict(payload),
        reason=reason or None,
    )
