"""The laboratory's scope: a line is proposed, recognised, changed by a newer version, withdrawn; every step audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import cmc, states
from lims.domain.actor import Actor
from lims.domain.canonical import digest_of
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import require
from lims.records import Capability
from lims.services.people import LARGEST_ID
from lims.words import N_

FOR_EVER = date(9999, 12, 31)


def propose(
    session: Session,
    data: Mapping[str, Any],
    *,
    valid_from: date,
    by: Actor | None,
    at: datetime,
    valid_to: date = FOR_EVER,
    accreditation: str = "",
) -> Capability:
    """A new line of the scope, or a new version of one (same code). Nothing is published yet. Raises UnusableValue."""
    if by is not None:
        require(by, "scope.manage")
    if valid_to < valid_from:
        raise UnusableValue(field="valid_to", found=str(valid_to), right=N_("a day after valid_from"))
    entry = cmc.read(data)
    last = session.scalar(
        select(Capability.version).where(Capability.code == entry.code).order_by(Capability.version.desc())
    )
    line = Capability(
        code=entry.code,
        version=(last or 0) + 1,
        measurand=entry.measurand,
        accreditation=accreditation,
        data={key: data[key] for key in data if key not in ("state", "accreditation", "valid_from", "valid_to")},
        digest=digest_of(dict(data)),
        valid_from=valid_from,
        valid_to=valid_to,
        state=states.CAPABILITY.initial,
        entered_by=None if by is None else by.person_id,
        entered_at=at,
    )
    session.add(line)
    session.flush()
    _audit(session, "capability.proposed", line, by, at)
    return line


def recognise(session: Session, code: str, version: int, *, by: Actor | None, at: datetime) -> Capability:
    """Publish a version; the one before ends the day before it begins."""
    if by is not None:
        require(by, "scope.manage")
    line = _line(session, code, version)
    for other in session.scalars(select(Capability).where(Capability.code == code, Capability.state == "recognised")):
        states.CAPABILITY.move(other, "changed")
        other.valid_to = min(other.valid_to, line.valid_from - timedelta(days=1))
    session.flush()
    states.CAPABILITY.move(line, "recognised")
    session.flush()
    _audit(session, "capability.recognised", line, by, at)
    return line


def withdraw(session: Session, code: str, version: int, reason: str, *, by: Actor, at: datetime) -> Capability:
    """Take a version out of the scope, with the reason."""
    require(by, "scope.manage")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why it is withdrawn"))
    line = _line(session, code, version)
    states.CAPABILITY.move(line, "withdrawn")
    session.flush()
    _audit(session, "capability.withdrawn", line, by, at, reason.strip())
    return line


def _line(session: Session, code: str, version: int) -> Capability:
    known = select(Capability).where(Capability.code == code, Capability.version == version)
    line = session.scalar(known) if version <= LARGEST_ID else None
    if line is None:
        raise NotFound(kind="capability", number=f"{code} / {version}")
    return line


def _audit(
    session: Session, act: str, line: Capability, by: Actor | None, at: datetime, reason: str | None = None
) -> None:
    audit.append(
        session,
        act,
        "capability",
        line.code,
        by=by.username if by else "command line",
        at=at,
        after=line.digest,
        payload={"version": line.version},
        reason=reason,
    )
