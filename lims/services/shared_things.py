"""What can be booked beside the standards: benches and rooms; and which things customers may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from lims import audit
from lims.domain import bookings as rules
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import bookings as lists
from lims.records import Instrument
from lims.records.series import next_number
from lims.services.item_events import required
from lims.words import N_

LONGEST = 200
"""Characters of a name and of a place."""


def add_place(
    session: Session, kind: str, name: Mapping[str, str], location: str, *, by: Actor, at: datetime
) -> Instrument:
    """A bench or a room that can be booked, under a code of the ledger. Raises UnusableValue."""
    require(by, "bookings.manage")
    if kind not in rules.PLACES:
        raise UnusableValue(field="kind", found=kind or "—", right=", ".join(rules.PLACES))
    zh = required("name", name.get("zh", ""), N_("a name"))[:LONGEST]
    row = Instrument(
        code=next_number(session, "instrument", at),
        kind=kind,
        description={"zh": zh, "en": name.get("en", "").strip()[:LONGEST] or zh},
        maker="",
        model="",
        serial="",
        customer_id=None,
        state="in_service",
        details={"location": location.strip()[:LONGEST]} if location.strip() else {},
    )
    session.add(row)
    session.flush()
    audit.append(
        session, "instrument.added", "instrument", row.code, by=by.username, at=at, payload={"kind": kind, "name": zh}
    )
    return row


def share(session: Session, code: str, *, open_to: bool, by: Actor, at: datetime) -> Instrument:
    """Whether customers may ask for a thing. Raises NotFound."""
    require(by, "bookings.manage")
    found = lists.thing(session, code, by)
    if bool(found.details.get(lists.GUESTS)) != open_to:
        found.details = found.details | {lists.GUESTS: open_to}
        session.flush()
        act = "instrument.shared" if open_to else "instrument.not_shared"
        audit.append(session, act, "instrument", code, by=by.username, at=at)
    return found
