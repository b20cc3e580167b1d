"""The dashboard: counts by clock and week, shares with their interval; who may look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from lims.queries import statistics
from lims.records import Certificate, Receipt
from lims.records.engine import session_factory
from lims.services import people
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_that_of_newcombe(k: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3 (score without continuity correction) (m)."""
    found = statistics.wilson(k, n)
    assert [round(each, 4) for each in found] == [low, high]


def test_a_week_begins_at_the_laboratorys_monday_and_counts_what_came_and_went(app: Flask) -> None:
    with session_factory(app.extensions["lims_engine"])() as session:
        viewer = people.by_username(session, "tech")
        before = statistics.dashboard(session, viewer, on=date(2026, 11, 23)).weeks
        assert len(before) == 13 and before[-1].monday == date(2026, 11, 23)
        held = session.scalars(select(Receipt)).first()
        assert held is not None
        for at in (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), datetime(2026, 11, 22, 16, 0, tzinfo=UTC)):
            session.add(Receipt(request_id=held.request_id, condition={}, received_at=at, by_id=held.by_id))
        session.flush()
        after = statistics.dashboard(session, viewer, on=date(2026, 11, 23)).weeks
        assert after[-1].received == (before[-1].received or 0) + 1, "16:00 UTC is Monday 00:00 in Shanghai"
        assert after[-2].received == (before[-2].received or 0) + 1
        issued = session.scalar(select(func.count()).select_from(Certificate))
        assert sum(week.issued for week in after) == issued


def test_the_dashboard_shows_words_and_figures_and_a_customer_is_refused(signed_in: As) -> None:
    shown = signed_in("manager").get("/statistics/").get_data(as_text=True)
    for said in ("在检工作", "每周收样与出证", "12 个月内到期的标准", 'role="img"'):
        assert said in shown, said
    assert signed_in("customer").get("/statistics/").status_code == 403
