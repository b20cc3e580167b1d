"""Orders: drafted by one, edited by two, submitted, withdrawn; work orders that follow their items."""

from __future__ import annotations

from typing import Any

import pytest

from lims import audit
from lims.domain.agreement import Line, Terms
from lims.domain.errors import NotAllowed, NotFound, StaleEdit, UnusableValue, WrongState
from lims.queries import orders as lists
from lims.records import Instrument, Request, ServiceRequest, WorkOrder
from lims.services import demonstration, orders, requests, work_orders
from lims.services.orders import steps

from .conftest import Lab


def meter(serial: str, **more: Any) -> dict[str, Any]:
    return dict(demonstration.ITEM) | {"serial": serial} | more


def drafted(lab: Lab, *serials: str, who: str = "customer", terms: Terms | None = None, **line: Any) -> ServiceRequest:
    owner = lab.who("customer").customer_id
    assert owner is not None
    lines = [Line(meter(serial), **line) for serial in serials or ("A-1",)]
    return orders.draft(
        lab.session, customer_id=owner, terms=terms or Terms(), lines=lines, by=lab.who(who), at=lab.now()
    )


def edit(lab: Lab, order: ServiceRequest, *serials: str, version: int | None = None, who: str = "customer") -> None:
    orders.edit(
        lab.session,
        order.number,
        version=order.version if version is None else version,
        terms=Terms(note="edited"),
        lines=[Line(meter(serial)) for serial in serials],
        by=lab.who(who),
        at=lab.now(),
    )


def in_work(lab: Lab, *serials: str) -> tuple[ServiceRequest, WorkOrder, list[Request]]:
    """An accepted order with its work order, as the contract review leaves them."""
    order = drafted(lab, *serials)
    orders.submit(lab.session, order.number, by=lab.who("customer"), at=lab.now())
    work = WorkOrder(
        number="RW-T",
        service_request_id=order.id,
        kind="calibration",
        agreed={},
        due=None,
        state="accepted",
        accepted_by_id=lab.who("keeper").person_id,
        accepted_at=lab.at,
    )
    lab.session.add(work)
    order.state = "accepted"
    lab.session.flush()
    jobs = []
    for line in lists.lines_of(lab.session, order.id):
        job = requests.create(
            lab.session,
            customer_id=order.customer_id,
            instrument=line.instrument_id,
            procedure="DMM-DCV",
            document_kind="calibration",
            rule={"rule": "none"},
            work_order_id=work.id,
            by=lab.who("keeper"),
            at=lab.now(),
        )
        line.request_id, line.state = job.id, "accepted"
        jobs.append(job)
    lab.session.commit()
    return order, work, jobs


def receive(lab: Lab, job: Request) -> None:
    requests.receive(
        lab.session,
        job.number,
        condition=demonstration.CONDITION,
        accessories="",
        by=lab.who("keeper"),
        at=lab.now(),
    )


def test_several_items_in_one_order_and_those_not_seen_before_enter_the_ledger(lab: Lab) -> None:
    order = drafted(lab, "A-1", "A-2", "A-3", work="periodic", use="trade")
    assert order.number == "WTD-2026-000001" and order.state == "draft"
    found = lists.detail(lab.session, order.number, lab.who("customer"))
    assert [(each.item.serial, each.line.wanted, each.line.use) for each in found.lines] == [
        (serial, "verification", "trade") for serial in ("A-1", "A-2", "A-3")
    ]
    again = drafted(lab, "A-2")
    assert lists.lines_of(lab.session, again.id)[0].instrument_id == found.lines[1].item.id, "one identity for life"


def test_reception_orders_for_a_customer_and_a_customer_for_no_other(lab: Lab) -> None:
    order = drafted(lab, who="keeper")
    assert order.customer_id == lab.who("customer").customer_id
    with pytest.raises(NotAllowed):
        drafted(lab, who="customer2")
    with pytest.raises(NotFound):
        lists.detail(lab.session, order.number, lab.who("customer2"))
    assert lists.page(lab.session, lab.who("customer2")).lines == []
    assert [each.order.number for each in lists.page(lab.session, lab.who("customer")).lines] == [order.number]


def test_an_item_of_another_customer_cannot_be_ordered(lab: Lab) -> None:
    drafted(lab, "A-1")
    item = lab.session.query(Instrument).filter_by(serial="A-1").one()
    other = lab.who("customer2")
    assert other.customer_id is not None
    with pytest.raises(NotFound):
        orders.draft(
            lab.session, customer_id=other.customer_id, terms=Terms(), lines=[Line(item.id)], by=other, at=lab.now()
        )


def test_the_second_editor_is_told_and_nothing_is_overwritten(lab: Lab) -> None:
    order = drafted(lab, "A-1", "A-2")
    lab.session.commit()
    seen = order.version
    edit(lab, order, "A-1", "A-3", who="keeper")
    lab.session.commit()
    with pytest.raises(StaleEdit) as told:
        edit(lab, order, "A-9", version=seen)
    assert told.value.facts["yours"] == seen and told.value.facts["found"] == order.version
    serials = [each.item.serial for each in lists.detail(lab.session, order.number, lab.who("customer")).lines]
    assert serials == ["A-1", "A-3"]


@pytest.mark.parametrize(
    ("terms", "line", "field"),
    [
        ({"place": "moon"}, {}, "place"),
        ({"place": "on_site"}, {}, "site"),
        ({"delivery": "pigeon"}, {}, "delivery"),
        ({"language": "de"}, {}, "language"),
        ({}, {"work": "repeatability"}, "work"),
        ({}, {"use": "fun"}, "use"),
        ({}, {"rule": {"rule": "mine"}}, "rule"),
        ({}, {"rule": {"rule": "guarded", "r": "3"}}, "r"),
        ({}, {"procedure": "NO-SUCH"}, "procedure"),
    ],
)
def test_a_wrong_word_is_refused_with_its_field(
    lab: Lab, terms: dict[str, Any], line: dict[str, Any], field: str
) -> None:
    with pytest.raises(UnusableValue) as refused:
        drafted(lab, terms=Terms(**terms), **line)
    assert refused.value.facts["field"] == field


def test_an_order_needs_an_item_and_each_item_once(lab: Lab) -> None:
    owner = lab.who("customer").customer_id or 0
    for lines in ([], [Line(meter("A-1")), Line(meter("A-1"))], [Line(meter(f"B-{n}")) for n in range(201)]):
        with pytest.raises(UnusableValue) as refused:
            orders.draft(
                lab.session, customer_id=owner, terms=Terms(), lines=lines, by=lab.who("customer"), at=lab.now()
            )
        assert refused.value.facts["field"] == "items"
        lab.session.rollback()


def test_another_customer_finds_neither_the_order_nor_its_work(lab: Lab) -> None:
    order, work, _ = in_work(lab, "A-1")
    other = lab.who("customer2")
    for attempt in (
        lambda: edit(lab, order, "A-1", who="customer2"),
        lambda: orders.submit(lab.session, order.number, by=other, at=lab.now()),
        lambda: orders.withdraw(lab.session, order.number, "x", by=other, at=lab.now()),
        lambda: lists.work_detail(lab.session, work.number, other),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert lists.work_page(lab.session, other).lines == []
    assert [each.work.number for each in lists.work_page(lab.session, lab.who("customer")).lines] == [work.number]


def test_what_has_been_submitted_is_not_edited(lab: Lab) -> None:
    order = drafted(lab)
    orders.submit(lab.session, order.number, by=lab.who("customer"), at=lab.now())
    with pytest.raises(WrongState):
        edit(lab, order, "A-2")
    with pytest.raises(WrongState):
        orders.submit(lab.session, order.number, by=lab.who("customer"), at=lab.now())


def test_a_scrapped_instrument_is_not_ordered(lab: Lab) -> None:
    order = drafted(lab)
    lab.session.query(Instrument).filter_by(serial="A-1").one().state = "scrapped"
    with pytest.raises(UnusableValue):
        orders.submit(lab.session, order.number, by=lab.who("customer"), at=lab.now())


def test_withdrawing_takes_the_jobs_along_and_says_why(lab: Lab) -> None:
    order, work, jobs = in_work(lab, "A-1", "A-2")
    receive(lab, jobs[0])
    with pytest.raises(UnusableValue):
        orders.withdraw(lab.session, order.number, " ", by=lab.who("customer"), at=lab.now())
    orders.withdraw(lab.session, order.number, "no longer needed", by=lab.who("customer"), at=lab.now())
    assert (order.state, work.state, [job.state for job in jobs]) == ("withdrawn", "cancelled", ["withdrawn"] * 2)
    assert audit.verify(lab.session).ok


def test_an_order_with_a_certificate_issued_is_work_done_and_not_withdrawn(lab: Lab) -> None:
    order, work, jobs = in_work(lab, "A-1", "A-2")
    jobs[0].state = "issued"
    lab.session.commit()
    with pytest.raises(WrongState):
        orders.withdraw(lab.session, order.number, "too late", by=lab.who("customer"), at=lab.now())
    lab.session.rollback()
    assert (order.state, work.state, jobs[1].state) == ("accepted", "accepted", "accepted")


def test_a_work_order_follows_its_items_to_the_end_and_the_order_closes_with_it(lab: Lab) -> None:
    order, work, jobs = in_work(lab, "A-1", "A-2")
    receive(lab, jobs[0])
    assert work.state == "in_progress"
    for moved, expected in (
        (("issued", "in_work"), "in_progress"),
        (("issued", "issued"), "done"),
        (("in_work", "issued"), "in_progress"),
        (("issued", "uncalibratable"), "done"),
        (("returned", "returned"), "closed"),
    ):
        jobs[0].state, jobs[1].state = moved
        orders.settle(lab.session, work.id, lab.now())
        assert work.state == expected, moved
    assert order.state == "closed"
    assert audit.verify(lab.session).ok


@pytest.mark.parametrize(
    ("state", "jobs", "expected"),
    [
        ("accepted", ["accepted", "accepted"], []),
        ("accepted", ["discrepancy", "accepted"], []),
        ("accepted", ["received", "accepted"], ["in_progress"]),
        ("accepted", ["issued"], ["in_progress", "done"]),
        ("accepted", ["returned"], ["in_progress", "done", "closed"]),
        ("in_progress", ["issued", "received"], []),
        ("in_progress", ["lost", "closed"], ["done", "closed"]),
        ("in_progress", ["issued", "to_return"], ["done"]),
        ("on_hold", ["received"], []),
        ("on_hold", ["issued"], ["in_progress", "done"]),
        ("done", ["issued", "in_work"], ["in_progress"]),
        ("done", ["returned", "to_return"], []),
        ("done", ["returned", "withdrawn"], ["closed"]),
        ("in_progress", ["withdrawn", "refused"], ["cancelled"]),
        ("closed", ["in_work"], []),
        ("cancelled", ["accepted"], []),
        ("accepted", [], []),
    ],
)
def test_steps_of_a_work_order(state: str, jobs: list[str], expected: list[str]) -> None:
    """Domain notes, section 4: accepted → in progress ⇄ on hold → done → closed; cancelled."""
    assert steps(state, jobs) == expected


def test_a_work_order_is_held_resumed_and_cancelled_with_its_reason(lab: Lab) -> None:
    _, work, jobs = in_work(lab, "A-1")
    receive(lab, jobs[0])
    keeper = lab.who("keeper")
    with pytest.raises(UnusableValue):
        work_orders.move(lab.session, work.number, "on_hold", "", by=keeper, at=lab.now())
    work_orders.move(lab.session, work.number, "on_hold", "room out of order", by=keeper, at=lab.now())
    assert work.state == "on_hold"
    work_orders.move(lab.session, work.number, "in_progress", "", by=keeper, at=lab.now())
    with pytest.raises(WrongState):
        work_orders.move(lab.session, work.number, "closed", "", by=keeper, at=lab.now())
    work_orders.move(lab.session, work.number, "cancelled", "customer closed down", by=keeper, at=lab.now())
    assert (work.state, jobs[0].state) == ("cancelled", "withdrawn")


def test_own_work_on_an_own_standard_needs_no_order(lab: Lab) -> None:
    standard = lab.session.query(Instrument).filter_by(role="source").one()
    opened = work_orders.open_internal(
        lab.session,
        kind="intermediate_check",
        standard=standard.code,
        procedure="DMM-DCV",
        due=None,
        note="quarterly",
        by=lab.who("tech"),
        at=lab.now(),
    )
    found = lists.work_detail(lab.session, opened.number, lab.who("tech"))
    assert found.order is None and [item.id for _, item in found.items] == [standard.id]
    assert found.items[0][0].work == "intermediate_check"
    with pytest.raises(NotFound):
        lists.work_detail(lab.session, opened.number, lab.who("customer"))


@pytest.mark.parametrize(
    ("who", "change", "error"),
    [
        ("customer", {}, NotAllowed),
        ("verifier", {}, NotAllowed),
        ("tech", {"kind": "calibration"}, UnusableValue),
        ("tech", {"standard": "YQ-0"}, NotFound),
        ("tech", {"procedure": "NO"}, NotFound),
    ],
)
def test_own_work_is_opened_by_the_laboratory_for_an_own_standard_alone(
    lab: Lab, who: str, change: dict[str, str], error: type[Exception]
) -> None:
    standard = lab.session.query(Instrument).filter_by(role="source").one()
    said = {"kind": "repeatability", "standard": standard.code, "procedure": "DMM-DCV"} | change
    with pytest.raises(error):
        work_orders.open_internal(lab.session, **said, due=None, note="", by=lab.who(who), at=lab.now())
