"""Quality cases followed to their end (ISO/IEC 17025:2017, 7.9, 7.10): opened, written in, moved, work resumed.

case = cases.open_case(session, "complaint", "U differs", origin={"type": "certificate", "number": n}, by=by, at=at)
cases.add_entry(session, case.number, "acknowledgement", "received", by=quality, at=at)
cases.move(session, case.number, "acknowledged", by=quality, at=at)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import gates, handling, quality, states, workdays
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.canonical import digest_of
from lims.domain.errors import NotAllowed, NotFound, StaleEdit, UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import cases as lists
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import CaseEntry, Certificate, HandOver, Instrument, Person, QualityCase, Request, Signature
from lims.records.series import next_number
from lims.services import certificates, evaluation, gatekeeping, notices, people, requests
from lims.words import N_, both

TITLE = 200


def open_case(
    session: Session,
    kind: str,
    title: str,
    *,
    origin: Mapping[str, Any],
    severity: str = "minor",
    due: date | None = None,
    customer_id: int | None = None,
    by: Actor,
    at: datetime,
) -> QualityCase:
    """A case that somebody has to follow to its end. kind: lims.domain.quality.KINDS; origin: {"type", "number", …}.

    Complaints and disputes: complaints.create, a customer for themselves and about their own alone; the others:
    quality.report. A dispute keeps its last day and whether it is in time. Raises UnusableValue, NotFound.
    """
    require(by, "complaints.create" if kind in quality.BY_CUSTOMER else "quality.report")
    one_of("kind", kind, tuple(quality.KINDS))
    one_of("severity", severity, tuple(quality.SEVERITIES))
    told = dict(origin)
    if kind in quality.BY_CUSTOMER:
        owner = _customer_of(session, told, by)
        customer_id = by.customer_id if by.customer_id is not None else owner if owner is not None else customer_id
    if kind == "dispute":
        told |= _term(session, told, at)
    row = QualityCase(
        number=next_number(session, "complaint" if kind in quality.BY_CUSTOMER else "quality_case", at),
        kind=kind,
        title=_text("title", title, N_("what it is about"))[:TITLE],
        origin=told,
        severity=severity,
        customer_id=customer_id,
        due=due,
        affected=[],
        state=quality.machine(kind).initial,
        opened_by_id=by.person_id,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    _audit(session, "opened", row, by, at, {"kind": kind, "origin": told, "severity": severity})
    return row


def _customer_of(session: Session, origin: Mapping[str, Any], by: Actor) -> int | None:
    """Whose the thing complained of is. Raises NotFound for what is not there or another customer's."""
    number = str(origin.get("number", ""))
    if origin.get("type") == "certificate":
        return session.get_one(Request, certificates.by_number(session, number, by=by).request_id).customer_id
    if origin.get("type") == "request":
        return request_by_number(session, number, by=by).customer_id
    return None


def _term(session: Session, origin: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The last day of an objection (handling.DISPUTE (m)), from the hand-over of the result or else its issue."""
    number, asked = str(origin.get("number", "")), select(Certificate).order_by(Certificate.id.desc())
    if origin.get("type") == "certificate":
        asked = asked.where(Certificate.number == number)
    else:
        asked = asked.join(Request, Request.id == Certificate.request_id).where(Request.number == number)
    found = session.scalars(asked.limit(1)).first()
    if found is None:
        raise UnusableValue(field="origin_number", found=number or "—", right=N_("a certificate or item with a result"))
    given = session.scalar(
        select(HandOver.at).where(HandOver.request_id == found.request_id).order_by(HandOver.id.desc())
    )
    calendar = workdays.read(registers.laboratory(session).get("calendar", {}))
    until = handling.dispute_until(registers.day(session, given or found.issued_at), calendar)
    return {"until": until.isoformat(), "in_time": registers.day(session, at) <= until}


def add_entry(
    session: Session,
    number: str,
    kind: str,
    text: str,
    *,
    who: str = "",
    day: date | None = None,
    flag: bool = False,
    by: Actor,
    at: datetime,
) -> CaseEntry:
    """What was done or found. flag: work halted (containment), found effective (effectiveness); who: takes an action.

    A customer adds remarks to their own case. Decisions, notices and checks are the quality manager's.
    Raises UnusableValue, WrongState for a case that has ended.
    """
    if by.customer_id is None:
        require(by, "quality.manage" if kind in quality.OF_MANAGER else "quality.report")
    case = lists.by_number(session, number, by, lock=True)
    if by.customer_id is not None and kind != "remark":
        raise NotAllowed(username=by.username, right="quality.report")
    one_of("kind", kind, quality.WRITTEN[quality.machine(case.kind).kind])
    _still_open(case)
    payload: dict[str, Any] = {"public": True} if by.customer_id is not None else {}
    if kind == "containment":
        payload["halted"] = flag
    if kind == "action":
        payload["who"] = _text("who", who, N_("who takes the action"))
    if kind == "effectiveness":
        if day is None or day > registers.day(session, at):
            raise UnusableValue(field="day", found=str(day or "—"), right=N_("the day of the check, not after today"))
        payload |= {"day": day.isoformat(), "effective": flag}
    said = _text("text", text, N_("what was done or found"))
    return _write(session, case, kind, said, payload, by, at)


def move(session: Session, number: str, state: str, *, by: Actor, at: datetime) -> QualityCase:
    """Take a case one step on, once what the step needs is written down. Raises WrongState, GateClosed."""
    require(by, "quality.manage")
    case = lists.by_number(session, number, by, lock=True)
    machine = quality.machine(case.kind)
    machine.require(number, case.state, state)
    lines = lines_before(session, case, state, by=by)
    gatekeeping.pass_through(session, state, "quality_case", number, lines, by=by, at=at)
    machine.move(case, state)
    if state in lists.ENDED:
        case.closed_at = at
    if state == "notified" and case.customer_id is not None and case.kind in quality.BY_CUSTOMER:
        subject = both(N_("Your complaint {number} has been decided"), number=number)
        body = both(N_("The laboratory's answer stands with the complaint in the app."))
        notices.tell(
            session, "complaint_decided", subject, body, f"/cases/{number}", customer_id=case.customer_id, at=at
        )
    session.flush()
    _audit(session, state, case, by, at, {})
    return case


def lines_before(session: Session, case: QualityCase, state: str, *, by: Actor) -> list[gates.Reason]:
    """What the gates say of a step, for the page and for the step itself."""
    require(by, "quality.manage")
    rows = session.scalars(select(CaseEntry).where(CaseEntry.case_id == case.id).order_by(CaseEntry.id))
    entries = [quality.Entry(row.kind, row.payload) for row in rows]
    lines = quality.step_lines(case.kind, state, entries, case.affected)
    if state == "decided" and case.kind in quality.BY_CUSTOMER:
        lines.append(quality.decider_apart(by.username, by.person_id, lists.involved_in(session, case)))
    return lines


def resume(session: Session, number: str, text: str, password: str, *, by: Actor, at: datetime) -> Signature:
    """The quality manager signs that work goes on (7.10.1 f); a standard under doubt is in service again.

    Raises WrongPassword, UnusableValue, WrongState before the action is decided.
    """
    require(by, "quality.manage")
    case = lists.by_number(session, number, by, lock=True)
    if case.kind in quality.BY_CUSTOMER or case.state not in ("decided", "notified"):
        raise WrongState(
            kind="quality_case", number=number, state=case.state, wanted=N_("resumed"), allowed="decided, notified"
        )
    said = _text("text", text, N_("why work may go on"))
    people.confirm_password(session, by, password, at=at)
    digest = digest_of({"case": number, "state": case.state, "resumption": said, "affected": case.affected})
    signature = evaluation.sign(session, "quality_case", case.id, digest, "resume", by=by, at=at)
    if case.origin.get("type") == "standard":
        standard = _standard(session, str(case.origin["number"]))
        if standard.state == "suspect":
            states.INSTRUMENT.move(standard, "in_service")
    _write(session, case, "resumption", said, {"digest": digest, "signature": signature.id}, by, at)
    return signature


def open_impact(
    session: Session, code: str, title: str, *, from_day: date, to_day: date, by: Actor, at: datetime
) -> QualityCase:
    """A standard was found wrong in an interval of days: it is under doubt from now on, and what it was used for is listed.

    Raises NotFound, UnusableValue.
    """
    require(by, "quality.report")
    if to_day < from_day:
        raise UnusableValue(field="to_day", found=str(to_day), right=N_("a day not before the first"))
    standard = _standard(session, code)
    case = open_case(
        session, "impact", title, origin={"type": "standard", "number": code}, severity="major", by=by, at=at
    )
    case.from_day, case.to_day = from_day, to_day
    case.affected = lists.affected_by(session, code, from_day, to_day, by)
    if states.INSTRUMENT.allows(standard.state, "suspect"):
        states.INSTRUMENT.move(standard, "suspect")
    session.flush()
    audit.append(
        session,
        "standard.suspect",
        "instrument",
        code,
        by=by.username,
        at=at,
        payload={"case": case.number},
        reason=title,
    )
    return case


def decide_outcome(
    session: Session, number: str, document: str, outcome: str, reason: str, *, by: Actor, at: datetime
) -> QualityCase:
    """What becomes of one affected document; its customer is told, except where the results stand. A document is
    replaced or withdrawn on its own page: here it is decided and told. Raises UnusableValue, NotFound, WrongState."""
    require(by, "quality.manage")
    case = lists.by_number(session, number, by, lock=True)
    _still_open(case)
    one_of("outcome", outcome, tuple(quality.OUTCOMES))
    said = _text("reason", reason, N_("why this outcome"))
    row = next((each for each in case.affected if each["number"] == document), None)
    if row is None:
        raise NotFound(kind="certificate", number=document)
    case.affected = [each | {"outcome": outcome} if each is row else each for each in case.affected]
    if outcome != "no_change" and row["type"] == "certificate" and row["outcome"] != outcome:
        subject = both(N_("Certificate {number}: a standard it rests on is under doubt"), number=document)
        body = both(N_("{outcome}: {reason}"), outcome=both(quality.OUTCOMES[outcome]), reason=said)
        link = f"/certificates/{document}"
        notices.tell(
            session, "certificate_doubt", subject, body, link, customer_id=row["customer"], needs_action=True, at=at
        )
    _write(session, case, "outcome", said, {"document": document, "outcome": outcome}, by, at)
    return case


def assign(
    session: Session, number: str, owner: str, due: date | None, *, version: int, by: Actor, at: datetime
) -> QualityCase:
    """Who follows the case, until when; the owner is told. version: as it was shown. Raises StaleEdit, UnusableValue."""
    require(by, "quality.manage")
    case = lists.by_number(session, number, by, lock=True)
    _still_open(case)
    if case.version != version:
        raise StaleEdit(kind="quality_case", number=number, found=case.version, yours=version)
    person = session.scalar(select(Person).where(Person.username == owner, Person.active, Person.customer_id.is_(None)))
    if person is None:
        raise UnusableValue(field="owner", found=owner or "—", right=N_("one of the laboratory's people"))
    if person.id != case.owner_id:
        subject = both(N_("Case {number} is yours to follow"), number=number)
        body = {"zh": case.title, "en": case.title}
        notices.tell(
            session, "case_assigned", subject, body, f"/cases/{number}", person_id=person.id, needs_action=True, at=at
        )
    case.owner_id, case.due = person.id, due
    session.flush()
    _audit(session, "assigned", case, by, at, {"owner": owner, "due": due.isoformat() if due else None})
    return case


def order_arbitration(session: Session, number: str, *, by: Actor, at: datetime) -> Request:
    """The item of a disputed result is to be measured again, as an arbitration: its state is frozen until then.

    计量法实施细则 第三十六条: nobody alters the technical state of what is in dispute. The parties' laboratory may not be
    the one that decides; who is competent is asked by the gates of verification as for any other. Raises WrongState,
    UnusableValue where the case is no dispute or its arbitration has been ordered.
    """
    require(by, "requests.create")
    case = lists.by_number(session, number, by, lock=True)
    _still_open(case)
    if by.customer_id is not None:
        raise NotAllowed(username=by.username, right="quality.report")
    if case.kind != "dispute":
        raise UnusableValue(field="case", found=case.kind, right=N_("an objection to a result"))
    if arbitration_of(session, case) is not None:
        raise UnusableValue(field="case", found=number, right=N_("one without an arbitration that has been ordered"))
    disputed = _disputed(session, case, by)
    request = requests.create(
        session,
        customer_id=disputed.customer_id,
        instrument=disputed.instrument_id,
        procedure=disputed.procedure_name,
        document_kind="verification",
        rule=disputed.rule,
        note=number,
        work="arbitration",
        use=disputed.use,
        by=by,
        at=at,
    )
    _write(
        session,
        case,
        "reverification",
        f"仲裁检定 / arbitration: {request.number}",
        {"request": request.number},
        by,
        at,
    )
    return request


def arbitration_of(session: Session, case: QualityCase) -> str | None:
    """Number of the request that a dispute has led to, None before."""
    entries = session.scalars(
        select(CaseEntry).where(CaseEntry.case_id == case.id, CaseEntry.kind == "reverification").order_by(CaseEntry.id)
    )
    return next((str(each.payload["request"]) for each in entries if "request" in each.payload), None)


def _disputed(session: Session, case: QualityCase, by: Actor) -> Request:
    number = str(case.origin.get("number", ""))
    if case.origin.get("type") == "certificate":
        return session.get_one(Request, certificates.by_number(session, number, by=by).request_id)
    return request_by_number(session, number, by=by)


def _standard(session: Session, code: str) -> Instrument:
    found = session.scalar(
        select(Instrument)
        .where(Instrument.code == code, Instrument.kind.in_(("standard", "monitor")))
        .with_for_update()
    )
    if found is None:
        raise NotFound(kind="standard", number=code)
    return found


def _still_open(case: QualityCase) -> None:
    if case.state in lists.ENDED:
        raise WrongState(
            kind="quality_case",
            number=case.number,
            state=case.state,
            wanted=N_("changed"),
            allowed=N_("no other state"),
        )


def _text(field: str, text: str, right: str) -> str:
    if not text.strip():
        raise UnusableValue(field=field, found="—", right=right)
    return text.strip()


def _write(
    session: Session, case: QualityCase, kind: str, text: str, payload: Mapping[str, Any], by: Actor, at: datetime
) -> CaseEntry:
    row = CaseEntry(case_id=case.id, kind=kind, text=text, payload=dict(payload), at=at, by_id=by.person_id)
    session.add(row)
    session.flush()
    _audit(
        session,
        f"entry.{kind}",
        case,
        by,
        at,
        {"entry": row.id, "digest": digest_of({"text": text, "payload": dict(payload)})},
    )
    return row


def _audit(session: Session, act: str, case: QualityCase, by: Actor, at: datetime, payload: Mapping[str, Any]) -> None:
    audit.append(
        session, f"quality_case.{act}", "quality_case", case.number, by=by.username, at=at, payload=dict(payload)
    )
