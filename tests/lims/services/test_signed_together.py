"""Records without an exception signed with one password; those with one are not; on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from lims.domain.errors import GateClosed, NotFound, UnusableValue, WrongPassword
from lims.queries import exceptions
from lims.records import Certificate, Reading, Record, Request, Signature
from lims.services import certificates, evaluation, review

from .conftest import PASSWORD, Lab


def verify(lab: Lab, *records: Record, password: str = PASSWORD, who: str = "verifier") -> None:
    review.verify_all(lab.session, [each.number for each in records], password, by=lab.who(who), at=lab.now())


def issue(lab: Lab, *records: Record) -> list[Certificate]:
    return certificates.issue_all(
        lab.session,
        [each.number for each in records],
        PASSWORD,
        by=lab.who("approver"),
        at=lab.now(),
        settings=lab.settings,
    )


def why(lab: Lab, record: Record) -> list[str]:
    return exceptions.of_records(lab.session, [record.id])[record.id].why


def test_each_is_signed_on_its_own_digest_and_has_its_own_certificate(lab: Lab) -> None:
    records = [lab.submitted() for _ in range(3)]
    assert [why(lab, each) for each in records] == [[], [], []]
    verify(lab, *records)
    signed = select(Signature.object_digest).where(Signature.object_type == "record", Signature.meaning == "verify")
    assert set(lab.session.scalars(signed)) == {evaluation.record_digest(lab.session, each) for each in records}
    issued = issue(lab, *records)
    assert len({each.number for each in issued}) == 3
    assert {each.state for each in records} == {"locked"}


def test_one_with_an_exception_stops_all_and_is_named(lab: Lab) -> None:
    good, bad = lab.submitted(), lab.submitted(error=9e-5)
    assert "outside" in why(lab, bad)
    with pytest.raises(UnusableValue, match=bad.number):
        verify(lab, good, bad)
    assert (good.state, bad.state) == ("submitted", "submitted")
    review.verify(lab.session, bad.number, PASSWORD, by=lab.who("verifier"), at=lab.now())
    verify(lab, good)
    with pytest.raises(UnusableValue, match=bad.number):
        issue(lab, good, bad)


def test_nothing_nobody_a_wrong_password_and_the_performer_are_refused(lab: Lab) -> None:
    record = lab.submitted()
    with pytest.raises(UnusableValue):
        verify(lab)
    with pytest.raises(WrongPassword):
        verify(lab, record, password="not it")
    with pytest.raises(NotFound):
        review.verify_all(lab.session, ["R-0"], PASSWORD, by=lab.who("verifier"), at=lab.now())
    performer = replace(lab.who("tech"), roles=lab.who("verifier").roles)
    with pytest.raises(GateClosed):
        review.verify_all(lab.session, [record.number], PASSWORD, by=performer, at=lab.now())
    assert record.state == "submitted"


def test_both_stages_make_one_certificate_and_an_exception_in_either_stops_it(lab: Lab) -> None:
    def stages(error: float) -> list[Record]:
        request = lab.request(as_left=True)
        found = [lab.verified(request=request, stage="as_found", error=error)]
        return [*found, lab.verified(request=request, stage="as_left")]

    bad, good = stages(9e-5), stages(1e-6)
    with pytest.raises(UnusableValue, match=bad[0].number):
        issue(lab, bad[1])
    assert [len(issue(lab, *good))] == [1]


def test_what_changed_since_the_instrument_was_here_last_is_said(lab: Lab) -> None:
    """The same meter twice: 2e-6, then 60e-6 of 10 V; its specification is 35e-6 + 5e-6 of range, U about 8e-6."""
    first = lab.verified(error=2e-6)
    issue(lab, first)
    item = lab.session.get_one(Request, first.request_id).instrument_id
    request = lab.request()
    request.instrument_id = item
    lab.session.flush()
    second = lab.submitted(request=request, error=6e-5)
    assert {"outside", "flipped"} <= set(why(lab, second))
    card = review.exceptions(lab.session, second.number, by=lab.who("verifier"))
    told = [each for each in card.exceptions if each["kind"] == "flipped"]
    assert told and all(each["before"]["verdict"] == "pass" for each in told)


def test_a_correction_is_an_exception(lab: Lab) -> None:
    record = lab.submitted()
    review.return_record(lab.session, record.number, "?", by=lab.who("verifier"), at=lab.now())
    assert why(lab, record) == []
    row = lab.session.scalars(select(Reading).where(Reading.record_id == record.id, Reading.point == 3)).first()
    assert row is not None
    review.correct(lab.session, record.number, row.id, "excluded", "误读", by=lab.who("tech"), at=lab.now())
    assert why(lab, record) == ["touched"]
