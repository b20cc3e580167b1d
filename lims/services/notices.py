"""Notices: what happened that a person should know or act on, in the app and by e-mail.

`tell` is the one door; the other functions say who is told of which event. A notice belongs to one person; telling a
customer tells each of its people. Nothing here asks for a right: whoever calls has asked for the right of the act.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from lims import audit
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.queries import registers
from lims.records import (
    Authorisation,
    CalibrationVersion,
    Certificate,
    Instrument,
    Notice,
    Person,
    PersonRole,
    ProcedureVersion,
    Record,
    Request,
)
from lims.words import N_, both

Texts = Mapping[str, str]
LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3: 256 octets of a path, its two angle brackets included."""
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
"""dot-atom@host in ASCII, as every mail server takes it (RFC 5322, 3.2.3 and 3.4.1; RFC 5321, 4.1.2)."""
STEPS = (7, 30, 60)
"""Days before the end of a standard's calibration at which its keepers are told."""


def tell(
    session: Session,
    kind: str,
    subject: Texts,
    body: Texts,
    link: str = "",
    *,
    person_id: int | None = None,
    customer_id: int | None = None,
    people: Iterable[int] = (),
    needs_action: bool = False,
    mail: bool = True,
    at: datetime,
) -> list[Notice]:
    """A notice to a person, to all people of a customer, to several people. Closed accounts are told nothing.

    subject, body: {"zh", "en"} as `both` gives them. link: a path of this app. needs_action: on top until it is done.
    """
    wanted = {*people} | ({person_id} if person_id is not None else set())
    chosen: list[ColumnElement[bool]] = [Person.id.in_(wanted)] if wanted else []
    if customer_id is not None:
        chosen.append(Person.customer_id == customer_id)
    if not chosen:
        return []
    told = [
        Notice(
            person_id=each,
            kind=kind,
            subject=dict(subject),
            body=dict(body),
            link=link,
            needs_action=needs_action,
            at=at,
            mail=mail,
        )
        for each in session.scalars(select(Person.id).where(or_(*chosen), Person.active).order_by(Person.id))
    ]
    session.add_all(told)
    session.flush()
    return told


def settle(
    session: Session,
    kind: str,
    link: str,
    *,
    person_id: int | None = None,
    customer_id: int | None = None,
    at: datetime,
) -> None:
    """What was asked of a person, or of a customer's people, has been done: the notices of it wait no more."""
    whose = Person.id == person_id if customer_id is None else Person.customer_id == customer_id
    waiting = select(Notice).where(Notice.person_id.in_(select(Person.id).where(whose)))
    for notice in session.scalars(waiting.where(Notice.kind == kind, Notice.link == link, Notice.done_at.is_(None))):
        notice.done_at, notice.read_at = at, notice.read_at or at
    session.flush()


def record_returned(session: Session, record: Record, remark: str, *, at: datetime) -> None:
    """Its performer is told what to look at."""
    tell(
        session,
        "record_returned",
        both(N_("Record {number} was returned to you"), number=record.number),
        {"zh": remark, "en": remark},
        f"/records/{record.number}",
        person_id=record.performer_id,
        needs_action=True,
        at=at,
    )


def record_waits(session: Session, record: Record, meaning: str, *, but: int, at: datetime) -> None:
    """Those authorised to verify or approve are told once, and again only when they have read it: no flood.

    meaning: verify | approve. but: who has just signed, and is not told.
    """
    kind = f"waits_{meaning}"
    procedure = session.get_one(ProcedureVersion, record.procedure_version_id)
    day = registers.day(session, at)
    unread = exists().where(Notice.person_id == Authorisation.person_id, Notice.kind == kind, Notice.read_at.is_(None))
    people = session.scalars(
        select(Authorisation.person_id)
        .where(Authorisation.procedure_name == procedure.name, Authorisation.role == meaning)
        .where(Authorisation.state == "granted", Authorisation.valid_from <= day, Authorisation.valid_to >= day)
        .where(Authorisation.person_id.not_in({record.performer_id, but}), ~unread)
        .distinct()
    ).all()
    subject = N_("Records wait for your verification") if meaning == "verify" else N_("Records wait for your approval")
    body = N_("The first is {number}. You are told of no further one until you have read this.")
    tell(session, kind, both(subject), both(body, number=record.number), "/review/", people=people, at=at)


def certificate_issued(
    session: Session, certificate: Certificate, *, at: datetime, supersedes: Certificate | None = None
) -> None:
    """The customer's people are told of a certificate; of one that replaces another, with the reason."""
    if supersedes is None:
        kind, subject = "certificate_issued", both(N_("Certificate {number} is issued"), number=certificate.number)
        body = both(N_("It can be read, and its signed files fetched, in the app."))
    else:
        kind = "certificate_superseded"
        subject = both(N_("Certificate {old} is replaced by {new}"), old=supersedes.number, new=certificate.number)
        body = both(N_("Use the new one from now on. Reason: {reason}"), reason=certificate.reason or "—")
    _of_certificate(session, certificate, kind, subject, body, at=at)


def certificate_withdrawn(session: Session, certificate: Certificate, reason: str, *, at: datetime) -> None:
    """The customer's people are told not to use it any more."""
    subject = both(N_("Certificate {number} is withdrawn"), number=certificate.number)
    body = both(N_("Do not use it any more. Reason: {reason}"), reason=reason)
    _of_certificate(session, certificate, "certificate_withdrawn", subject, body, needs_action=True, at=at)


def _of_certificate(
    session: Session,
    certificate: Certificate,
    kind: str,
    subject: Texts,
    body: Texts,
    *,
    needs_action: bool = False,
    at: datetime,
) -> None:
    owner = session.get_one(Request, certificate.request_id).customer_id
    link = f"/certificates/{certificate.number}"
    tell(session, kind, subject, body, link, customer_id=owner, needs_action=needs_action, at=at)


def item_held(session: Session, request: Request, note: str, *, at: datetime) -> None:
    """The laboratory waits for the customer: its people are told what for."""
    question = note.strip()
    tell(
        session,
        "item_held",
        both(N_("The work on {number} waits for you"), number=request.number),
        {"zh": question, "en": question} if question else both(N_("Ask the laboratory what it needs.")),
        f"/requests/{request.number}",
        customer_id=request.customer_id,
        needs_action=True,
        at=at,
    )


def standards_due(session: Session, *, at: datetime) -> int:
    """Keepers of standards are told 60, 30 and 7 days before a calibration ends, once each. How many notices."""
    today = registers.day(session, at)
    last = func.max(CalibrationVersion.valid_to)
    ending = session.execute(
        select(Instrument.code, last)
        .join(CalibrationVersion, CalibrationVersion.instrument_id == Instrument.id)
        .where(Instrument.kind.in_(("standard", "monitor")), Instrument.state == "in_service")
        .where(CalibrationVersion.state == "current")
        .group_by(Instrument.id, Instrument.code)
        .having(last >= today, last <= today + timedelta(days=max(STEPS)))
    ).all()
    keepers = select(PersonRole.person_id).where(PersonRole.role == "standards_keeper")
    told = 0
    for code, end in ending:
        step = min(days for days in STEPS if (end - today).days <= days)
        kind, link = f"standard_due_{step}", f"/standards/{code}#{end}"
        known = exists().where(Notice.person_id == PersonRole.person_id, Notice.kind == kind, Notice.link == link)
        people = session.scalars(keepers.where(~known)).all()
        subject = both(N_("The calibration of {code} ends on {day}"), code=code, day=end)
        body = both(N_("After that day nothing is measured with it. Plan its calibration."))
        told += len(tell(session, kind, subject, body, link, people=people, needs_action=True, at=at))
    return told


def read(session: Session, notice_id: int, *, by: Actor, at: datetime, done: bool = False) -> Notice:
    """One's own notice has been read; done: what it asked for is done too. Another's is not found."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == by.person_id))
    if notice is None:
        raise NotFound(kind="notice", number=str(notice_id))
    notice.read_at = notice.read_at or at
    if done:
        notice.done_at = notice.done_at or at
    session.flush()
    return notice


def read_all(session: Session, *, by: Actor, at: datetime) -> None:
    """All of one's own notices so far have been read; what needs an act stays on top until it is done."""
    session.execute(
        update(Notice)
        .where(Notice.person_id == by.person_id, Notice.read_at.is_(None), Notice.at <= at)
        .values(read_at=at)
        .execution_options(synchronize_session=False)
    )


def set_address(session: Session, email: str, *, by: Actor, at: datetime) -> Person:
    """Where one's own notices go by e-mail; empty: nowhere. Raises UnusableValue for what is no address."""
    person = session.get(Person, by.person_id)
    if person is None:
        raise NotFound(kind="person", number=by.username)
    address = email.strip()
    if address and (len(address) > LONGEST_ADDRESS or ADDRESS.fullmatch(address) is None):
        raise UnusableValue(field="email", found=address[:80], right=N_("an address such as name@example.com"))
    if (person.email or "") == address:
        return person
    person.email = address or None
    session.flush()
    payload = {"mail": bool(address)}  # the chain keeps that it changed; the address itself is personal data
    audit.append(session, "person.address", "person", person.id, by=by.username, at=at, payload=payload)
    return person
