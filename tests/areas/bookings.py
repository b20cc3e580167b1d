"""Bookings: a week with what is asked for, kept and in use; the form, one booking, what can be booked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.domain.bookings import Span
from lims.queries import bookings as lists
from lims.records import Instrument
from lims.services import booking_gates, bookings, people, shared_things

PAGES = {
    "tech": "/bookings/ /bookings/?kind=room&week=2026-11-25 /bookings/new?thing=YQ-2026-000003 /bookings/1",
    "keeper": "/bookings/ /bookings/new /bookings/2 /bookings/things",
    "customer": "/bookings/ /bookings/new /bookings/4",
}
BOTH = "any:bookings.read,bookings.create"
ROUTES = {
    BOTH: "bookings.index bookings.detail bookings.calendar",
    "bookings.create": "bookings.new bookings.act",
    "bookings.manage": "bookings.things",
}


def fill(session: Session) -> None:
    """In use now; asked for; kept for tomorrow; a customer's; two that ask for the same; a bench and a room."""
    from tests.web.laboratory import AT  # which imports the areas

    keeper, tech, customer = (people.by_username(session, each) for each in ("keeper", "tech", "customer"))
    code = session.scalars(select(Instrument.code).where(Instrument.role == "source")).one()
    shared_things.share(session, code, open_to=True, by=keeper, at=AT)
    room = shared_things.add_place(session, "room", {"zh": "恒温间 301", "en": "Room 301"}, "3 楼", by=keeper, at=AT)
    shared_things.add_place(session, "bench", {"zh": "电学工位 2", "en": "Bench 2"}, "", by=keeper, at=AT)

    def ask(thing: str, hours: float, long: float, by: Any, purpose: str) -> int:
        span = Span(AT + timedelta(hours=hours), AT + timedelta(hours=hours + long))
        return bookings.ask(session, thing, span, purpose, by=by, at=AT).id

    using = ask(code, 0, 3, tech, "数字多用表校准")
    bookings.confirm(session, using, by=keeper, at=AT)
    bookings.begin(session, using, by=tech, at=AT)
    ask(code, 4, 2, tech, "重复性试验")
    kept = ask(room.code, -24, 47, tech, "比对，恒温 48 h")
    bookings.confirm(session, kept, by=keeper, at=AT)
    ask(code, 5, 2, customer, "借用校准器")
    gone = ask(room.code, 72, 2, tech, "参观")
    bookings.cancel(session, gone, "改为线上", by=tech, at=AT)


def _span(w: Any) -> Span:
    return Span(w.lab.at + timedelta(hours=1), w.lab.at + timedelta(hours=2))


DOORS: dict[str, Any] = {
    "services.bookings.ask": lambda w, by: bookings.ask(w.session, "YQ-2026-000003", _span(w), "x", by=by, at=w.lab.at),
    "services.bookings.confirm": lambda w, by: bookings.confirm(w.session, 1, by=by, at=w.lab.at),
    "services.bookings.cancel": lambda w, by: bookings.cancel(w.session, 1, "x", by=by, at=w.lab.at),
    "services.bookings.begin": lambda w, by: bookings.begin(w.session, 1, by=by, at=w.lab.at),
    "services.bookings.give_back": lambda w, by: bookings.give_back(w.session, 1, "x", by=by, at=w.lab.at),
    "services.bookings.no_show": lambda w, by: bookings.no_show(w.session, 1, by=by, at=w.lab.at),
    "services.booking_gates.gates_before": lambda w, by: booking_gates.gates_before(w.session, 1, by=by, at=w.lab.at),
    "services.shared_things.add_place": lambda w, by: shared_things.add_place(w.session, "room", {"zh": "x"}, "", by=by, at=w.lab.at),
    "services.shared_things.share": lambda w, by: shared_things.share(w.session, "YQ-2026-000003", open_to=True, by=by, at=w.lab.at),
    "queries.bookings.things": (lambda w, by: lists.things(w.session, by), "customer2"),
    "queries.bookings.thing": lambda w, by: lists.thing(w.session, "YQ-2026-000003", by),
    "queries.bookings.within": (lambda w, by: lists.within(w.session, by, _span(w), [1, 2, 3]), "customer2"),
    "queries.bookings.by_id": lambda w, by: lists.by_id(w.session, 1, by),
    "queries.bookings.detail": lambda w, by: lists.detail(w.session, 1, by),
    "queries.bookings.waiting": (lambda w, by: lists.waiting(w.session, by), "customer2"),
    "queries.bookings.own": (lambda w, by: lists.own(w.session, by, since=w.lab.at), "customer2"),
    "queries.bookings.running": lambda w, by: lists.running(w.session, by, _span(w)),
    "queries.bookings.customers": lambda w, by: lists.customers(w.session, by),
}  # fmt: skip
INNER = {"services.booking_gates.lines": "services that have asked for the right"}
