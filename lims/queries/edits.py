"""Who changed a thing last: what the second of two editors is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.rights import require
from lims.queries import ledger, measurement_standards, orders
from lims.records import AuditEntry, Person

MANAGED = MappingProxyType({"person": "people.manage", "quality_case": "quality.manage", "risk": "quality.manage"})
"""Kind of thing → who edits it, where reading it takes no right of its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """by: None where a customer asks and somebody of the laboratory did it. act: such as order.edited."""

    by: str | None
    at: datetime
    act: str


def last(session: Session, kind: str, number: str, viewer: Actor) -> Change | None:
    """The newest act on a thing that the viewer may read; None where the chain has none. kind: as in the chain.

    Raises NotAllowed, and NotFound for what is not there or not theirs.
    """
    _require_seen(session, kind, number, viewer)
    entry = session.scalar(
        select(AuditEntry)
        .where(AuditEntry.object_type == kind, AuditEntry.object_id == number)
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    )
    if entry is None:
        return None
    return Change(entry.actor if _told(session, entry.actor, viewer) else None, entry.at, entry.act)


def _require_seen(session: Session, kind: str, number: str, viewer: Actor) -> None:
    match kind:
        case "service_request":
            orders.order_by_number(session, number, by=viewer)
        case "instrument" if viewer.customer_id is None:
            require(viewer, "items.read")  # items and standards alike
        case "instrument":
            ledger.by_code(session, number, by=viewer)
        case "customer":
            ledger.customer(session, int(number), by=viewer)
        case "measurement_standard":
            measurement_standards.by_code(session, number, viewer)
        case _:
            require(viewer, MANAGED.get(kind, "providers.manage"))


def _told(session: Session, username: str, viewer: Actor) -> bool:
    """A customer reads names of their own people alone."""
    if viewer.customer_id is None:
        return True
    return session.scalar(select(Person.customer_id).where(Person.username == username)) == viewer.customer_id
