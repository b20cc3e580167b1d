"""Items in the laboratory's hands, on both databases: receipt, exceptions, hand-over, prints, numbers without gaps."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select

from lims import audit
from lims.domain import handling
from lims.domain.errors import GateClosed, NotAllowed, NotFound, UnusableValue, WrongState
from lims.queries import clocks, numbers
from lims.queries import items as lists
from lims.records import (
    AuditEntry,
    Certificate,
    HandOver,
    Instrument,
    ItemEvent,
    NumberSeries,
    QualityCase,
    Request,
    StoredFile,
    WorkOrder,
)
from lims.services import certificates, copies, demonstration, hand_overs, incidents, items, requests
from tests.areas.items import ARRIVAL, PNG

from .conftest import PASSWORD, Lab
from .test_orders import in_work

FINE = items.Arrival({"zh": "完好", "en": "No damage"}, ("power_cord",))
PHOTO = ("C:\\Users\\何\\a.png", PNG)


def expected(lab: Lab) -> Request:
    customer = lab.who("customer")
    assert customer.customer_id is not None
    return requests.create(
        lab.session,
        customer_id=customer.customer_id,
        instrument=demonstration.ITEM,
        procedure="DMM-DCV",
        document_kind="calibration",
        rule={"rule": "guarded", "r": 1.0},
        by=customer,
        at=lab.now(),
    )


def issued(lab: Lab) -> Certificate:
    record = lab.verified()
    return certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )


def kinds(lab: Lab, request: Request) -> list[str]:
    return [
        each.kind for each in lists.events_of(lab.session, request.id, *handling.CONCERNS_CUSTOMER, "note", "label")
    ]


def acts(lab: Lab, number: str) -> list[str]:
    lab.session.commit()
    rows = lab.session.scalars(select(AuditEntry).where(AuditEntry.object_id == number).order_by(AuditEntry.seq))
    return [each.act for each in rows]


def test_an_item_as_ordered_is_received_with_accessories_and_photographs(lab: Lab) -> None:
    request = expected(lab)
    assert [line.request.id for line in lists.awaited(lab.session, "MY41000001", lab.who("keeper"))] == [request.id]
    items.receive(lab.session, request.number, FINE, photos=[PHOTO, PHOTO], by=lab.who("keeper"), at=lab.now())
    assert request.state == "received"
    assert kinds(lab, request) == ["photo", "photo"]
    stored = lab.session.scalars(select(StoredFile)).all()
    assert {(each.name, each.bytes) for each in stored} == {("a.png", PNG)}
    assert lists.awaited(lab.session, request.number, lab.who("keeper")) == []
    assert acts(lab, request.number)[-3:] == ["item.received", "item.photo", "item.photo"]


def test_a_wrong_photograph_leaves_nothing_behind(lab: Lab) -> None:
    request = expected(lab)
    lab.session.commit()
    with pytest.raises(UnusableValue, match="PNG or JPEG"):
        items.receive(
            lab.session, request.number, FINE, photos=[("a.svg", b"<svg/>")], by=lab.who("keeper"), at=lab.now()
        )
    lab.session.rollback()
    assert request.state == "accepted"
    wrong = items.Arrival({"zh": "x", "en": "x"}, ("cannon",))
    with pytest.raises(UnusableValue, match="power_cord"):
        items.receive(lab.session, request.number, wrong, by=lab.who("keeper"), at=lab.now())


def test_a_damaged_item_stops_the_clock_until_its_customer_decides(lab: Lab) -> None:
    request, keeper = expected(lab), lab.who("keeper")
    items.receive(lab.session, request.number, ARRIVAL, photos=[PHOTO], by=keeper, at=lab.now())
    assert request.state == "discrepancy"
    assert [each.reason for each in clocks.holds(lab.session, [request.id])[request.id]] == ["customer"]
    with pytest.raises(WrongState):  # nothing goes round the decision
        requests.receive(lab.session, request.number, condition={}, accessories="", by=keeper, at=lab.now())
    with pytest.raises(NotFound):
        items.resolve(lab.session, request.number, "go_on", "", by=lab.who("customer2"), at=lab.now())
    with pytest.raises(NotAllowed):
        items.resolve(lab.session, request.number, "refuse", "", by=lab.who("customer"), at=lab.now())
    items.resolve(lab.session, request.number, "go_on", "不影响使用", by=lab.who("customer"), at=lab.now())
    assert request.state == "received"
    assert clocks.holds(lab.session, [request.id])[request.id][0].end is not None
    assert kinds(lab, request) == ["damaged_on_receipt", "photo", "note"]
    with pytest.raises(WrongState):
        items.resolve(lab.session, request.number, "go_on", "", by=lab.who("customer"), at=lab.now())
    seen = [each.event.kind for each in lists.detail(lab.session, request.number, lab.who("customer")).events]
    assert seen == ["damaged_on_receipt", "photo", "note"]


@pytest.mark.parametrize(("decision", "state"), [("send_back", "withdrawn"), ("refuse", "refused")])
def test_an_item_that_is_not_measured_goes_back_once(lab: Lab, decision: str, state: str) -> None:
    request, keeper = expected(lab), lab.who("keeper")
    items.receive(lab.session, request.number, ARRIVAL, by=keeper, at=lab.now())
    with pytest.raises(UnusableValue, match="reason"):
        items.resolve(lab.session, request.number, decision, " ", by=keeper, at=lab.now())
    items.resolve(lab.session, request.number, decision, "电话，何蓝", by=keeper, at=lab.now())
    assert request.state == state
    assert [line.request.id for line in lists.to_go_back(lab.session, keeper).lines] == [request.id]
    hand_overs.hand_over(lab.session, request.number, way="pickup", to_name="何蓝", by=keeper, at=lab.now())
    assert lists.to_go_back(lab.session, keeper).lines == []
    with pytest.raises(GateClosed, match="already"):
        hand_overs.hand_over(lab.session, request.number, way="pickup", to_name="何蓝", by=keeper, at=lab.now())


def test_another_serial_number_is_corrected_with_its_reason_and_the_old_one_stays_readable(lab: Lab) -> None:
    request, keeper = expected(lab), lab.who("keeper")
    otherwise = items.Arrival({"zh": "完好", "en": "fine"}, differs="SN MY41999999")
    items.receive(lab.session, request.number, otherwise, by=keeper, at=lab.now())
    with pytest.raises(UnusableValue, match="another"):
        items.resolve(lab.session, request.number, "correct", "铭牌", identity={}, by=keeper, at=lab.now())
    items.resolve(
        lab.session, request.number, "correct", "铭牌", identity={"serial": "MY41999999"}, by=keeper, at=lab.now()
    )
    assert request.state == "received"
    assert lab.session.get_one(Instrument, request.instrument_id).serial == "MY41999999"
    (event,) = lists.events_of(lab.session, request.id, "identity_corrected")
    assert event.payload["changed"] == {"serial": ["MY41000001", "MY41999999"]}


@pytest.mark.parametrize(
    ("kind", "state"),
    [("uncalibratable", "uncalibratable"), ("withdrawn", "withdrawn"), ("lost", "lost"), ("moved", "received"),
     ("damaged_in_laboratory", "received"), ("sealed", "received"), ("note", "received")],
)  # fmt: skip
def test_each_exception_leaves_its_event_its_entry_and_its_state(lab: Lab, kind: str, state: str) -> None:
    request, tech = lab.request(), lab.who("tech")
    with pytest.raises(UnusableValue, match="reason"):
        incidents.note(lab.session, request.number, kind, " ", by=tech, at=lab.now())
    with pytest.raises(NotAllowed):
        incidents.note(lab.session, request.number, kind, "x", by=lab.who("customer"), at=lab.now())
    incidents.note(lab.session, request.number, kind, "掉落", photo=PHOTO, by=tech, at=lab.now())
    assert request.state == state
    (event,) = lists.events_of(lab.session, request.id, kind)
    assert event.file_id is not None
    assert f"item.{kind}" in acts(lab, request.number)
    cases = lab.session.scalars(select(QualityCase)).all()
    assert [case.origin["number"] for case in cases] == ([request.number] if kind in handling.NEEDS_A_CASE else [])
    if kind in ("uncalibratable", "withdrawn", "lost"):
        with pytest.raises(WrongState):
            incidents.note(lab.session, request.number, kind, "again", by=tech, at=lab.now())
    assert audit.verify(lab.session).ok


def test_an_adjustment_stands_between_as_found_and_as_left(lab: Lab) -> None:
    """ISO/IEC 17025:2017, 7.8.4.1 d): results before and after the adjustment."""
    request, tech = lab.request(), lab.who("tech")
    with pytest.raises(WrongState):
        incidents.note(lab.session, request.number, "adjusted", "零位", by=tech, at=lab.now())
    request.state = "in_work"
    with pytest.raises(GateClosed, match="as found"):
        incidents.note(lab.session, request.number, "adjusted", "零位", by=tech, at=lab.now())
    request.state = "received"
    lab.submitted(request=request)
    assert not request.as_left
    incidents.note(lab.session, request.number, "adjusted", "零位", by=tech, at=lab.now())
    assert request.as_left


@pytest.mark.parametrize("kind", ["adjusted", "repaired", "unsealed"])
def test_in_an_arbitration_nothing_alters_the_item(lab: Lab, kind: str) -> None:
    """计量法（2018）第二十一条；实施细则第三十六条."""
    request = lab.request()
    request.state, request.frozen = "in_work", True
    with pytest.raises(GateClosed, match="arbitration"):
        incidents.note(lab.session, request.number, kind, "x", by=lab.who("tech"), at=lab.now())


def test_a_partial_job_names_what_it_leaves_out(lab: Lab) -> None:
    request, tech = lab.request(), lab.who("tech")
    with pytest.raises(UnusableValue, match="left"):
        incidents.note(lab.session, request.number, "partial", "1000 V 档损坏", by=tech, at=lab.now())
    incidents.note(lab.session, request.number, "partial", "量程损坏", left_out="1000 V", by=tech, at=lab.now())
    (event,) = lists.events_of(lab.session, request.id, "partial")
    assert event.payload == {"left_out": "1000 V"}


def test_an_issued_item_goes_back_with_its_paper_and_the_work_order_closes(lab: Lab) -> None:
    certificate = issued(lab)
    request = lab.session.get_one(Request, certificate.request_id)
    _order, work, (other,) = in_work(lab, "W-1")
    other.state = "returned"
    request.work_order_id = work.id
    lab.session.flush()
    keeper = lab.who("keeper")
    said = {"way": "pickup", "to_name": "𠮷田 远"}
    for wrong in ({"way": "electronic"}, {"way": "courier"}, {"to_name": " "}, {"way": "pigeon"}):
        with pytest.raises(UnusableValue):
            hand_overs.hand_over(lab.session, request.number, **(said | wrong), by=keeper, at=lab.now())
    with pytest.raises(NotAllowed):
        hand_overs.hand_over(lab.session, request.number, **said, by=lab.who("tech"), at=lab.now())
    drawn = "data:image/png;base64," + base64.b64encode(PNG).decode()
    row = hand_overs.hand_over(lab.session, request.number, **said, drawn=drawn, paper=True, by=keeper, at=lab.now())
    assert request.state == "returned" and row.signature_id is not None
    assert lab.session.get_one(WorkOrder, work.id).state == "closed"
    assert [each.what for each in lab.session.scalars(select(HandOver).order_by(HandOver.id))] == ["item", "paper"]
    assert [each.kind for each in numbers.prints(lab.session, certificate, keeper)] == ["handed_over"]
    assert lists.file_of(lab.session, request.number, row.signature_id, lab.who("customer")).bytes == PNG
    with pytest.raises(NotFound):
        lists.file_of(lab.session, request.number, row.signature_id, lab.who("customer2"))


def test_nothing_goes_back_while_work_goes_on(lab: Lab) -> None:
    request = lab.request()
    with pytest.raises(GateClosed, match="work has ended"):
        hand_overs.hand_over(lab.session, request.number, way="pickup", to_name="x", by=lab.who("keeper"), at=lab.now())
    with pytest.raises(GateClosed):
        hand_overs.ready(lab.session, request.number, "", by=lab.who("keeper"), at=lab.now())


def test_a_customer_reads_of_their_item_what_concerns_them_and_no_more(lab: Lab) -> None:
    request, tech = lab.request(), lab.who("tech")
    incidents.note(lab.session, request.number, "note", "客户很挑剔", by=tech, at=lab.now())
    incidents.note(lab.session, request.number, "moved", "3 号柜", by=tech, at=lab.now())
    photo = items.photograph(lab.session, request.number, PHOTO, "铭牌", by=tech, at=lab.now())
    inside = incidents.note(lab.session, request.number, "moved", "5", photo=PHOTO, by=tech, at=lab.now())
    incidents.tell_out_of_tolerance(lab.session, request.number, "10 V 超差", by=tech, at=lab.now())
    own = lab.who("customer")
    told = [each.event.note for each in lists.detail(lab.session, request.number, own).events]
    assert told == ["铭牌", "10 V 超差"]
    assert photo.file_id is not None and inside.file_id is not None
    assert lists.file_of(lab.session, request.number, photo.file_id, own).bytes == PNG
    for who, file in ((own, inside.file_id), (lab.who("customer2"), photo.file_id), (own, 10**30)):
        with pytest.raises(NotFound):
            lists.file_of(lab.session, request.number, file, who)


def test_found_outside_its_limits_is_derived_from_the_results(lab: Lab) -> None:
    """10 V of a 34401A: MPE is 35 ppm of reading and 5 ppm of range at one year; 400 ppm are far outside."""
    fine, off = lab.request(), lab.request()
    lab.submitted(request=fine)
    lab.submitted(request=off, error=4e-4)
    found = lists.out_of_tolerance(lab.session, lab.who("tech"))
    assert [line.request.number for line in found.lines] == [off.number]


def test_an_objection_has_its_term_and_stays_with_the_result(lab: Lab) -> None:
    waiting = lab.request()
    with pytest.raises(WrongState):
        incidents.dispute(lab.session, waiting.number, "x", by=lab.who("customer"), at=lab.now())
    request = lab.session.get_one(Request, issued(lab).request_id)
    event = incidents.dispute(lab.session, request.number, "10 V 的结果不对", by=lab.who("customer"), at=lab.now())
    assert (event.payload["until"], event.payload["in_time"]) == ("2026-12-14", True)  # Monday to Monday, three weeks
    assert request.state == "issued"


def test_labels_are_counted_copies(lab: Lab) -> None:
    one, two = lab.request(), lab.request()
    assert items.print_labels(lab.session, [one.number, two.number], "item", by=lab.who("tech"), at=lab.now()) == 2
    items.print_labels(lab.session, [one.number], "item", by=lab.who("tech"), at=lab.now())
    copies_of_one = [each.payload["copy"] for each in lists.events_of(lab.session, one.id, "label")]
    assert copies_of_one == [1, 2]


def test_a_second_print_is_a_reprint_and_needs_its_reason(lab: Lab) -> None:
    certificate, keeper = issued(lab), lab.who("keeper")
    copies.note(lab.session, certificate.number, "printed", "", by=keeper, at=lab.now())
    with pytest.raises(UnusableValue, match="again"):
        copies.note(lab.session, certificate.number, "printed", " ", by=keeper, at=lab.now())
    copies.note(lab.session, certificate.number, "printed", "原件遗失", by=keeper, at=lab.now())
    copies.note(lab.session, certificate.number, "copy", "英文副本", by=lab.who("approver"), at=lab.now())
    found = [(each.kind, each.note) for each in numbers.prints(lab.session, certificate, keeper)]
    assert found == [("printed", ""), ("reprinted", "原件遗失"), ("copy", "英文副本")]


def test_every_number_is_accounted_for_and_a_missing_one_is_an_alarm(lab: Lab) -> None:
    for _ in range(2):
        issued(lab)
    approver = lab.who("approver")
    (whole,) = numbers.accounts(lab.session, approver, 2026, ["certificate.calibration"])
    assert (whole.last, whole.used, whole.missing, whole.beyond, whole.whole) == (2, 2, 0, 0, True)
    row = lab.session.scalars(select(NumberSeries).where(NumberSeries.name == "certificate.calibration")).one()
    row.last = 9
    lab.session.flush()
    certificate = lab.session.scalars(select(Certificate)).first()
    assert certificate is not None
    for number in ("YS-2026-000006", "YS-2026-000012", "YS-2026-00X007"):
        lab.session.add(
            Certificate(number=number, kind="calibration", request_id=certificate.request_id, record_ids=[],
                        snapshot="{}", digest=number, token="t", issued_at=lab.now())
        )  # fmt: skip
    lab.session.flush()
    (found,) = numbers.accounts(lab.session, approver, 2026, ["certificate.calibration"])
    assert [(gap.first, gap.last, gap.count) for gap in found.gaps] == [
        ("YS-2026-000003", "YS-2026-000005", 3),
        ("YS-2026-000007", "YS-2026-000009", 3),
    ]
    assert (found.missing, found.beyond) == (6, 2)
    lines, end = numbers.page(lab.session, approver, "certificate.calibration", 2026, size=4)
    assert [(line.number[-1], line.what, line.status) for line in lines] == [
        ("1", "certificate", "issued"), ("2", "certificate", "issued"), ("3", None, ""), ("4", None, ""),
    ]  # fmt: skip
    assert end == 4


def test_events_are_kept_as_they_were(lab: Lab) -> None:
    request = lab.request()
    event = items.photograph(lab.session, request.number, PHOTO, "", by=lab.who("tech"), at=lab.now())
    lab.session.commit()
    event.note = "another"
    with pytest.raises(Exception, match="append"):
        lab.session.flush()
    lab.session.rollback()
    assert lab.session.get_one(ItemEvent, event.id).note == ""
