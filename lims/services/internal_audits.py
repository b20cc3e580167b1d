"""Internal audits (ISO/IEC 17025:2017, 8.8): planned by clauses, a sample that can be drawn again, findings, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import quality, states
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.errors import NotFound, UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import internal_audits as lists
from lims.records import InternalAudit, Person
from lims.records.series import next_number
from lims.services import cases
from lims.words import N_

MOST = 200
"""Objects of one kind in a sample."""
LARGEST_SEED = 999_999_999


def plan(
    session: Session, title: str, clauses: Sequence[str], planned: date, lead: str, *, by: Actor, at: datetime
) -> InternalAudit:
    """An audit for the plan. clauses: of quality.CLAUSES; lead: a username of the laboratory. Raises UnusableValue."""
    require(by, "quality.manage")
    unknown = [each for each in clauses if each not in quality.CLAUSES]
    if unknown or not clauses:
        right = N_("one or more clauses of ISO/IEC 17025:2017")
        raise UnusableValue(field="clauses", found=", ".join(unknown) or "—", right=right)
    person = session.scalar(select(Person).where(Person.username == lead, Person.active, Person.customer_id.is_(None)))
    if person is None:
        raise UnusableValue(field="lead", found=lead or "—", right=N_("one of the laboratory's people"))
    row = InternalAudit(
        number=next_number(session, "internal_audit", at),
        title=_text("title", title, N_("what is audited")),
        clauses=[each for each in quality.CLAUSES if each in clauses],
        planned=planned,
        lead_id=person.id,
        sample={},
        state=states.INTERNAL_AUDIT.initial,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    _audit(session, "planned", row, by, at, {"clauses": row.clauses, "lead": lead})
    return row


def draw(
    session: Session,
    number: str,
    sizes: Mapping[str, int],
    *,
    from_day: date,
    to_day: date,
    seed: int,
    by: Actor,
    at: datetime,
) -> InternalAudit:
    """Draw the sample and begin. sizes: how many of each kind of quality.SAMPLED; seed: kept, so that anybody can repeat it.

    Raises UnusableValue, WrongState.
    """
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    states.INTERNAL_AUDIT.require(number, row.state, "under_way")
    if to_day < from_day:
        raise UnusableValue(field="to_day", found=str(to_day), right=N_("a day not before the first"))
    if not 0 <= seed <= LARGEST_SEED:
        raise UnusableValue(field="seed", found=str(seed), right=N_("a whole number of at most nine digits"))
    drawn: list[dict[str, Any]] = []
    populations = {}
    for kind, size in sizes.items():
        one_of("kind", kind, tuple(quality.SAMPLED))
        if not 0 <= size <= MOST:
            raise UnusableValue(field=kind, found=str(size), right=f"0 … {MOST}")
        names = lists.population(session, kind, from_day, to_day, by)
        populations[kind] = {"count": len(set(names)), "digest": quality.population_digest(names), "size": size}
        drawn += [{"type": kind, "number": name, "finding": None} for name in quality.drawn(names, seed, size)]
    if not drawn:
        raise UnusableValue(field="certificate", found="0", right=N_("a sample of at least one object in these days"))
    days = {"from_day": from_day.isoformat(), "to_day": to_day.isoformat()}
    row.sample = {"seed": seed, **days, "populations": populations, "objects": drawn}
    states.INTERNAL_AUDIT.move(row, "under_way")
    session.flush()
    _audit(session, "drawn", row, by, at, {"seed": seed, **days, "populations": populations})
    return row


def note_finding(
    session: Session, number: str, index: int, finding: str, note: str, clause: str = "", *, by: Actor, at: datetime
) -> InternalAudit:
    """What was found at one object of the sample (by its place, from 0). A nonconformity opens a case, once, and stands.

    Raises UnusableValue, NotFound, WrongState.
    """
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    if row.state != "under_way":
        raise WrongState(
            kind="internal_audit", number=number, state=row.state, wanted=N_("changed"), allowed="under_way"
        )
    objects = [dict(each) for each in row.sample["objects"]]
    if not 0 <= index < len(objects):
        raise NotFound(kind="internal_audit", number=f"{number} / {index + 1}")
    one_of("finding", finding, tuple(quality.FINDINGS))
    looked = objects[index]
    if looked.get("case"):
        right = N_("unchanged, a case has been opened for it")
        raise UnusableValue(field="finding", found=finding, right=right)
    said = note.strip() if finding == "ok" else _text("note", note, N_("what was found"))
    if finding != "ok" and clause not in row.clauses:
        raise UnusableValue(field="clause", found=clause or "—", right=", ".join(row.clauses))
    looked |= {"finding": finding, "note": said, "clause": clause if finding != "ok" else ""}
    if finding == "nonconformity":
        origin = {"type": looked["type"], "number": looked["number"], "audit": number, "clause": clause}
        looked["case"] = cases.open_case(session, "audit_finding", said, origin=origin, by=by, at=at).number
    row.sample = {**row.sample, "objects": objects}
    session.flush()
    _audit(session, "found", row, by, at, {key: looked.get(key) for key in ("type", "number", "finding", "case")})
    return row


def report(session: Session, number: str, text: str, *, by: Actor, at: datetime) -> InternalAudit:
    """The report, once every object of the sample has its finding. Raises UnusableValue, WrongState."""
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    states.INTERNAL_AUDIT.require(number, row.state, "reported")
    left = sum(not each["finding"] for each in row.sample["objects"])
    if left:
        raise UnusableValue(field="report", found=str(left), right=N_("no object of the sample without a finding"))
    row.report = _text("report", text, N_("what the audit came to"))
    states.INTERNAL_AUDIT.move(row, "reported")
    session.flush()
    _audit(session, "reported", row, by, at, {})
    return row


def close(session: Session, number: str, *, by: Actor, at: datetime) -> InternalAudit:
    """The report has been to the management; the cases of its findings go on on their own."""
    return _end(session, number, "closed", None, by, at)


def cancel(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> InternalAudit:
    """It does not take place, with the reason."""
    return _end(session, number, "cancelled", _text("reason", reason, N_("why it does not take place")), by, at)


def _end(session: Session, number: str, state: str, reason: str | None, by: Actor, at: datetime) -> InternalAudit:
    require(by, "quality.manage")
    row = lists.by_number(session, number, by, lock=True)
    states.INTERNAL_AUDIT.require(number, row.state, state)
    states.INTERNAL_AUDIT.move(row, state)
    session.flush()
    _audit(session, state, row, by, at, {}, reason)
    return row


def _text(field: str, text: str, right: str) -> str:
    if not text.strip():
        raise UnusableValue(field=field, found="—", right=right)
    return text.strip()


def _audit(
    session: Session,
    act: str,
    row: InternalAudit,
    by: Actor,
    at: datetime,
    payload: Mapping[str, Any],
    reason: str | None = None,
) -> None:
    audit.append(
        session,
        f"internal_audit.{act}",
        "internal_audit",
        row.number,
        by=by.username,
        at=at,
        payload=dict(payload),
        reason=reason,
    )
