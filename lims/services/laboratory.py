"""Found a laboratory, keep its profile, enter its customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims import audit
from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.records import Customer, Laboratory
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
