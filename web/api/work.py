"""Requests, the bench and records for machines: what the pages do, with the same services and the same refusals."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain.rights import require
from lims.queries import details, history, worklists
from lims.services import bench, certificates, evaluation, requests, review
from web import unit
from web.api import once, shapes, tags
from web.api.area import Page, cut
from web.api.bearer import ask, caller
from web.api.calls import ROW, Calls

calls = Calls("api-work", __name__, description="Requests, the bench, records")
calls.before_request(ask)
calls.before_request(once.begin)
calls.after_request(tags.tag)
calls.after_request(once.end)


class Item(Schema):
    """An item not seen before."""

    maker = fields.String(required=True)
    model = fields.String(required=True)
    serial = fields.String(required=True)
    description = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class NewRequest(Schema):
    """A request: either `instrument` (an id) or `item`."""

    customer_id = fields.Integer(required=True, validate=ROW)
    instrument = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    item = fields.Nested(Item, load_default=None, allow_none=True)
    procedure = fields.String(required=True)
    document_kind = fields.String(load_default="calibration")
    rule = fields.Dict(load_default=lambda: {"rule": "none"})
    note = fields.String(load_default="")
    as_left = fields.Boolean(load_default=False)


class NewReceipt(Schema):
    condition = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    accessories = fields.String(load_default="")


class Stage(Schema):
    """standards: role → code of the standard, where several may play it."""

    stage = fields.String(load_default="as_found", validate=validate.OneOf(["as_found", "as_left"]))
    standards = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class Word(Schema):
    do = fields.String(
        required=True, validate=validate.OneOf(["confirm", "refuse", "pause", "resume", "repeat", "abort"])
    )
    prompt = fields.String(load_default=None, allow_none=True)
    point = fields.Integer(load_default=None, allow_none=True, validate=ROW)
    reason = fields.String(load_default="")


class After(Schema):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0))


class Password(Schema):
    """The password again: a signature."""

    password = fields.String(required=True, load_only=True)


class Together(Password):
    """Numbers of records without an exception that are signed with one password."""

    records = fields.List(fields.String(), required=True, validate=validate.Length(max=200))


class Remark(Schema):
    remark = fields.String(required=True)


@calls.route("/requests", methods=["GET"])
@calls.arguments(Page, location="query")
@calls.response(200)
def list_requests(query: dict[str, Any]) -> Any:
    """Requests, newest first; a customer's own alone."""
    found = worklists.requests(unit.reading(), caller(), after=query["after"], size=query["limit"] + 1)
    lines, after = cut(found, query["limit"], lambda line: line.request.id)
    return {"requests": [shapes.request_line(line) for line in lines], "after": after}


@calls.route("/requests", methods=["POST"])
@calls.arguments(NewRequest)
@calls.response(201)
def create_request(entered: dict[str, Any]) -> Any:
    """Accept a request, with the decision rule agreed beforehand."""
    instrument = entered.pop("instrument")
    item = entered.pop("item")
    with unit.writing() as session:
        number = requests.create(
            session, instrument=shapes.either(instrument, item), by=caller(), at=unit.now(), **entered
        ).number
    return shapes.request_detail(details.request_detail(unit.reading(), number, caller()))


@calls.route("/requests/<number>", methods=["GET"])
@calls.response(200)
def one_request(number: str) -> Any:
    """One request with its records and certificates."""
    return shapes.request_detail(details.request_detail(unit.reading(), number, caller()))


@calls.route("/requests/<number>/receipt", methods=["POST"])
@calls.arguments(NewReceipt)
@calls.response(201)
def receive(entered: dict[str, Any], number: str) -> Any:
    """The item has arrived."""
    with unit.writing() as session:
        requests.receive(session, number, by=caller(), at=unit.now(), **entered)
    return shapes.request_detail(details.request_detail(unit.reading(), number, caller()))


@calls.route("/requests/<number>/gates", methods=["GET"])
@calls.response(200)
def gates(number: str) -> Any:
    """What must hold before a run of a stage starts."""
    lines = bench.gates_before(unit.reading(), number, by=caller(), at=unit.now())
    return {"open": not any(line.blocks for line in lines), "gates": [shapes.gate(line) for line in lines]}


@calls.route("/requests/<number>/runs", methods=["POST"])
@calls.arguments(Stage)
@calls.response(201)
def start(entered: dict[str, Any], number: str) -> Any:
    """Open a record and start its run; nothing energises until a person at the bench confirms."""
    with unit.writing() as session:
        record = bench.start(session, number, by=caller(), at=unit.now(), settings=unit.settings(), **entered).number
    return {"record": record}


@calls.route("/records/<number>", methods=["GET"])
@calls.response(200)
def one_record(number: str) -> Any:
    """A record whole: readings, results, budgets, signatures."""
    return shapes.record(history.record_detail(unit.reading(), number, caller()))


@calls.route("/records/<number>/events", methods=["GET"])
@calls.arguments(After, location="query")
@calls.response(200)
def events(query: dict[str, Any], number: str) -> Any:
    """Lines of the run's journal after a number."""
    require(caller(), "bench.read")
    state = bench.run_state(unit.reading(), number, by=caller(), settings=unit.settings())
    found = bench.events(unit.reading(), number, query["after"], by=caller(), settings=unit.settings())
    return {"state": state, "events": found}


@calls.route("/records/<number>/commands", methods=["POST"])
@calls.arguments(Word)
@calls.response(202)
def command(entered: dict[str, Any], number: str) -> Any:
    """A person's word to a run."""
    with unit.writing() as session:
        bench.command(session, number, by=caller(), at=unit.now(), settings=unit.settings(), **entered)
    return {"done": entered["do"]}


@calls.route("/records/<number>/submission", methods=["POST"])
@calls.arguments(Password)
@calls.response(200)
def submit(entered: dict[str, Any], number: str) -> Any:
    """Evaluate, sign as performer, hand over for verification."""
    with unit.writing() as session:
        evaluation.submit(session, number, entered["password"], by=caller(), at=unit.now(), settings=unit.settings())
    return shapes.record(history.record_detail(unit.reading(), number, caller()))


@calls.route("/records/<number>/verification", methods=["POST"])
@calls.arguments(Password)
@calls.response(200)
def verify(entered: dict[str, Any], number: str) -> Any:
    """Sign as verifier."""
    with unit.writing() as session:
        review.verify(session, number, entered["password"], by=caller(), at=unit.now())
    return {"record": number, "state": "verified"}


@calls.route("/records/verification", methods=["POST"])
@calls.arguments(Together)
@calls.response(200)
def verify_all(entered: dict[str, Any]) -> Any:
    """Sign several records without an exception as verifier: all of them or none."""
    with unit.writing() as session:
        review.verify_all(session, entered["records"], entered["password"], by=caller(), at=unit.now())
    return {"records": entered["records"], "state": "verified"}


@calls.route("/records/issue", methods=["POST"])
@calls.arguments(Together)
@calls.response(201)
def issue_all(entered: dict[str, Any]) -> Any:
    """Approve several records without an exception and issue their certificates: all of them or none."""
    with unit.writing() as session:
        made = certificates.issue_all(
            session, entered["records"], entered["password"], by=caller(), at=unit.now(), settings=unit.settings()
        )
        return {"certificates": [{"number": each.number, "digest": each.digest} for each in made]}


@calls.route("/records/<number>/return", methods=["POST"])
@calls.arguments(Remark)
@calls.response(200)
def give_back(entered: dict[str, Any], number: str) -> Any:
    """Return a record to its performer with a remark."""
    with unit.writing() as session:
        review.return_record(session, number, entered["remark"], by=caller(), at=unit.now())
    return {"record": number, "state": "returned"}


@calls.route("/records/<number>/issue", methods=["POST"])
@calls.arguments(Password)
@calls.response(201)
def issue(entered: dict[str, Any], number: str) -> Any:
    """Approve and issue; the documents are due from then on."""
    with unit.writing() as session:
        made = certificates.issue(
            session, number, entered["password"], by=caller(), at=unit.now(), settings=unit.settings()
        )
        return {"certificate": made.number, "digest": made.digest}
