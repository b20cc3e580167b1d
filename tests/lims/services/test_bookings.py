"""Shared things: asked for, kept for one at a time, used and given back; customers see their own alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lims import audit
from lims.domain.bookings import Span
from lims.domain.errors import GateClosed, NotAllowed, NotFound, UnusableValue, WrongState
from lims.queries import bookings as lists
from lims.queries import registers
from lims.records import AuditEntry, Booking, Instrument, Notice, SiteVisit, WorkOrder
from lims.services import booking_gates, bookings, shared_things, work_orders

from .conftest import Lab
from .test_together import at_once

MORNING = Span(datetime(2026, 11, 24, 1, 0, tzinfo=UTC), datetime(2026, 11, 24, 4, 0, tzinfo=UTC))
"""2026-11-24, 09:00 to 12:00 in Shanghai."""


def later(hours: float, span: Span = MORNING) -> Span:
    return Span(span.begin + timedelta(hours=hours), span.end + timedelta(hours=hours))


def source(lab: Lab) -> Instrument:
    return lab.session.scalars(select(Instrument).where(Instrument.role == "source")).one()


def asked(lab: Lab, span: Span = MORNING, who: str = "tech", code: str | None = None) -> Booking:
    return bookings.ask(lab.session, code or source(lab).code, span, "长期稳定性", by=lab.who(who), at=lab.now())


def kept(lab: Lab, span: Span = MORNING, who: str = "tech") -> Booking:
    row = asked(lab, span, who)
    return bookings.confirm(lab.session, row.id, by=lab.who("keeper"), at=lab.now())


def open_to_guests(lab: Lab) -> Instrument:
    return shared_things.share(lab.session, source(lab).code, open_to=True, by=lab.who("keeper"), at=lab.now())


def test_a_booking_goes_its_way_and_each_step_is_in_the_chain(lab: Lab) -> None:
    row = kept(lab)
    lab.at = MORNING.begin
    bookings.begin(lab.session, row.id, by=lab.who("tech"), at=lab.now())
    bookings.give_back(lab.session, row.id, "完好", by=lab.who("tech"), at=lab.now())
    lab.session.commit()
    acts = lab.session.scalars(
        select(AuditEntry.act).where(AuditEntry.object_type == "booking").order_by(AuditEntry.seq)
    ).all()
    assert acts == ["booking.requested", "booking.confirmed", "booking.begun", "booking.returned"]
    assert row.state == "returned" and audit.verify(lab.session).ok
    for move in (bookings.confirm, bookings.begin, bookings.no_show):
        with pytest.raises(WrongState):
            move(lab.session, row.id, by=lab.who("keeper"), at=lab.now())


@pytest.mark.parametrize("hours", [-2.9, 0, 2.9], ids=["into its beginning", "the same", "into its end"])
def test_nobody_keeps_what_another_has(lab: Lab, hours: float) -> None:
    other = asked(lab, later(hours))  # two may ask for it
    kept(lab)
    with pytest.raises(GateClosed) as refused:
        bookings.confirm(lab.session, other.id, by=lab.who("keeper"), at=lab.now())
    assert "2026-11-24 09:00" in str(refused.value) and "2026-11-24 12:00" in str(refused.value)
    with pytest.raises(GateClosed):
        asked(lab, later(hours))


def test_one_follows_the_other_without_a_gap_and_what_is_cancelled_is_free(lab: Lab) -> None:
    row = kept(lab)
    assert kept(lab, later(3)).state == kept(lab, later(-3)).state == "confirmed"
    bookings.cancel(lab.session, row.id, "改期", by=lab.who("tech"), at=lab.now())
    assert kept(lab).state == "confirmed"


def test_of_two_confirmed_at_the_same_moment_one_is_kept(lab: Lab, sessions: sessionmaker[Session]) -> None:
    ids = [asked(lab).id, asked(lab, later(1)).id]
    by, at = lab.who("keeper"), lab.now()
    lab.session.commit()
    mine = iter(ids)
    outcomes = at_once(sessions, lambda s: bookings.confirm(s, next(mine), by=by, at=at))
    assert outcomes.count("done") == 1
    assert [type(each) for each in outcomes if each != "done"] == [GateClosed]
    lab.session.expire_all()
    assert lab.session.scalar(select(func.count()).where(Booking.state == "confirmed")) == 1


def test_of_two_who_confirm_the_same_booking_one_is_told_that_it_is_done(
    lab: Lab, sessions: sessionmaker[Session]
) -> None:
    row = asked(lab)
    by, at = lab.who("keeper"), lab.now()
    lab.session.commit()
    outcomes = at_once(sessions, lambda s: bookings.confirm(s, row.id, by=by, at=at))
    assert outcomes.count("done") == 1
    assert [type(each) for each in outcomes if each != "done"] == [WrongState]


def test_a_standard_out_of_date_on_a_day_of_the_span_is_refused_with_the_day(lab: Lab) -> None:
    standard = source(lab)
    lines = booking_gates.lines(lab.session, standard, MORNING, lab.now())
    assert all(line.ok for line in lines)
    held = registers.current_calibration(lab.session, standard.id)
    assert held is not None
    last = datetime.combine(held.valid_to, datetime.min.time(), tzinfo=UTC)
    over = Span(last - timedelta(hours=6), last + timedelta(hours=30))
    with pytest.raises(GateClosed) as refused:
        asked(lab, over)
    missed = held.valid_to + timedelta(days=1)
    assert f"for {missed.day} {missed:%b %Y}" in str(refused.value)
    assert asked(lab, Span(last - timedelta(hours=6), last + timedelta(hours=6))).state == "requested"


def test_6_4_9_a_standard_in_repair_is_refused_when_asked_confirmed_and_handed_over(lab: Lab) -> None:
    waiting, ready, standard = asked(lab, later(3)), kept(lab), source(lab)
    standard.state = "stopped"
    lab.session.flush()
    lab.at = MORNING.begin
    for act in (
        lambda: asked(lab, later(24)),
        lambda: bookings.confirm(lab.session, waiting.id, by=lab.who("keeper"), at=lab.now()),
        lambda: bookings.begin(lab.session, ready.id, by=lab.who("tech"), at=lab.now()),
    ):
        with pytest.raises(GateClosed, match="repair"):
            act()


def test_a_standard_away_on_a_visit_is_refused(lab: Lab) -> None:
    work = work_orders.open_internal(
        lab.session, kind="comparison", standard=source(lab).code, procedure="DMM-DCV", due=None, note="",
        by=lab.who("tech"), at=lab.now(),
    )  # fmt: skip
    day = MORNING.begin.date()
    visit = SiteVisit(
        work_order_id=lab.session.scalars(select(WorkOrder.id).where(WorkOrder.number == work.number)).one(),
        site="x", from_day=day, to_day=day, people=[1], equipment=[source(lab).id], note="", state="planned",
        created_by_id=1, created_at=lab.now(),
    )  # fmt: skip
    lab.session.add(visit)
    lab.session.flush()
    with pytest.raises(GateClosed, match="visit"):
        asked(lab)
    visit.state = "cancelled"
    lab.session.flush()
    assert asked(lab).state == "requested"


@pytest.mark.parametrize(("hours", "ok"), [(-24, False), (-1, True), (2, True), (3, False)])
def test_a_use_begins_on_its_day_and_before_its_end(lab: Lab, hours: int, ok: bool) -> None:
    row, at = kept(lab), MORNING.begin + timedelta(hours=hours)
    if ok:
        assert bookings.begin(lab.session, row.id, by=lab.who("tech"), at=at).state == "in_use"
    else:
        with pytest.raises(GateClosed):
            bookings.begin(lab.session, row.id, by=lab.who("tech"), at=at)


def test_what_has_not_come_back_cannot_be_handed_to_the_next(lab: Lab) -> None:
    first, second = kept(lab), kept(lab, later(3))
    bookings.begin(lab.session, first.id, by=lab.who("tech"), at=MORNING.begin)
    at = MORNING.end + timedelta(minutes=30)
    with pytest.raises(GateClosed):
        bookings.begin(lab.session, second.id, by=lab.who("tech"), at=at)
    bookings.give_back(lab.session, first.id, "外壳划伤", fit=False, by=lab.who("tech"), at=at)
    assert bookings.begin(lab.session, second.id, by=lab.who("tech"), at=at).state == "in_use"
    told = lab.session.scalars(select(Notice).where(Notice.kind == "booking_unfit")).all()
    assert told and told[0].body["zh"] == "外壳划伤"


def test_nobody_came_is_said_after_the_beginning_alone_and_frees_the_rest(lab: Lab) -> None:
    row = kept(lab)
    with pytest.raises(UnusableValue):
        bookings.no_show(lab.session, row.id, by=lab.who("keeper"), at=MORNING.begin - timedelta(minutes=1))
    bookings.no_show(lab.session, row.id, by=lab.who("keeper"), at=MORNING.begin + timedelta(minutes=30))
    lab.at = MORNING.begin + timedelta(minutes=40)
    assert kept(lab).state == "confirmed"


def test_a_reason_is_asked_for_and_reaches_who_had_asked(lab: Lab) -> None:
    open_to_guests(lab)
    row = asked(lab, who="customer")
    for empty in ("", "   "):
        with pytest.raises(UnusableValue):
            bookings.cancel(lab.session, row.id, empty, by=lab.who("keeper"), at=lab.now())
    bookings.cancel(lab.session, row.id, "年度维护", by=lab.who("keeper"), at=lab.now())
    lab.session.commit()
    told = lab.session.scalars(
        select(Notice).where(Notice.person_id == lab.who("customer").person_id, Notice.kind == "booking")
    ).one()
    assert "年度维护" in told.body["zh"] and told.link == f"/bookings/{row.id}"
    entry = lab.session.scalars(select(AuditEntry).where(AuditEntry.act == "booking.refused")).one()
    assert entry.reason == "年度维护" and entry.actor == "keeper"
    waits = select(func.count()).where(Notice.kind == "booking_asked", Notice.done_at.is_(None))
    assert lab.session.scalar(waits) == 0


def test_a_customer_sees_their_own_and_of_others_that_it_is_taken(lab: Lab) -> None:
    code = source(lab).code
    with pytest.raises(NotFound):
        asked(lab, who="customer")  # not open to guests
    thing = open_to_guests(lab)
    own = asked(lab, later(24), who="customer")
    theirs = kept(lab, who="customer2")
    waiting = asked(lab, later(48), who="customer2")
    span = Span(MORNING.begin - timedelta(days=1), MORNING.end + timedelta(days=3))
    seen = lists.within(lab.session, lab.who("customer"), span, [thing.id])
    assert [(each.state, each.booking is None, each.who is None) for each in seen] == [
        ("taken", True, True),
        ("requested", False, False),
    ]
    for other in (theirs, waiting):
        with pytest.raises(NotFound):
            lists.detail(lab.session, other.id, lab.who("customer"))
        with pytest.raises(NotFound):
            bookings.cancel(lab.session, other.id, "x", by=lab.who("customer"), at=lab.now())
    since = lab.now() - timedelta(days=1)
    assert [line.booking.id for line in lists.own(lab.session, lab.who("customer"), since=since)] == [own.id]
    assert [line.booking.id for line in lists.waiting(lab.session, lab.who("customer"))] == [own.id]
    assert [each.code for each in lists.things(lab.session, lab.who("customer")).rows] == [code]
    assert all(each.booking for each in lists.within(lab.session, lab.who("tech"), span, [thing.id]))


def test_to_a_customer_nobody_of_the_laboratory_is_named(lab: Lab) -> None:
    open_to_guests(lab)
    row = kept(lab, who="customer")
    lab.session.commit()
    found = lists.detail(lab.session, row.id, lab.who("customer"))
    assert [entry.actor for entry in found.entries] == ["customer", "keeper"]
    assert set(found.people) == {"customer"}
    assert set(lists.detail(lab.session, row.id, lab.who("tech")).people) == {"customer", "keeper"}


def test_who_may_do_what(lab: Lab) -> None:
    open_to_guests(lab)
    mine, theirs = asked(lab), asked(lab, later(4), who="customer")
    for who in ("tech", "customer", "verifier"):
        with pytest.raises(NotAllowed):
            bookings.confirm(lab.session, mine.id, by=lab.who(who), at=lab.now())
    with pytest.raises(NotAllowed):
        bookings.cancel(lab.session, theirs.id, "x", by=lab.who("tech"), at=lab.now())
    bookings.confirm(lab.session, theirs.id, by=lab.who("keeper"), at=lab.now())
    with pytest.raises(NotAllowed):  # the laboratory hands over, not the guest
        bookings.begin(lab.session, theirs.id, by=lab.who("customer"), at=MORNING.begin)
    with pytest.raises(NotAllowed):
        bookings.ask(lab.session, source(lab).code, later(24), "x", customer_id=1, by=lab.who("tech"), at=lab.now())
    assert bookings.cancel(lab.session, theirs.id, "不需要", by=lab.who("customer"), at=lab.now()).state == "cancelled"


def test_the_counter_books_for_a_customer_who_then_finds_it(lab: Lab) -> None:
    open_to_guests(lab)
    customer = lab.who("customer")
    row = bookings.ask(
        lab.session,
        source(lab).code,
        MORNING,
        "比对",
        customer_id=customer.customer_id,
        by=lab.who("keeper"),
        at=lab.now(),
    )
    bookings.confirm(lab.session, row.id, by=lab.who("keeper"), at=lab.now())
    assert lists.by_id(lab.session, row.id, customer).state == "confirmed"
    assert lab.session.scalars(
        select(Notice).where(Notice.person_id == customer.person_id, Notice.kind == "booking")
    ).one()


def test_a_bench_and_a_room_are_booked_without_a_certificate(lab: Lab) -> None:
    for kind in ("bench", "room"):
        place = shared_things.add_place(lab.session, kind, {"zh": "恒温间"}, "3 楼", by=lab.who("keeper"), at=lab.now())
        assert asked(lab, code=place.code).state == "requested"
        assert [each.code for each in lists.things(lab.session, lab.who("tech"), kind=kind).rows] == [place.code]
    with pytest.raises(UnusableValue):
        shared_things.add_place(lab.session, "desk", {"zh": "x"}, "", by=lab.who("keeper"), at=lab.now())
    with pytest.raises(NotAllowed):
        shared_things.add_place(lab.session, "room", {"zh": "x"}, "", by=lab.who("tech"), at=lab.now())


def test_things_come_a_page_at_a_time(lab: Lab) -> None:
    for n in range(5):
        shared_things.add_place(lab.session, "room", {"zh": f"{n} 号"}, "", by=lab.who("keeper"), at=lab.now())
    first = lists.things(lab.session, lab.who("tech"), kind="room", size=3)
    rest = lists.things(lab.session, lab.who("tech"), kind="room", size=3, after=first.after)
    assert [each.description["zh"] for each in (*first.rows, *rest.rows)] == [f"{n} 号" for n in range(5)]
    assert rest.after is None
