"""The ledger of instruments and the register of customers, for machines; edits are held to the version read."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import states
from lims.queries import ledger as books
from lims.services import ledger
from web import unit
from web.api import shapes, tags
from web.api.area import Page, area, day, made, picked, plain, texts, today, written
from web.api.bearer import caller
from web.api.calls import ROW

calls = area("registers", "", "Instruments and customers")

WAYS = ("", "overdue", "due30", "due60", "in_lab", "ready")


class InstrumentQuery(Page):
    q = fields.String(load_default="")
    state = fields.String(load_default="", validate=validate.OneOf(["", *states.INSTRUMENT.table]))
    way = fields.String(load_default="", validate=validate.OneOf(WAYS))
    customer = fields.Integer(load_default=None, allow_none=True, validate=ROW)


class InstrumentEdit(Schema):
    """The name plate, what the ledger keeps beside it, and the day it is due; who corrects a name plate says why."""

    maker = fields.String(required=True)
    model = fields.String(required=True)
    serial = fields.String(required=True)
    description = texts(required=True)
    details = fields.Dict(keys=fields.String(validate=validate.OneOf(ledger.DETAILS)), values=fields.String(),
                          load_default=dict)  # fmt: skip
    due = day(load_default=None, allow_none=True)
    reason = fields.String(load_default="")


class Moved(Schema):
    to = fields.String(required=True)
    reason = fields.String(required=True)


class CustomerQuery(Page):
    q = fields.String(load_default="")


class CustomerData(Schema):
    name = texts(required=True)
    address = texts(required=True)
    contact = fields.String(load_default="")
    details = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


def _instrument(code: str) -> dict[str, Any]:
    found = books.life(unit.reading(), code, caller())
    tags.versioned(found.item.version)
    due, left = books.due_of(found.item, today())
    return (
        shapes.item(found.item)
        | picked(found.item, "id kind state details due version")
        | {
            "standing": due,
            "days_left": left,
            "customer": None if found.customer is None else plain(found.customer.name),
            "requests": [picked(each, "number state created_at") for each in found.requests],
            "orders": [picked(order, "number state") for order, _line in found.orders],
            "certificates": [plain(each) for each in found.certificates],
        }
    )


@calls.route("/instruments", methods=["GET"])
@calls.arguments(InstrumentQuery, location="query")
@calls.response(200)
def list_instruments(query: dict[str, Any]) -> Any:
    """The ledger; a customer's own alone."""
    found = books.instruments(
        unit.reading(), caller(), on=today(), text=query["q"], customer=query["customer"], state=query["state"],
        way=query["way"], after=query["after"], size=query["limit"],
    )  # fmt: skip
    rows = [
        shapes.item(each.item)
        | picked(each.item, "id kind state due version")
        | {"customer": plain(each.customer), "standing": each.due, "days_left": each.days_left}
        | {"request": None if each.request is None else each.request.number, "certificate": each.certificate}
        for each in found.lines
    ]
    return {"instruments": rows, "after": found.after}


@calls.route("/instruments/<code>", methods=["GET"])
@calls.response(200)
def one_instrument(code: str) -> Any:
    """The life of an instrument: orders, jobs, certificates, the day it is due."""
    return _instrument(code)


@calls.route("/instruments/<code>", methods=["PUT"])
@calls.arguments(InstrumentEdit)
@calls.response(200)
@calls.edit
def edit_instrument(entered: dict[str, Any], code: str) -> Any:
    """Correct what the ledger says of an instrument."""
    identity = {name: entered[name] for name in ("maker", "model", "serial", "description")}
    details = {name: entered["details"].get(name, "") for name in ledger.DETAILS}
    given = {"identity": identity, "details": details, "due": entered["due"], "reason": entered["reason"]}
    with tags.edited("requests.create", "instrument", code, lambda: _instrument(code)) as version:
        written(ledger.edit_instrument, code, version=version, **given)
    return _instrument(code)


@calls.route("/instruments/<code>/state", methods=["POST"])
@calls.arguments(Moved)
@calls.response(200)
def move_instrument(entered: dict[str, Any], code: str) -> Any:
    """Out of use, back in use, scrapped."""
    written(ledger.move_instrument, code, entered["to"], entered["reason"])
    return _instrument(code)


def _customer(customer_id: int) -> dict[str, Any]:
    found = books.customer(unit.reading(), customer_id, by=caller())
    tags.versioned(found.version)
    return picked(found, "id name address contact details version")


@calls.route("/customers", methods=["GET"])
@calls.arguments(CustomerQuery, location="query")
@calls.response(200)
def list_customers(query: dict[str, Any]) -> Any:
    """Customers, with how many instruments and orders each has; a customer sees themselves alone."""
    found = books.customers(unit.reading(), caller(), text=query["q"], after=query["after"], size=query["limit"])
    rows = [
        picked(each, "id name contact version") | {"instruments": own, "orders": count}
        for each, own, count in found.lines
    ]
    return {"customers": rows, "after": found.after}


@calls.route("/customers", methods=["POST"])
@calls.arguments(CustomerData)
@calls.response(201)
def add_customer(entered: dict[str, Any]) -> Any:
    """A new customer."""
    return _customer(made("id", ledger.add_customer, **entered))


@calls.route("/customers/<int:customer_id>", methods=["GET"])
@calls.response(200)
def one_customer(customer_id: int) -> Any:
    """One customer."""
    return _customer(customer_id)


@calls.route("/customers/<int:customer_id>", methods=["PUT"])
@calls.arguments(CustomerData)
@calls.response(200)
@calls.edit
def edit_customer(entered: dict[str, Any], customer_id: int) -> Any:
    """Change what is kept of a customer."""
    with tags.edited("customers.manage", "customer", str(customer_id), lambda: _customer(customer_id)) as version:
        written(ledger.edit_customer, customer_id, version=version, **entered)
    return _customer(customer_id)
