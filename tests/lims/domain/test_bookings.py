"""Spans of bookings in the laboratory's time zone, what stands against them, and the calendar file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lims.domain import bookings, icalendar, states
from lims.domain.bookings import Span
from lims.domain.errors import UnusableValue

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def span(begin: str, end: str, zone: ZoneInfo = SHANGHAI) -> Span:
    return Span(*(datetime.fromisoformat(each).replace(tzinfo=zone) for each in (begin, end)))


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (("2026-11-24T08:00", "2026-11-24T09:00"), False),
        (("2026-11-24T08:00", "2026-11-24T09:01"), True),
        (("2026-11-24T09:30", "2026-11-24T09:40"), True),
        (("2026-11-24T11:00", "2026-11-24T12:00"), False),
        (("2026-11-23T00:00", "2026-11-26T00:00"), True),
    ],
    ids=["ends as it begins", "a minute over", "inside", "begins as it ends", "around"],
)
def test_spans_meet_where_they_share_time(other: tuple[str, str], meets: bool) -> None:
    mine = span("2026-11-24T09:00", "2026-11-24T11:00")
    assert mine.meets(span(*other)) is meets
    assert span(*other).meets(mine) is meets


def test_days_of_a_span_are_the_laboratorys_and_midnight_belongs_to_the_day_before() -> None:
    night = Span(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    assert night.days(SHANGHAI) == [date(2026, 11, 23), date(2026, 11, 24)]  # 23:00 to 01:00 there
    assert night.days(ZoneInfo("UTC")) == [date(2026, 11, 23)]
    assert span("2026-11-23T08:00", "2026-11-24T00:00").days(SHANGHAI) == [date(2026, 11, 23)]


@pytest.mark.parametrize(
    "typed", ["2026-11-24 09:30", "2026-11-24T09:30", " 2026-11-24  09：30 ", "2026-11-24T09:30:00"]
)
def test_a_time_is_understood_as_people_and_browsers_write_it(typed: str) -> None:
    assert bookings.instant(typed, SHANGHAI, "from") == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    ["", "tomorrow", "2026-11-24", "2026-11-31 09:00", "2026-11-24 25:00", "0001-01-01 00:00", "24.11.2026 9:00"],
)
def test_what_is_no_time_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        bookings.instant(typed, SHANGHAI, "from")
    assert refused.value.facts["field"] == "from"


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    """Germany, 2026-03-29: clocks go from 02:00 to 03:00 (EU Directive 2000/84/EC, last Sunday of March)."""
    with pytest.raises(UnusableValue):
        bookings.instant("2026-03-29 02:30", BERLIN, "from")
    assert bookings.instant("2026-03-29 03:00", BERLIN, "from") == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        (timedelta(hours=2), timedelta(hours=2), "to_at"),
        (timedelta(hours=2), timedelta(hours=1), "to_at"),
        (timedelta(hours=-2), timedelta(hours=0), "from_at"),
        (timedelta(hours=1), timedelta(days=31, hours=2), "to_at"),
        (timedelta(days=367), timedelta(days=368), "from_at"),
    ],
    ids=["no time", "backwards", "over already", "too long", "too far"],
)
def test_a_span_that_cannot_be_asked_for_is_refused(begin: timedelta, end: timedelta, field: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        bookings.check(Span(NOW + begin, NOW + end), NOW)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "ok"),
    [
        (date(2026, 1, 1), date(2026, 11, 26), True),
        (date(2026, 1, 1), date(2026, 11, 25), False),
        (date(2026, 11, 25), date(2027, 1, 1), False),
        (None, None, False),
    ],
    ids=["6.4.7 to its last day", "6.4.7 ends within", "6.4.7 begins within", "6.5.1 none"],
)
def test_a_standard_is_in_date_on_each_day_of_the_span(
    valid_from: date | None, valid_to: date | None, ok: bool
) -> None:
    days = span("2026-11-24T09:00", "2026-11-26T17:00").days(SHANGHAI)
    line = bookings.in_date("YQ-1", None if valid_to is None else "C-1", valid_from, valid_to, days)
    assert line.ok is ok


def test_the_reason_names_the_day_that_is_not_covered() -> None:
    days = span("2026-11-24T09:00", "2026-11-27T17:00").days(SHANGHAI)
    text = bookings.in_date("YQ-1", "C-1", date(2026, 1, 1), date(2026, 11, 25), days).text
    assert "26 Nov 2026" in text["en"] and "2026年11月26日" in text["zh"]


@pytest.mark.parametrize("state", ["in_lab", "suspect", "stopped", "sealed", "scrapped"])
def test_6_4_9_a_thing_out_of_service_cannot_be_booked(state: str) -> None:
    line = bookings.in_service("YQ-1", state)
    assert line.blocks and state not in line.text["zh"] and "YQ-1" in line.text["zh"]


def test_every_state_of_an_instrument_has_its_words() -> None:
    assert set(states.INSTRUMENT.table) == {"in_service", *bookings.STATE_WORDS}


def test_the_bounds_of_a_week_follow_the_clocks() -> None:
    """The week of 2026-10-19 in Germany has 169 hours: clocks go back on its Sunday, 2026-10-25."""
    week = bookings.bounds(bookings.week_of(date(2026, 10, 22)), 7, BERLIN)
    assert week.end - week.begin == timedelta(hours=169)


def test_a_text_of_a_calendar_is_escaped_as_rfc_5545_shows_it() -> None:
    """RFC 5545, 3.3.11, its example; and the escapes of its ABNF."""
    said = "Project XYZ Final Review\nConference Room - 3B\nCome Prepared."
    assert icalendar.escaped(said) == r"Project XYZ Final Review\nConference Room - 3B\nCome Prepared."
    assert icalendar.escaped("a\\b;c,d\r\ne\x00\x07") == r"a\\b\;c\,d\ne"


def test_a_long_line_is_folded_within_75_octets_and_unfolds_to_itself() -> None:
    """RFC 5545, 3.1: unfolding takes out each CRLF followed by one blank; no octet sequence is longer than 75."""
    line = "SUMMARY:" + "直流电压标准 calibrator, " * 9
    parts = icalendar.folded(line)
    assert len(parts) > 3 and all(len(part.encode()) <= 75 for part in parts)
    assert "\r\n".join(parts).replace("\r\n ", "") == line
    assert icalendar.folded("A" * 75) == ["A" * 75]


def test_a_calendar_file_is_read_back_line_by_line() -> None:
    event = icalendar.Event(
        "b-1@x", NOW, NOW + timedelta(hours=2), NOW, "5522A; 校准, " * 8, "1 号室", status="TENTATIVE", sequence=3
    )
    text = icalendar.written([event], "预约").decode()
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    lines = text.replace("\r\n ", "").split("\r\n")
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{icalendar.MAKER}"]
    assert {"DTSTART:20261123T020000Z", "DTEND:20261123T040000Z", "SEQUENCE:3", "STATUS:TENTATIVE"} <= set(lines)
    assert "SUMMARY:" + "5522A\\; 校准\\, " * 8 in lines
