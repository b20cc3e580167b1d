"""Procedures as controlled documents: drafted, verified and approved by three people, then in force (ISO/IEC 17025:2017, 8.3).

Each signature binds its person to the digest of the text. A version in force is superseded by the next one and stays;
records that were begun keep the version they were begun with (7.2.1.3, 7.5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments import procedures
from lims import audit
from lims.domain import gates, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import require
from lims.queries import procedures as lists
from lims.queries import registers
from lims.records import ProcedureVersion
from lims.services import evaluation, gatekeeping, people
from lims.services.people import LARGEST_ID
from lims.words import N_

LONGEST = 200_000
"""Characters of a document; the largest that ships has four thousand."""
LONGEST_REASON = 500


def found(session: Session, text: str, *, at: datetime) -> ProcedureVersion:
    """A procedure in force at once, for whoever founds the laboratory from its machine; the same text twice is one version."""
    document = procedures.read(text)
    same = select(ProcedureVersion).where(
        ProcedureVersion.name == document.name,
        ProcedureVersion.digest == document.digest,
        ProcedureVersion.state == "current",
    )
    known = session.scalar(same)
    if known is not None:
        return known
    version = _add(session, document, text)
    _in_force(session, version)
    _audit(session, "procedure.published", version, "command line", at)
    return version


def draft(session: Session, text: str, reason: str, *, by: Actor, at: datetime) -> ProcedureVersion:
    """A new version as a draft, signed by its author's name. reason: what changes and why.

    Raises ProcedureError with file and line for a wrong text, UnusableValue for a version label that is taken.
    """
    require(by, "procedures.manage")
    if len(text) > LONGEST:
        raise UnusableValue(field="text", found=str(len(text)), right=N_("at most 200 000 signs"))
    why = _said("reason", reason)
    document = procedures.read(text)
    taken = select(ProcedureVersion.id).where(
        ProcedureVersion.name == document.name, ProcedureVersion.version == document.version
    )
    if session.scalar(taken) is not None:
        found = f"{document.name} {document.version}"
        raise UnusableValue(field="text", found=found, right=N_("a version that is not there yet: raise `version`"))
    version = _add(session, document, text)
    evaluation.sign(session, "procedure", version.id, version.digest, "perform", by=by, at=at)
    _audit(session, "procedure.drafted", version, by.username, at, why)
    return version


def gates_before(
    session: Session, version: ProcedureVersion, step: str, *, by: Actor, at: datetime
) -> list[gates.Reason]:
    """What must hold before a version is verified or approved. step: verify | approve."""
    require(by, "procedures.read")
    signed = {each.meaning: each for each in lists.signatures(session, version.id)}
    people_of = {meaning: each.person_id for meaning, each in signed.items()}
    lines = [gates.may_sign(by.roles)]
    if "perform" in people_of:
        verifier = people_of.get("verify") if step == "approve" else None
        lines.append(gates.separation(step, by.person_id, performer=people_of["perform"], verifier=verifier))
    if step == "approve" and "verify" in signed:
        lines.append(gates.digest_holds(version.name, signed["verify"].object_digest, version.digest))
    return gatekeeping.ruled(session, lines, registers.day(session, at))


def verify(session: Session, key: int, password: str, *, by: Actor, at: datetime) -> ProcedureVersion:
    """A second person has read the draft: what it asks can be done, and its budget is right (7.2.1, 7.2.2)."""
    require(by, "records.verify")
    return _sign(session, key, "verify", "verified", password, by=by, at=at)


def approve(session: Session, key: int, password: str, *, by: Actor, at: datetime) -> ProcedureVersion:
    """The technical manager, neither author nor verifier, approves it for use (8.3.2 a)."""
    require(by, "procedures.approve")
    return _sign(session, key, "approve", "approved", password, by=by, at=at)


def put_in_force(session: Session, key: int, *, by: Actor, at: datetime) -> ProcedureVersion:
    """An approved version becomes the current one of its name; the one before is superseded, and stays (8.3.2 c, f)."""
    require(by, "procedures.approve")
    version = _locked(session, key)
    states.PROCEDURE.require(_label(version), version.state, "current")
    if version.state != "approved":
        raise UnusableValue(field="state", found=version.state, right=N_("approved by a third person"))
    _in_force(session, version)
    _audit(session, "procedure.published", version, by.username, at)
    return version


def _sign(
    session: Session, key: int, meaning: str, wanted: str, password: str, *, by: Actor, at: datetime
) -> ProcedureVersion:
    people.confirm_password(session, by, password, at=at)
    version = _locked(session, key)
    states.PROCEDURE.require(_label(version), version.state, wanted)
    lines = gates_before(session, version, meaning, by=by, at=at)
    gatekeeping.pass_through(session, meaning, "procedure", _label(version), lines, by=by, at=at)
    evaluation.sign(session, "procedure", version.id, version.digest, meaning, by=by, at=at)
    states.PROCEDURE.move(version, wanted)
    session.flush()
    _audit(session, f"procedure.{wanted}", version, by.username, at)
    return version


def _add(session: Session, document: procedures.Procedure, text: str) -> ProcedureVersion:
    version = ProcedureVersion(
        name=document.name,
        version=document.version,
        title=dict(document.title),
        text=text,
        digest=document.digest,
        state=states.PROCEDURE.initial,
        method_code=document.method.code,
    )
    session.add(version)
    session.flush()
    return version


def _in_force(session: Session, version: ProcedureVersion) -> None:
    before = select(ProcedureVersion).where(ProcedureVersion.name == version.name, ProcedureVersion.state == "current")
    for each in session.scalars(before.with_for_update()):
        states.PROCEDURE.move(each, "superseded")
    session.flush()
    states.PROCEDURE.move(version, "current")
    session.flush()


def _locked(session: Session, key: int) -> ProcedureVersion:
    """The version, its name's rows locked: two versions of a name come into force one after the other."""
    row = session.get(ProcedureVersion, key) if key <= LARGEST_ID else None
    if row is None:
        raise NotFound(kind="procedure", number=str(key))
    session.execute(select(ProcedureVersion.id).where(ProcedureVersion.name == row.name).with_for_update())
    session.refresh(row)
    return row


def _label(version: ProcedureVersion) -> str:
    return f"{version.name} {version.version}"


def _said(field: str, entered: str) -> str:
    said = entered.strip()
    if not said or len(said) > LONGEST_REASON:
        raise UnusableValue(field=field, found=str(len(said)) if said else "—", right=N_("1 to 500 signs"))
    return said


def _audit(
    session: Session, act: str, version: ProcedureVersion, actor: str, at: datetime, reason: str | None = None
) -> None:
    facts: dict[str, Any] = {"version": version.version, "state": version.state}
    audit.append(
        session, act, "procedure", version.name, by=actor, at=at, after=version.digest, payload=facts, reason=reason
    )
