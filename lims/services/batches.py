"""Batches: identical items as one act. One set-up, readings item by item, one signature for what is like the rest.

Every item keeps a record, gates with their evidence, signatures and a certificate of its own, made by the same services
as for a single one; a batch is done in one transaction, whole or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments import procedures
from lims import audit
from lims.config import Settings
from lims.domain import states
from lims.domain.actor import Actor
from lims.domain.batches import LARGEST
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import batches, registers
from lims.records import Batch, Certificate, Instrument, Request
from lims.records.series import next_number
from lims.services import bench, certificates, evaluation, people, review
from lims.words import N_, both

STAGES = ("as_found", "as_left")


def make(
    session: Session,
    request_numbers: Sequence[str],
    *,
    stage: str,
    ambient: Mapping[str, float],
    note: str = "",
    by: Actor,
    at: datetime,
) -> Batch:
    """A batch of received requests of one kind with its set-up. Raises UnusableValue."""
    require(by, "readings.enter")
    if stage not in STAGES:
        raise UnusableValue(field="stage", found=stage or "—", right=", ".join(STAGES))
    wanted = list(dict.fromkeys(request_numbers))
    if not 2 <= len(wanted) <= LARGEST:
        raise UnusableValue(
            field="requests", found=str(len(wanted)), right=both("{low} to {high}", low=2, high=LARGEST)
        )
    rows = session.execute(
        select(Request, Instrument)
        .join(Instrument, Instrument.id == Request.instrument_id)
        .where(Request.number.in_(wanted))
        .order_by(Request.id)
        .with_for_update(of=Request)
        .execution_options(populate_existing=True)
    ).all()
    jobs = [request for request, _ in rows]
    missing = sorted(set(wanted) - {request.number for request in jobs})
    taken = [request.number for request in jobs if request.state != "received" or request.batch_id is not None]
    if missing or taken:
        right = N_("requests whose items are received and in no batch")
        raise UnusableValue(field="requests", found=", ".join((missing + taken)[:5]), right=right)
    if len({batches.kind_of(request, item) for request, item in rows}) > 1:
        right = N_("one customer, model, procedure, document and decision rule")
        raise UnusableValue(field="requests", found=N_("different ones"), right=right)
    batch = Batch(
        number=next_number(session, "batch", at),
        customer_id=jobs[0].customer_id,
        procedure_name=jobs[0].procedure_name,
        setup={"stage": stage, "ambient": dict(ambient), "note": note.strip()},
        state="open",
        created_by_id=by.person_id,
        created_at=at,
    )
    session.add(batch)
    session.flush()
    for request in jobs:
        request.batch_id = batch.id
    session.flush()
    facts = {"requests": [request.number for request in jobs], "setup": batch.setup}
    audit.append(session, "batch.made", "batch", batch.number, by=by.username, at=at, payload=facts)
    return batch


def take_out(session: Session, number: str, request_number: str, reason: str, *, by: Actor, at: datetime) -> None:
    """An item leaves the batch and goes on alone; its readings stay with it. The last but one dissolves the batch."""
    require(by, "readings.enter")
    batch = batches.by_number(session, number, by, lock=True)
    request = _member(session, batch, request_number)
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the item leaves the batch"))
    request.batch_id = None
    session.flush()
    left = session.scalars(select(Request).where(Request.batch_id == batch.id)).all()
    if len(left) < 2 and batch.state == "open":
        for other in left:
            other.batch_id = None
        states.BATCH.move(batch, "dissolved")
    facts = {"request": request_number, "left": len(left)}
    audit.append(
        session, "batch.taken_out", "batch", number, by=by.username, at=at, reason=reason.strip(), payload=facts
    )


def _member(session: Session, batch: Batch, request_number: str) -> Request:
    request = session.scalar(
        select(Request).where(Request.number == request_number, Request.batch_id == batch.id).with_for_update()
    )
    if request is None:
        raise UnusableValue(field="request", found=request_number or "—", right=N_("an item of this batch"))
    return request


def points_of(session: Session, batch: Batch) -> list[procedures.Point]:
    """The points of the batch's procedure, in order, for the model of its items."""
    version = registers.current_procedure(session, batch.procedure_name)
    item = session.scalars(
        select(Instrument).join(Request, Request.instrument_id == Instrument.id).where(Request.batch_id == batch.id)
    ).first()
    facts = {} if item is None else {"maker": item.maker, "model": item.model, "serial": item.serial}
    facts |= {"resource": "", "driver": facts.get("model", ""), "asset": "" if item is None else item.code}
    plan = procedures.plan(registers.procedure_of(version), stage=batch.setup["stage"], item=facts)
    return list(plan.points)


def enter(
    session: Session, number: str, rows: Mapping[str, Sequence[Mapping[str, Any]]], *, by: Actor, at: datetime
) -> int:
    """Readings of items by their request's number, each a record of its own. All of them or none. Returns how many."""
    require(by, "readings.enter")
    batch = batches.by_number(session, number, by, lock=True)
    seen = {item.request.number: item for item in batches.view(session, number, by).items}
    for request_number, read in rows.items():
        if request_number not in seen or seen[request_number].record is not None:
            right = N_("an item of this batch without readings")
            raise UnusableValue(field="request", found=request_number or "—", right=right)
        bench.enter_readings(
            session, request_number, batch.setup["stage"], read, ambient=batch.setup["ambient"], by=by, at=at
        )
    return len(rows)


def submit(session: Session, number: str, password: str, *, by: Actor, at: datetime, settings: Settings) -> int:
    """Hand every item over for verification with one signature of the performer, kept on the digest of each record."""
    require(by, "records.submit")
    people.confirm_password(session, by, password, at=at)
    batch = batches.by_number(session, number, by, lock=True)
    found = batches.view(session, number, by)
    without = [item.instrument.serial for item in found.items if item.record is None]
    if without:
        right = N_("readings of every item; take out those that are not measured")
        raise UnusableValue(field="items", found=", ".join(without[:5]), right=right)
    waiting = found.in_state("open", "returned")
    _require_some(waiting)
    for item in waiting:
        evaluation.hand_over(session, _record(item), by=by, at=at, settings=settings)
    _settle(session, batch, by, at, "batch.submitted", waiting)
    return len(waiting)


def verify(
    session: Session, number: str, password: str, *, looked_at: Collection[str] = (), by: Actor, at: datetime
) -> int:
    """Sign what is like the rest as verified, and of what stands out the records that were looked at one by one."""
    require(by, "records.verify")
    people.confirm_password(session, by, password, at=at)
    batch = batches.by_number(session, number, by, lock=True)
    chosen = _chosen(batches.view(session, number, by).in_state("submitted"), looked_at)
    for item in chosen:
        review.verify_one(session, _record(item), by=by, at=at)
    _settle(session, batch, by, at, "batch.verified", chosen)
    return len(chosen)


def issue(
    session: Session,
    number: str,
    password: str,
    *,
    looked_at: Collection[str] = (),
    by: Actor,
    at: datetime,
    settings: Settings,
) -> list[Certificate]:
    """Approve and issue, as verify: a certificate of each item, numbered without a gap."""
    require(by, "certificates.issue")
    people.confirm_password(session, by, password, at=at)
    batch = batches.by_number(session, number, by, lock=True)
    chosen = _chosen(batches.view(session, number, by).in_state("verified"), looked_at)
    issued = [certificates.issue_one(session, _record(item), by=by, at=at, settings=settings) for item in chosen]
    _settle(session, batch, by, at, "batch.issued", chosen)
    return issued


def _chosen(waiting: Sequence[batches.Item], looked_at: Collection[str]) -> list[batches.Item]:
    chosen = [item for item in waiting if not item.why or _record(item) in looked_at]
    _require_some(chosen)
    return chosen


def _require_some(items: Sequence[batches.Item]) -> None:
    if not items:
        raise UnusableValue(field="items", found="0", right=N_("at least one that waits for this signature"))


def _record(item: batches.Item) -> str:
    assert item.record is not None
    return item.record.number


def _settle(session: Session, batch: Batch, by: Actor, at: datetime, act: str, signed: Sequence[batches.Item]) -> None:
    """The batch's own state after an act, and the digest of every record that the signature was put on."""
    session.flush()
    stands = batches.view(session, batch.number, by).standing
    way = ("open", "measured", "verified", "issued")
    if stands in way[: way.index(batch.state)]:
        states.BATCH.move(batch, "open")
    while batch.state != stands:
        states.BATCH.move(batch, way[way.index(batch.state) + 1])
    session.flush()
    facts = {_record(item): evaluation.record_digest(session, item.record) for item in signed if item.record}
    audit.append(session, act, "batch", batch.number, by=by.username, at=at, payload={"records": facts})
