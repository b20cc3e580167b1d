"""The drawn week, the form, the steps of a booking on its page, and the calendar file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from lims.domain.bookings import Span
from lims.queries.bookings import Kept
from tests.web import laboratory
from tests.web.conftest import Visitor
from web import booking_week

As = Callable[[str], Visitor]
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
ASKED = {"from_at": "2026-11-24T09:00", "to_at": "2026-11-24T11:30", "purpose": "期间核查"}


def kept(begin: str, end: str) -> Kept:
    span = Span(*(datetime.fromisoformat(each).replace(tzinfo=ZONE) for each in (begin, end)))
    return Kept(7, span, "confirmed", None, None)


def source(visitor: Visitor) -> str:
    found = re.search(
        r'<option value="(YQ-[0-9-]+)"[^>]*>[^<]*5522A', visitor.get("/bookings/new").get_data(as_text=True)
    )
    assert found
    return found[1]


def test_a_bar_lies_where_its_hours_are() -> None:
    """By hand: Tuesday 13:00 in a day of 8 to 18 lies at (1 + 5/10)/7 of the week; three hours are 3/10 of a day wide."""
    row = booking_week.rows([kept("2026-11-24T13:00", "2026-11-24T16:00")], MONDAY, ZONE)[7]
    assert row.bars[0].x == pytest.approx(1.5 / 7 * 100, abs=0.01)
    assert row.bars[0].wide == pytest.approx(0.3 / 7 * 100, abs=0.01)


def test_a_day_grows_to_show_what_is_booked_early_and_late() -> None:
    early = kept("2026-11-23T06:30", "2026-11-23T07:00"), kept("2026-11-24T19:00", "2026-11-25T00:00")
    assert booking_week.hours_of([each.span for each in early], ZONE) == (6, 24)
    assert booking_week.hours_of([kept("2026-11-23T06:00", "2026-11-25T07:00").span], ZONE) == booking_week.HOURS


def test_a_span_over_the_edge_is_cut_and_two_that_meet_lie_below_each_other() -> None:
    row = booking_week.rows(
        [kept("2026-11-20T09:00", "2026-12-02T10:00"), kept("2026-11-25T09:00", "2026-11-25T10:00")], MONDAY, ZONE
    )[7]
    assert (row.bars[0].x, row.bars[0].wide, row.bars[0].cut) == (0, 100, (True, True))
    assert row.bars[1].y > row.bars[0].y and row.height == booking_week.height(2)


def test_a_technician_asks_the_keeper_confirms_and_the_week_shows_it(signed_in: As) -> None:
    tech, keeper = signed_in("tech"), signed_in("keeper")
    answer = tech.post("/bookings/new", "/bookings/new", thing=source(tech), **ASKED)
    place = answer.headers["Location"]
    assert "已提出" in tech.get(place).get_data(as_text=True)
    assert tech.post(place, place, do="confirm").status_code == 403
    assert keeper.post(place, place, do="confirm").status_code == 302
    week = tech.get("/bookings/?week=2026-11-24").get_data(as_text=True)
    assert f'href="{place}"' in week and 'class="span confirmed' in week and "2026-11-24 09:00 – 11:30" in week


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from_at": "tomorrow"}, "from_at"),
        ({"to_at": ""}, "to_at"),
        ({"to_at": "2026-11-24T09:00"}, "to_at"),
        ({"to_at": "2026-12-31T09:00"}, "to_at"),
        ({"from_at": "2026-11-10T09:00", "to_at": "2026-11-10T10:00"}, "from_at"),
        ({"purpose": " "}, "purpose"),
        ({"purpose": "长" * 201}, "purpose"),
    ],
)
def test_a_wrong_entry_is_refused_at_its_field_and_kept_as_typed(
    signed_in: As, change: dict[str, str], field: str
) -> None:
    tech = signed_in("tech")
    answer = tech.post("/bookings/new", "/bookings/new", thing=source(tech), **ASKED | change)
    page = answer.get_data(as_text=True)
    assert (
        answer.status_code == 422
        and f'id="e-{field}"' in page
        and "期间核查" in page + "期间核查" * (field == "purpose")
    )


def test_what_is_taken_is_refused_with_its_span_and_nobodys_name(signed_in: As) -> None:
    """The laboratory of these tests has the calibrator in use on 2026-11-20 from 10:00 to 13:00."""
    customer = signed_in("customer")
    asked = ASKED | {"from_at": "2026-11-20 12:00", "to_at": "2026-11-20 14:00"}
    answer = customer.post("/bookings/new", "/bookings/new", thing=source(customer), **asked)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "2026-11-20 10:00" in page and "数字多用表校准" not in page


def test_a_customer_sees_others_as_taken_alone(signed_in: As) -> None:
    page = signed_in("customer").get("/bookings/").get_data(as_text=True)
    assert "已占用" in page and "借用校准器" in page
    for others in ("数字多用表校准", "重复性试验", "/bookings/1", "恒温间"):
        assert others not in page
    for number in (1, 2, 3):
        assert signed_in("customer").get(f"/bookings/{number}").status_code == 404
    assert signed_in("customer2").get("/bookings/4").status_code == 404
    assert "借用校准器" not in signed_in("customer2").get("/bookings/").get_data(as_text=True)


def test_a_refusal_needs_its_reason_and_the_customer_reads_it(signed_in: As) -> None:
    keeper = signed_in("keeper")
    empty = keeper.post("/bookings/4", "/bookings/4", do="cancel", reason="")
    assert empty.status_code == 422 and 'id="e-reason"' in empty.get_data(as_text=True)
    assert keeper.post("/bookings/4", "/bookings/4", do="cancel", reason="当日维护").status_code == 302
    page = signed_in("customer").get("/bookings/4").get_data(as_text=True)
    assert "当日维护" in page and "实验室" in page


def test_a_use_is_ended_with_how_it_was_found(signed_in: As) -> None:
    tech = signed_in("tech")
    assert tech.post("/bookings/1", "/bookings/1", do="give_back", condition="").status_code == 422
    assert tech.post("/bookings/1", "/bookings/1", do="give_back", condition="风扇异响", unfit="on").status_code == 302
    page = tech.get("/bookings/1").get_data(as_text=True)
    assert "风扇异响" in page and 'name="do"' not in page
    assert tech.post("/bookings/1", "/bookings/1", do="nonsense").status_code == 422


def test_a_room_is_added_and_opened_to_customers(signed_in: As) -> None:
    keeper, customer = signed_in("keeper"), signed_in("customer")
    keeper.post("/bookings/things", "/bookings/things", kind="room", name="屏蔽室", location="B1")
    page = keeper.get("/bookings/things").get_data(as_text=True)
    code = re.search(r"屏蔽室</b><div class=\"sub\">(YQ-[0-9-]+)", page)
    assert code and "屏蔽室" not in customer.get("/bookings/").get_data(as_text=True)
    keeper.post("/bookings/things", "/bookings/things", code=code[1], do="open")
    assert "屏蔽室" in customer.get("/bookings/").get_data(as_text=True)
    assert keeper.post("/bookings/things", "/bookings/things", kind="desk", name="x").status_code == 422


def test_ones_own_bookings_as_a_calendar_and_nobody_elses(app: Flask, signed_in: As) -> None:
    """RFC 5545: CRLF, 75 octets a line, instants in UTC; 2026-11-20 10:00 in Shanghai is 02:00 UTC."""
    answer = signed_in("tech").get("/bookings/mine.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    lines = answer.get_data().split(b"\r\n")
    assert max(map(len, lines)) <= 75 and lines[-1] == b"" and not any(b"\n" in line for line in lines)
    text = answer.get_data(as_text=True).replace("\r\n ", "")
    assert datetime(2026, 11, 20, 2, 0, tzinfo=UTC) == laboratory.AT
    assert "DTSTART:20261120T020000Z\r\nDTEND:20261120T050000Z" in text
    assert text.count("BEGIN:VEVENT") == 4 and "STATUS:CANCELLED" in text and "借用校准器" not in text
    own = signed_in("customer").get("/bookings/mine.ics").get_data(as_text=True).replace("\r\n ", "")
    assert own.count("BEGIN:VEVENT") == 1 and "借用校准器" in own and "STATUS:TENTATIVE" in own


@pytest.mark.parametrize(
    "address", ["/bookings/?week=9999-12-31", "/bookings/?week=x&after=zz&kind=desk", "/bookings/new?day=0001-01-01"]
)
def test_an_address_with_nonsense_shows_this_week(signed_in: As, address: str) -> None:
    assert signed_in("tech").get(address).status_code == 200
