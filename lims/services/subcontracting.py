"""Work given to another laboratory: the customer agrees, an approved provider gets it, its certificate comes back.

consent ─▶ send (the clock stands) ─▶ come_back (its certificate kept, marked as an external result)
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lims.domain import handling, pictures, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, WrongState
from lims.domain.rights import require
from lims.queries import items as lists
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import ItemEvent, Provider, Request
from lims.services import gatekeeping, holds
from lims.services.item_events import Upload, leave, required, store
from lims.services.orders import settle
from lims.services.providers import LARGEST_ID
from lims.words import N_

OPEN = ("accepted", "received", "in_work")


def consent(session: Session, number: str, said: str, *, by: Actor, at: datetime) -> ItemEvent:
    """The customer agrees that another laboratory does the work (ISO/IEC 17025:2017, 7.1.1 c).

    A customer agrees for their own item; reception notes who agreed and how. Raises UnusableValue, WrongState.
    """
    require(by, "requests.create")
    request = _open_job(session, number, "subcontract_consent", by)
    text = said if by.customer_id is not None else required("consent", said, N_("who has agreed, and how"))
    if by.customer_id is None:
        require(by, "items.handle")
    return leave(session, request, "subcontract_consent", text, who=by, at=at)


def send(
    session: Session, number: str, provider_id: int, measurand: str, note: str, *, by: Actor, at: datetime
) -> ItemEvent:
    """The item goes to an approved provider whose scope holds the measurand; the clock stands until it is back.

    Raises GateClosed, NotFound, UnusableValue, WrongState.
    """
    require(by, "items.handle")
    request = _open_job(session, number, "subcontracted", by)
    if request.state == "accepted":
        raise WrongState(
            kind="request", number=number, state=request.state, wanted="subcontracted", allowed="received, in_work"
        )
    wanted = required("measurand", measurand, N_("the measurand that the provider is asked for"))
    provider = session.get(Provider, provider_id) if provider_id <= LARGEST_ID else None
    if provider is None:
        raise NotFound(kind="provider", number=str(provider_id))
    agreed = bool(lists.events_of(session, request.id, "subcontract_consent"))
    day = registers.day(session, at)
    lines = [
        handling.consent_given(agreed),
        *handling.provider_suitable(provider.name, provider.state, provider.valid_to, provider.scope, wanted, day),
    ]
    gatekeeping.pass_through(session, "subcontract", "request", number, lines, by=by, at=at)
    if request.state == "received":
        states.REQUEST.move(request, "in_work")
    holds.begin(session, number, "subcontract", note, by=by, at=at)
    payload = {"provider": provider.id, "name": dict(provider.name), "measurand": wanted}
    return leave(session, request, "subcontracted", note, who=by, at=at, payload=payload)


def come_back(
    session: Session,
    number: str,
    certificate: str,
    paper: Upload,
    *,
    whole: bool,
    by: Actor,
    at: datetime,
) -> ItemEvent:
    """The item is back with the provider's certificate, kept with its digest. whole: nothing is left to do here.

    Its results are an external provider's on every certificate of this job (ISO/IEC 17025:2017, 7.8.2.1 p).
    Raises UnusableValue, WrongState.
    """
    require(by, "items.handle")
    request = _open_job(session, number, "subcontract_returned", by)
    sent = lists.events_of(session, request.id, "subcontracted", "subcontract_returned")
    if not sent or sent[-1].kind != "subcontracted":
        raise WrongState(
            kind="request",
            number=number,
            state=request.state,
            wanted="subcontract_returned",
            allowed=N_("sent to another laboratory first"),
        )
    said = required("certificate", certificate, N_("the number of the provider's certificate"))
    name, content = paper
    kind = pictures.check_certificate(name, content)
    kept = store(session, name, content, kind, who=by, at=at)
    payload = {**sent[-1].payload, "certificate": said, "whole": whole}
    row = leave(session, request, "subcontract_returned", said, who=by, at=at, payload=payload, file=kept)
    holds.let_go(session, request, who=by, at=at)
    if whole:
        states.REQUEST.move(request, "issued")
        session.flush()
        if request.work_order_id is not None:
            settle(session, request.work_order_id, at)
    return row


def _open_job(session: Session, number: str, wanted: str, by: Actor) -> Request:
    request = request_by_number(session, number, by=by, lock=True)
    if request.state not in OPEN:
        raise WrongState(kind="request", number=number, state=request.state, wanted=wanted, allowed=", ".join(OPEN))
    return request
