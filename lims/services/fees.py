"""Fees: a tariff is put in force by a second person; a job's fee is fixed when it is accepted and only added to; invoices.

Source of what is free: 计量法实施细则 and the documents named by the rule compulsory_fee (not read, so marked there).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import fees, gate_rules, orders, states, workdays
from lims.domain.actor import Actor
from lims.domain.canonical import digest_of
from lims.domain.errors import GateClosed, UnusableValue
from lims.domain.rights import require
from lims.queries import clocks, registers, rules
from lims.queries import fees as lists
from lims.queries.details import request_by_number
from lims.records import Certificate, Fee, Instrument, Invoice, Receipt, Request, Tariff, WorkOrder
from lims.records.series import next_number
from lims.services import notices
from lims.words import N_, both


def propose_tariff(
    session: Session,
    *,
    code: str,
    entries: Sequence[Mapping[str, Any]],
    source: Mapping[str, Any],
    valid_from: date,
    by: Actor,
    at: datetime,
) -> Tariff:
    """A new version of a price list; in force when another person says so. Raises UnusableValue."""
    require(by, "fees.manage")
    fees.read(entries)
    if not code.strip():
        raise UnusableValue(field="code", found="—", right=N_("a short name of the price list"))
    newest = session.scalar(select(func.max(Tariff.version)).where(Tariff.code == code.strip()))
    row = Tariff(
        code=code.strip(),
        version=(newest or 0) + 1,
        jurisdiction="laboratory",
        source=dict(source),
        entries=[dict(entry) for entry in entries],
        digest=digest_of({"entries": [dict(entry) for entry in entries]}),
        valid_from=valid_from,
        valid_to=gate_rules.LAST_DAY,
        state=states.VERSIONED.initial,
        entered_by=by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    _said(session, "tariff.proposed", row, by, at)
    return row


def put_tariff_in_force(session: Session, tariff_id: int, *, by: Actor, at: datetime) -> Tariff:
    """A proposed price list counts from its day; what was current ends the day before. Never by who proposed it."""
    require(by, "fees.manage")
    row = lists.tariff(session, tariff_id, by, lock=True)
    states.VERSIONED.require(f"{row.code} {row.version}", row.state, "current")
    if row.entered_by == by.person_id:
        raise GateClosed(
            step=N_("putting the tariff in force"),
            reason=both("The person who proposed it may not put it in force; another person has to"),
            clause="ISO/IEC 17025:2017, 8.3.2",
            closed=1,
        )
    for old in session.scalars(select(Tariff).where(Tariff.state == "current").with_for_update()):
        old.valid_to = max(old.valid_from, row.valid_from - timedelta(days=1))
        states.VERSIONED.move(old, "superseded")
    states.VERSIONED.move(row, "current")
    session.flush()
    _said(session, "tariff.in_force", row, by, at)
    return row


def withdraw_tariff(session: Session, tariff_id: int, reason: str, *, by: Actor, at: datetime) -> Tariff:
    """A proposed or current price list no longer counts; with a reason."""
    require(by, "fees.manage")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why it is withdrawn"))
    row = lists.tariff(session, tariff_id, by, lock=True)
    states.VERSIONED.move(row, "withdrawn")
    session.flush()
    _said(session, "tariff.withdrawn", row, by, at, reason.strip())
    return row


def _said(session: Session, act: str, row: Tariff, by: Actor, at: datetime, reason: str | None = None) -> None:
    number = f"{row.code} {row.version}"
    facts = {"valid_from": row.valid_from.isoformat(), "prices": len(row.entries)}
    audit.append(session, act, "tariff", number, by=by.username, at=at, after=row.digest, payload=facts, reason=reason)


@dataclass(frozen=True, slots=True)
class Book:
    """What prices rest on, read once for all lines of an order."""

    tariff: Tariff | None
    rule: gate_rules.Rule | None
    entries: Sequence[fees.Entry]


def book(session: Session, day: date, *, verification: bool = True) -> Book:
    """The price list of a day, and the rule of what is free where a verification is among the lines."""
    tariff = lists.tariff_on(session, day)
    rule = rules.on_day(session, day).get("compulsory_fee") if verification else None
    return Book(tariff, rule, [] if tariff is None else fees.read(tariff.entries))


def quote(
    session: Session,
    *,
    known: Book | None = None,
    procedure_name: str,
    work: str,
    use: str,
    urgent: bool,
    place: str,
    instrument: Instrument,
    day: date,
) -> list[fees.Line]:
    """What a job would cost: its lines; none where the tariff has no price for it, or there is no tariff.

    A verification of what is under compulsory verification costs what the rule compulsory_fee says (0 as shipped).
    """
    known = known or book(session, day)
    free = _statutory(session, known.rule, work, use, instrument, day)
    if free is not None:
        return [free]
    tariff = known.tariff
    if tariff is None or not procedure_name:
        return []
    said = " ".join((*instrument.description.values(), instrument.model))
    entry = fees.match(known.entries, procedure_name, work, said)
    if entry is None:
        return []
    points = 1
    if entry.per == "point":
        points = len(registers.procedure_of(registers.current_procedure(session, procedure_name)).points)
    clause = f"{tariff.code} {tariff.version}"
    return fees.price(entry, procedure=procedure_name, points=points, urgent=urgent, place=place, clause=clause)


def _statutory(
    session: Session, rule: gate_rules.Rule | None, work: str, use: str, instrument: Instrument, day: date
) -> fees.Line | None:
    if work not in orders.VERIFICATION or work == "arbitration":  # an arbitration is paid for by the parties (m)
        return None
    listed = None if rule is None or rule.effect == "off" else rules.compulsory_for(session, instrument, use, day)
    if rule is None or listed is None:
        return None
    amount = fees.money(rule.parameters.get("amount", "0"), "amount")
    clause = " ".join(filter(None, (str(rule.source.get("title", "")), str(rule.source.get("clause", "")))))
    return fees.Line(
        "statutory_free" if amount == 0 else "tariff", amount, f"{listed.catalogue} {listed.number}", clause
    )


def fix(session: Session, request: Request, lines: Sequence[fees.Line], *, by: Actor, at: datetime) -> None:
    """The fee agreed at the contract review becomes the job's."""
    tariff = lists.tariff_on(session, registers.day(session, at)) if lines else None
    for line in lines:
        _add(session, request, line, by, at, None if line.kind == "statutory_free" or tariff is None else tariff.id)
    if request.work_order_id is not None:
        _to_bill(session, request.work_order_id, at)


def _to_bill(session: Session, work_order_id: int, at: datetime) -> None:
    """Note whether a work order waits for an invoice: it costs something, and no invoice asks for that.

    Past its version: who edits the order meanwhile is not disturbed.
    """
    rows = session.scalars(
        select(Fee.amount).join(Request, Request.id == Fee.request_id).where(Request.work_order_id == work_order_id)
    )
    billed = exists().where(Invoice.work_order_id == work_order_id, Invoice.state != "cancelled")
    since = at if fees.total(rows) > 0 and not session.scalar(select(billed)) else None
    waits = update(WorkOrder).where(WorkOrder.id == work_order_id)
    if since is not None:
        waits = waits.where(WorkOrder.to_bill_since.is_(None))
    session.execute(waits.values(to_bill_since=since, version=WorkOrder.version))


def _add(
    session: Session, request: Request, line: fees.Line, by: Actor, at: datetime, tariff_id: int | None = None
) -> Fee:
    row = Fee(
        request_id=request.id,
        kind=line.kind,
        amount=fees.text(line.amount),
        reason=line.reason,
        tariff_id=tariff_id,
        clause=line.clause,
        at=at,
        by_id=by.person_id,
    )
    session.add(row)
    session.flush()
    return row


def adjust(session: Session, number: str, amount: str, reason: str, *, by: Actor, at: datetime) -> Fee:
    """More or less than was fixed, as a row of its own with its reason. Never below zero, never after the invoice."""
    require(by, "fees.manage")
    request = _to_change(session, number, reason, by)
    change = fees.money(amount, "amount", negative=True)
    if change + _owed(session, request) < 0:
        right = both("not below −{total}", total=fees.text(_owed(session, request)))
        raise UnusableValue(field="amount", found=fees.text(change), right=right)
    return _changed(session, request, fees.Line("adjustment", change, reason.strip()), by, at)


def waive(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> Fee:
    """The whole fee of a job is waived, with its reason."""
    require(by, "fees.waive")
    request = _to_change(session, number, reason, by)
    owed = _owed(session, request)
    if owed <= 0:
        raise UnusableValue(field="amount", found=fees.text(owed), right=N_("a job with a fee to waive"))
    return _changed(session, request, fees.Line("waived", -owed, reason.strip()), by, at)


def _to_change(session: Session, number: str, reason: str, by: Actor) -> Request:
    request = request_by_number(session, number, by=by, lock=True)
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the fee changes"))
    billed = None if request.work_order_id is None else session.scalar(
        select(Invoice.number).where(Invoice.work_order_id == request.work_order_id, Invoice.state != "cancelled")
    )  # fmt: skip
    if billed is not None:
        right = both("a job that is not invoiced; cancel {invoice} first", invoice=billed)
        raise UnusableValue(field="number", found=number, right=right)
    return request


def _owed(session: Session, request: Request) -> Decimal:
    return fees.total(session.scalars(select(Fee.amount).where(Fee.request_id == request.id)))


def _changed(session: Session, request: Request, line: fees.Line, by: Actor, at: datetime) -> Fee:
    row = _add(session, request, line, by, at)
    if request.work_order_id is not None:
        _to_bill(session, request.work_order_id, at)
    facts = {"amount": row.amount, "kind": row.kind}
    audit.append(session, f"fee.{row.kind}", "request", request.number, by=by.username, at=at, payload=facts,
                 reason=row.reason or None)  # fmt: skip
    return row


def invoice(session: Session, work_number: str, *, by: Actor, at: datetime) -> Invoice | None:
    """The bill of a work order. Jobs of a term that waives the fee when it is missed become free first; None where
    that leaves nothing to pay.

    Raises UnusableValue for the laboratory's own work, where an invoice stands, or where nothing was to be paid.
    """
    require(by, "fees.manage")
    found = lists.of_work(session, work_number, by, lock=True)
    if found.customer is None:
        raise UnusableValue(field="number", found=work_number, right=N_("a customer's work order"))
    if found.open is not None:
        right = both("a work order without invoice; {invoice} stands", invoice=found.open.number)
        raise UnusableValue(field="number", found=work_number, right=right)
    late = [_waive_late(session, job.request, by, at) for job in found.jobs]
    rows = lists.rows_of(session, [job.request.id for job in found.jobs])
    lines = [
        {"request": job.request.number, "kind": row.kind, "amount": row.amount, "text": row.reason}
        for job in found.jobs
        for row in rows.get(job.request.id, ())
    ]
    total = fees.total(str(line["amount"]) for line in lines)
    if total <= 0 and any(late):
        return None
    if total <= 0:
        raise UnusableValue(field="number", found=work_number, right=N_("a work order with something to pay"))
    row = Invoice(
        number=next_number(session, "invoice", at),
        customer_id=found.customer.id,
        work_order_id=found.work.id,
        lines=lines,
        total=fees.text(total),
        state=states.INVOICE.initial,
        issued_at=at,
        issued_by_id=by.person_id,
    )
    session.add(row)
    session.flush()
    _to_bill(session, found.work.id, at)
    subject = both(N_("Invoice {number} is to be paid"), number=row.number)
    body = both(N_("{amount} CNY for work order {work}."), amount=row.total, work=found.work.number)
    notices.tell(session, "invoice_issued", subject, body, f"/fees/{row.number}", customer_id=row.customer_id,
                 needs_action=True, at=at)  # fmt: skip
    facts = {"work_order": found.work.number, "total": row.total}
    audit.append(session, "invoice.issued", "invoice", row.number, by=by.username, at=at, payload=facts)
    return row


def _waive_late(session: Session, request: Request, by: Actor, at: datetime) -> bool:
    """A job whose term says so, and which was finished after it or is still not, costs nothing; True if it did cost."""
    session.refresh(request, with_for_update=True)
    term = clocks.terms(registers.laboratory(session)).get(request.document_kind)
    owed = _owed(session, request)
    if term is None or not term.waives_fee or owed <= 0:
        return False
    received = session.scalar(select(func.min(Receipt.received_at)).where(Receipt.request_id == request.id))
    if received is None:
        return False
    issued = session.scalar(select(func.min(Certificate.issued_at)).where(Certificate.request_id == request.id))
    day, begin = registers.day(session, issued or at), registers.day(session, received)
    calendar = workdays.read(registers.laboratory(session).get("calendar", {}))
    clock = workdays.clock(term, begin, day, calendar, clocks.holds(session, [request.id]).get(request.id, ()))
    if clock.late:
        clause = " ".join(filter(None, (term.source.get("title", ""), term.source.get("clause", ""))))
        line = fees.Line("waived", -owed, f"{clock.due.isoformat()} < {day.isoformat()}", clause)
        _changed(session, request, line, by, at)
    return clock.late


def pay(session: Session, number: str, *, by: Actor, at: datetime) -> Invoice:
    """The money has arrived."""
    row = _moved(session, number, "paid", by, at)
    row.paid_at = at
    session.flush()
    _audit(session, row, by, at)
    return row


def cancel(session: Session, number: str, reason: str, *, by: Actor, at: datetime) -> Invoice:
    """An invoice that shall not be paid, with its reason; its work order can be invoiced again."""
    require(by, "fees.manage")
    if not reason.strip():
        raise UnusableValue(field="reason", found="—", right=N_("why the invoice is cancelled"))
    row = _moved(session, number, "cancelled", by, at)
    if row.work_order_id is not None:
        _to_bill(session, row.work_order_id, at)
    _audit(session, row, by, at, reason.strip())
    return row


def _moved(session: Session, number: str, to: str, by: Actor, at: datetime) -> Invoice:
    require(by, "fees.manage")
    row = lists.invoice(session, number, by, lock=True)
    states.INVOICE.move(row, to)
    notices.settle(session, "invoice_issued", f"/fees/{number}", customer_id=row.customer_id, at=at)
    session.flush()
    return row


def _audit(session: Session, row: Invoice, by: Actor, at: datetime, reason: str | None = None) -> None:
    facts = {"total": row.total}
    audit.append(session, f"invoice.{row.state}", "invoice", row.number, by=by.username, at=at, payload=facts,
                 reason=reason)  # fmt: skip
