"""Other laboratories that work may be given to: proposed, approved with their scope and its end, suspended, refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, StaleEdit, UnusableValue
from lims.domain.rights import require
from lims.records import Provider
from lims.services.item_events import required
from lims.words import N_

LARGEST_ID = 2**31 - 1


def propose(
    session: Session,
    *,
    name: Mapping[str, str],
    accreditation: str,
    scope: Sequence[str],
    valid_to: date | None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Provider:
    """A laboratory that might do work for this one. scope: measurands it is accredited for. Raises UnusableValue."""
    require(by, "providers.manage")
    required("name", name.get("zh", ""), N_("the name of the laboratory"))
    measurands = [each.strip() for each in scope if each.strip()]
    if not measurands:
        raise UnusableValue(field="scope", found="—", right=N_("the measurands it is accredited for"))
    row = Provider(
        name={"zh": name["zh"].strip(), "en": name.get("en", "").strip() or name["zh"].strip()},
        accreditation=accreditation.strip(),
        scope=measurands,
        valid_to=valid_to,
        state=states.PROVIDER.initial,
        note=note.strip(),
        entered_by_id=by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    facts = {"name": row.name, "scope": measurands, "valid_to": None if valid_to is None else valid_to.isoformat()}
    audit.append(session, "provider.proposed", "provider", str(row.id), by=by.username, at=at, payload=facts)
    return row


def move(
    session: Session, provider_id: int, state: str, reason: str, *, version: int, by: Actor, at: datetime
) -> Provider:
    """Approve, suspend or refuse a provider (ISO/IEC 17025:2017, 6.6.2), with the reason: what was looked at.

    Nobody approves their own proposal. version: as the page showed it. Raises WrongState, StaleEdit, NotAllowed.
    """
    require(by, "providers.manage")
    known = select(Provider).where(Provider.id == provider_id).with_for_update()
    row = session.scalar(known.execution_options(populate_existing=True)) if provider_id <= LARGEST_ID else None
    if row is None:
        raise NotFound(kind="provider", number=str(provider_id))
    if row.version != version:
        raise StaleEdit(kind="provider", number=row.name["zh"], found=row.version, yours=version)
    said = required("reason", reason, N_("what was looked at"))
    if state == "approved" and row.entered_by_id == by.person_id:
        raise NotAllowed(username=by.username, right=N_("approve what they proposed themselves"))
    states.PROVIDER.move(row, state)
    session.flush()
    audit.append(session, f"provider.{state}", "provider", str(row.id), by=by.username, at=at, reason=said)
    return row
