"""Bookings for machines: what is shared, which spans are kept, one booking and its steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from lims.domain import bookings as rules
from lims.domain.errors import UnusableValue
from lims.queries import bookings as lists
from lims.services import bookings, shared_things
from lims.words import N_
from web import unit
from web.api import shapes
from web.api.area import Page, Said, area, instant, made, picked, plain, texts, written
from web.api.bearer import caller
from web.api.calls import ROW

calls = area("bookings", "/bookings", "Bookings of standards, benches and rooms")

BOOKING = "id purpose note from_at to_at state created_at version"
LONGEST, WEEK = timedelta(days=62), timedelta(days=7)


class ThingsQuery(Page):
    kind = fields.String(load_default="", validate=validate.OneOf(["", *rules.KINDS]))


class SpanQuery(ThingsQuery):
    """Spans that meet this one; a week from now where nothing is said."""

    from_at = instant(load_default=None, allow_none=True)
    to_at = instant(load_default=None, allow_none=True)


class NewBooking(Schema):
    """thing: the code of a standard, bench or room. customer_id: at the counter, for a customer."""

    thing = fields.String(required=True)
    from_at = instant(required=True)
    to_at = instant(required=True)
    purpose = fields.String(required=True)
    note = fields.String(load_default="")
    customer_id = fields.Integer(load_default=None, allow_none=True, validate=ROW)


class GivenBack(Schema):
    """How it came back. fit: whether it may be used on."""

    condition = fields.String(required=True)
    fit = fields.Boolean(load_default=True)


class NewPlace(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(rules.PLACES))
    name = texts(required=True)
    location = fields.String(load_default="")


class Sharing(Schema):
    """Whether customers may ask for it."""

    open_to = fields.Boolean(required=True)


def _booking(booking_id: int) -> dict[str, Any]:
    found = lists.detail(unit.reading(), booking_id, caller())
    return picked(found.line.booking, BOOKING) | {
        "thing": shapes.item(found.line.thing),
        "who": plain(found.line.who),
        "history": [picked(entry, "act at reason") for entry in found.entries],
    }


def _things(query: dict[str, Any]) -> lists.Things:
    return lists.things(unit.reading(), caller(), kind=query["kind"], after=query["after"], size=query["limit"])


@calls.route("/things", methods=["GET"])
@calls.arguments(ThingsQuery, location="query")
@calls.response(200)
def list_things(query: dict[str, Any]) -> Any:
    """What can be booked; for a customer what is open to guests."""
    found = _things(query)
    return {"things": [shapes.item(each) | picked(each, "id kind state") for each in found.rows], "after": found.after}


@calls.route("/things", methods=["POST"])
@calls.arguments(NewPlace)
@calls.response(201)
def add_place(entered: dict[str, Any]) -> Any:
    """A bench or a room that can be booked."""
    return {"code": made("code", shared_things.add_place, entered["kind"], entered["name"], entered["location"])}


@calls.route("/things/<code>/sharing", methods=["POST"])
@calls.arguments(Sharing)
@calls.response(200)
def share(entered: dict[str, Any], code: str) -> Any:
    """A thing is opened to customers, or closed to them."""
    written(shared_things.share, code, open_to=entered["open_to"])
    return {"code": code} | entered


@calls.route("", methods=["GET"])
@calls.arguments(SpanQuery, location="query")
@calls.response(200)
def list_bookings(query: dict[str, Any]) -> Any:
    """Spans kept or asked for of a page of things; of others' bookings a customer is told that it is taken, no more."""
    found = _things(query)  # who may not look is told that first
    begin = query["from_at"] or unit.now()
    span = rules.Span(begin, query["to_at"] or begin + WEEK)
    if not timedelta(0) < span.end - span.begin <= LONGEST:
        right = N_("after the beginning, at most 62 days")
        raise UnusableValue(field="to_at", found=span.end.isoformat(timespec="minutes"), right=right)
    codes = {each.id: each.code for each in found.rows}
    kept = lists.within(unit.reading(), caller(), span, list(codes))
    rows = [
        {"thing": codes[each.instrument_id], "from_at": plain(each.span.begin), "to_at": plain(each.span.end)}
        | {"state": each.state, "id": None if each.booking is None else each.booking.id, "who": plain(each.who)}
        for each in kept
    ]
    return {"bookings": rows, "after": found.after}


@calls.route("", methods=["POST"])
@calls.arguments(NewBooking)
@calls.response(201)
def ask_for(entered: dict[str, Any]) -> Any:
    """A span of a thing is asked for; it is kept when it is confirmed."""
    span = rules.Span(entered.pop("from_at"), entered.pop("to_at"))
    return _booking(made("id", bookings.ask, entered.pop("thing"), span, entered.pop("purpose"), **entered))


@calls.route("/<int:booking_id>", methods=["GET"])
@calls.response(200)
def one_booking(booking_id: int) -> Any:
    """One booking with what happened to it; a customer's own alone."""
    return _booking(booking_id)


@calls.route("/<int:booking_id>/confirmation", methods=["POST"])
@calls.response(200)
def confirm_booking(booking_id: int) -> Any:
    """The span is kept."""
    written(bookings.confirm, booking_id)
    return _booking(booking_id)


@calls.route("/<int:booking_id>/cancellation", methods=["POST"])
@calls.arguments(Said)
@calls.response(200)
def cancel_booking(entered: dict[str, Any], booking_id: int) -> Any:
    """It is not kept, or refused."""
    written(bookings.cancel, booking_id, entered["reason"])
    return _booking(booking_id)


@calls.route("/<int:booking_id>/beginning", methods=["POST"])
@calls.response(200)
def begin_use(booking_id: int) -> Any:
    """The thing is handed over."""
    written(bookings.begin, booking_id)
    return _booking(booking_id)


@calls.route("/<int:booking_id>/give-back", methods=["POST"])
@calls.arguments(GivenBack)
@calls.response(200)
def give_back_thing(entered: dict[str, Any], booking_id: int) -> Any:
    """The thing is back."""
    written(bookings.give_back, booking_id, entered["condition"], fit=entered["fit"])
    return _booking(booking_id)


@calls.route("/<int:booking_id>/no-show", methods=["POST"])
@calls.response(200)
def no_show(booking_id: int) -> Any:
    """Nobody came."""
    written(bookings.no_show, booking_id)
    return _booking(booking_id)
