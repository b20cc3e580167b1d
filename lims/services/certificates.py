"""Approve and issue, withdraw, amend. Issuing freezes the content; rendering and signing its documents is then due."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.config import Settings
from lims.documents import snapshot as snapshots_of
from lims.domain import gates, lint, states
from lims.domain.actor import Actor
from lims.domain.errors import LintRefused, NotFound, TraceabilityMissing, UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import registers, scope
from lims.records import Certificate, CertificateStatus, ProcedureVersion, Record, Request, Signature
from lims.records.series import next_number
from lims.services import bench, compulsory, evaluation, gatekeeping, notices, people, person_gates, review, snapshots
from lims.words import N_


def by_number(session: Session, number: str, *, by: Actor | None = None) -> Certificate:
    """The certificate; a customer finds their own alone. by is None only for the public page, which checks the token."""
    if by is not None:
        require(by, "certificates.read")
    found = session.scalar(select(Certificate).where(Certificate.number == number))
    if found is None:
        raise NotFound(kind="certificate", number=number)
    if by is not None and by.customer_id is not None:
        request = session.get_one(Request, found.request_id)
        if request.customer_id != by.customer_id:
            raise NotFound(kind="certificate", number=number)
    return found


def status_of(session: Session, certificate: Certificate) -> CertificateStatus:
    """The state in force: the newest entry of an append-only list."""
    return session.scalars(
        select(CertificateStatus)
        .where(CertificateStatus.certificate_id == certificate.id)
        .order_by(CertificateStatus.id.desc())
        .limit(1)
    ).one()


def records_for_issue(session: Session, request: Request) -> list[Record]:
    """The records a certificate of this request stands on: as found, and as left where it was agreed."""
    stages = ("as_found", "as_left", "result")
    found = session.scalars(
        select(Record).where(Record.request_id == request.id, Record.state != "interrupted").order_by(Record.id)
    ).all()
    newest = {record.stage: record for record in found}
    return [newest[stage] for stage in stages if stage in newest]


def gates_before_issue(
    session: Session, record_number: str, *, by: Actor, at: datetime
) -> tuple[Request, list[Record], list[gates.Reason]]:
    """What must hold before approval, each line with its clause."""
    require(by, "certificates.issue")
    record = bench.record_by_number(session, record_number)
    request = session.get_one(Request, record.request_id)
    records = records_for_issue(session, request)
    procedure = session.get_one(ProcedureVersion, record.procedure_version_id)
    laboratory = registers.laboratory(session)
    today = registers.day(session, at)
    lines = [gates.may_sign(by.roles)]
    lines += person_gates.lines(session, request.id, procedure, "approve", by=by, day=today)
    for each in records:
        # An amendment stands on records that are locked: they were verified before, and cannot have changed.
        lines.append(gates.record_verified(each.number, "approved" if each.state == "locked" else each.state))
        verifier = _signer(session, each, "verify")
        lines.append(
            gates.separation(
                "approve",
                by.person_id,
                performer=each.performer_id,
                verifier=verifier,
                verifier_apart=request.document_kind == "verification"
                or bool(laboratory.get("verifier_apart_from_approver", True)),
            )
        )
        lines.append(_digest_still_holds(session, each))
    stages = {each.stage for each in records}
    accredited = scope.accredited_on(session, today)
    for each in records if accredited else ():
        latest = evaluation.latest_evaluation(session, each)
        if latest is not None:
            lines += scope.not_below(accredited, evaluation.stored(session, latest))
    wanted = {"as_found", "as_left"} if request.as_left else set()
    lines.append(gates.stages_complete(sorted(wanted - stages)))
    if request.document_kind == "verification":
        lines += gatekeeping.of_job(session, request, today)
    return request, records, gatekeeping.ruled(session, lines, today, request.document_kind)


def _signer(session: Session, record: Record, meaning: str) -> int | None:
    return session.scalar(
        select(Signature.person_id)
        .where(Signature.object_type == "record", Signature.object_id == record.id, Signature.meaning == meaning)
        .order_by(Signature.id.desc())
        .limit(1)
    )


def _digest_still_holds(session: Session, record: Record) -> gates.Reason:
    """What was verified is what is approved: the verifier's signature binds today's digest of the record."""
    signed = session.scalar(
        select(Signature.object_digest)
        .where(Signature.object_type == "record", Signature.object_id == record.id, Signature.meaning == "verify")
        .order_by(Signature.id.desc())
        .limit(1)
    )
    return gates.digest_holds(record.number, signed, evaluation.record_digest(session, record))


def issue(
    session: Session,
    record_number: str,
    password: str,
    *,
    by: Actor,
    at: datetime,
    settings: Settings,
    supersedes: Certificate | None = None,
    reason: str = "",
) -> Certificate:
    """Approve the records of a request, freeze the certificate's content and issue it; its documents are then due.

    Raises GateClosed, TraceabilityMissing, or LintRefused with the first letter of 7.8.2.1 or 7.8.4.1 not met.
    """
    require(by, "certificates.issue")
    people.confirm_password(session, by, password, at=at)
    return issue_one(session, record_number, by=by, at=at, settings=settings, supersedes=supersedes, reason=reason)


def issue_all(
    session: Session, record_numbers: Sequence[str], password: str, *, by: Actor, at: datetime, settings: Settings
) -> list[Certificate]:
    """Approve and issue several, the password once; all of them or none. Only records without an exception.

    A request with records of two stages has one certificate, and both stages are to be without an exception.
    """
    require(by, "certificates.issue")
    people.confirm_password(session, by, password, at=at)
    last: dict[int, str] = {}
    for record in review.without_exception(session, record_numbers):
        stages = [each.number for each in records_for_issue(session, session.get_one(Request, record.request_id))]
        if len(stages) > 1:
            review.without_exception(session, stages)
        last[record.request_id] = record.number
    return [issue_one(session, number, by=by, at=at, settings=settings) for number in last.values()]


def issue_one(
    session: Session,
    record_number: str,
    *,
    by: Actor,
    at: datetime,
    settings: Settings,
    supersedes: Certificate | None = None,
    reason: str = "",
) -> Certificate:
    """The same of one request, the password asked before."""
    bench.record_by_number(session, record_number, lock=True)
    request, records, lines = gates_before_issue(session, record_number, by=by, at=at)
    gatekeeping.pass_through(session, "issue", "request", request.number, lines, by=by, at=at)
    refuse_untraceable(session, records)
    kind = request.document_kind
    number = next_number(session, f"certificate.{kind}", at)
    token = secrets.token_urlsafe(12)  # 96 random bits: the number alone opens nothing
    content = snapshots.compose(
        session,
        request,
        records,
        number=number,
        kind=kind,
        token=token,
        url=verification_url(settings, number, token),
        approver=by,
        at=at,
        audit_head=audit.head(session),
        supersedes=None
        if supersedes is None
        else {"number": supersedes.number, "digest": supersedes.digest, "reason": {"zh": reason, "en": reason}},
    )
    refuse_unless_complete(content)
    digest = snapshots_of.digest(content)
    certificate = Certificate(
        number=number,
        kind=kind,
        request_id=request.id,
        record_ids=[record.id for record in records],
        snapshot=snapshots_of.canonical(content).decode(),
        digest=digest,
        token=token,
        issued_at=at,
        supersedes_id=None if supersedes is None else supersedes.id,
        reason=reason or None,
    )
    session.add(certificate)
    session.flush()
    for record in records:
        if record.state == "verified":
            states.RECORD.move(record, "approved")
            states.RECORD.move(record, "locked")
    states.REQUEST.move(request, "issued")
    evaluation.sign(session, "certificate", certificate.id, digest, "approve", by=by, at=at)
    _set_status(session, certificate, "issued", by=by, at=at)
    if supersedes is not None:
        _set_status(session, supersedes, "superseded", by=by, at=at, reason=reason, successor=certificate)
    notices.certificate_issued(session, certificate, supersedes=supersedes, at=at)
    compulsory.note_result(session, request, kind, by=by, at=at)
    audit.append(
        session,
        "certificate.issued",
        "certificate",
        number,
        by=by.username,
        at=at,
        after=digest,
        reason=reason or None,
        payload={"records": [record.number for record in records]},
    )
    return certificate


def refuse_untraceable(session: Session, records: list[Record]) -> None:
    """Nothing, when every reading names a calibrated standard. Raises TraceabilityMissing with the missing links."""
    missing = snapshots.missing_links(session, records)
    if missing:
        raise TraceabilityMissing(
            record=", ".join(record.number for record in records),
            missing={lang: "; ".join(line[lang] for line in missing) for lang in ("zh", "en")},
        )


def evaluation_report(
    session: Session, record_number: str, *, by: Actor, at: datetime, settings: Settings
) -> Certificate:
    """An evaluation report of a submitted record: what the readings give, by whom, and whether traceability is claimed.

    It is no certificate: nobody has verified or approved it, and it says so.
    """
    require(by, "records.submit")
    record = bench.record_by_number(session, record_number)
    if record.state not in ("submitted", "verified"):
        raise WrongState(kind="record", number=record_number, state=record.state, wanted="report", allowed="submitted")
    kind = "evaluation_report"
    number = next_number(session, f"certificate.{kind}", at)
    token = secrets.token_urlsafe(12)
    content = snapshots.compose(
        session,
        session.get_one(Request, record.request_id),
        [record],
        number=number,
        kind=kind,
        token=token,
        url=verification_url(settings, number, token),
        approver=None,
        at=at,
        audit_head=audit.head(session),
    )
    digest = snapshots_of.digest(content)
    report = Certificate(
        number=number,
        kind=kind,
        request_id=record.request_id,
        record_ids=[record.id],
        snapshot=snapshots_of.canonical(content).decode(),
        digest=digest,
        token=token,
        issued_at=at,
        supersedes_id=None,
        reason=None,
    )
    session.add(report)
    session.flush()
    _set_status(session, report, "issued", by=by, at=at)
    audit.append(session, "report.made", "certificate", number, by=by.username, at=at, after=digest)
    return report


def verification_url(settings: Settings, number: str, token: str) -> str:
    return f"{settings.public_url.rstrip('/')}/verify/{quote(number)}?{urlencode({'token': token})}"


def refuse_unless_complete(content: dict[str, Any]) -> None:
    """The blocking check of ISO/IEC 17025:2017, 7.8.2.1 a–p and 7.8.4.1."""
    bad = [line for line in lint.check(content) if not line.ok]
    if bad:
        raise LintRefused(number=content["number"], clause=bad[0].clause, reason=bad[0].text, missing=len(bad))


def withdraw(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> CertificateStatus:
    """Withdraw an issued certificate with a reason: whoever scans its code is told so from now on."""
    require(by, "certificates.withdraw")
    certificate = by_number(session, number, by=by)
    if not reason.strip():
        raise UnusableValue(field="reason", found="", right=N_("why the certificate is withdrawn"))
    current = status_of(session, certificate)
    if current.status != "issued":
        raise _not_issued(number, current.status, "withdrawn")
    notices.certificate_withdrawn(session, certificate, reason.strip(), at=at)
    return _set_status(session, certificate, "withdrawn", by=by, at=at, reason=reason.strip())


def amend(
    session: Session, number: str, reason: str, password: str, *, by: Actor, at: datetime, settings: Settings
) -> Certificate:
    """A new certificate that replaces an issued one, names it and says why (ISO/IEC 17025:2017, 7.8.8).

    The records of the request are evaluated as they stand; the old certificate is never edited.
    """
    require(by, "certificates.amend")
    old = by_number(session, number, by=by)
    if not reason.strip():
        raise UnusableValue(field="reason", found="", right=N_("what changed and why"))
    current = status_of(session, old)
    if current.status != "issued":
        raise _not_issued(number, current.status, "superseded")
    request = session.get_one(Request, old.request_id)
    records = records_for_issue(session, request)
    states.REQUEST.move(request, "in_work")
    return issue(
        session,
        records[-1].number,
        password,
        by=by,
        at=at,
        settings=settings,
        supersedes=old,
        reason=reason.strip(),
    )


def _set_status(
    session: Session,
    certificate: Certificate,
    status: str,
    *,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    successor: Certificate | None = None,
) -> CertificateStatus:
    row = CertificateStatus(
        certificate_id=certificate.id,
        status=status,
        at=at,
        by_id=by.person_id,
        reason=reason,
        successor_id=None if successor is None else successor.id,
    )
    session.add(row)
    session.flush()
    if status != "issued":
        audit.append(
            session, f"certificate.{status}", "certificate", certificate.number, by=by.username, at=at, reason=reason
        )
    return row


def _not_issued(number: str, state: str, wanted: str) -> WrongState:
    return WrongState(kind="certificate", number=number, state=state, wanted=wanted, allowed="nothing")
