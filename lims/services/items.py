"""Items arriving: received with photographs, found to differ from the order, decided on, photographed, labelled.

accepted ──receive──▶ received
        └─(differs, damaged)─▶ discrepancy ──resolve──▶ received | refused | withdrawn
While something differs the clock stands, for the laboratory waits for the customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import handling, states
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.errors import NotAllowed, UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries.details import request_by_number
from lims.records import Instrument, ItemEvent, Receipt, Request
from lims.services import holds, ledger, requests
from lims.services.item_events import Upload, leave, required, stored_photo
from lims.services.orders import settle
from lims.words import N_

SEPARATOR = "; "
PHOTOS = 6


@dataclass(frozen=True, slots=True)
class Arrival:
    """What reception sees. accessories: keys of handling.ACCESSORIES; others: as typed.

    differs: what is not as ordered; damaged: what is broken. Either of them makes it a discrepancy.
    """

    condition: Mapping[str, str]
    accessories: Sequence[str] = ()
    others: str = ""
    differs: str = ""
    damaged: str = ""

    @property
    def listed(self) -> str:
        """The accessories as the receipt keeps them: keys first, then what was typed."""
        return SEPARATOR.join([*self.accessories, *([self.others.strip()] if self.others.strip() else [])])


def receive(
    session: Session, number: str, arrival: Arrival, *, photos: Sequence[Upload] = (), by: Actor, at: datetime
) -> Request:
    """The item has arrived (ISO/IEC 17025:2017, 7.4.3): as ordered, or differing, which stops the work for the customer.

    Raises UnusableValue, WrongState.
    """
    require(by, "items.receive")
    for each in arrival.accessories:
        one_of("accessories", each, tuple(handling.ACCESSORIES))
    if len(photos) > PHOTOS:
        raise UnusableValue(field="photo", found=str(len(photos)), right=N_("at most 6 pictures at once"))
    request = request_by_number(session, number, by=by, lock=True)
    if arrival.differs.strip() or arrival.damaged.strip():
        _arrived_otherwise(session, request, arrival, by=by, at=at)
    else:
        requests.receive(session, number, condition=arrival.condition, accessories=arrival.listed, by=by, at=at)
    for photo in photos:
        leave(session, request, "photo", who=by, at=at, file=stored_photo(session, photo, who=by, at=at))
    return request


def _arrived_otherwise(session: Session, request: Request, arrival: Arrival, *, by: Actor, at: datetime) -> None:
    states.REQUEST.move(request, "discrepancy")
    session.add(
        Receipt(
            request_id=request.id,
            condition=dict(arrival.condition),
            accessories=arrival.listed,
            received_at=at,
            by_id=by.person_id,
        )
    )
    session.flush()
    payload = {"condition": dict(arrival.condition), "accessories": arrival.listed}
    audit.append(session, "item.arrived", "request", request.number, by=by.username, at=at, payload=payload)
    if arrival.damaged.strip():
        leave(session, request, "damaged_on_receipt", arrival.damaged, who=by, at=at)
    if arrival.differs.strip():
        leave(session, request, "discrepancy", arrival.differs, who=by, at=at)
    why = SEPARATOR.join(each.strip() for each in (arrival.damaged, arrival.differs) if each.strip())
    holds.begin(session, request.number, "customer", why, by=by, at=at)


def resolve(
    session: Session,
    number: str,
    decision: str,
    reason: str,
    *,
    identity: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> Request:
    """Decide on an item that arrived differing. decision: lims.domain.handling.DECISIONS.

    A customer decides on their own item; reception notes what the customer has said, and may refuse it. identity:
    maker, model, serial as found on the name plate, for "correct". Raises UnusableValue, WrongState, NotAllowed.
    """
    require(by, "requests.create")
    request = request_by_number(session, number, by=by, lock=True)
    one_of("decision", decision, tuple(handling.DECISIONS))
    if by.customer_id is None:
        require(by, "items.receive")
    elif decision not in handling.BY_CUSTOMER:
        raise NotAllowed(username=by.username, right="items.receive")
    if request.state != "discrepancy":
        raise WrongState(
            kind="request", number=number, state=request.state, wanted=N_("decided"), allowed="discrepancy"
        )
    said = reason.strip() if by.customer_id is not None else required("reason", reason, N_("who has decided, and why"))
    if decision == "correct":
        _correct(session, request, identity or {}, said, by=by, at=at)
    holds.let_go(session, request, who=by, at=at)
    to = {"send_back": "withdrawn", "refuse": "refused"}.get(decision, "received")
    states.REQUEST.move(request, to)
    session.flush()
    if decision == "send_back":
        leave(session, request, "withdrawn", said, who=by, at=at, payload={"decision": decision})
    audit.append(
        session,
        "item.decided",
        "request",
        number,
        by=by.username,
        at=at,
        payload={"decision": decision, "state": to},
        reason=said or None,
    )
    decided = {"about": "decision", "decision": decision, "public": True}
    leave(session, request, "note", said, who=by, at=at, payload=decided)
    if request.work_order_id is not None:
        settle(session, request.work_order_id, at)
    return request


def _correct(
    session: Session, request: Request, identity: Mapping[str, Any], reason: str, *, by: Actor, at: datetime
) -> None:
    """The name plate says otherwise than the order: the ledger is mended, and what stood there is kept."""
    item = session.get_one(Instrument, request.instrument_id)
    before = {name: getattr(item, name) for name in ("maker", "model", "serial")}
    wanted = {name: str(identity.get(name, "")).strip() or before[name] for name in before}
    if wanted == before:
        raise UnusableValue(field="serial", found=item.serial, right=N_("another maker, model or serial number"))
    ledger.edit_instrument(
        session,
        item.code,
        version=item.version,
        identity=wanted,
        details={},
        due=item.due,
        reason=reason,
        by=by,
        at=at,
    )
    changed = {name: [before[name], wanted[name]] for name in before if before[name] != wanted[name]}
    leave(session, request, "identity_corrected", reason, who=by, at=at, payload={"changed": changed})


def photograph(session: Session, number: str, photo: Upload, note: str, *, by: Actor, at: datetime) -> ItemEvent:
    """A photograph of the item as it is now. Raises UnusableValue for no picture, or one over 8 MiB."""
    require(by, "items.handle")
    request = request_by_number(session, number, by=by)
    return leave(session, request, "photo", note, who=by, at=at, file=stored_photo(session, photo, who=by, at=at))


def print_labels(session: Session, numbers: Sequence[str], label: str, *, by: Actor, at: datetime) -> int:
    """Note that labels are printed; how many. label: item | status."""
    require(by, "items.handle")
    one_of("label", label, ("item", "status"))
    for number in dict.fromkeys(numbers):
        request = request_by_number(session, number, by=by)
        printed = session.scalars(
            select(ItemEvent).where(ItemEvent.request_id == request.id, ItemEvent.kind == "label")
        ).all()
        copy = sum(each.payload.get("label") == label for each in printed) + 1
        leave(session, request, "label", who=by, at=at, payload={"label": label, "copy": copy})
    return len(dict.fromkeys(numbers))
