"""Clocks of requests: from receipt, in the laboratory's days, standing while somebody is waited for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from lims.domain.errors import NotAllowed, NotFound, UnusableValue, WrongState
from lims.queries import clocks, details, worklists
from lims.records import Request, RequestHold
from lims.services import demonstration, holds, requests

from .conftest import Lab


def received(lab: Lab, serial: str = "MY41000001", *, days_ago: int = 0) -> Request:
    at = lab.now() - timedelta(days=days_ago)
    request = requests.create(
        lab.session,
        customer_id=lab.who("customer").customer_id or 0,
        instrument=dict(demonstration.ITEM) | {"serial": serial},
        procedure="DMM-DCV",
        document_kind="calibration",
        rule={"rule": "none"},
        by=lab.who("customer"),
        at=at,
    )
    requests.receive(
        lab.session, request.number, condition=demonstration.CONDITION, accessories="", by=lab.who("tech"), at=at
    )
    return request


def clock_of(lab: Lab, request: Request, days: int = 0):  # type: ignore[no-untyped-def]
    day = lab.now().date() + timedelta(days=days)
    return clocks.of_requests(lab.session, [request], day)[request.id]


def test_ten_working_days_from_receipt_are_two_weeks(lab: Lab) -> None:
    request = received(lab)
    first = clock_of(lab, request)
    assert first.left == 10 and not first.late
    assert (first.due - lab.now().date()).days == 14
    assert clock_of(lab, request, 15).late


def test_while_the_customer_is_waited_for_the_clock_stands(lab: Lab) -> None:
    request = received(lab)
    by = lab.who("tech")
    holds.begin(lab.session, request.number, "customer", "which range?", by=by, at=lab.now() + timedelta(days=1))
    assert clock_of(lab, request, 20).held and not clock_of(lab, request, 20).late
    holds.end(lab.session, request.number, by=by, at=lab.now() + timedelta(days=21))
    waited = clock_of(lab, request, 21)
    assert not waited.held and waited.left > 7
    assert lab.session.query(RequestHold).count() == 2


def test_a_hold_begins_once_ends_once_and_says_for_whom(lab: Lab) -> None:
    request, by = received(lab), lab.who("tech")
    with pytest.raises(UnusableValue):
        holds.begin(lab.session, request.number, "boredom", "", by=by, at=lab.now())
    with pytest.raises(WrongState):
        holds.end(lab.session, request.number, by=by, at=lab.now())
    holds.begin(lab.session, request.number, "part", "", by=by, at=lab.now())
    with pytest.raises(WrongState):
        holds.begin(lab.session, request.number, "part", "", by=by, at=lab.now())
    holds.end(lab.session, request.number, by=by, at=lab.now())
    holds.begin(lab.session, request.number, "repair", "", by=by, at=lab.now())


def test_holds_are_only_ever_added(lab: Lab) -> None:
    request = received(lab)
    hold = holds.begin(lab.session, request.number, "part", "", by=lab.who("tech"), at=lab.now())
    lab.session.commit()
    hold.reason = "customer"
    with pytest.raises(DBAPIError):
        lab.session.flush()
    lab.session.rollback()


@pytest.mark.parametrize("who", ["customer", "customer2", "auditor", "approver"])
def test_only_those_who_work_with_items_hold_a_clock(lab: Lab, who: str) -> None:
    request = received(lab)
    with pytest.raises((NotAllowed, NotFound)):
        holds.begin(lab.session, request.number, "part", "", by=lab.who(who), at=lab.now())


def test_what_is_due_first_is_on_top_and_what_waits_is_last(lab: Lab) -> None:
    new, old, waiting = received(lab, "A1"), received(lab, "A2", days_ago=9), received(lab, "A3", days_ago=12)
    holds.begin(lab.session, waiting.number, "customer", "", by=lab.who("tech"), at=lab.now())
    lines = worklists.to_measure(lab.session, lab.who("tech"), on=lab.now().date())
    assert [line.request.number for line in lines] == [old.number, new.number, waiting.number]
    assert details.request_by_number(lab.session, old.number, by=lab.who("tech")).state == "received"
