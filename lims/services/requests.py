"""A customer's request and the receipt of the item: what comes before any record (ISO/IEC 17025:2017, 7.1, 7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, UnusableValue
from lims.domain.rights import require
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import Customer, Instrument, ProcedureVersion, Receipt, Request
from lims.records.series import next_number
from lims.words import N_, both

RULES = (
    "none", "simple", "third", "guarded", "guarded_acceptance", "guarded_rejection", "conditional", "iso14253", "z540"
)  # fmt: skip
"""Rules that a request may agree; others want what only a laboratory knows, such as the population of items."""
WITH_r = ("guarded", "guarded_acceptance", "guarded_rejection", "conditional")
OWN = "internal"
DOCUMENT_KINDS = ("calibration", "verification")


def create(
    session: Session,
    *,
    customer_id: int,
    instrument: int | Mapping[str, Any],
    procedure: str,
    document_kind: str,
    rule: Mapping[str, Any],
    by: Actor,
    at: datetime,
    note: str = "",
    as_left: bool = False,
) -> Request:
    """A request for one item, with the decision rule agreed beforehand (7.1.3).

    instrument: an id, or maker, model, serial and description of an item not seen before.
    rule: {"rule": "none" | "simple" | "third" | "guarded", "r": guard band as a multiple of U}.
    """
    require(by, "requests.create")
    if by.customer_id is not None and by.customer_id != customer_id:
        raise NotAllowed(username=by.username, right="requests.create")
    if session.get(Customer, customer_id) is None:
        raise NotFound(kind="customer", number=str(customer_id))
    if document_kind not in DOCUMENT_KINDS:
        raise UnusableValue(field="document_kind", found=document_kind, right=", ".join(DOCUMENT_KINDS))
    agreed = _rule(rule)
    known = session.scalar(
        select(ProcedureVersion).where(ProcedureVersion.name == procedure, ProcedureVersion.state == "current")
    )
    if known is None:
        raise NotFound(kind="procedure", number=procedure)
    item = _item(session, instrument, customer_id, by=by, at=at)
    request = Request(
        number=next_number(session, "request", at),
        customer_id=customer_id,
        instrument_id=item.id,
        procedure_name=procedure,
        document_kind=document_kind,
        rule=agreed,
        as_left=as_left,
        note=note,
        state="accepted",
        created_by_id=by.person_id,
        created_at=at,
    )
    session.add(request)
    session.flush()
    audit.append(
        session,
        "request.created",
        "request",
        request.number,
        by=by.username,
        at=at,
        payload={"item": item.code, "procedure": procedure, "document_kind": document_kind, "rule": agreed},
    )
    return request


def own(session: Session, procedure: str, *, by: Actor, at: datetime) -> Request:
    """A request of the laboratory itself, for readings that come as a file and belong to no customer's order."""
    require(by, "readings.import")
    profile = registers.laboratory(session)
    customer = session.scalar(select(Customer).where(Customer.contact == OWN))
    if customer is None:
        customer = Customer(name=dict(profile["name"]), address=dict(profile["address"]), contact=OWN)
        session.add(customer)
        session.flush()
        audit.append(session, "customer.added", "customer", customer.id, by=by.username, at=at)
    item = {"maker": "-", "model": procedure, "serial": "-", "description": both("Object of the readings in the file")}
    return create(
        session,
        customer_id=customer.id,
        instrument=item,
        procedure=procedure,
        document_kind="calibration",
        rule={"rule": "none"},
        by=by,
        at=at,
    )


def receive(
    session: Session, number: str, *, condition: Mapping[str, str], accessories: str, by: Actor, at: datetime
) -> Receipt:
    """The item has arrived: its condition and accessories as seen (7.4.3)."""
    require(by, "items.receive")
    request = request_by_number(session, number, by=by)
    states.REQUEST.move(request, "received")
    receipt = Receipt(
        request_id=request.id,
        condition=dict(condition),
        accessories=accessories,
        received_at=at,
        by_id=by.person_id,
    )
    session.add(receipt)
    session.flush()
    audit.append(
        session,
        "item.received",
        "request",
        request.number,
        by=by.username,
        at=at,
        payload={"condition": dict(condition), "accessories": accessories},
    )
    return receipt


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    name = str(rule.get("rule", "none"))
    if name not in RULES:
        raise UnusableValue(field="rule", found=name, right=", ".join(RULES))
    if name not in WITH_r:
        return {"rule": name}
    try:
        r = float(rule.get("r", 1.0))
    except (TypeError, ValueError):
        r = -1.0
    if not 0 < r <= 2:
        raise UnusableValue(field="r", found=str(rule.get("r")), right=N_("a number above 0 and up to 2"))
    return {"rule": name, "r": r}


def _item(
    session: Session, instrument: int | Mapping[str, Any], customer_id: int, *, by: Actor, at: datetime
) -> Instrument:
    if isinstance(instrument, int):
        found = session.get(Instrument, instrument)
        if found is None or found.customer_id != customer_id:
            raise NotFound(kind="instrument", number=str(instrument))
        return found
    for field in ("maker", "model", "serial"):
        if not str(instrument.get(field, "")).strip():
            raise UnusableValue(field=field, found="", right=N_("as printed on the instrument's type plate"))
    same = session.scalar(
        select(Instrument).where(
            Instrument.customer_id == customer_id,
            Instrument.model == str(instrument["model"]).strip(),
            Instrument.serial == str(instrument["serial"]).strip(),
        )
    )
    if same is not None:
        return same
    item = Instrument(
        code=next_number(session, "instrument", at),
        kind="item",
        description=dict(instrument.get("description") or {"zh": "", "en": ""}),
        maker=str(instrument["maker"]).strip(),
        model=str(instrument["model"]).strip(),
        serial=str(instrument["serial"]).strip(),
        customer_id=customer_id,
        state="in_service",
    )
    session.add(item)
    session.flush()
    audit.append(session, "instrument.added", "instrument", item.code, by=by.username, at=at)
    return item
