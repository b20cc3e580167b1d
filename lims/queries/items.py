"""Items in the laboratory's hands: their events, who works on them, what goes back. A customer sees their own alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from lims.domain import handling
from lims.domain.actor import Actor
from lims.domain.errors import NotFound
from lims.domain.rights import require
from lims.queries.details import request_by_number
from lims.queries.orders import work_order_by_number
from lims.records import (
    Authorisation,
    Certificate,
    Customer,
    Evaluation,
    HandOver,
    Instrument,
    ItemEvent,
    Person,
    ProcedureVersion,
    Receipt,
    Record,
    Request,
    Result,
    ServiceRequest,
    StoredFile,
    WorkOrder,
)

LARGEST = 2**63 - 1
CONFLICT, DISPUTE, OUT_OF_TOLERANCE = "conflict", "dispute", "out_of_tolerance"
"""payload["about"] of a note: what it says in a form that the program reads too."""
FAILED = ("fail", "conditional_fail")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, by whom, and the type of its file (image/jpeg, application/pdf), if it has one."""

    event: ItemEvent
    by: Person
    file_type: str | None


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """A job with everything its page shows: the item, its papers, what happened to it, and who works on it."""

    request: Request
    item: Instrument
    customer: Customer
    procedure: ProcedureVersion | None
    work: WorkOrder | None
    performer: Person | None
    checker: Person | None
    receipts: Sequence[Receipt]
    records: Sequence[Record]
    certificates: Sequence[Certificate]
    events: Sequence[Event]
    hand_overs: Sequence[tuple[HandOver, Person]]

    @property
    def gone(self) -> bool:
        """The item was given back; a job issued again afterwards has its document left."""
        return self.request.state != "issued" and any(each.what == "item" for each, _ in self.hand_overs)

    @property
    def photos(self) -> list[Event]:
        return [
            each
            for each in self.events
            if (each.file_type or "").startswith("image/") and each.event.kind != "returned"
        ]

    @property
    def told_out_of_tolerance(self) -> bool:
        return any(each.event.payload.get("about") == OUT_OF_TOLERANCE for each in self.events)


def detail(session: Session, number: str, viewer: Actor) -> ItemDetail:
    """A job and its item in six statements; no internal notes for a customer, who finds their own alone."""
    require(viewer, "requests.read")
    performer, checker = aliased(Person), aliased(Person)
    question = (
        select(Request, Instrument, Customer, ProcedureVersion, WorkOrder, performer, checker)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .outerjoin(
            ProcedureVersion,
            (ProcedureVersion.name == Request.procedure_name) & (ProcedureVersion.state == "current"),
        )
        .outerjoin(WorkOrder, WorkOrder.id == Request.work_order_id)
        .outerjoin(performer, performer.id == Request.assigned_to_id)
        .outerjoin(checker, checker.id == Request.checker_id)
        .where(Request.number == number)
    )
    if viewer.customer_id is not None:
        question = question.where(Request.customer_id == viewer.customer_id)
    row = session.execute(question).first()
    if row is None:
        raise NotFound(kind="request", number=number)
    request = row[0]
    return ItemDetail(
        *row,
        receipts=session.scalars(select(Receipt).where(Receipt.request_id == request.id).order_by(Receipt.id)).all(),
        records=session.scalars(select(Record).where(Record.request_id == request.id).order_by(Record.id)).all(),
        certificates=certificates_of(session, request.id),
        events=_events(session, request.id, viewer),
        hand_overs=_hand_overs(session, request.id),
    )


def _events(session: Session, request_id: int, viewer: Actor) -> list[Event]:
    rows = session.execute(
        select(ItemEvent, Person, StoredFile.provenance)
        .join(Person, Person.id == ItemEvent.by_id)
        .outerjoin(StoredFile, StoredFile.id == ItemEvent.file_id)
        .where(ItemEvent.request_id == request_id)
        .order_by(ItemEvent.id)
    )
    return [Event(event, by, (said or {}).get("type")) for event, by, said in rows if _seen(event, viewer)]


def _hand_overs(session: Session, request_id: int) -> list[tuple[HandOver, Person]]:
    rows = session.execute(
        select(HandOver, Person)
        .join(Person, Person.id == HandOver.by_id)
        .where(HandOver.request_id == request_id)
        .order_by(HandOver.id)
    )
    return [(each, by) for each, by in rows]


def _seen(event: ItemEvent, viewer: Actor) -> bool:
    shown = event.kind in handling.CONCERNS_CUSTOMER or bool(event.payload.get("public"))
    return viewer.customer_id is None or shown


def events_of(session: Session, request_id: int, *kinds: str) -> Sequence[ItemEvent]:
    """Events of these kinds in their order, of a request that a door gave."""
    return session.scalars(
        select(ItemEvent).where(ItemEvent.request_id == request_id, ItemEvent.kind.in_(kinds)).order_by(ItemEvent.id)
    ).all()


def conflicts_in(events: Sequence[ItemEvent]) -> dict[int, str]:
    """Person → why they have an interest in the item, by what the events say."""
    return {
        int(each.payload["person"]): each.note
        for each in events
        if each.kind == "note" and each.payload.get("about") == CONFLICT
    }


def file_of(session: Session, number: str, file_id: int, viewer: Actor) -> StoredFile:
    """A file of one of the item's events, or the drawn signature of its hand-over. Raises NotFound."""
    request = request_by_number(session, number, by=viewer)
    found = None
    if file_id <= LARGEST:
        event = session.scalar(
            select(ItemEvent).where(ItemEvent.request_id == request.id, ItemEvent.file_id == file_id).limit(1)
        )
        signed = session.scalar(
            select(HandOver.id).where(HandOver.request_id == request.id, HandOver.signature_id == file_id).limit(1)
        )
        if (event is not None and _seen(event, viewer)) or signed is not None:
            found = session.get(StoredFile, file_id)
    if found is None:
        raise NotFound(kind="file", number=str(file_id))
    return found


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A job with its item and customer."""

    request: Request
    item: Instrument
    customer: Customer


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of lines; `after` continues where it ends, None at the end."""

    lines: Sequence[ItemLine]
    after: int | None


def awaited(session: Session, text: str, viewer: Actor) -> list[ItemLine]:
    """Jobs whose item is expected, by the request's number, the item's code or its serial number, as scanned."""
    require(viewer, "items.receive")
    said = text.strip()
    same = (Request.number == said.upper()) | (Instrument.code == said.upper()) | (Instrument.serial == said)
    return _lines(session, viewer, [same, Request.state == "accepted"], size=20).lines[:20] if said else []  # type: ignore[return-value]


def to_go_back(session: Session, viewer: Actor, *, after: int | None = None, size: int = 40) -> ItemPage:
    """Received items whose work has ended and that have not been given back, the oldest job first."""
    require(viewer, "items.read")
    here = select(Receipt.id).where(Receipt.request_id == Request.id).correlate(Request).exists()
    gone = select(HandOver.id).where(HandOver.request_id == Request.id, HandOver.what == "item").correlate(Request)
    conditions = [Request.state.in_(handling.TO_BE_RETURNED), here, ~gone.exists()]
    if after is not None:
        conditions.append(Request.id > after)
    return _lines(session, viewer, conditions, size=size)


def out_of_tolerance(session: Session, viewer: Actor, *, after: int | None = None, size: int = 40) -> ItemPage:
    """Items still in hand whose results as found are outside their limits, by the newest evaluation of the record."""
    require(viewer, "items.read")
    newest = select(Evaluation.id).where(Evaluation.record_id == Record.id).order_by(Evaluation.id.desc()).limit(1)
    failed = (
        select(Record.id)
        .join(Result, Result.evaluation_id == newest.correlate(Record).scalar_subquery())
        .where(
            Record.request_id == Request.id,
            Record.stage == "as_found",
            Record.state != "interrupted",
            Result.verdict["verdict"].as_string().in_(FAILED),
        )
        .correlate(Request)
        .exists()
    )
    conditions = [Request.state.in_(("in_work", "issued")), failed]
    if after is not None:
        conditions.append(Request.id > after)
    return _lines(session, viewer, conditions, size=size)


def _lines(session: Session, viewer: Actor, conditions: Sequence[ColumnElement[bool]], *, size: int) -> ItemPage:
    question = (
        select(Request, Instrument, Customer)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .join(Customer, Customer.id == Request.customer_id)
        .where(*conditions)
        .order_by(Request.id)
        .limit(size + 1)
    )
    if viewer.customer_id is not None:
        question = question.where(Request.customer_id == viewer.customer_id)
    rows = session.execute(question).all()
    lines = [ItemLine(request, item, customer) for request, item, customer in rows[:size]]
    return ItemPage(lines, lines[-1].request.id if len(rows) > size else None)


def of_work_order(session: Session, number: str, viewer: Actor) -> tuple[WorkOrder, list[ItemLine]]:
    """A work order with every job of it that has not been refused or withdrawn, for its labels and its people."""
    require(viewer, "items.read")
    work = work_order_by_number(session, number, by=viewer)
    left = [Request.work_order_id == work.id, Request.state.not_in(("refused", "withdrawn"))]
    return work, list(_lines(session, viewer, left, size=400).lines)


def people_for(session: Session, procedures: Sequence[str], role: str, day: date, viewer: Actor) -> list[Person]:
    """Active people with an authorisation on the day for all of these procedures. role: perform | verify."""
    require(viewer, "items.read")
    if not procedures or viewer.customer_id is not None:
        return []
    rows = session.execute(
        select(Person, Authorisation.procedure_name)
        .join(Authorisation, Authorisation.person_id == Person.id)
        .where(
            Authorisation.procedure_name.in_(procedures),
            Authorisation.role == role,
            Authorisation.state == "granted",
            Authorisation.valid_from <= day,
            Authorisation.valid_to >= day,
            Person.active,
        )
        .order_by(Person.id)
    ).all()
    known: dict[int, set[str]] = {}
    for person, procedure in rows:
        known.setdefault(person.id, set()).add(procedure)
    whole = {person.id: person for person, _ in rows if known[person.id] >= set(procedures)}
    return list(whole.values())


def promised(session: Session, request: Request) -> date | None:
    """The day on which a job is promised: its work order's, of a request that a door gave."""
    return (
        None
        if request.work_order_id is None
        else session.scalar(select(WorkOrder.due).where(WorkOrder.id == request.work_order_id))
    )


def site_of(session: Session, request: Request) -> str | None:
    """Where a job was measured on site, by its events; None in the laboratory. Of a request that a door gave."""
    found = events_of(session, request.id, "on_site")
    return str(found[-1].payload.get("site") or "") or None if found else None


def ordered_delivery(session: Session, request: Request) -> str:
    """electronic, paper or both, as the order says; electronic without an order. Of a request that a door gave."""
    if request.work_order_id is None:
        return "electronic"
    found = session.scalar(
        select(ServiceRequest.delivery)
        .join(WorkOrder, WorkOrder.service_request_id == ServiceRequest.id)
        .where(WorkOrder.id == request.work_order_id)
    )
    return found or "electronic"


def certificates_of(session: Session, request_id: int) -> Sequence[Certificate]:
    """The certificates of a request that a door gave, oldest first."""
    return session.scalars(
        select(Certificate).where(Certificate.request_id == request_id).order_by(Certificate.id)
    ).all()
