"""What goes otherwise with an item in the laboratory: each incident leaves its evidence, some move the job.

incidents.note(session, number, "uncalibratable", "display dead", by=by, at=at)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.domain import gates, handling, states, workdays
from lims.domain.actor import Actor
from lims.domain.agreement import one_of
from lims.domain.errors import UnusableValue, WrongState
from lims.domain.rights import may, require
from lims.queries import items as lists
from lims.queries import registers
from lims.queries.details import request_by_number
from lims.records import Certificate, HandOver, ItemEvent, Record, Request
from lims.services import cases, chart_cases, gatekeeping, holds
from lims.services.item_events import Upload, leave, required, stored_photo
from lims.services.orders import settle
from lims.words import N_


def note(
    session: Session,
    number: str,
    kind: str,
    reason: str,
    *,
    left_out: str = "",
    photo: Upload | None = None,
    by: Actor,
    at: datetime,
) -> ItemEvent:
    """Something happened to an item. kind: lims.domain.handling.INCIDENTS. left_out: what a partial job leaves out.

    An adjustment needs the item measured as found, and adds the stage as left (7.8.4.1 d). In an arbitration nothing
    alters the item. Damage and loss open a nonconformity where the person may report one.
    Raises UnusableValue, WrongState, GateClosed.
    """
    require(by, "items.handle")
    request = request_by_number(session, number, by=by, lock=True)
    one_of("kind", kind, tuple(handling.INCIDENTS))
    incident = handling.INCIDENTS[kind]
    said = required("reason", reason, N_("what happened, and why"))
    if request.state not in incident.within:
        raise WrongState(
            kind="request", number=number, state=request.state, wanted=kind, allowed=", ".join(incident.within)
        )
    if incident.alters:
        _refuse_altering(session, request, kind, by=by, at=at)
    payload = _consequences(session, request, kind, said, left_out, by=by, at=at)
    row = leave(
        session,
        request,
        kind,
        said,
        who=by,
        at=at,
        payload=payload,
        file=stored_photo(session, photo, who=by, at=at),
    )
    if incident.to is not None:
        holds.let_go(session, request, who=by, at=at)
        states.REQUEST.move(request, incident.to)
        session.flush()
        if request.work_order_id is not None:
            settle(session, request.work_order_id, at)
    return row


def _refuse_altering(session: Session, request: Request, kind: str, *, by: Actor, at: datetime) -> None:
    lines = [gates.state_frozen(request.frozen, "as_left")]
    if kind == "adjusted":
        lines.append(handling.found_before_altering(_measured_as_found(session, request.id)))
    gatekeeping.pass_through(session, kind, "request", request.number, lines, by=by, at=at)


def _measured_as_found(session: Session, request_id: int) -> bool:
    return (
        session.scalar(
            select(Record.id)
            .where(
                Record.request_id == request_id,
                Record.stage == "as_found",
                Record.state.not_in(("open", "interrupted")),
            )
            .limit(1)
        )
        is not None
    )


def _consequences(
    session: Session, request: Request, kind: str, said: str, left_out: str, *, by: Actor, at: datetime
) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    if kind == "partial":
        payload["left_out"] = required("left_out", left_out, N_("the points or functions that are left out"))
    if kind == "adjusted" or (kind == "repaired" and _measured_as_found(session, request.id)):
        payload["as_left"] = request.as_left = True  # results before and after, as far as available (7.8.4.1 d)
    if kind == "repaired" and request.state == "uncalibratable":
        states.REQUEST.move(request, "in_work")
    if kind in handling.NEEDS_A_CASE and may(by, "quality.report"):
        case = chart_cases.open_case(
            session,
            title=said[:200],
            origin={"type": "request", "number": request.number, "event": kind},
            severity="major",
            by=by,
            at=at,
        )
        payload["case"] = case.number
    return payload


def mark_conflict(session: Session, number: str, person_id: int, reason: str, *, by: Actor, at: datetime) -> ItemEvent:
    """A person has an interest in this item and is not to work on it (ISO/IEC 17025:2017, 4.1.4). Raises UnusableValue."""
    require(by, "items.assign")
    request = request_by_number(session, number, by=by)
    said = required("conflict_reason", reason, N_("which interest the person has"))
    payload: Mapping[str, Any] = {"about": lists.CONFLICT, "person": person_id}
    if person_id in (request.assigned_to_id, request.checker_id):
        raise UnusableValue(field="person", found=str(person_id), right=N_("a person who is not assigned to this item"))
    return leave(session, request, "note", said, who=by, at=at, payload=payload)


def dispute(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> ItemEvent:
    """The customer objects to a result; whether within the term stands with it. It opens a dispute; the job stays.

    A customer objects for themselves; the laboratory's people note what they were told. Raises UnusableValue, WrongState.
    """
    require(by, "complaints.create")
    request = request_by_number(session, number, by=by)
    said = required("dispute", reason, N_("what is objected to"))
    newest = session.scalar(select(func.max(Certificate.issued_at)).where(Certificate.request_id == request.id))
    if newest is None:
        raise WrongState(
            kind="request", number=number, state=request.state, wanted=N_("disputed"), allowed=N_("issued first")
        )
    given = session.scalar(select(func.max(HandOver.at)).where(HandOver.request_id == request.id))
    calendar = workdays.read(registers.laboratory(session).get("calendar", {}))
    until = handling.dispute_until(registers.day(session, given or newest), calendar)
    payload = {
        "about": lists.DISPUTE,
        "until": until.isoformat(),
        "in_time": registers.day(session, at) <= until,
        "public": True,
    }
    origin = {"type": "request", "number": number}
    case = cases.open_case(session, "dispute", said, origin=origin, severity="major", by=by, at=at)
    payload["case"] = case.number
    return leave(session, request, "note", said, who=by, at=at, payload=payload)


def tell_out_of_tolerance(session: Session, number: str, text: str, *, by: Actor, at: datetime) -> ItemEvent:
    """The customer reads on the item's page that it was found outside its limits, before a certificate says so."""
    require(by, "items.handle")
    request = request_by_number(session, number, by=by)
    payload = {"about": lists.OUT_OF_TOLERANCE, "public": True}
    return leave(session, request, "note", required("text", text, N_("what was found")), who=by, at=at, payload=payload)
