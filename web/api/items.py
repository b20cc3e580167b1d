"""Items in the laboratory's hands, for machines: arrived, decided on, assigned, held, noted, handed over."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import handling
from lims.domain import orders as words
from lims.domain.errors import UnusableValue
from lims.domain.rights import require
from lims.queries import items as lists
from lims.services import assignments, hand_overs, holds, incidents, items, subcontracting
from lims.words import N_
from web import unit
from web.api import shapes
from web.api.area import Note, Page, Said, area, name_of, picked, plain, texts, written
from web.api.bearer import caller
from web.api.calls import ROW
from web.api.orders import People

calls = area("items", "/items", "Items: received, handled, handed over")


class Photo(Schema):
    """A PNG or JPEG picture. content: base64."""

    name = fields.String(required=True)
    content = fields.String(required=True)


class Arrival(Schema):
    """How the item arrived. differs, damaged: what is otherwise than ordered; the work then waits for a decision."""

    condition = texts(required=True)
    accessories = fields.List(fields.String(validate=validate.OneOf(list(handling.ACCESSORIES))), load_default=list)
    others = fields.String(load_default="")
    differs = fields.String(load_default="")
    damaged = fields.String(load_default="")
    photos = fields.List(fields.Nested(Photo), load_default=list, validate=validate.Length(max=items.PHOTOS))


class Decision(Schema):
    """What happens to an item that arrived differing. identity: maker, model, serial as on the plate."""

    decision = fields.String(required=True, validate=validate.OneOf(list(handling.DECISIONS)))
    reason = fields.String(load_default="")
    identity = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class Incident(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(list(words.ITEM_EVENTS)))
    reason = fields.String(required=True)
    left_out = fields.String(load_default="")
    photo = fields.Nested(Photo, load_default=None, allow_none=True)


class Captioned(Photo):
    caption = fields.String(load_default="")


class Text(Schema):
    text = fields.String(required=True)


class Conflict(Schema):
    person = fields.Integer(required=True, validate=ROW)
    reason = fields.String(required=True)


class HandOver(Schema):
    """To whom and how. paper: the printed certificate goes with it."""

    way = fields.String(required=True, validate=validate.OneOf(list(handling.WAYS)))
    to_name = fields.String(required=True)
    note = fields.String(load_default="")


class ItemHandOver(HandOver):
    paper = fields.Boolean(load_default=False)


class Hold(Schema):
    """Whom or what the laboratory waits for."""

    reason = fields.String(required=True)
    note = fields.String(load_default="")


class Label(Schema):
    label = fields.String(load_default="item")


class Sent(Schema):
    provider = fields.Integer(required=True, validate=ROW)
    measurand = fields.String(required=True)
    note = fields.String(load_default="")


class Back(Schema):
    """The other laboratory's certificate. whole: it covers all of the work."""

    certificate = fields.String(required=True)
    paper = fields.Nested(Photo, required=True)
    whole = fields.Boolean(load_default=False)


def file_of(sent: dict[str, str]) -> tuple[str, bytes]:
    """Name and bytes of a file sent as base64. Raises UnusableValue."""
    try:
        return sent["name"], base64.b64decode(sent["content"], validate=True)
    except (binascii.Error, ValueError):
        raise UnusableValue(field="content", found=sent["content"][:24], right=N_("a file as base64")) from None


def shown(number: str) -> dict[str, Any]:
    """An item as GET answers it; a customer reads neither records nor names."""
    by = caller()
    found = lists.detail(unit.reading(), number, by)
    own = by.customer_id is not None
    told = picked(found.request, "number state procedure_name document_kind rule as_left note created_at work use") | {
        "item": shapes.item(found.item),
        "instrument": found.item.id,
        "customer": plain(found.customer.name),
        "work_order": None if found.work is None else found.work.number,
        "receipts": [picked(each, "condition accessories received_at") for each in found.receipts],
        "certificates": [each.number for each in found.certificates],
        "events": [
            picked(each.event, "kind note at") | ({} if own else {"by": name_of(each.by)}) for each in found.events
        ],
        "hand_overs": [picked(each, "what way to_name note at") for each, _by in found.hand_overs],
        "gone": bool(found.gone),
    }
    if not own:
        told |= {
            "records": [picked(each, "number stage state started_at") for each in found.records],
            "performer": name_of(found.performer),
            "checker": name_of(found.checker),
        }
    return told


def _lines(found: lists.ItemPage) -> dict[str, Any]:
    rows = [
        picked(each.request, "number state work")
        | {"item": shapes.item(each.item), "customer": plain(each.customer.name)}
        for each in found.lines
    ]
    return {"items": rows, "after": found.after}


@calls.route("/ready", methods=["GET"])
@calls.arguments(Page, location="query")
@calls.response(200)
def ready_items(query: dict[str, Any]) -> Any:
    """What is ready to go back."""
    return _lines(lists.to_go_back(unit.reading(), caller(), after=query["after"], size=query["limit"]))


@calls.route("/out-of-tolerance", methods=["GET"])
@calls.arguments(Page, location="query")
@calls.response(200)
def outside_items(query: dict[str, Any]) -> Any:
    """What was found outside its limits and is still here."""
    return _lines(lists.out_of_tolerance(unit.reading(), caller(), after=query["after"], size=query["limit"]))


@calls.route("/<number>", methods=["GET"])
@calls.response(200)
def one_item(number: str) -> Any:
    """One job and its item: what arrived, what happened, what went back."""
    return shown(number)


@calls.route("/<number>/arrival", methods=["POST"])
@calls.arguments(Arrival)
@calls.response(201)
def receive(entered: dict[str, Any], number: str) -> Any:
    """The item has arrived."""
    require(caller(), "items.receive")
    photos = [file_of(each) for each in entered.pop("photos")]
    arrival = items.Arrival(**(entered | {"accessories": tuple(entered["accessories"])}))
    written(items.receive, number, arrival, photos=photos)
    return shown(number)


@calls.route("/<number>/decision", methods=["POST"])
@calls.arguments(Decision)
@calls.response(200)
def decide(entered: dict[str, Any], number: str) -> Any:
    """What happens to an item that arrived differing."""
    plate = {name: entered["identity"].get(name, "") for name in ("maker", "model", "serial")}
    written(items.resolve, number, entered["decision"], entered["reason"], identity=plate)
    return shown(number)


@calls.route("/<number>/incidents", methods=["POST"])
@calls.arguments(Incident)
@calls.response(201)
def incident(entered: dict[str, Any], number: str) -> Any:
    """Something happened to the item."""
    require(caller(), "items.handle")
    photo = None if entered["photo"] is None else file_of(entered["photo"])
    given = {"left_out": entered["left_out"], "photo": photo}
    written(incidents.note, number, entered["kind"], entered["reason"], **given)
    return shown(number)


@calls.route("/<number>/photos", methods=["POST"])
@calls.arguments(Captioned)
@calls.response(201)
def photograph(entered: dict[str, Any], number: str) -> Any:
    """A photograph of the item."""
    require(caller(), "items.handle")
    written(items.photograph, number, file_of(entered), entered["caption"])
    return shown(number)


@calls.route("/<number>/label", methods=["POST"])
@calls.arguments(Label)
@calls.response(200)
def label(entered: dict[str, Any], number: str) -> Any:
    """Note that a label of the item is printed."""
    written(items.print_labels, [number], entered["label"])
    return shown(number)


@calls.route("/<number>/people", methods=["POST"])
@calls.arguments(People)
@calls.response(200)
def assign(entered: dict[str, Any], number: str) -> Any:
    """The performer and the checker."""
    written(assignments.assign, [number], **entered)
    return shown(number)


@calls.route("/<number>/conflicts", methods=["POST"])
@calls.arguments(Conflict)
@calls.response(201)
def conflict(entered: dict[str, Any], number: str) -> Any:
    """Somebody has an interest in the result and keeps out."""
    written(incidents.mark_conflict, number, entered["person"], entered["reason"])
    return shown(number)


@calls.route("/<number>/holds", methods=["POST"])
@calls.arguments(Hold)
@calls.response(201)
def hold(entered: dict[str, Any], number: str) -> Any:
    """The laboratory waits for somebody: the clock stands until it goes on."""
    written(holds.begin, number, entered["reason"], entered["note"])
    return shown(number)


@calls.route("/<number>/holds/end", methods=["POST"])
@calls.response(200)
def go_on(number: str) -> Any:
    """The work goes on."""
    written(holds.end, number)
    return shown(number)


@calls.route("/<number>/ready", methods=["POST"])
@calls.arguments(Note)
@calls.response(200)
def ready(entered: dict[str, Any], number: str) -> Any:
    """The customer reads that the item can be collected."""
    written(hand_overs.ready, number, entered["note"])
    return shown(number)


@calls.route("/<number>/hand-over", methods=["POST"])
@calls.arguments(ItemHandOver)
@calls.response(201)
def hand_over(entered: dict[str, Any], number: str) -> Any:
    """The item goes back, its paper with it where `paper` says so."""
    written(hand_overs.hand_over, number, **entered)
    return shown(number)


@calls.route("/<number>/paper", methods=["POST"])
@calls.arguments(HandOver)
@calls.response(201)
def hand_over_paper(entered: dict[str, Any], number: str) -> Any:
    """The printed certificate alone."""
    written(hand_overs.hand_over_paper, number, **entered)
    return shown(number)


@calls.route("/<number>/objection", methods=["POST"])
@calls.arguments(Said)
@calls.response(201)
def dispute(entered: dict[str, Any], number: str) -> Any:
    """The customer objects to the result."""
    written(incidents.dispute, number, entered["reason"])
    return shown(number)


@calls.route("/<number>/out-of-tolerance", methods=["POST"])
@calls.arguments(Text)
@calls.response(201)
def tell(entered: dict[str, Any], number: str) -> Any:
    """The customer is told that the item was found outside its limits."""
    written(incidents.tell_out_of_tolerance, number, entered["text"])
    return shown(number)


@calls.route("/<number>/subcontract/consent", methods=["POST"])
@calls.arguments(Note)
@calls.response(201)
def consent(entered: dict[str, Any], number: str) -> Any:
    """The customer agrees to work by another laboratory."""
    written(subcontracting.consent, number, entered["note"])
    return shown(number)


@calls.route("/<number>/subcontract/sent", methods=["POST"])
@calls.arguments(Sent)
@calls.response(201)
def send(entered: dict[str, Any], number: str) -> Any:
    """The item goes to another laboratory."""
    written(subcontracting.send, number, entered["provider"], entered["measurand"], entered["note"])
    return shown(number)


@calls.route("/<number>/subcontract/back", methods=["POST"])
@calls.arguments(Back)
@calls.response(201)
def come_back(entered: dict[str, Any], number: str) -> Any:
    """The item is back, with the other laboratory's certificate."""
    require(caller(), "items.handle")
    paper = file_of(entered["paper"])
    written(subcontracting.come_back, number, entered["certificate"], paper, whole=entered["whole"])
    return shown(number)
