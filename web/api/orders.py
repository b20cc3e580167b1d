"""Orders and work orders for machines: ordered, reviewed line by line, accepted or refused, followed to their end."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import agreement, states
from lims.domain import orders as words
from lims.domain.rights import require
from lims.queries import orders as lists
from lims.services import assignments, contract_review, orders, work_orders
from web import unit
from web.api import shapes, tags
from web.api.area import LARGEST, Page, Said, area, day, made, name_of, picked, plain, written
from web.api.bearer import caller
from web.api.calls import ROW

calls = area("orders", "", "Orders, their review, work orders")

ORDER = (
    "number state contact place site urgent delivery language accredited note created_at submitted_at decided_at "
    "reason_code reason version"
)
WORK = "number kind state agreed due accepted_at version"


class OrderQuery(Page):
    state = fields.String(load_default="", validate=validate.OneOf(["", *states.SERVICE_REQUEST.table]))
    q = fields.String(load_default="")
    customer = fields.Integer(load_default=None, allow_none=True, validate=ROW)


class OrderedItem(Schema):
    """An item not seen before."""

    maker = fields.String(required=True)
    model = fields.String(required=True)
    serial = fields.String(required=True)
    description = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class OrderLine(Schema):
    """One item: `instrument` (an id of the ledger) or `item`, what is to be done with it, and the decision rule."""

    instrument = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    item = fields.Nested(OrderedItem, load_default=None, allow_none=True)
    work = fields.String(load_default="calibration", validate=validate.OneOf(agreement.OFFERED))
    use = fields.String(load_default="other", validate=validate.OneOf(list(words.USES)))
    procedure = fields.String(load_default=None, allow_none=True)
    rule = fields.Dict(load_default=lambda: {"rule": "none"})
    as_left = fields.Boolean(load_default=False)
    note = fields.String(load_default="")


class Terms(Schema):
    """What holds for the whole order."""

    contact = fields.String(load_default="")
    place = fields.String(load_default="laboratory", validate=validate.OneOf(list(agreement.PLACES)))
    site = fields.String(load_default="")
    urgent = fields.Boolean(load_default=False)
    delivery = fields.String(load_default="electronic", validate=validate.OneOf(list(agreement.DELIVERIES)))
    language = fields.String(load_default="zh", validate=validate.OneOf(list(agreement.LANGUAGES)))
    accredited = fields.Boolean(load_default=False)
    note = fields.String(load_default="")
    lines = fields.List(fields.Nested(OrderLine), required=True, validate=validate.Length(max=orders.MOST))


class NewOrder(Terms):
    """A customer leaves customer_id out; `submit`: sent at once, else kept as a draft."""

    customer_id = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    submit = fields.Boolean(load_default=False)


class LineDecision(Schema):
    line = fields.Integer(required=True, validate=ROW)
    accept = fields.Boolean(required=True)
    procedure = fields.String(load_default="")
    reason_code = fields.String(load_default="")
    reason = fields.String(load_default="")


class ReviewDecision(Schema):
    """Every line of the order, accepted or refused with its ground; `due`: what is promised."""

    lines = fields.List(fields.Nested(LineDecision), required=True, validate=validate.Length(max=orders.MOST))
    due = day(load_default=None, allow_none=True)


class Question(Schema):
    question = fields.String(required=True)


class WorkQuery(Page):
    state = fields.String(load_default="", validate=validate.OneOf(["", *states.WORK_ORDER.table]))
    kind = fields.String(load_default="", validate=validate.OneOf(["", *words.WORK]))


class OwnWork(Schema):
    """The laboratory's own work on a standard of its own."""

    kind = fields.String(required=True, validate=validate.OneOf(words.INTERNAL))
    standard = fields.String(required=True)
    procedure = fields.String(load_default="")
    due = day(load_default=None, allow_none=True)
    note = fields.String(load_default="")


class To(Schema):
    to = fields.String(required=True)
    reason = fields.String(load_default="")


class People(Schema):
    """The performer and the checker by their ids; null: nobody."""

    performer_id = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    checker_id = fields.Integer(load_default=None, allow_none=True, validate=ROW)


def _line(found: lists.LineDetail) -> dict[str, Any]:
    names = "id position work use procedure_name rule as_left note state reason_code reason"
    return picked(found.line, names) | {
        "instrument": found.item.id,
        "item": shapes.item(found.item),
        "request": None if found.request is None else picked(found.request, "number state"),
    }


def shown(number: str) -> dict[str, Any]:
    """An order as GET answers it; its version becomes the tag."""
    found = lists.detail(unit.reading(), number, caller())
    tags.versioned(found.order.version)
    return picked(found.order, ORDER) | {
        "customer": {"id": found.customer.id, "name": plain(found.customer.name)},
        "lines": [_line(each) for each in found.lines],
        "work_orders": [picked(each, "number kind state due") for each in found.work],
        "decided_by": name_of(found.decided_by),
    }


def _terms(entered: dict[str, Any]) -> agreement.Terms:
    return agreement.Terms(**{name: entered[name] for name in agreement.Terms.__slots__})


def _lines(entered: list[dict[str, Any]]) -> list[agreement.Line]:
    return [_ordered(dict(each)) for each in entered]


def _ordered(each: dict[str, Any]) -> agreement.Line:
    instrument, item = each.pop("instrument"), each.pop("item")
    return agreement.Line(shapes.either(instrument, item), **each)


@calls.route("/orders", methods=["GET"])
@calls.arguments(OrderQuery, location="query")
@calls.response(200)
def list_orders(query: dict[str, Any]) -> Any:
    """Orders, newest first; a customer's own alone."""
    found = lists.page(
        unit.reading(), caller(), state=query["state"], text=query["q"], customer=query["customer"],
        after=query["after"], size=query["limit"],
    )  # fmt: skip
    rows = [
        picked(each.order, "number state urgent created_at submitted_at version")
        | {"customer": plain(each.customer), "items": each.items, "refused": each.refused}
        for each in found.lines
    ]
    return {"orders": rows, "after": found.after}


@calls.route("/orders", methods=["POST"])
@calls.arguments(NewOrder)
@calls.response(201)
def create_order(entered: dict[str, Any]) -> Any:
    """Order several items of one customer at once."""
    require(caller(), "requests.create")
    by, at = caller(), unit.now()
    owner = entered["customer_id"] if by.customer_id is None else by.customer_id
    with unit.writing() as session:
        order = orders.draft(
            session, customer_id=owner or 0, terms=_terms(entered), lines=_lines(entered["lines"]), by=by, at=at
        )
        number = order.number
        if entered["submit"]:
            orders.submit(session, number, by=by, at=at)
    return shown(number)


@calls.route("/orders/<number>", methods=["GET"])
@calls.response(200)
def one_order(number: str) -> Any:
    """One order with its lines, jobs and work orders."""
    return shown(number)


@calls.route("/orders/<number>", methods=["PUT"])
@calls.arguments(Terms)
@calls.response(200)
@calls.edit
def edit_order(entered: dict[str, Any], number: str) -> Any:
    """Replace what a draft says."""
    with tags.edited("requests.create", "service_request", number, lambda: shown(number)) as version:
        written(orders.edit, number, version=version, terms=_terms(entered), lines=_lines(entered["lines"]))
    return shown(number)


@calls.route("/orders/<number>/submission", methods=["POST"])
@calls.response(200)
def submit_order(number: str) -> Any:
    """Send a draft to the laboratory."""
    written(orders.submit, number)
    return shown(number)


@calls.route("/orders/<number>/withdrawal", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def withdraw_order(entered: dict[str, Any], number: str) -> Any:
    """Withdraw an order; items that are here go back."""
    written(orders.withdraw, number, entered["reason"])
    return shown(number)


@calls.route("/orders/<number>/review", methods=["GET"])
@calls.response(200)
def look_at_order(number: str) -> Any:
    """Every line with its gates, the method suggested and the fee quoted."""
    found = contract_review.look(unit.reading(), number, by=caller(), at=unit.now())
    tags.versioned(found.order.version)
    rows = [
        picked(each.line, "id position work use state")
        | {"item": shapes.item(each.item), "procedure": each.procedure, "fee": plain(each.fee)}
        | {"gates": [shapes.gate(line) for line in each.reasons], "closed": bool(each.closed)}
        for each in found.lines
    ]
    return picked(found.order, "number state version") | {"due": plain(found.due), "lines": rows}


@calls.route("/orders/<number>/review", methods=["POST"])
@calls.arguments(ReviewDecision)
@calls.response(200)
@calls.edit
def decide_order(entered: dict[str, Any], number: str) -> Any:
    """Accept or refuse every line in one act; work orders and jobs come of what is accepted."""
    decisions = {each.pop("line"): contract_review.Decision(**each) for each in entered["lines"]}
    with tags.edited("requests.review", "service_request", number, lambda: shown(number)) as version:
        written(contract_review.decide, number, decisions, version=version, due=entered["due"])
    return shown(number)


@calls.route("/orders/<number>/return", methods=["POST"])
@calls.arguments(Question)
@calls.response(200)
def return_order(entered: dict[str, Any], number: str) -> Any:
    """Give an order back to the customer with a question."""
    written(contract_review.give_back, number, entered["question"])
    return shown(number)


def _work(number: str) -> dict[str, Any]:
    found = lists.work_detail(unit.reading(), number, caller())
    tags.versioned(found.work.version)
    return picked(found.work, WORK) | {
        "order": None if found.order is None else found.order.number,
        "customer": None if found.customer is None else plain(found.customer.name),
        "items": [picked(job, "number state procedure_name") | {"item": shapes.item(i)} for job, i in found.items],
    }


@calls.route("/work-orders", methods=["GET"])
@calls.arguments(WorkQuery, location="query")
@calls.response(200)
def list_work_orders(query: dict[str, Any]) -> Any:
    """Work orders, newest first."""
    given = {"state": query["state"], "kind": query["kind"], "after": query["after"], "size": query["limit"]}
    found = lists.work_page(unit.reading(), caller(), **given)
    rows = [
        picked(each.work, "number kind state due")
        | {"order": each.order, "customer": plain(each.customer), "finished": each.finished, "items": each.items}
        for each in found.lines
    ]
    return {"work_orders": rows, "after": found.after}


@calls.route("/work-orders", methods=["POST"])
@calls.arguments(OwnWork)
@calls.response(201)
def open_work(entered: dict[str, Any]) -> Any:
    """The laboratory's own work on a standard of its own."""
    return _work(made("number", work_orders.open_internal, **entered))


@calls.route("/work-orders/<number>", methods=["GET"])
@calls.response(200)
def one_work_order(number: str) -> Any:
    """One work order with its jobs."""
    return _work(number)


@calls.route("/work-orders/<number>/state", methods=["POST"])
@calls.arguments(To)
@calls.response(200)
def move_work(entered: dict[str, Any], number: str) -> Any:
    """The step of a work order that a person takes."""
    written(work_orders.move, number, entered["to"], entered["reason"])
    return _work(number)


@calls.route("/work-orders/<number>/people", methods=["POST"])
@calls.arguments(People)
@calls.response(200)
def assign_work(entered: dict[str, Any], number: str) -> Any:
    """The same performer and checker for every job of the order that is not finished."""
    require(caller(), "items.assign")
    found = lists.work_detail(unit.reading(), number, caller())
    numbers = [job.number for job, _item in found.items if job.state in assignments.OPEN][:LARGEST]
    written(assignments.assign, numbers, **entered)
    return _work(number)
