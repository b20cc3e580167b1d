"""Work at the customer's, over days: planned with its people and equipment, under way, done.

visits.plan(…) ─▶ visits.begin: the items expected there are received there ─▶ visits.end, with the conditions found
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import gates, states
from lims.domain.actor import Actor
from lims.domain.errors import NotFound, UnusableValue
from lims.domain.rights import require
from lims.queries.orders import work_order_by_number
from lims.records import CalibrationVersion, Instrument, Person, Request, SiteVisit, WorkOrder
from lims.services import gatekeeping, requests
from lims.services.item_events import leave, required
from lims.services.providers import LARGEST_ID
from lims.words import N_, both

THERE = ("accepted", "received", "in_work")


def plan(
    session: Session,
    work_order: str,
    *,
    site: str,
    from_day: date,
    to_day: date,
    people: Sequence[int],
    equipment: Sequence[str],
    note: str = "",
    by: Actor,
    at: datetime,
) -> SiteVisit:
    """Days at the customer's for a work order. people: ids; equipment: lifetime codes, in date on the last day.

    Raises GateClosed where a standard's certificate ends before (ISO/IEC 17025:2017, 6.4.4), UnusableValue.
    """
    require(by, "items.assign")
    work = work_order_by_number(session, work_order, by=by, lock=True)
    where = required("site", site, N_("where the work is done"))
    if to_day < from_day:
        raise UnusableValue(field="to_day", found=to_day.isoformat(), right=N_("the first day, or a later one"))
    going = _people(session, people)
    taken = [_standard(session, code) for code in dict.fromkeys(equipment)]
    lines = [_in_date(session, each, to_day) for each in taken]
    gatekeeping.pass_through(session, "visit", "work_order", work.number, lines, by=by, at=at)
    row = SiteVisit(
        work_order_id=work.id,
        site=where,
        from_day=from_day,
        to_day=to_day,
        people=going,
        equipment=[each.id for each in taken],
        note=note.strip(),
        state=states.SITE_VISIT.initial,
        created_by_id=by.person_id,
        created_at=at,
    )
    session.add(row)
    session.flush()
    facts = {"site": where, "from": from_day.isoformat(), "to": to_day.isoformat(), "people": going, "visit": row.id}
    audit.append(session, "visit.planned", "work_order", work.number, by=by.username, at=at, payload=facts)
    return row


def _people(session: Session, wanted: Sequence[int]) -> list[int]:
    ids = sorted({each for each in wanted if each <= LARGEST_ID})
    own = Person.id.in_(ids) & Person.active & Person.customer_id.is_(None)
    found = list(session.scalars(select(Person.id).where(own).order_by(Person.id)))
    if not found or found != ids:
        missing = ", ".join(str(each) for each in wanted if each not in found)
        raise UnusableValue(field="people", found=missing or "—", right=N_("a person of the laboratory"))
    return found


def _standard(session: Session, code: str) -> Instrument:
    found = session.scalar(
        select(Instrument).where(Instrument.code == code, Instrument.kind.in_(("standard", "monitor")))
    )
    if found is None:
        raise NotFound(kind="standard", number=code)
    return found


def _in_date(session: Session, standard: Instrument, day: date) -> gates.Reason:
    held = session.scalar(
        select(CalibrationVersion)
        .where(CalibrationVersion.instrument_id == standard.id, CalibrationVersion.state == "current")
        .order_by(CalibrationVersion.id.desc())
        .limit(1)
    )
    name = f"{standard.maker} {standard.model}"
    if held is None:
        return gates.standard_in_date(name, None, None, day)
    return gates.standard_in_date(name, held.certificate_number, held.valid_to, day)


def begin(session: Session, visit_id: int, *, by: Actor, at: datetime) -> SiteVisit:
    """The people are there: each job of the order not finished is marked, and what is still expected is received there."""
    require(by, "items.handle")
    visit, work = _visit(session, visit_id, by)
    states.SITE_VISIT.move(visit, "under_way")
    session.flush()
    for request in _jobs(session, work):
        leave(session, request, "on_site", who=by, at=at, payload={"site": visit.site, "visit": visit.id})
        if request.state == "accepted":
            seen = both("at the customer's, {site}", site=visit.site)
            requests.receive(session, request.number, condition=seen, accessories="", by=by, at=at)
    _audit(session, "visit.begun", visit, work, by, at)
    return visit


def end(session: Session, visit_id: int, conditions: str, *, by: Actor, at: datetime) -> SiteVisit:
    """The work there has ended. conditions: the surroundings as found, in words (ISO/IEC 17025:2017, 6.3.5)."""
    require(by, "items.handle")
    visit, work = _visit(session, visit_id, by)
    said = required("conditions", conditions, N_("the conditions found at the site"))
    states.SITE_VISIT.move(visit, "done")
    visit.note = f"{visit.note}\n{said}".strip()
    session.flush()
    _audit(session, "visit.done", visit, work, by, at, said)
    return visit


def cancel(session: Session, visit_id: int, reason: str, *, by: Actor, at: datetime) -> SiteVisit:
    """The visit does not take place. Raises UnusableValue without a reason."""
    require(by, "items.assign")
    visit, work = _visit(session, visit_id, by)
    said = required("reason", reason, N_("why the visit does not take place"))
    states.SITE_VISIT.move(visit, "cancelled")
    session.flush()
    _audit(session, "visit.cancelled", visit, work, by, at, said)
    return visit


def _visit(session: Session, visit_id: int, by: Actor) -> tuple[SiteVisit, WorkOrder]:
    known = select(SiteVisit).where(SiteVisit.id == visit_id).with_for_update()
    found = session.scalar(known.execution_options(populate_existing=True)) if visit_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(kind="site_visit", number=str(visit_id))
    number = session.get_one(WorkOrder, found.work_order_id).number
    return found, work_order_by_number(session, number, by=by)


def _jobs(session: Session, work: WorkOrder) -> list[Request]:
    wanted = (Request.work_order_id == work.id) & Request.state.in_(THERE)
    return list(session.scalars(select(Request).where(wanted).order_by(Request.id)))


def _audit(
    session: Session, act: str, visit: SiteVisit, work: WorkOrder, by: Actor, at: datetime, reason: str | None = None
) -> None:
    facts = {"visit": visit.id, "site": visit.site}
    audit.append(session, act, "work_order", work.number, by=by.username, at=at, payload=facts, reason=reason)
