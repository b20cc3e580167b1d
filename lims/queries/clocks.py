"""When something is due: the term of its kind, from its receipt, in the laboratory's calendar, without its holds.

Terms are data of the laboratory (profile["terms"]: document kind → days, counted, source, verified); the calendar too
(profile["calendar"]). Without a term nothing is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain import workdays
from lims.queries import registers
from lims.records import Receipt, Request, RequestHold

RUNNING = ("received", "in_work")
REASONS = ("customer", "part", "repair", "subcontract", "environment", "other")


def terms(profile: Mapping[str, Any]) -> dict[str, workdays.Term]:
    """Document kind → term, as the laboratory keeps them."""
    return {
        kind: workdays.Term(
            code=kind,
            days=int(entry["days"]),
            counted=str(entry.get("counted", "working")),
            source=dict(entry.get("source", {})),
            verified=bool(entry.get("verified", False)),
            waives_fee=bool(entry.get("waives_fee", False)),
        )
        for kind, entry in profile.get("terms", {}).items()
    }


def holds(session: Session, request_ids: Iterable[int]) -> dict[int, list[workdays.Hold]]:
    """Request → its holds in order, by the laboratory's days."""
    rows = session.scalars(
        select(RequestHold).where(RequestHold.request_id.in_(list(request_ids))).order_by(RequestHold.id)
    )
    return _spans(rows, registers.zone(session))


def _spans(rows: Iterable[RequestHold], zone: ZoneInfo) -> dict[int, list[workdays.Hold]]:
    found: dict[int, list[workdays.Hold]] = {}
    begun: dict[int, tuple[int, date, str]] = {}
    for row in rows:
        day = row.at.astimezone(zone).date()
        if row.ends_id is None:
            begun[row.id] = (row.request_id, day, row.reason)
        else:
            request, start, reason = begun.pop(row.ends_id)
            found.setdefault(request, []).append(workdays.Hold(start, day, reason))
    for request, start, reason in begun.values():
        found.setdefault(request, []).append(workdays.Hold(start, None, reason))
    return found


def of_requests(session: Session, requests: Iterable[Request], today: date) -> dict[int, workdays.Clock]:
    """Request → its clock, for those that are in the laboratory and have a term."""
    profile = registers.laboratory(session)
    known, calendar = terms(profile), workdays.read(profile.get("calendar", {}))
    running = [request for request in requests if request.state in RUNNING and request.document_kind in known]
    if not running:
        return {}
    zone = registers.zone(session)
    received: dict[int, date] = {}
    rows: dict[int, RequestHold] = {}
    for request_id, at, hold in session.execute(
        select(Receipt.request_id, Receipt.received_at, RequestHold)
        .outerjoin(RequestHold, RequestHold.request_id == Receipt.request_id)
        .where(Receipt.request_id.in_([request.id for request in running]))
        .order_by(Receipt.received_at, RequestHold.id)
    ):
        received.setdefault(request_id, at.astimezone(zone).date())
        if hold is not None:
            rows[hold.id] = hold
    waited = _spans((rows[key] for key in sorted(rows)), zone)
    return {
        request.id: workdays.clock(
            known[request.document_kind], received[request.id], today, calendar, waited.get(request.id, ())
        )
        for request in running
        if request.id in received
    }
