"""Found a laboratory, keep its profile, publish its procedures, enter its customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from instruments import procedures
from lims import audit
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import Customer, Laboratory, ProcedureVersion
from lims.services import rules


def exists(session: Session) -> bool:
    return session.get(Laboratory, 1) is not None


def found(session: Session, profile: Mapping[str, Any], *, at: datetime) -> Laboratory:
    """The laboratory's profile, entered once: name, address, place, code, contact, time_zone, settings."""
    laboratory = Laboratory(id=1, profile=dict(profile))
    session.add(laboratory)
    session.flush()
    rules.seed(session, at=at)
    audit.append(session, "laboratory.founded", "laboratory", 1, by="command line", at=at, payload=dict(profile))
    return laboratory


def add_customer(
    session: Session,
    *,
    name: Mapping[str, str],
    address: Mapping[str, str],
    contact: str,
    by: Actor | None,
    at: datetime,
) -> Customer:
    if by is not None:
        require(by, "customers.manage")
    customer = Customer(name=dict(name), address=dict(address), contact=contact)
    session.add(customer)
    session.flush()
    audit.append(session, "customer.added", "customer", customer.id, by=by.username if by else "command line", at=at)
    return customer


def publish_procedure(session: Session, text: str, *, by: Actor | None, at: datetime) -> ProcedureVersion:
    """Make a procedure document the current version of its name; the one before is superseded, and stays."""
    if by is not None:
        require(by, "procedures.manage")
    document = procedures.read(text)
    same = session.scalar(
        select(ProcedureVersion).where(
            ProcedureVersion.name == document.name,
            ProcedureVersion.digest == document.digest,
            ProcedureVersion.state == "current",
        )
    )
    if same is not None:
        return same
    session.execute(
        update(ProcedureVersion)
        .where(ProcedureVersion.name == document.name, ProcedureVersion.state == "current")
        .values(state="superseded")
    )
    version = ProcedureVersion(
        name=document.name,
        version=document.version,
        title=dict(document.title),
        text=text,
        digest=document.digest,
        state="draft",
        method_code=document.method.code,
    )
    session.add(version)
    session.flush()
    states.PROCEDURE.move(version, "current")
    session.flush()
    audit.append(
        session,
        "procedure.published",
        "procedure",
        document.name,
        by=by.username if by else "command line",
        at=at,
        after=document.digest,
        payload={"version": document.version},
    )
    return version
