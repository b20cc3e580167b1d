"""The board of the first page: what each role finds on it, in which order, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.domain.actor import Actor
from lims.domain.errors import NotAllowed
from lims.domain.rights import ROLES
from lims.queries import today, yearly
from lims.queries.today import Board
from lims.records import PersonRole, Request
from lims.services import assignments, certificates, demonstration, holds, people, requests, review, work_orders

from .conftest import PASSWORD, Lab


def board(lab: Lab, who: str | Actor) -> Board:
    by = lab.who(who) if isinstance(who, str) else who
    return today.board(lab.session, by, on=lab.at.date(), at=lab.at)


def received(lab: Lab, serial: str, days_ago: int = 0, *, receive: bool = True) -> Request:
    at, tech = lab.now() - timedelta(days=days_ago), lab.who("tech")
    customer = lab.who("customer")
    request = requests.create(
        lab.session,
        customer_id=customer.customer_id or 0,
        instrument=dict(demonstration.ITEM) | {"serial": serial},
        procedure="DMM-DCV",
        document_kind="calibration",
        rule={"rule": "none"},
        by=customer,
        at=at,
    )
    if receive:
        seen = demonstration.CONDITION
        requests.receive(lab.session, request.number, condition=seen, accessories="", by=tech, at=at)
    return request


def serials(lines) -> list[str]:  # type: ignore[no-untyped-def]
    return [line.item.serial for line in lines]


def test_the_overdue_stands_first_then_what_is_due_and_what_is_on_hold_apart(lab: Lab) -> None:
    """Ten working days from receipt: on Monday 2026-11-23 what came in on 11-09 is due today, on 11-02 it is late."""
    received(lab, "NEW")
    received(lab, "DUE", 14)
    received(lab, "LATE", 21)
    waits = received(lab, "HELD", 30)
    holds.begin(lab.session, waits.number, "part", "", by=lab.who("tech"), at=lab.now())
    found = board(lab, "tech")
    assert serials(found.to_measure) == ["LATE", "DUE", "NEW"]
    assert (found.late, found.due_today) == (1, 1)
    assert serials(found.held) == ["HELD"]
    everything = board(lab, "manager")
    assert serials(everything.in_laboratory) == ["LATE", "DUE", "NEW"] and everything.late == 1


def test_what_is_assigned_to_another_is_not_in_ones_own_queue(lab: Lab) -> None:
    mine, other = received(lab, "MINE"), received(lab, "OTHERS")
    keeper = lab.who("keeper")
    assignments.assign(
        lab.session, [mine.number], performer_id=lab.who("tech").person_id, checker_id=None, by=keeper, at=lab.now()
    )
    other.assigned_to_id = lab.who("verifier").person_id
    lab.session.flush()
    assert serials(board(lab, "tech").to_measure) == ["MINE"]


def test_a_job_says_what_stands_against_its_start(lab: Lab) -> None:
    request = received(lab, "A")
    assert board(lab, "tech").closed[request.id] == []
    lab.at += timedelta(days=3000)  # every certificate and authorisation has ended by then
    said = {line.code for line in board(lab, "tech").closed[request.id]}
    assert said == {"authorised", "standard_in_date"}


def test_each_record_waits_where_its_next_person_looks(lab: Lab) -> None:
    record = lab.submitted()
    assert [line.record and line.record.number for line in board(lab, "verifier").to_verify] == [record.number]
    assert board(lab, "approver").to_approve == [] and board(lab, "verifier").to_approve == []
    assert board(lab, "verifier").counts["to_verify"] == 1 and "to_approve" not in board(lab, "verifier").counts
    review.return_record(lab.session, record.number, "读数", by=lab.who("verifier"), at=lab.now())
    assert [line.record and line.record.number for line in board(lab, "tech").returned] == [record.number]
    assert board(lab, "verifier").to_verify == [] and board(lab, "tech").to_measure == []


def test_reception_sees_what_is_expected_with_what_differs_on_top(lab: Lab) -> None:
    received(lab, "COMING", receive=False)
    differs = received(lab, "WRONG", receive=False)
    received(lab, "COMING2", receive=False)
    differs.state = "discrepancy"
    lab.session.flush()
    found = board(lab, "keeper")
    assert serials(found.arriving) == ["WRONG", "COMING2", "COMING"]
    assert (found.counts["expected"], found.counts["discrepancy"]) == (2, 1)


@pytest.mark.parametrize(
    ("who", "has", "lacks"),
    [
        ("tech", {"notices"}, {"to_verify", "invoices", "cases", "accounts"}),
        ("verifier", {"to_verify"}, {"to_approve", "expected"}),
        ("approver", {"to_approve"}, {"to_verify"}),
        ("keeper", {"expected", "ready", "bookings", "standards", "measurement_standards"}, {"cases", "accounts"}),
        ("manager", {"orders", "unassigned", "procedures", "rules", "authorisations"}, {"cases", "invoices"}),
        ("quality", {"cases", "cases_late", "complaints"}, {"orders", "invoices"}),
        ("finance", {"invoices"}, {"cases", "to_verify", "standards"}),
        ("auditor", {"findings"}, {"cases", "accounts", "orders"}),
        ("admin", {"accounts", "failed", "must_change"}, {"orders", "cases", "findings"}),
    ],
)
def test_each_role_is_counted_what_it_needs_and_nothing_of_others(
    lab: Lab, who: str, has: set[str], lacks: set[str]
) -> None:
    counts = board(lab, who).counts
    assert has <= set(counts) and not lacks & set(counts)


def test_an_administrator_gets_no_data_of_the_laboratory(lab: Lab) -> None:
    lab.submitted()
    found = board(lab, "admin")
    lists = (found.to_measure, found.in_laboratory, found.to_verify, found.to_approve, found.arriving, found.latest)
    assert not any(lists) and not found.standards and not found.cases and not found.bookings
    with pytest.raises(NotAllowed):
        board(lab, "customer")


def test_one_person_with_every_role_sees_each_block_once_in_twelve_statements(lab: Lab, session: Session) -> None:
    """Beside these ten the page asks who looks, and how many notices are unread."""
    lab.submitted()
    received(lab, "A")
    person = lab.who("tech")
    have = set(person.roles)
    for role in set(ROLES) - {"customer", "administrator"} - have:
        session.add(PersonRole(person_id=person.person_id, role=role))
    session.commit()
    by = people.by_username(session, "tech")
    session.expire_all()
    sent: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: sent.append(a[2]))
    found = board(lab, by)
    asked = [each for each in sent if each.startswith(("SELECT", "WITH"))]
    assert len(asked) <= 10, [each[-120:] for each in asked]
    assert serials(found.in_laboratory).count("A") == 1 == serials(found.to_measure).count("A")


@pytest.mark.parametrize(("after", "told"), [(0, (1, 0, 0)), (-1, (0, 1, 0)), (None, (0, 0, 1))])
def test_an_item_out_by_the_day_promised_is_on_time(lab: Lab, after: int | None, told: tuple[int, int, int]) -> None:
    """On the last day itself it is on time, a day later not; without a promise it is counted apart."""
    record = lab.verified()
    on = lab.at.date()
    certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    work = work_orders.open_internal(
        lab.session, kind="comparison", standard="YQ-2026-000001", procedure="DMM-DCV",
        due=None if after is None else on + timedelta(days=after), note="", by=lab.who("tech"), at=lab.now(),
    )  # fmt: skip
    lab.session.get_one(Request, record.request_id).work_order_id = work.id
    lab.session.commit()
    months = yearly.on_time(lab.session, lab.who("manager"), first=on - timedelta(days=300), last=on)
    assert [(m.month, m.on_time, m.late, m.without) for m in months] == [("2026-11", *told)]
    assert yearly.on_time(lab.session, lab.who("manager"), first=on, last=on - timedelta(days=1)) == []
