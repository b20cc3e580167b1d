"""Work orders: held, resumed, cancelled, closed by a person; and the laboratory's own work, opened without an order."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import agreement, orders, states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, NotFound, UnusableValue
from lims.domain.rights import require
from lims.queries.orders import work_order_by_number
from lims.records import Instrument, WorkOrder
from lims.records.series import next_number
from lims.services import requests
from lims.services.orders import settle, withdraw_jobs
from lims.words import N_

BY_HAND = ("on_hold", "in_progress", "cancelled", "closed")
"""Where a person may move a work order; the other states follow from its items."""


def move(session: Session, number: str, state: str, reason: str, *, by: Actor, at: datetime) -> WorkOrder:
    """Hold, resume, cancel or close a work order, with the reason. Cancelling withdraws the jobs that are not finished.

    Raises WrongState, UnusableValue.
    """
    require(by, "requests.review")
    work = work_order_by_number(session, number, by=by, lock=True)
    agreement.one_of("state", state, BY_HAND)
    if state in ("on_hold", "cancelled") and not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the work stops"))
    states.WORK_ORDER.require(number, work.state, state)
    if state == "cancelled":
        withdraw_jobs(session, work.id)
    states.WORK_ORDER.move(work, state)
    session.flush()
    audit.append(
        session, f"work_order.{state}", "work_order", number, by=by.username, at=at, reason=reason.strip() or None
    )
    return settle(session, work.id, at)


def open_internal(
    session: Session,
    *,
    kind: str,
    standard: str,
    procedure: str,
    due: date | None,
    note: str,
    by: Actor,
    at: datetime,
) -> WorkOrder:
    """Work of the laboratory on a standard of its own: an intermediate check, a repeatability test, …

    standard: its lifetime code. No customer's order, no fee, no certificate asked for. Raises NotFound, UnusableValue.
    """
    require(by, "requests.create")
    if by.customer_id is not None:
        raise NotAllowed(username=by.username, right="requests.create")
    agreement.one_of("kind", kind, orders.INTERNAL)
    item = session.scalar(
        select(Instrument).where(Instrument.code == standard, Instrument.kind.in_(("standard", "monitor")))
    )
    if item is None:
        raise NotFound(kind="standard", number=standard)
    customer = requests.own_customer(session, by=by, at=at)
    work = WorkOrder(
        number=next_number(session, "work_order", at),
        service_request_id=None,
        kind=kind,
        agreed={"note": note.strip(), "standard": standard},
        due=due,
        state=states.WORK_ORDER.initial,
        accepted_by_id=by.person_id,
        accepted_at=at,
    )
    session.add(work)
    session.flush()
    requests.create(
        session,
        customer_id=customer.id,
        instrument=item.id,
        procedure=procedure,
        document_kind="calibration",
        rule={"rule": "none"},
        note=note.strip(),
        work=kind,
        work_order_id=work.id,
        by=by,
        at=at,
    )
    audit.append(
        session,
        "work_order.accepted",
        "work_order",
        work.number,
        by=by.username,
        at=at,
        payload={"kind": kind, "standard": standard},
    )
    return work
