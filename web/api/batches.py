"""Batches for machines: identical items as one act, from the set-up to the certificates."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import batches as rules
from lims.domain.rights import require
from lims.queries import batches as lists
from lims.services import batches
from web import unit
from web.api import shapes
from web.api.area import Page, Signed, area, cut, made, picked, plain, written
from web.api.bearer import caller
from web.api.measuring import STAGES, PointReadings, require_some

calls = area("batches", "/batches", "Batches")

BATCH = "number procedure_name setup state created_at"


class NewBatch(Schema):
    """Requests of one kind with one set-up. ambient: temperature in °C, humidity in %."""

    requests = fields.List(fields.String(), required=True, validate=validate.Length(max=rules.LARGEST))
    stage = fields.String(load_default="as_found", validate=validate.OneOf(STAGES))
    ambient = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    note = fields.String(load_default="")


class BatchReadings(Schema):
    """Request → its readings."""

    readings = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(PointReadings)), required=True)


class LookedAt(Signed):
    """looked_at: requests whose exceptions the signer has looked at one by one."""

    looked_at = fields.List(fields.String(), load_default=list, validate=validate.Length(max=rules.LARGEST))


class TakenOut(Schema):
    request = fields.String(required=True)
    reason = fields.String(required=True)


def _shown(number: str) -> dict[str, Any]:
    found = lists.view(unit.reading(), number, caller())
    rows = [
        picked(each.request, "number state")
        | {"item": shapes.item(each.instrument), "exceptions": plain(each.why), "certificate": each.certificate}
        | {"record": None if each.record is None else picked(each.record, "number state")}
        for each in found.items
    ]
    return picked(found.batch, BATCH) | {
        "customer": plain(found.customer.name),
        "standing": found.standing,
        "items": rows,
    }


@calls.route("", methods=["GET"])
@calls.arguments(Page, location="query")
@calls.response(200)
def list_batches(query: dict[str, Any]) -> Any:
    """Batches, newest first."""
    size = query["limit"]
    found = lists.page(unit.reading(), caller(), after=query["after"], size=size + 1)
    rows, after = cut(found, size, lambda line: line[0].id)
    return {
        "batches": [picked(batch, BATCH) | {"customer": plain(name), "items": n} for batch, name, n in rows],
        "after": after,
    }


@calls.route("", methods=["POST"])
@calls.arguments(NewBatch)
@calls.response(201)
def make_batch(entered: dict[str, Any]) -> Any:
    """Requests of one kind become a batch."""
    return _shown(made("number", batches.make, entered.pop("requests"), **entered))


@calls.route("/<number>", methods=["GET"])
@calls.response(200)
def one_batch(number: str) -> Any:
    """A batch with its items and their exceptions."""
    return _shown(number)


@calls.route("/<number>/readings", methods=["POST"])
@calls.arguments(BatchReadings)
@calls.response(201)
def enter_batch(entered: dict[str, Any], number: str) -> Any:
    """Readings of any of the items; a wrong one refuses all."""
    require(caller(), "readings.enter")
    for each in entered["readings"].values():
        require_some(each)
    written(batches.enter, number, entered["readings"])
    return _shown(number)


@calls.route("/<number>/submission", methods=["POST"])
@calls.arguments(Signed)
@calls.response(200)
def submit_batch(entered: dict[str, Any], number: str) -> Any:
    """Sign every record as performer."""
    written(batches.submit, number, entered["password"], settings=unit.settings())
    return _shown(number)


@calls.route("/<number>/verification", methods=["POST"])
@calls.arguments(LookedAt)
@calls.response(200)
def verify_batch(entered: dict[str, Any], number: str) -> Any:
    """Sign every record as verifier."""
    written(batches.verify, number, entered["password"], looked_at=set(entered["looked_at"]))
    return _shown(number)


@calls.route("/<number>/issue", methods=["POST"])
@calls.arguments(LookedAt)
@calls.response(201)
def issue_batch(entered: dict[str, Any], number: str) -> Any:
    """Approve and issue a certificate for every item."""
    looked = set(entered["looked_at"])
    written(batches.issue, number, entered["password"], looked_at=looked, settings=unit.settings())
    return _shown(number)


@calls.route("/<number>/leave", methods=["POST"])
@calls.arguments(TakenOut)
@calls.response(200)
def take_out(entered: dict[str, Any], number: str) -> Any:
    """An item leaves the batch and goes on alone."""
    written(batches.take_out, number, entered["request"], entered["reason"])
    return _shown(number)
