"""Fees, invoices, price lists and figures of the laboratory, for machines. Money is decimal text in CNY."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from lims.queries import fees as lists
from lims.queries import statistics, yearly
from lims.services import fees
from web import unit
from web.api import shapes
from web.api.area import Page, Said, area, day, made, picked, plain, today, written
from web.api.bearer import caller

calls = area("money", "", "Fees, invoices, price lists, statistics")

INVOICE = "number lines total state issued_at paid_at"
TARIFF = "id code version jurisdiction source entries digest valid_from valid_to state"


class InvoiceQuery(Page):
    state = fields.String(load_default="", validate=validate.OneOf(["", "issued", "paid", "cancelled"]))


class Adjustment(Said):
    """By how much the fee of one job changes, decimal text in CNY."""

    request = fields.String(required=True)
    amount = fields.String(required=True)


class Waiver(Said):
    request = fields.String(required=True)


class NewTariff(Schema):
    """A new version of a price list; another person puts it in force."""

    code = fields.String(required=True)
    entries = fields.List(fields.Dict(), required=True, validate=validate.Length(max=1000))
    source = fields.Dict(required=True)
    valid_from = day(required=True)


class YearQuery(Schema):
    """First and last day; without them from the first of January until today."""

    first = day(load_default=None, allow_none=True)
    last = day(load_default=None, allow_none=True)


def _invoice(number: str) -> dict[str, Any]:
    return picked(lists.invoice(unit.reading(), number, caller()), INVOICE)


@calls.route("/invoices", methods=["GET"])
@calls.arguments(InvoiceQuery, location="query")
@calls.response(200)
def list_invoices(query: dict[str, Any]) -> Any:
    """Invoices, newest first; a customer's own alone."""
    given = {"state": query["state"], "after": query["after"], "size": query["limit"]}
    found = lists.page(unit.reading(), caller(), **given)
    rows = [
        picked(each.invoice, "number total state issued_at paid_at")
        | {"customer": plain(each.customer), "work_order": each.work}
        for each in found.lines
    ]
    return {"invoices": rows, "after": found.after}


@calls.route("/invoices/<number>", methods=["GET"])
@calls.response(200)
def one_invoice(number: str) -> Any:
    """One invoice with its lines."""
    return _invoice(number)


@calls.route("/invoices/<number>/payment", methods=["POST"])
@calls.response(200)
def pay_invoice(number: str) -> Any:
    """The money is there."""
    written(fees.pay, number)
    return _invoice(number)


@calls.route("/invoices/<number>/cancellation", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def cancel_invoice(entered: dict[str, Any], number: str) -> Any:
    """An invoice that was wrong."""
    written(fees.cancel, number, entered["reason"])
    return _invoice(number)


def _work(number: str) -> dict[str, Any]:
    found = lists.of_work(unit.reading(), number, caller())
    jobs = [
        {"request": each.request.number, "item": shapes.item(each.item), "total": plain(each.total)}
        | {"rows": [picked(row, "kind amount reason clause at") for row in each.rows]}
        for each in found.jobs
    ]
    return {
        "work_order": found.work.number,
        "total": plain(found.total),
        "jobs": jobs,
        "invoices": [picked(each, "number total state") for each in found.invoices],
    }


@calls.route("/work-orders/<number>/fees", methods=["GET"])
@calls.response(200)
def fees_of_work(number: str) -> Any:
    """What a work order costs, job by job."""
    return _work(number)


@calls.route("/work-orders/<number>/fees/adjustment", methods=["POST"])
@calls.arguments(Adjustment)
@calls.response(201)
def adjust_fee(entered: dict[str, Any], number: str) -> Any:
    """Change the fee of one job."""
    written(fees.adjust, entered["request"], entered["amount"], entered["reason"])
    return _work(number)


@calls.route("/work-orders/<number>/fees/waiver", methods=["POST"])
@calls.arguments(Waiver)
@calls.response(201)
def waive_fee(entered: dict[str, Any], number: str) -> Any:
    """Waive the fee of one job."""
    written(fees.waive, entered["request"], entered["reason"])
    return _work(number)


@calls.route("/work-orders/<number>/invoice", methods=["POST"])
@calls.response(201)
def invoice_work(number: str) -> Any:
    """Invoice the fees of a work order."""
    written(fees.invoice, number)
    return _work(number)


@calls.route("/tariffs", methods=["GET"])
@calls.response(200)
def list_tariffs() -> Any:
    """Price lists; a customer reads the one in force."""
    return {"tariffs": [picked(each, TARIFF) for each in lists.tariffs(unit.reading(), caller())]}


@calls.route("/tariffs", methods=["POST"])
@calls.arguments(NewTariff)
@calls.response(201)
def propose_tariff(entered: dict[str, Any]) -> Any:
    """Propose a price list."""
    return _tariff(made("id", fees.propose_tariff, **entered))


def _tariff(tariff_id: int) -> dict[str, Any]:
    return picked(lists.tariff(unit.reading(), tariff_id, caller()), TARIFF)


@calls.route("/tariffs/<int:tariff_id>/force", methods=["POST"])
@calls.response(200)
def force_tariff(tariff_id: int) -> Any:
    """Put a price list in force that another person proposed."""
    written(fees.put_tariff_in_force, tariff_id)
    return _tariff(tariff_id)


@calls.route("/tariffs/<int:tariff_id>/withdrawal", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def withdraw_tariff(entered: dict[str, Any], tariff_id: int) -> Any:
    """Withdraw a price list."""
    written(fees.withdraw_tariff, tariff_id, entered["reason"])
    return _tariff(tariff_id)


@calls.route("/statistics", methods=["GET"])
@calls.response(200)
def dashboard() -> Any:
    """How the laboratory stands today."""
    return shapes.fields_of(statistics.dashboard(unit.reading(), caller(), on=today()))


@calls.route("/statistics/year", methods=["GET"])
@calls.arguments(YearQuery, location="query")
@calls.response(200)
def year(query: dict[str, date | None]) -> Any:
    """What was done between two days."""
    last = query["last"] or today()
    first = query["first"] or date(last.year, 1, 1)
    return shapes.fields_of(yearly.year(unit.reading(), caller(), first=first, last=last, on=today()))
