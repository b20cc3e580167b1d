"""Bookings: a drawn week of what is shared, the form that asks for a span, one booking and its steps, a calendar file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from lims.domain import bookings as rules
from lims.domain import icalendar, workdays
from lims.domain.actor import Actor
from lims.domain.errors import UnusableValue
from lims.domain.rights import may, require
from lims.queries import bookings as lists
from lims.queries import registers
from lims.records import AuditEntry
from lims.services import booking_gates, bookings, shared_things
from web import booking_week, unit
from web.forms import REFUSALS, Form
from web.pages.orders import after
from web.pages.today import local_day
from web.speech import N_, _, language, text, zone
from web.viewer import viewer

pages = Blueprint("bookings", __name__, url_prefix="/bookings")

ACTS = {
    "booking.requested": (N_("Asked for"), ""),
    "booking.confirmed": (N_("Confirmed"), "good"),
    "booking.refused": (N_("Refused"), "bad"),
    "booking.cancelled": (N_("Cancelled"), "attention"),
    "booking.begun": (N_("Use begun"), ""),
    "booking.returned": (N_("Given back"), "good"),
    "booking.no_show": (N_("Not used"), "bad"),
}
"""Act in the audit chain → its words and its tone in the timeline."""
PAST = timedelta(days=90)
"""How far back the calendar file reaches."""
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def area() -> str:
    return "mine" if viewer().customer_id is not None else "bench"


@pages.get("/")
def index() -> str:
    by, session = viewer(), unit.reading()
    monday = rules.week_of(_day(request.args.get("week", "")))
    kind = request.args.get("kind", "")
    kind = kind if kind in rules.KINDS else ""
    found = lists.things(session, by, kind=kind, after=after())
    span = rules.bounds(monday, booking_week.DAYS, zone())
    kept = lists.within(session, by, span, [each.id for each in found.rows])
    known: dict[str, Any] = {"kind": kind} if kind else {}
    return render_template(
        "bookings/index.html",
        area=area(),
        found=found,
        kept=kept,
        names={each.id: each for each in found.rows},
        rows=booking_week.rows(kept, monday, zone()),
        bare=booking_week.height(1),
        days=_days(session, monday),
        waiting=lists.waiting(session, by) if may(by, "bookings.manage") else (),
        kind=kind,
        kinds=rules.KINDS,
        weeks={
            name: url_for("bookings.index", week=monday + timedelta(weeks=n), **known)
            for name, n in (("earlier", -1), ("later", 1))
        },
        this=url_for("bookings.index", **known),
        next=None if found.after is None else url_for("bookings.index", week=monday, after=found.after, **known),
        manage=may(by, "bookings.manage"),
        may_ask=may(by, "bookings.create"),
    )


def _day(typed: str) -> date:
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        return local_day()
    return found if 1990 <= found.year < 2200 else local_day()


def _days(session: Session, monday: date) -> list[dict[str, Any]]:
    """The days of a week: whether they are worked, and which is today."""
    calendar = workdays.read(registers.laboratory(session).get("calendar", {}))
    listed = [monday + timedelta(days=n) for n in range(booking_week.DAYS)]
    return [
        {"day": day, "word": WEEKDAYS[n], "worked": calendar.is_working(day), "today": day == local_day(),
         "x": round(n * 100 / booking_week.DAYS, 3)}
        for n, day in enumerate(listed)
    ]  # fmt: skip


@pages.route("/new", methods=("GET", "POST"))
def new() -> Any:
    """A span of a thing is asked for; who manages bookings may keep it in the same step."""
    by = viewer()
    require(by, "bookings.create")
    day = _day(request.args.get("day", ""))
    form = Form.sent(
        thing=request.args.get("thing", "")[:40], from_at=f"{day}T09:00", to_at=f"{day}T12:00", confirm="on"
    )
    if request.method == "POST":
        try:
            booking_id = _asked(form, by)
        except REFUSALS as error:
            form.refuse(error)
        else:
            flash(_("The booking is entered."), "good")
            return redirect(url_for("bookings.detail", booking_id=booking_id))
    session = unit.reading()
    manage = may(by, "bookings.manage")
    return (
        render_template(
            "bookings/new.html",
            area=area(),
            form=form,
            things=lists.things(session, by, size=500).rows,
            customers=lists.customers(session, by) if manage else (),
            manage=manage,
        ),
        form.status,
    )


def _asked(form: Form, by: Actor) -> int:
    code = form.text("thing")
    span = rules.Span(*(rules.instant(form.value(name), zone(), name) for name in ("from_at", "to_at")))
    customer = form.whole("customer") if form.value("customer") else None
    with unit.writing() as work:
        row = bookings.ask(
            work,
            code,
            span,
            form.value("purpose"),
            note=form.value("note"),
            customer_id=customer,
            by=by,
            at=unit.now(),
        )
        if form.ticked("confirm") and may(by, "bookings.manage"):
            bookings.confirm(work, row.id, by=by, at=unit.now())
        return row.id


@pages.get("/<int:booking_id>")
def detail(booking_id: int) -> Any:
    return _detail(booking_id, Form())


def _detail(booking_id: int, form: Form) -> Any:
    by, session = viewer(), unit.reading()
    found = lists.detail(session, booking_id, by)
    booking = found.line.booking
    asked = booking.state == "requested" and may(by, "bookings.manage")
    return (
        render_template(
            "bookings/detail.html",
            area=area(),
            found=found,
            form=form,
            lines=booking_gates.gates_before(session, booking_id, by=by, at=unit.now()) if asked else (),
            offered=_offered(found, by),
            history=[_entry(found, entry) for entry in found.entries],
        ),
        form.status,
    )


def _offered(found: lists.Detail, by: Actor) -> set[str]:
    """What the viewer may do with the booking now."""
    booking, manage = found.line.booking, may(by, "bookings.manage")
    guest = by.customer_id is not None
    own = booking.customer_id == by.customer_id if guest else booking.person_id == by.person_id
    offered = {"cancel"} if (own or manage) and booking.state in ("requested", "confirmed") else set()
    if manage and booking.state == "requested":
        offered |= {"confirm"} if own else {"confirm", "refuse"}
    if (manage or own) and not guest:
        offered |= {"confirmed": {"begin"}, "in_use": {"give_back"}}.get(booking.state, set())
    if manage and booking.state == "confirmed" and unit.now() >= booking.from_at:
        offered.add("no_show")
    return offered


def _entry(found: lists.Detail, entry: AuditEntry) -> dict[str, Any]:
    what, tone = ACTS.get(entry.act, (entry.act, ""))
    unfit = entry.payload.get("fit") is False
    who = found.people.get(entry.actor)
    return {
        "at": entry.at,
        "what": _("Given back, not fit for use") if unfit else _(what),
        "who": text(who) if who else _("the laboratory"),
        "why": entry.reason or "",
        "tone": "bad" if unfit else tone,
    }


DONE = {
    "confirm": N_("The booking is confirmed."),
    "cancel": N_("The booking is cancelled."),
    "begin": N_("The use has begun."),
    "give_back": N_("The thing is back."),
    "no_show": N_("It is noted that nobody came."),
}


@pages.post("/<int:booking_id>")
def act(booking_id: int) -> Any:
    """The next step of a booking: confirm, cancel (or refuse), begin, give_back, no_show."""
    form, by = Form.sent(), viewer()
    require(by, "bookings.create")
    try:
        do = form.value("do")
        if do not in DONE:
            raise UnusableValue(field="do", found=do[:20] or "—", right=", ".join(DONE))
        with unit.writing() as work:
            _step(do, form)(work, booking_id)
    except REFUSALS as error:
        form.refuse(error)
        return _detail(booking_id, form)
    flash(_(DONE[do]), "good")
    return redirect(url_for("bookings.detail", booking_id=booking_id))


def _step(do: str, form: Form) -> Callable[[Session, int], object]:
    who: dict[str, Any] = {"by": viewer(), "at": unit.now()}
    steps: dict[str, Callable[[Session, int], object]] = {
        "confirm": lambda work, n: bookings.confirm(work, n, **who),
        "cancel": lambda work, n: bookings.cancel(work, n, form.value("reason"), **who),
        "begin": lambda work, n: bookings.begin(work, n, **who),
        "give_back": lambda work, n: bookings.give_back(
            work, n, form.value("condition"), fit=not form.ticked("unfit"), **who
        ),
        "no_show": lambda work, n: bookings.no_show(work, n, **who),
    }
    return steps[do]


@pages.route("/things", methods=("GET", "POST"))
def things() -> Any:
    """What can be booked: a bench or room is added, a thing opened to customers or closed again."""
    by = viewer()
    require(by, "bookings.manage")
    form = Form.sent(kind="bench")
    if request.method == "POST":
        try:
            _changed(form, by)
        except REFUSALS as error:
            form.refuse(error)
        else:
            return redirect(url_for("bookings.things"))
    found = lists.things(unit.reading(), by, after=after())
    return (
        render_template(
            "bookings/things.html",
            area=area(),
            found=found,
            form=form,
            kinds=rules.KINDS,
            made=rules.PLACES,
            guests=lists.GUESTS,
            next=None if found.after is None else url_for("bookings.things", after=found.after),
        ),
        form.status,
    )


def _changed(form: Form, by: Actor) -> None:
    with unit.writing() as work:
        if form.value("code"):
            shared_things.share(work, form.value("code"), open_to=form.value("do") == "open", by=by, at=unit.now())
            return
        name = {"zh": form.value("name"), "en": form.value("name_en")}
        shared_things.add_place(work, form.value("kind"), name, form.value("location"), by=by, at=unit.now())


@pages.get("/mine.ics")
def calendar() -> Response:
    """One's own bookings as a calendar file, those of the last 90 days and all to come."""
    session = unit.reading()
    lines = lists.own(session, viewer(), since=unit.now() - PAST)
    name = text(registers.laboratory(session).get("name")) or _("Suyuan")
    content = icalendar.written((_event(line, name) for line in lines), f"{_('Bookings')} · {name}")
    sent = Response(content, content_type="text/calendar; charset=utf-8")
    sent.headers["Content-Disposition"] = f'attachment; filename="bookings-{language()}.ics"'
    return sent


def _event(line: lists.Line, laboratory: str) -> icalendar.Event:
    booking, thing = line.booking, line.thing
    about = f"{booking.purpose}\n{booking.note}".strip()
    return icalendar.Event(
        uid=f"booking-{booking.id}-{booking.created_at:%Y%m%dT%H%M%SZ}@suyuan",
        begin=booking.from_at,
        end=booking.to_at,
        changed=unit.now(),
        title=f"{text(thing.description)} {thing.code}",
        place=", ".join(part for part in (str(thing.details.get("location", "")), laboratory) if part),
        text=about,
        link=url_for("bookings.detail", booking_id=booking.id, _external=True),
        status=icalendar.STATUS.get(booking.state, "CONFIRMED"),
        sequence=booking.version - 1,
    )
