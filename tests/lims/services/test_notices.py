"""Who is told of what, once; what is due by e-mail leaves once, and a failure waits for its next try."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lims.domain.errors import NotFound, UnusableValue
from lims.queries import notices as lists
from lims.records import CalibrationVersion, Instrument, Lease, Notice, Person
from lims.services import certificates, evaluation, holds, mailing, notices, review
from lims.words import both

from .conftest import PASSWORD, Lab


def of(lab: Lab, username: str, kind: str = "") -> list[Notice]:
    rows = lab.session.scalars(
        select(Notice).where(Notice.person_id == lab.who(username).person_id).order_by(Notice.id)
    ).all()
    return [row for row in rows if not kind or row.kind == kind]


def test_a_returned_record_is_told_to_its_performer_and_settled_when_it_is_handed_over_again(lab: Lab) -> None:
    record = lab.submitted()
    review.return_record(lab.session, record.number, "看第 3 点", by=lab.who("verifier"), at=lab.now())
    (told,) = of(lab, "tech", "record_returned")
    assert (told.link, told.needs_action, told.done_at) == (f"/records/{record.number}", True, None)
    assert told.body["zh"] == "看第 3 点" and record.number in told.subject["en"]
    assert of(lab, "verifier", "record_returned") == []
    evaluation.submit(lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings)
    assert told.done_at is not None and told.read_at is not None


def test_of_many_records_that_wait_the_verifier_is_told_once_until_it_is_read(lab: Lab) -> None:
    first = lab.submitted()
    lab.submitted()
    (told,) = of(lab, "verifier", "waits_verify")
    assert first.number in told.body["en"] and told.link == "/review/"
    assert of(lab, "tech", "waits_verify") == [], "who performed it does not verify it"
    notices.read(lab.session, told.id, by=lab.who("verifier"), at=lab.now())
    lab.submitted()
    assert len(of(lab, "verifier", "waits_verify")) == 2


def test_a_verified_record_is_told_to_those_who_approve(lab: Lab) -> None:
    lab.verified()
    assert [n.link for n in of(lab, "approver", "waits_approve")] == ["/review/"]
    assert of(lab, "customer") == []


def test_the_customer_is_told_of_issue_replacement_and_withdrawal_and_nobody_elses_customer_is(lab: Lab) -> None:
    record = lab.verified()
    approver = lab.who("approver")
    old = certificates.issue(lab.session, record.number, PASSWORD, by=approver, at=lab.now(), settings=lab.settings)
    new = certificates.amend(
        lab.session, old.number, "typing error", PASSWORD, by=approver, at=lab.now(), settings=lab.settings
    )
    certificates.withdraw(lab.session, new.number, "standard in doubt", by=approver, at=lab.now())
    told = of(lab, "customer")
    assert [n.kind for n in told] == ["certificate_issued", "certificate_superseded", "certificate_withdrawn"]
    assert old.number in told[1].subject["zh"] and new.number in told[1].subject["zh"]
    assert "standard in doubt" in told[2].body["en"] and told[2].needs_action
    assert of(lab, "customer2") == []


def test_an_item_that_waits_for_the_customer_is_told_and_settled_when_work_goes_on(lab: Lab) -> None:
    request = lab.request()
    tech = lab.who("tech")
    holds.begin(lab.session, request.number, "part", "", by=tech, at=lab.now())
    holds.end(lab.session, request.number, by=tech, at=lab.now())
    assert of(lab, "customer", "item_held") == [], "a part is not the customer's business"
    holds.begin(lab.session, request.number, "customer", "Which range?", by=tech, at=lab.now())
    (told,) = of(lab, "customer", "item_held")
    assert told.body == {"zh": "Which range?", "en": "Which range?"} and told.done_at is None
    holds.end(lab.session, request.number, by=tech, at=lab.now())
    assert told.done_at is not None


@pytest.mark.parametrize(
    ("left", "step"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)]
)
def test_keepers_hear_of_a_calibration_that_ends_60_30_and_7_days_before(lab: Lab, left: int, step: int | None) -> None:
    source = lab.session.scalars(select(Instrument).where(Instrument.role == "source")).one()
    ends = lab.session.scalars(
        select(CalibrationVersion.valid_to).where(
            CalibrationVersion.instrument_id == source.id, CalibrationVersion.state == "current"
        )
    ).one()
    at = datetime.combine(ends - timedelta(days=left), time(2), UTC)
    notices.standards_due(lab.session, at=at)
    notices.standards_due(lab.session, at=at + timedelta(minutes=5))
    told = [n for n in of(lab, "keeper") if source.code in n.subject["zh"]]
    assert [n.kind for n in told] == ([] if step is None else [f"standard_due_{step}"])
    assert all(str(ends) in n.link for n in told)
    assert of(lab, "tech") == []


def test_a_closed_account_is_told_nothing(lab: Lab) -> None:
    lab.session.get_one(Person, lab.who("customer").person_id).active = False
    assert _told(lab, customer_id=1) == []


def _told(lab: Lab, **to: int) -> list[Notice]:
    return notices.tell(lab.session, "test", both("Notices"), both("Notices"), "/", at=lab.now(), **to)  # type: ignore[arg-type]


def test_ones_own_notices_alone_are_seen_read_and_done(lab: Lab) -> None:
    tech, other = lab.who("tech"), lab.who("verifier")
    (notice,) = _told(lab, person_id=tech.person_id)
    assert (lists.unread(lab.session, tech), lists.unread(lab.session, other)) == (1, 0)
    with pytest.raises(NotFound):
        notices.read(lab.session, notice.id, by=other, at=lab.now())
    assert lists.page(lab.session, other).lines == []
    notices.read_all(lab.session, by=other, at=lab.now())
    lab.session.refresh(notice)
    assert notice.read_at is None
    notices.read_all(lab.session, by=tech, at=lab.now())
    lab.session.refresh(notice)
    assert notice.read_at is not None and lists.unread(lab.session, tech) == 0


def test_what_needs_an_act_stays_on_top_until_it_is_done_and_pages_go_on(lab: Lab) -> None:
    tech = lab.who("tech")
    (asked,) = notices.tell(
        lab.session, "x", both("a"), both("b"), person_id=tech.person_id, needs_action=True, at=lab.now()
    )
    told = [_told(lab, person_id=tech.person_id)[0].id for _ in range(5)]
    first = lists.page(lab.session, tech, size=3)
    assert [n.id for n in first.waiting] == [asked.id] and [n.id for n in first.lines] == told[:1:-1]
    second = lists.page(lab.session, tech, size=3, after=first.after)
    assert [n.id for n in second.lines] == told[1::-1] and second.after is None and not second.waiting
    notices.read(lab.session, asked.id, by=tech, at=lab.now())
    assert [n.id for n in lists.page(lab.session, tech).waiting] == [asked.id], "read is not done"
    notices.read(lab.session, asked.id, by=tech, at=lab.now(), done=True)
    page = lists.page(lab.session, tech)
    assert not page.waiting and page.lines[-1].id == asked.id


@pytest.mark.parametrize(
    "typed", ["@x", "a@", "a b@c.cn", "a..b@x.cn", "a@b@c", "a@b.cn\nBcc: c@d.cn", "名@x.cn", "x" * 250 + "@y.cn"]
)
def test_what_is_no_address_is_refused(lab: Lab, typed: str) -> None:
    with pytest.raises(UnusableValue):
        notices.set_address(lab.session, typed, by=lab.who("tech"), at=lab.now())


def with_address(lab: Lab, username: str, email: str | None = "lin@example.com", language: str = "zh") -> Person:
    person = lab.session.get_one(Person, lab.who(username).person_id)
    person.email, person.language = email, language
    lab.session.flush()
    return person


def test_a_letter_goes_out_in_the_language_of_the_person_and_only_to_who_has_an_address(lab: Lab) -> None:
    with_address(lab, "customer", "ji@example.com", "en")
    with_address(lab, "tech", None)
    (notice,) = notices.tell(
        lab.session,
        "x",
        {"zh": "证书已签发", "en": "Issued"},
        {"zh": "可下载", "en": "Fetch it"},
        "/certificates/YS-1",
        people=[lab.who("customer").person_id, lab.who("tech").person_id],
        at=lab.now(),
    )[-1:]
    letters = [
        letter for letter in mailing.due(lab.session, at=lab.now()) if letter.subject in ("Issued", "证书已签发")
    ]
    assert [(each.to, each.subject) for each in letters] == [("ji@example.com", "Issued")]
    message = mailing.compose(
        letters[0], sender="lims@lab.cn", public_url="https://lims.example/", laboratory="云岭\r\nBcc: x@y.cn"
    )
    assert message["To"] == "ji@example.com" and message["Bcc"] is None
    assert "https://lims.example/certificates/YS-1" in message.get_content()
    assert notice.mailed_at is None


def test_a_letter_is_held_by_one_worker_leaves_once_and_waits_longer_after_each_failure(
    lab: Lab, sessions: sessionmaker[Session]
) -> None:
    with_address(lab, "tech")
    (notice,) = _told(lab, person_id=lab.who("tech").person_id)
    lab.session.commit()
    at = lab.now()
    (letter,) = mailing.due(lab.session, at=at)
    assert mailing.claim(lab.session, letter, holder="one", at=at) == 1
    assert mailing.claim(lab.session, letter, holder="two", at=at) is None
    assert mailing.due(lab.session, at=at) == []
    waits = []
    for tries in range(1, 4):
        again = mailing.failed(lab.session, letter, tries, at=at)
        waits.append(again - at)
        lab.session.flush()
        assert mailing.due(lab.session, at=again - timedelta(seconds=1)) == []
        at = again + timedelta(seconds=1)
        assert len(mailing.due(lab.session, at=at)) == 1
        assert mailing.claim(lab.session, letter, holder="one", at=at) == tries + 1
    assert waits == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    mailing.sent(lab.session, letter, at=at)
    lab.session.commit()
    assert notice.mailed_at == at
    assert mailing.due(lab.session, at=at + timedelta(days=1)) == []
    assert lab.session.scalars(select(Lease).where(Lease.task.like("mail:%"))).all() == []


def test_old_news_is_not_sent_when_a_server_is_set_up_at_last(lab: Lab) -> None:
    with_address(lab, "tech")
    _told(lab, person_id=lab.who("tech").person_id)
    assert mailing.due(lab.session, at=lab.now() + mailing.LATEST) == []


def test_no_pause_is_longer_than_six_hours() -> None:
    assert mailing.pause(1) == timedelta(minutes=1)
    assert mailing.pause(10_000) == timedelta(hours=6)
