"""Working days, moved days, and clocks that stand while somebody waits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain import workdays
from lims.domain.errors import UnusableValue

# 国务院办公厅关于2024年部分节假日安排: National Day 1–7 October off; Sunday 29 September and Saturday 12 October worked.
OCTOBER = workdays.read({"closed": [["2024-10-01", "2024-10-07"]], "opened": ["2024-09-29", "2024-10-12"]})
TERM = workdays.Term("in_lab", 7, "working", {"zh": "在实验室检定", "en": "in the laboratory"})


def test_the_holiday_of_a_week_and_its_moved_days() -> None:
    assert OCTOBER.is_working(date(2024, 9, 29)) and not OCTOBER.is_working(date(2024, 10, 4))
    assert OCTOBER.add(date(2024, 9, 27), 3) == date(2024, 10, 8)  # 29 Sunday, 30 Monday, 8 Tuesday
    assert OCTOBER.between(date(2024, 9, 27), date(2024, 10, 12)) == 7  # 29, 30, 8, 9, 10, 11, 12


def test_seven_working_days_from_receipt() -> None:
    """浙江省计量监督管理条例 §20: in the laboratory within 7 working days of receipt."""
    begun = date(2026, 11, 2)  # a Monday
    state = workdays.clock(TERM, begun, date(2026, 11, 11), workdays.Calendar())
    assert state == workdays.Clock(due=date(2026, 11, 11), used=7, left=0, held=False, late=False)
    assert workdays.clock(TERM, begun, date(2026, 11, 12), workdays.Calendar()).late


def test_days_on_hold_are_not_counted_and_an_open_hold_moves_the_end() -> None:
    begun = date(2026, 11, 2)
    waited = [workdays.Hold(date(2026, 11, 4), date(2026, 11, 9), "customer")]  # 4, 5, 6 November
    assert workdays.clock(TERM, begun, date(2026, 11, 9), workdays.Calendar(), waited).due == date(2026, 11, 16)
    open_hold = [workdays.Hold(date(2026, 11, 4), None, "part")]
    state = workdays.clock(TERM, begun, date(2026, 11, 20), workdays.Calendar(), open_hold)
    assert state.held and not state.late and state.used == 1
    assert state.due == date(2026, 11, 30)  # six more from the next day


def test_calendar_days_count_weekends() -> None:
    term = workdays.Term("objection", 15, "calendar", {"zh": "异议", "en": "objection"})
    assert workdays.clock(term, date(2026, 11, 1), date(2026, 11, 1), workdays.Calendar()).due == date(2026, 11, 16)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 250))
def test_adding_and_counting_are_inverse(day: date, days: int) -> None:
    end = OCTOBER.add(day, days)
    assert OCTOBER.between(day, end) == days
    assert days == 0 or OCTOBER.is_working(end)
    assert OCTOBER.between(end, day) == -days
    assert end - day >= timedelta(days=days)


@pytest.mark.parametrize(
    "data",
    [
        {"closed": ["2024-13-01"]},
        {"closed": [["2024-10-07", "2024-10-01"]]},
        {"closed": [20241001]},
        {"closed": ["2024-10-01"], "opened": ["2024-10-01"]},
    ],
)
def test_a_wrong_calendar_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(UnusableValue):
        workdays.read(data)
