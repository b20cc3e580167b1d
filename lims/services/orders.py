"""What a customer orders: several items in one order, kept as a draft, submitted, withdrawn; and how its work stands.

draft() → edit() … → submit() → lims.services.contract_review → work orders, which settle() keeps true to their items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from lims import audit
from lims.domain import agreement, orders, states
from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed, StaleEdit, UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import ledger as registers
from lims.queries.orders import FINISHED, lines_of, order_by_number
from lims.records import (
    Customer,
    Instrument,
    ProcedureVersion,
    Receipt,
    Request,
    ServiceRequest,
    ServiceRequestLine,
    WorkOrder,
)
from lims.records.series import next_number
from lims.services import ledger
from lims.words import N_

MOST = 200
"""Lines of one order; a larger lot is several orders."""
BACK = ("returned", "closed", "withdrawn", "refused", "lost")
"""States of a job in which the laboratory has nothing of it in its hands any more."""
TO_RETURN = "to_return"
"""A withdrawn job whose item has been received: finished, and still to be given back."""


def draft(
    session: Session,
    *,
    customer_id: int,
    terms: agreement.Terms,
    lines: Sequence[agreement.Line],
    by: Actor,
    at: datetime,
) -> ServiceRequest:
    """A new order, kept as a draft. A customer orders for themselves, reception for any customer."""
    require(by, "requests.create")
    if by.customer_id is not None and by.customer_id != customer_id:
        raise NotAllowed(username=by.username, right="requests.create")
    customer = registers.customer(session, customer_id, by=by)
    agreement.check_terms(terms)
    order = ServiceRequest(
        number=next_number(session, "service_request", at),
        customer_id=customer.id,
        state=states.SERVICE_REQUEST.initial,
        created_by_id=by.person_id,
        created_at=at,
        **asdict(terms),
    )
    session.add(order)
    session.flush()
    said = _write(session, order, customer, lines, by=by, at=at)
    audit.append(
        session, "order.drafted", "service_request", order.number, by=by.username, at=at, payload={"lines": said}
    )
    return order


def edit(
    session: Session,
    number: str,
    *,
    version: int,
    terms: agreement.Terms,
    lines: Sequence[agreement.Line],
    by: Actor,
    at: datetime,
) -> ServiceRequest:
    """Replace what a draft says. Raises StaleEdit when somebody else has saved it since `version`, WrongState."""
    require(by, "requests.create")
    order = order_by_number(session, number, by=by, lock=True)
    _require_draft(order)
    if order.version != version:
        raise StaleEdit(kind="service_request", number=number, found=order.version, yours=version)
    agreement.check_terms(terms)
    for name, value in asdict(terms).items():
        setattr(order, name, value)
    flag_modified(order, "note")  # lines alone count as an edit too: the version grows
    session.execute(delete(ServiceRequestLine).where(ServiceRequestLine.service_request_id == order.id))
    session.flush()
    said = _write(session, order, session.get_one(Customer, order.customer_id), lines, by=by, at=at)
    audit.append(session, "order.edited", "service_request", number, by=by.username, at=at, payload={"lines": said})
    return order


def _require_draft(order: ServiceRequest) -> None:
    if order.state != "draft":
        raise WrongState(
            kind="service_request",
            number=order.number,
            state=order.state,
            wanted=N_("edited"),
            allowed=", ".join(states.SERVICE_REQUEST.table[order.state]) or N_("no other state"),
        )


def _write(
    session: Session,
    order: ServiceRequest,
    customer: Customer,
    lines: Sequence[agreement.Line],
    *,
    by: Actor,
    at: datetime,
) -> list[dict[str, Any]]:
    """The lines as rows; what was written, for the audit chain. A refusal names the line's instrument as `line`."""
    if not 0 < len(lines) <= MOST:
        raise UnusableValue(field="items", found=str(len(lines)), right=N_("at least one item, and at most 200"))
    known = set(session.scalars(select(ProcedureVersion.name).where(ProcedureVersion.state == "current")))
    seen: set[int] = set()
    said = []
    for position, line in enumerate(lines, 1):
        wanted, rule = _checked(line, known)
        item = ledger.instrument_of(session, line.instrument, customer, by=by, at=at)
        if item.id in seen:
            raise UnusableValue(field="items", found=f"{item.model} · {item.serial}", right=N_("each item once"))
        seen.add(item.id)
        session.add(
            ServiceRequestLine(
                service_request_id=order.id,
                position=position,
                instrument_id=item.id,
                wanted=wanted,
                work=line.work,
                use=line.use,
                procedure_name=line.procedure or None,
                rule=rule,
                as_left=line.as_left,
                note=line.note.strip(),
                state="proposed",
                review=[],
            )
        )
        said.append({"item": item.code, "work": line.work, "use": line.use, "rule": rule})
    session.flush()
    return said


def _checked(line: agreement.Line, known: set[str]) -> tuple[str, dict[str, Any]]:
    try:
        agreement.one_of("use", line.use, tuple(orders.USES))
        if line.procedure and line.procedure not in known:
            raise UnusableValue(field="procedure", found=line.procedure, right=N_("a procedure in force"))
        return agreement.wanted_of(line.work), agreement.rule_of(line.rule)
    except UnusableValue as error:
        raise UnusableValue(**error.facts | {"line": line.instrument}) from error


def submit(session: Session, number: str, *, by: Actor, at: datetime) -> ServiceRequest:
    """Hand a draft to the laboratory. Raises UnusableValue for an instrument that is scrapped."""
    require(by, "requests.create")
    order = order_by_number(session, number, by=by, lock=True)
    gone = session.scalar(
        select(Instrument.code)
        .join(ServiceRequestLine, ServiceRequestLine.instrument_id == Instrument.id)
        .where(ServiceRequestLine.service_request_id == order.id, Instrument.state == "scrapped")
        .limit(1)
    )
    if gone is not None:
        raise UnusableValue(field="items", found=gone, right=N_("an instrument that is not scrapped"))
    states.SERVICE_REQUEST.move(order, "submitted")
    order.submitted_at, order.reason, order.reason_code = at, "", None
    session.flush()
    audit.append(session, "order.submitted", "service_request", number, by=by.username, at=at)
    return order


def withdraw(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> ServiceRequest:
    """The customer takes the order back. Jobs not finished are withdrawn with it; a received item waits for its return.

    Raises WrongState when a certificate has been issued for one of its items already: then it is work done.
    """
    require(by, "requests.create")
    order = order_by_number(session, number, by=by, lock=True)
    if order.state != "draft" and not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the order is withdrawn"))
    work = session.scalars(
        select(WorkOrder).where(WorkOrder.service_request_id == order.id).with_for_update().order_by(WorkOrder.id)
    ).all()
    states.SERVICE_REQUEST.move(order, "withdrawn")
    for each in work:
        if each.state != "cancelled":
            withdraw_jobs(session, each.id)
            states.WORK_ORDER.move(each, "cancelled")
    for line in lines_of(session, order.id):
        line.state = "withdrawn" if line.state != "refused" else line.state
    order.reason = reason.strip()
    session.flush()
    audit.append(session, "order.withdrawn", "service_request", number, by=by.username, at=at, reason=reason.strip())
    return order


def withdraw_jobs(session: Session, work_order_id: int) -> None:
    """Withdraw every job of a work order, of whoever has asked for the right. Raises WrongState for one that is done."""
    jobs = select(Request).where(Request.work_order_id == work_order_id).with_for_update().order_by(Request.id)
    for job in session.scalars(jobs):
        if job.state not in ("withdrawn", "refused"):
            states.REQUEST.move(job, "withdrawn")


def settle(session: Session, work_order_id: int, at: datetime) -> WorkOrder:
    """Bring a work order, and its customer's order, to where their items are; called after an item has moved.

    In progress with the first item received, done when nothing is left to measure, closed when every item is back.
    What a person has put on hold stays so until every item is finished. Each step is in the audit chain.
    """
    session.flush()
    work = session.scalars(
        select(WorkOrder)
        .where(WorkOrder.id == work_order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    here = select(Receipt.id).where(Receipt.request_id == Request.id).correlate(Request).exists()
    rows = session.execute(select(Request.state, here).where(Request.work_order_id == work.id)).all()
    jobs = [TO_RETURN if state == "withdrawn" and received else state for state, received in rows]
    for wanted in steps(work.state, jobs):
        states.WORK_ORDER.move(work, wanted)
        session.flush()
        audit.append(session, f"work_order.{wanted}", "work_order", work.number, by="system", at=at)
    if work.service_request_id is not None and work.state in ("closed", "cancelled"):
        _settle_order(session, work.service_request_id, at)
    return work


def steps(state: str, jobs: Sequence[str]) -> list[str]:
    """The states that a work order passes through, given its items' states; none when it stands where it should."""
    if not jobs or state in ("closed", "cancelled"):
        return []
    if all(job in ("withdrawn", "refused", TO_RETURN) for job in jobs) and state != "done":
        return ["cancelled"]
    begun = any(job not in ("draft", "submitted", "accepted", "discrepancy") for job in jobs)
    finished = all(job in (*FINISHED, TO_RETURN) for job in jobs)
    back = all(job in BACK for job in jobs)
    if state == "done" and not finished:
        return ["in_progress"]
    found = ["in_progress"] if (state == "accepted" and begun) or (state == "on_hold" and finished) else []
    if finished and state != "done":
        found.append("done")
    return [*found, "closed"] if back else found


def _settle_order(session: Session, order_id: int, at: datetime) -> None:
    order = session.scalars(select(ServiceRequest).where(ServiceRequest.id == order_id).with_for_update()).one()
    left = session.scalars(select(WorkOrder.state).where(WorkOrder.service_request_id == order_id)).all()
    if order.state == "accepted" and all(state in ("closed", "cancelled") for state in left):
        states.SERVICE_REQUEST.move(order, "closed")
        session.flush()
        audit.append(session, "order.closed", "service_request", order.number, by="system", at=at)
