"""The laboratory waits: for the customer, a part, the weather. Each hold has its reason, its begin and its end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue, WrongState
from lims.domain.rights import require
from lims.queries import clocks
from lims.queries.details import request_by_number
from lims.records import Request, RequestHold
from lims.services import notices


def begin(session: Session, number: str, reason: str, note: str, *, by: Actor, at: datetime) -> RequestHold:
    """The clock of a request stands from now on. Raises UnusableValue, WrongState where it stands already."""
    require(by, "requests.hold")
    request = request_by_number(session, number, by=by, lock=True)
    if reason not in clocks.REASONS:
        raise UnusableValue(field="reason", found=reason or "—", right=", ".join(clocks.REASONS))
    if request.state not in (*clocks.RUNNING, "discrepancy"):
        raise WrongState(
            kind="request", number=number, state=request.state, wanted="on_hold", allowed="received, in_work"
        )
    if _open(session, request.id) is not None:
        raise WrongState(kind="request", number=number, state="on_hold", wanted="on_hold", allowed="in_work")
    hold = RequestHold(request_id=request.id, reason=reason, note=note.strip(), at=at, by_id=by.person_id, ends_id=None)
    session.add(hold)
    session.flush()
    if reason == "customer":
        notices.item_held(session, request, note, at=at)
    audit.append(
        session, "request.held", "request", number, by=by.username, at=at, payload={"why": reason}, reason=note.strip()
    )
    return hold


def end(session: Session, number: str, *, by: Actor, at: datetime) -> RequestHold:
    """The clock goes on. Raises WrongState where it does not stand."""
    require(by, "requests.hold")
    request = request_by_number(session, number, by=by, lock=True)
    held = _open(session, request.id)
    if held is None:
        raise WrongState(kind="request", number=number, state=request.state, wanted="in_work", allowed="on_hold")
    ended = RequestHold(request_id=request.id, reason=held.reason, note="", at=at, by_id=by.person_id, ends_id=held.id)
    session.add(ended)
    session.flush()
    notices.settle(session, "item_held", f"/requests/{number}", customer_id=request.customer_id, at=at)
    audit.append(session, "request.resumed", "request", number, by=by.username, at=at, payload={"why": held.reason})
    return ended


def let_go(session: Session, request: Request, *, who: Actor, at: datetime) -> None:
    """End the hold of a request that a service has decided on, where there is one; the service has asked for the right."""
    held = _open(session, request.id)
    if held is not None:
        session.add(
            RequestHold(request_id=request.id, reason=held.reason, note="", at=at, by_id=who.person_id, ends_id=held.id)
        )
        session.flush()
        notices.settle(session, "item_held", f"/requests/{request.number}", customer_id=request.customer_id, at=at)
        audit.append(
            session, "request.resumed", "request", request.number, by=who.username, at=at, payload={"why": held.reason}
        )


def _open(session: Session, request_id: int) -> RequestHold | None:
    """The hold that has not ended."""
    ended = select(RequestHold.ends_id).where(RequestHold.request_id == request_id, RequestHold.ends_id.is_not(None))
    return session.scalar(
        select(RequestHold).where(
            RequestHold.request_id == request_id, RequestHold.ends_id.is_(None), RequestHold.id.not_in(ended)
        )
    )
