"""Contract review: each line of an order against the gates, accepted or refused with a ground; work orders come of it.

look() shows what would be decided on, decide() decides all lines in one act, give_back() asks the customer a question.
Source of the demand: ISO/IEC 17025:2017, 7.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import audit
from lims.domain import agreement, fees, gates, orders, states, workdays
from lims.domain.actor import Actor
from lims.domain.errors import GateClosed, StaleEdit, UnusableValue
from lims.domain.rights import require
from lims.queries import clocks, registers
from lims.queries.orders import detail, order_by_number, procedures_in_force
from lims.records import Instrument, ProcedureVersion, Request, ServiceRequest, ServiceRequestLine, WorkOrder
from lims.records.series import next_number
from lims.services import fees as pricing
from lims.services import gatekeeping, requests
from lims.words import N_


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one line. reason_code: lims.domain.orders.REFUSALS, with its reason, where it is refused."""

    accept: bool
    procedure: str = ""
    reason_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LineReview:
    """A line as the gates see it. quoted: the rows of its fee, none where no price is kept."""

    line: ServiceRequestLine
    item: Instrument
    procedure: str | None
    suggested: bool
    reasons: Sequence[gates.Reason]
    quoted: Sequence[fees.Line] = ()

    @property
    def fee(self) -> str | None:
        """The sum, decimal text in CNY; None where no price is kept."""
        return fees.text(fees.total(each.amount for each in self.quoted)) if self.quoted else None

    @property
    def closed(self) -> Sequence[gates.Reason]:
        return gates.closed(self.reasons)


@dataclass(frozen=True, slots=True)
class Review:
    """An order under review. due: the day that the terms of its kinds of work give, None without terms."""

    order: ServiceRequest
    lines: Sequence[LineReview]
    due: date | None


def look(
    session: Session, number: str, *, by: Actor, at: datetime, procedures: Mapping[int, str] | None = None
) -> Review:
    """The review of a submitted order. procedures: line id → the procedure that the reviewer tries."""
    require(by, "requests.review")
    found = detail(session, number, by)
    order, rows = found.order, [(each.line, each.item) for each in found.lines]
    tried, suggested = procedures or {}, _suggestions(session, rows)
    verified = any(line.work in orders.VERIFICATION for line, _ in rows)
    book = pricing.book(session, registers.day(session, at), verification=verified)
    lines = [_look(session, order, line, item, tried.get(line.id), suggested[line.id], at, book) for line, item in rows]
    return Review(order, lines, _due(session, [line for line, _ in rows], at))


def _look(
    session: Session,
    order: ServiceRequest,
    line: ServiceRequestLine,
    item: Instrument,
    tried: str | None,
    suggested: str | None,
    at: datetime,
    book: pricing.Book,
) -> LineReview:
    chosen = tried or line.procedure_name
    procedure = chosen or suggested
    reasons = gatekeeping.at_intake(
        session,
        instrument=item,
        wanted=line.wanted,
        work=line.work,
        use=line.use,
        procedure_name=procedure or "",
        rule=line.rule,
        accredited=order.accredited,
        at=at,
    )
    quoted = _quoted(session, order, line, item, procedure, at, book)
    return LineReview(line, item, procedure, chosen is None and procedure is not None, reasons, quoted)


def _suggestions(session: Session, rows: Sequence[tuple[ServiceRequestLine, Instrument]]) -> dict[int, str | None]:
    """Line → the procedure in force that fits: the one of last time, or the first that names the model; else None."""
    current = procedures_in_force(session)
    last = {
        (instrument, kind): name
        for instrument, kind, name in session.execute(
            select(Request.instrument_id, Request.document_kind, Request.procedure_name)
            .where(Request.instrument_id.in_([item.id for _, item in rows]))
            .order_by(Request.id)
        )
    }
    return {
        line.id: suggest(item, current, last.get((item.id, agreement.document_kind_of(line.work))))
        for line, item in rows
    }


def suggest(item: Instrument, current: Sequence[ProcedureVersion], last: str | None) -> str | None:
    """The procedure of last time where it is still in force, or the first of those in force that names the model."""
    if last in {version.name for version in current}:
        return last
    return next((v.name for v in current if item.model in registers.procedure_of(v).models), None)


def _quoted(
    session: Session,
    order: ServiceRequest,
    line: ServiceRequestLine,
    item: Instrument,
    procedure: str | None,
    at: datetime,
    book: pricing.Book,
) -> list[fees.Line]:
    """What a line costs by the tariff in force; nothing where no price is kept."""
    return pricing.quote(
        session,
        procedure_name=procedure or "",
        work=line.work,
        use=line.use,
        urgent=order.urgent,
        place=order.place,
        instrument=item,
        day=registers.day(session, at),
        known=book,
    )


def _due(session: Session, lines: Sequence[ServiceRequestLine], at: datetime) -> date | None:
    """The latest end of the terms of these lines, if they began today; holidays as the laboratory keeps them."""
    profile = registers.laboratory(session)
    terms, calendar = clocks.terms(profile), workdays.read(profile.get("calendar", {}))
    today = registers.day(session, at)
    known = [terms[kind] for line in lines if (kind := agreement.document_kind_of(line.work)) in terms]
    return max((workdays.clock(term, today, today, calendar).due for term in known), default=None)


def decide(
    session: Session,
    number: str,
    decisions: Mapping[int, Decision],
    *,
    version: int,
    due: date | None,
    by: Actor,
    at: datetime,
) -> ServiceRequest:
    """Decide every line: accepted ones become jobs in work orders by kind of work, refused ones keep their ground.

    decisions: line id → Decision. Raises GateClosed for a line accepted against a closed gate, UnusableValue (with the
    line's id as `line`) for one without decision, procedure or reason, StaleEdit, WrongState.
    """
    require(by, "requests.review")
    order = order_by_number(session, number, by=by, lock=True)
    wanted = "accepted" if any(each.accept for each in decisions.values()) else "refused"
    states.SERVICE_REQUEST.require(number, order.state, wanted)
    if order.version != version:
        raise StaleEdit(kind="service_request", number=number, found=order.version, yours=version)
    tried = {line: each.procedure for line, each in decisions.items() if each.procedure}
    review = look(session, number, by=by, at=at, procedures=tried)
    if due is not None and due < registers.day(session, at):
        raise UnusableValue(field="due", found=str(due), right=N_("today or a later day"))
    for each in review.lines:
        _check(each, decisions.get(each.line.id))
    work = _work_orders(session, review, decisions, due, by=by, at=at)
    for each in review.lines:
        _decide(session, order, each, decisions[each.line.id], work, by=by, at=at)
    states.SERVICE_REQUEST.move(order, wanted)
    order.decided_at, order.decided_by_id = at, by.person_id
    if wanted == "refused":
        first = decisions[review.lines[0].line.id]
        order.reason_code, order.reason = first.reason_code, first.reason.strip()
    session.flush()
    audit.append(
        session,
        f"order.{wanted}",
        "service_request",
        number,
        by=by.username,
        at=at,
        payload={
            "lines": [{"item": e.item.code, "state": e.line.state, "why": e.line.reason_code} for e in review.lines],
            "work_orders": [each.number for each in work.values()],
        },
    )
    return order


def _check(each: LineReview, decision: Decision | None) -> None:
    line = each.line.id
    if decision is None:
        raise UnusableValue(field="decision", found="—", right=N_("accepted or refused, for every line"), line=line)
    if not decision.accept:
        if decision.reason_code not in orders.REFUSALS:
            right = N_("one of the grounds listed")
            raise UnusableValue(field="reason_code", found=decision.reason_code or "—", right=right, line=line)
        if not decision.reason.strip():
            raise UnusableValue(field="reason", found="—", right=N_("why the line is refused"), line=line)
        return
    if each.procedure is None:
        raise UnusableValue(field="procedure", found="—", right=N_("a procedure in force"), line=line)
    if each.closed:
        first = each.closed[0]
        raise GateClosed(
            step=N_("accepting the line"), reason=first.text, clause=first.clause, closed=len(each.closed), line=line
        )


def _work_orders(
    session: Session,
    review: Review,
    decisions: Mapping[int, Decision],
    due: date | None,
    *,
    by: Actor,
    at: datetime,
) -> dict[str, WorkOrder]:
    """One work order for each kind of work among the accepted lines, with what was agreed."""
    accepted = [each for each in review.lines if decisions[each.line.id].accept]
    made = {}
    for kind in dict.fromkeys(each.line.work for each in accepted):
        work = WorkOrder(
            number=next_number(session, "work_order", at),
            service_request_id=review.order.id,
            kind=kind,
            agreed=_agreed(review.order, [each for each in accepted if each.line.work == kind]),
            due=due,
            state=states.WORK_ORDER.initial,
            accepted_by_id=by.person_id,
            accepted_at=at,
        )
        session.add(work)
        made[kind] = work
    session.flush()
    return made


def _agreed(order: ServiceRequest, lines: Sequence[LineReview]) -> dict[str, Any]:
    return {
        "lines": [
            {
                "item": each.item.code,
                "procedure": each.procedure,
                "rule": each.line.rule,
                "as_left": each.line.as_left,
                "use": each.line.use,
                "fee": each.fee,
            }
            for each in lines
        ],
        "delivery": order.delivery,
        "language": order.language,
        "place": order.place,
        "site": order.site,
        "urgent": order.urgent,
        "accredited": order.accredited,
    }


def _decide(
    session: Session,
    order: ServiceRequest,
    each: LineReview,
    decision: Decision,
    work: Mapping[str, WorkOrder],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """One line: its job where it is accepted, its ground where not, and what the gates said as evidence."""
    line = each.line
    line.review = [_kept(reason) for reason in each.reasons]
    place = ("service_request_line", f"{order.number}/{line.position}")
    if decision.accept and each.procedure is not None:
        request = requests.create(
            session,
            customer_id=order.customer_id,
            instrument=line.instrument_id,
            procedure=each.procedure,
            document_kind=agreement.document_kind_of(line.work),
            rule=line.rule,
            note=line.note,
            as_left=line.as_left,
            work=line.work,
            use=line.use,
            accredited=order.accredited,
            work_order_id=work[line.work].id,
            by=by,
            at=at,
        )
        line.state, line.request_id, line.procedure_name = "accepted", request.id, each.procedure
        pricing.fix(session, request, each.quoted, by=by, at=at)
        place = ("request", request.number)
    else:
        line.state, line.reason_code, line.reason = "refused", decision.reason_code, decision.reason.strip()
    gatekeeping.keep(session, "intake", *place, list(each.reasons), by=by, at=at)


def _kept(reason: gates.Reason) -> dict[str, Any]:
    return asdict(reason) | {"text": dict(reason.text)}


def give_back(session: Session, number: str, question: str, *, by: Actor, at: datetime) -> ServiceRequest:
    """The order is the customer's draft again, with a question of the laboratory."""
    require(by, "requests.review")
    order = order_by_number(session, number, by=by, lock=True)
    if not question.strip():
        raise UnusableValue(field="question", found="—", right=N_("what the customer is asked"))
    states.SERVICE_REQUEST.move(order, "draft")
    order.reason = question.strip()
    session.flush()
    audit.append(session, "order.given_back", "service_request", number, by=by.username, at=at, reason=question.strip())
    return order
