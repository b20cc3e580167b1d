"""Who works on an item, work at the customer's, and work by another laboratory, on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lims.domain.errors import GateClosed, NotAllowed, NotFound, StaleEdit, UnusableValue, WrongState
from lims.queries import clocks, worklists
from lims.queries import items as lists
from lims.records import GateEvidence, Provider, RequestHold
from lims.services import assignments, certificates, incidents, providers, subcontracting, visits

from .conftest import PASSWORD, Lab
from .test_orders import in_work, receive

PDF = ("证书.pdf", b"%PDF-1.7\n%")
FAR = date(2027, 6, 1)


def ids(lab: Lab, *names: str) -> list[int]:
    return [lab.who(name).person_id for name in names]


def assign(lab: Lab, number: str, performer: str | None, checker: str | None, by: str = "keeper") -> None:
    assignments.assign(
        lab.session,
        [number],
        performer_id=None if performer is None else lab.who(performer).person_id,
        checker_id=None if checker is None else lab.who(checker).person_id,
        by=lab.who(by),
        at=lab.now(),
    )


def test_two_authorised_people_are_assigned_and_named_in_the_items_story(lab: Lab) -> None:
    request = lab.request()
    assign(lab, request.number, "tech", "verifier")
    assert [request.assigned_to_id, request.checker_id] == ids(lab, "tech", "verifier")
    (told,) = lists.events_of(lab.session, request.id, "assigned")
    assert set(told.payload) == {"perform", "verify"}
    assign(lab, request.number, None, None)
    assert (request.assigned_to_id, request.checker_id) == (None, None)


@pytest.mark.parametrize(
    ("performer", "checker", "clause"),
    [
        pytest.param("tech", "tech", "7.8.1.1", id="7.8.1.1: one person measures and verifies"),
        pytest.param("verifier", None, "6.2.6", id="6.2.6: not authorised to perform"),
        pytest.param(None, "tech", "6.2.6", id="6.2.6: not authorised to verify"),
    ],
)
def test_an_assignment_is_refused_by(lab: Lab, performer: str | None, checker: str | None, clause: str) -> None:
    request = lab.request()
    with pytest.raises(GateClosed) as refused:
        assign(lab, request.number, performer, checker)
    assert clause in refused.value.facts["clause"]
    assert request.assigned_to_id is None


def test_who_has_an_interest_is_not_assigned(lab: Lab) -> None:
    """ISO/IEC 17025:2017, 4.1.4."""
    request = lab.request()
    person = lab.who("tech").person_id
    incidents.mark_conflict(lab.session, request.number, person, "本人参股", by=lab.who("keeper"), at=lab.now())
    with pytest.raises(GateClosed) as refused:
        assign(lab, request.number, "tech", "verifier")
    assert "4.1" in refused.value.facts["clause"] and "本人参股" in refused.value.facts["reason"]["zh"]
    assign(lab, request.number, None, "verifier")


@pytest.mark.parametrize("wrong", ["nobody", "customer"])
def test_nobody_from_outside_is_assigned(lab: Lab, wrong: str) -> None:
    request = lab.request()
    person = 999_999 if wrong == "nobody" else lab.who("customer").person_id
    with pytest.raises(UnusableValue):
        assignments.assign(
            lab.session, [request.number], performer_id=person, checker_id=None, by=lab.who("keeper"), at=lab.now()
        )


def test_a_whole_order_is_assigned_or_none_of_it(lab: Lab) -> None:
    _order, _work, jobs = in_work(lab, "A-1", "A-2")
    who = lab.who("tech").person_id
    incidents.mark_conflict(lab.session, jobs[1].number, who, "亲属", by=lab.who("keeper"), at=lab.now())
    lab.session.commit()
    numbers = [each.number for each in jobs]
    with pytest.raises(GateClosed):
        assignments.assign(lab.session, numbers, performer_id=who, checker_id=None, by=lab.who("keeper"), at=lab.now())
    lab.session.rollback()
    assert [each.assigned_to_id for each in jobs] == [None, None]
    verifier = lab.who("verifier").person_id
    assignments.assign(lab.session, numbers, performer_id=None, checker_id=verifier, by=lab.who("keeper"), at=lab.now())
    assert [each.checker_id for each in jobs] == [verifier, verifier]


def provider(lab: Lab, *, scope: tuple[str, ...] = ("DCV", "压力"), valid_to: date | None = FAR) -> Provider:
    row = providers.propose(
        lab.session,
        name={"zh": "𠮷林计量院", "en": "Jilin"},
        accreditation="L0001",
        scope=scope,
        valid_to=valid_to,
        by=lab.who("manager"),
        at=lab.now(),
    )
    return providers.move(lab.session, row.id, "approved", "看过证书", version=1, by=lab.who("quality"), at=lab.now())


def test_nobody_approves_their_own_proposal_and_the_second_of_two_is_told(lab: Lab) -> None:
    row = providers.propose(
        lab.session,
        name={"zh": "甲"},
        accreditation="",
        scope=["DCV"],
        valid_to=FAR,
        by=lab.who("manager"),
        at=lab.now(),
    )
    with pytest.raises(NotAllowed):
        providers.move(lab.session, row.id, "approved", "x", version=1, by=lab.who("manager"), at=lab.now())
    providers.move(lab.session, row.id, "approved", "x", version=1, by=lab.who("quality"), at=lab.now())
    with pytest.raises(StaleEdit):
        providers.move(lab.session, row.id, "suspended", "x", version=1, by=lab.who("manager"), at=lab.now())
    with pytest.raises(WrongState):
        providers.move(lab.session, row.id, "proposed", "x", version=2, by=lab.who("manager"), at=lab.now())
    with pytest.raises(NotFound):
        providers.move(lab.session, 10**12, "approved", "x", version=1, by=lab.who("quality"), at=lab.now())


def send(lab: Lab, number: str, row: Provider, measurand: str = "DCV") -> None:
    subcontracting.send(lab.session, number, row.id, measurand, "", by=lab.who("keeper"), at=lab.now())


@pytest.mark.parametrize(
    ("how", "clause"),
    [
        pytest.param("no consent", "7.1.1", id="7.1.1 c: the customer has not agreed"),
        pytest.param("suspended", "6.6.2", id="6.6.2: the provider is suspended"),
        pytest.param("ended", "6.6.2", id="6.6.2: the accreditation has ended"),
        pytest.param("scope", "6.6.2", id="6.6.2: the measurand is not in its scope"),
    ],
)
def test_work_is_not_given_away_where(lab: Lab, how: str, clause: str) -> None:
    request = lab.request()
    row = provider(lab, valid_to=date(2026, 1, 1) if how == "ended" else FAR)
    if how == "suspended":
        providers.move(lab.session, row.id, "suspended", "x", version=row.version, by=lab.who("manager"), at=lab.now())
    if how != "no consent":
        subcontracting.consent(lab.session, request.number, "", by=lab.who("customer"), at=lab.now())
    with pytest.raises(GateClosed) as refused:
        send(lab, request.number, row, "湿度" if how == "scope" else "DCV")
    assert clause in refused.value.facts["clause"]
    assert request.state == "received"


def test_work_goes_to_another_laboratory_and_comes_back_with_its_certificate(lab: Lab) -> None:
    request = lab.request()
    row = provider(lab)
    customer = lab.who("customer")
    subcontracting.consent(lab.session, request.number, "同意", by=customer, at=lab.now())
    send(lab, request.number, row)
    held = lab.session.scalars(select(RequestHold).where(RequestHold.request_id == request.id)).all()
    assert [each.reason for each in held] == ["subcontract"] and request.state == "in_work"
    with pytest.raises(UnusableValue):
        subcontracting.come_back(
            lab.session, request.number, "Z-1", ("a.svg", b"<svg/>"), whole=True, by=lab.who("keeper"), at=lab.now()
        )
    back = subcontracting.come_back(
        lab.session, request.number, "Z-1", PDF, whole=True, by=lab.who("keeper"), at=lab.now()
    )
    assert request.state == "issued"
    assert all(each.end is not None for each in clocks.holds(lab.session, [request.id])[request.id])
    assert back.file_id is not None
    seen = lists.file_of(lab.session, request.number, back.file_id, customer)
    assert (seen.bytes, seen.name) == (PDF[1], "证书.pdf")
    with pytest.raises(NotFound):
        lists.file_of(lab.session, request.number, back.file_id, lab.who("customer2"))
    with pytest.raises(WrongState):
        subcontracting.come_back(
            lab.session, request.number, "Z-2", PDF, whole=False, by=lab.who("keeper"), at=lab.now()
        )


def test_a_certificate_says_what_was_left_out_and_what_another_laboratory_measured_and_where(lab: Lab) -> None:
    """ISO/IEC 17025:2017, 7.8.2.1 e, f, n, p."""
    record = lab.verified()
    request = lists.detail(lab.session, "WT-2026-000001", lab.who("keeper")).request
    incidents.note(
        lab.session, request.number, "partial", "量程开关坏", left_out="1000 V", by=lab.who("keeper"), at=lab.now()
    )
    subcontracting.consent(lab.session, request.number, "", by=lab.who("customer"), at=lab.now())
    send(lab, request.number, provider(lab), "压力")
    subcontracting.come_back(lab.session, request.number, "Z-9", PDF, whole=False, by=lab.who("keeper"), at=lab.now())
    made = certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )
    said = json.loads(made.snapshot)
    assert any("1000 V" in each["zh"] and "量程开关坏" in each["zh"] for each in said["deviations"])
    (external,) = said["external_results"]
    assert "Z-9" in external["en"] and "Jilin" in external["en"] and "压力" in external["zh"]
    assert said["place_kind"] == "laboratory"


def test_a_visit_receives_there_and_leaves_its_conditions(lab: Lab) -> None:
    _order, work, jobs = in_work(lab, "S-1", "S-2")
    receive(lab, jobs[0])
    today = lab.at.date()
    planned = visits.plan(
        lab.session,
        work.number,
        site="𠮷川厂 2 号车间",
        from_day=today,
        to_day=today + timedelta(days=2),
        people=ids(lab, "tech"),
        equipment=["YQ-2026-000001"],
        by=lab.who("keeper"),
        at=lab.now(),
    )
    visits.begin(lab.session, planned.id, by=lab.who("tech"), at=lab.now())
    assert [each.state for each in jobs] == ["received", "received"]
    assert [lists.site_of(lab.session, each) for each in jobs] == ["𠮷川厂 2 号车间"] * 2
    with pytest.raises(UnusableValue):
        visits.end(lab.session, planned.id, " ", by=lab.who("tech"), at=lab.now())
    visits.end(lab.session, planned.id, "23 °C，45 %RH", by=lab.who("tech"), at=lab.now())
    assert (planned.state, "23 °C" in planned.note) == ("done", True)
    with pytest.raises(WrongState):
        visits.cancel(lab.session, planned.id, "x", by=lab.who("keeper"), at=lab.now())


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("to_day", {"to_day": date(2020, 1, 1)}),
        ("people", {"people": [999_999]}),
        ("people", {"people": []}),
        ("site", {"site": " "}),
    ],
)
def test_a_visit_wants(lab: Lab, field: str, changed: dict[str, object]) -> None:
    _order, work, _jobs = in_work(lab, "S-1")
    said: dict[str, object] = {
        "site": "x",
        "from_day": lab.at.date(),
        "to_day": lab.at.date(),
        "people": ids(lab, "tech"),
        "equipment": [],
    }
    with pytest.raises(UnusableValue) as refused:
        visits.plan(lab.session, work.number, **said | changed, by=lab.who("keeper"), at=lab.now())  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field


def test_a_standard_whose_certificate_ends_before_the_visit_does_stays_at_home(lab: Lab) -> None:
    """ISO/IEC 17025:2017, 6.4.4."""
    _order, work, _jobs = in_work(lab, "S-1")
    with pytest.raises(GateClosed):
        visits.plan(
            lab.session,
            work.number,
            site="x",
            from_day=lab.at.date(),
            to_day=date(2031, 1, 1),
            people=ids(lab, "tech"),
            equipment=["YQ-2026-000001"],
            by=lab.who("keeper"),
            at=lab.now(),
        )
    assert lab.session.scalars(select(GateEvidence).where(GateEvidence.step == "visit")).first() is None


def test_ones_own_items_come_first_and_anothers_last(lab: Lab) -> None:
    _order, _work, jobs = in_work(lab, "Q-1", "Q-2", "Q-3")
    for job in jobs:
        receive(lab, job)
    jobs[0].assigned_to_id = lab.who("verifier").person_id
    assign(lab, jobs[2].number, "tech", None)
    lines = worklists.to_measure(lab.session, lab.who("tech"), on=lab.at.date())
    assert [line.request.id for line in lines] == [jobs[2].id, jobs[1].id, jobs[0].id]
