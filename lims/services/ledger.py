"""The registers of those who order: customers, and their instruments, each under one code for its whole life."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.errors import NotAllowed, StaleEdit, UnusableValue
from lims.domain.rights import may, require
from lims.queries import ledger
from lims.records import Customer, Instrument, Request
from lims.records.series import next_number
from lims.services import laboratory
from lims.words import N_

OWN = "internal"
"""The contact of the laboratory as its own customer."""
IDENTITY = ("maker", "model", "serial", "description")
DETAILS = ("class", "range", "resolution", "mpe", "location", "custodian", "interval", "asset")
"""What the ledger keeps beside the identity; class: A, B or C, interval: months."""
CUSTOMER_DETAILS = ("invoice_title", "tax_number", "telephone", "email", "county")
BY_HAND = ("in_service", "stopped", "sealed", "scrapped")
"""States that a person sets; the others follow from work."""


def add_customer(
    session: Session,
    *,
    name: Mapping[str, str],
    address: Mapping[str, str],
    contact: str,
    details: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> Customer:
    """A new customer with what an invoice needs. Raises UnusableValue."""
    require(by, "customers.manage")
    _check_customer(name, contact, details)
    customer = laboratory.add_customer(session, name=name, address=address, contact=contact, by=by, at=at)
    customer.details = _kept(details, CUSTOMER_DETAILS)
    session.flush()
    return customer


def edit_customer(
    session: Session,
    customer_id: int,
    *,
    version: int,
    name: Mapping[str, str],
    address: Mapping[str, str],
    contact: str,
    details: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> Customer:
    """Change a customer. Raises StaleEdit when somebody else has changed it since `version`."""
    require(by, "customers.manage")
    customer = ledger.customer(session, customer_id, by=by, lock=True)
    if customer.contact == OWN:
        raise NotAllowed(username=by.username, right="customers.manage")
    if customer.version != version:
        raise StaleEdit(kind="customer", number=str(customer_id), found=customer.version, yours=version)
    _check_customer(name, contact, details)
    before = {"name": dict(customer.name), "address": dict(customer.address), "contact": customer.contact}
    customer.name, customer.address, customer.contact = dict(name), dict(address), contact
    customer.details = dict(customer.details) | _kept(details, CUSTOMER_DETAILS)
    session.flush()
    audit.append(
        session,
        "customer.changed",
        "customer",
        customer.id,
        by=by.username,
        at=at,
        payload={"before": before, "name": dict(name), "address": dict(address), "contact": contact},
    )
    return customer


def _check_customer(name: Mapping[str, str], contact: str, details: Mapping[str, str]) -> None:
    if not str(name.get("zh", "")).strip():
        raise UnusableValue(field="name", found="—", right=N_("filled in"))
    if contact == OWN:
        raise UnusableValue(field="contact", found=contact, right=N_("the name of a person"))
    email = str(details.get("email", "")).strip()
    if email and (email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email):
        raise UnusableValue(field="email", found=email, right=N_("an address such as name@example.com"))


def _kept(details: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(details[name]).strip() for name in names if name in details}


def instrument_of(
    session: Session, instrument: int | Mapping[str, Any], customer: Customer, *, by: Actor, at: datetime
) -> Instrument:
    """The customer's instrument with that id; or the one described, entered in the ledger where it is not there yet.

    The laboratory as its own customer has its standards. Raises NotFound, UnusableValue.
    """
    require(by, "items.read")
    if isinstance(instrument, int):
        return ledger.of_customer(session, instrument, customer.id, own=customer.contact == OWN, by=by)
    for name in ("maker", "model", "serial"):
        if not str(instrument.get(name, "")).strip():
            raise UnusableValue(field=name, found="", right=N_("as printed on the instrument's type plate"))
    model, serial = str(instrument["model"]).strip(), str(instrument["serial"]).strip()
    same = session.scalar(
        select(Instrument).where(
            Instrument.customer_id == customer.id, Instrument.model == model, Instrument.serial == serial
        )
    )
    return same if same is not None else _enter(session, instrument, customer.id, by=by, at=at)


def _enter(session: Session, said: Mapping[str, Any], customer_id: int, *, by: Actor, at: datetime) -> Instrument:
    item = Instrument(
        code=next_number(session, "instrument", at),
        kind="item",
        description=dict(said.get("description") or {"zh": "", "en": ""}),
        maker=str(said["maker"]).strip(),
        model=str(said["model"]).strip(),
        serial=str(said["serial"]).strip(),
        customer_id=customer_id,
        state="in_service",
        details=_kept(said.get("details") or {}, DETAILS),
    )
    session.add(item)
    session.flush()
    audit.append(session, "instrument.added", "instrument", item.code, by=by.username, at=at)
    return item


def edit_instrument(
    session: Session,
    code: str,
    *,
    version: int,
    identity: Mapping[str, Any],
    details: Mapping[str, str],
    due: date | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Instrument:
    """Change what the ledger says of an instrument. A changed identity needs its reason.

    A customer mends the identity of an instrument that has never been worked on; afterwards the laboratory alone does,
    since certificates name it. Raises StaleEdit, NotAllowed, UnusableValue.
    """
    require(by, "requests.create")
    item = ledger.by_code(session, code, by=by, lock=True)
    if item.version != version:
        raise StaleEdit(kind="instrument", number=code, found=item.version, yours=version)
    changed = _changed(item, identity)
    if changed:
        _may_change_identity(session, item, reason, by)
    if due != item.due:
        changed["due"] = [str(item.due or ""), str(due or "")]
    said = _details(details)
    changed |= {k: [str(item.details.get(k, "")), said[k]] for k in said if str(item.details.get(k, "")) != said[k]}
    if not changed:
        return item
    for name in IDENTITY:
        if name in changed:
            setattr(item, name, identity[name])
    item.due, item.details = due, dict(item.details) | said
    session.flush()
    audit.append(
        session, "instrument.changed", "instrument", code, by=by.username, at=at, payload=changed, reason=reason.strip()
    )
    return item


def _changed(item: Instrument, identity: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Name → [old, new] of what differs. Raises UnusableValue for an empty name plate."""
    found: dict[str, list[Any]] = {}
    for name in IDENTITY:
        if name not in identity:
            continue
        if not identity[name]:
            raise UnusableValue(field=name, found="—", right=N_("filled in"))
        if identity[name] != getattr(item, name):
            found[name] = [getattr(item, name), identity[name]]
    return found


def _may_change_identity(session: Session, item: Instrument, reason: str, by: Actor) -> None:
    worked = session.scalar(select(Request.id).where(Request.instrument_id == item.id).limit(1)) is not None
    if worked and not may(by, "items.handle"):
        raise NotAllowed(username=by.username, right="items.handle")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the identity changes"))


def _details(details: Mapping[str, str]) -> dict[str, str]:
    said = _kept(details, DETAILS)
    if said.get("class"):
        one_of("class", said["class"], ("A", "B", "C"))
    interval = said.get("interval", "")
    if interval and not (interval.isascii() and interval.isdigit() and 0 < int(interval) <= 120):
        raise UnusableValue(field="interval", found=interval, right=N_("whole months, 1 to 120"))
    return said


def move_instrument(session: Session, code: str, state: str, reason: str, *, by: Actor, at: datetime) -> Instrument:
    """Stop, seal, scrap an instrument or take it into use again, with the reason. Raises WrongState, UnusableValue."""
    require(by, "requests.create")
    item = ledger.by_code(session, code, by=by, lock=True)
    one_of("state", state, BY_HAND)
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the state changes"))
    before = item.state
    states.INSTRUMENT.require(code, before, state)
    item.state = state
    session.flush()
    audit.append(
        session,
        "instrument.moved",
        "instrument",
        code,
        by=by.username,
        at=at,
        payload={"from": before, "to": state},
        reason=reason.strip(),
    )
    return item
