"""From readings to a certificate and back, with the people who may and those who may not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from lims import audit
from lims.domain.errors import GateClosed, NotAllowed, NotFound, SignInLocked, UnusableValue, WrongPassword, WrongState
from lims.queries import traceability
from lims.queries.certificates import audit_heads, page
from lims.records import Certificate, Document, Reading, Result, ResultSource
from lims.services import (
    authentication,
    bench,
    certificates,
    evaluation,
    people,
    reexecution,
    rendering,
    requests,
    review,
)

from .conftest import NOW, PASSWORD, Lab


def issue(lab: Lab, **more: object) -> Certificate:
    record = lab.verified(**more)
    return certificates.issue(
        lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
    )


def test_readings_become_a_certificate_whose_every_digit_can_be_had_again(lab: Lab) -> None:
    certificate = issue(lab)

    again = reexecution.execute_again(lab.session, certificate)

    assert again.ok, again.differences
    assert again.compared > 14 * 15
    content = json.loads(certificate.snapshot)
    assert [person["role"] for person in content["people"]] == ["performer", "verifier", "approver"]
    assert content["demonstration"] is True
    assert len(content["result_sets"][0]["rows"]) == 15


def test_a_gain_error_of_2_ppm_is_found_and_compared_with_the_limits(lab: Lab) -> None:
    """10 V: indication 10.00002 V; the standard gives 10 V + 26 µV (its certificate): error −6 µV."""
    rows = json.loads(issue(lab).snapshot)["result_sets"][0]["rows"]

    ten = next(row for row in rows if row["range"] == "10 V" and row["nominal"] == "10")

    assert float(ten["error"]) == pytest.approx(10 * 2e-6 - 26e-6, abs=3e-6)
    assert ten["verdict"] == "pass"
    assert float(ten["high"]) == pytest.approx(10 * 35e-6 + 10 * 5e-6, rel=0.05)  # 34401A, 1 year: 0.0035 % + 0.0005 %


def test_each_reading_names_its_calibration_and_each_result_its_sources(lab: Lab) -> None:
    issue(lab)
    loose = lab.session.scalar(select(func.count()).where(Reading.calibration_version_id.is_(None)))
    edges = lab.session.scalar(select(func.count()).select_from(ResultSource))
    results = lab.session.scalar(select(func.count()).select_from(Result))
    assert loose == 0
    assert results == 15
    assert edges is not None and edges >= 3 * results


def test_the_chain_of_a_certificate_ends_at_the_si(lab: Lab) -> None:
    chain = traceability.chain(lab.session, issue(lab).number, lab.who("auditor"))
    assert chain.complete
    assert {link.model for link in chain.links if link.realises_si} == {"JVS-10", "TH-1"}
    assert {link.model for link in chain.links if link.level == 1} == {"5522A", "PTU300"}


def test_the_performer_neither_verifies_nor_approves(lab: Lab) -> None:
    record = lab.submitted()
    with pytest.raises(NotAllowed):
        review.verify(lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now())
    with pytest.raises(NotAllowed):
        certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings
        )


def test_a_record_that_nobody_verified_is_not_issued(lab: Lab) -> None:
    record = lab.submitted()
    with pytest.raises(GateClosed) as refused:
        certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
        )
    assert "7.8.1" in str(refused.value)


def test_a_returned_record_is_corrected_by_a_new_row_with_a_reason_and_submitted_again(lab: Lab) -> None:
    record = lab.submitted()
    review.return_record(lab.session, record.number, "第 3 点第 1 个读数疑似误读", by=lab.who("verifier"), at=lab.now())
    reading = lab.session.scalars(select(Reading).where(Reading.record_id == record.id, Reading.point == 3)).first()
    assert reading is not None
    before = reading.indication
    with pytest.raises(UnusableValue):
        review.correct(lab.session, record.number, reading.id, "0.1", " ", by=lab.who("tech"), at=lab.now())
    review.correct(lab.session, record.number, reading.id, "excluded", "误读", by=lab.who("tech"), at=lab.now())
    second = evaluation.submit(
        lab.session, record.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings
    )
    lab.session.refresh(reading)
    assert reading.indication == before
    assert second.version == 2
    card = review.exceptions(lab.session, record.number, by=lab.who("verifier"))
    assert any(line["kind"] == "corrected" for line in card.exceptions)


def test_a_change_after_verification_is_seen_before_issue(lab: Lab) -> None:
    """The verifier's signature binds the digest; another correction would change it."""
    record = lab.verified()
    reading = lab.session.scalars(select(Reading).where(Reading.record_id == record.id)).first()
    assert reading is not None
    with pytest.raises(UnusableValue):
        review.correct(lab.session, record.number, reading.id, "1", "late", by=lab.who("tech"), at=lab.now())


def test_a_customer_sees_only_their_own(lab: Lab) -> None:
    certificate = issue(lab)
    assert [line.number for line in page(lab.session, lab.who("customer")).lines] == [certificate.number]
    assert page(lab.session, lab.who("customer2")).lines == []
    with pytest.raises(NotFound):
        certificates.by_number(lab.session, certificate.number, by=lab.who("customer2"))
    with pytest.raises(NotFound):
        traceability.chain(lab.session, certificate.number, lab.who("customer2"))
    with pytest.raises(NotAllowed):
        bench.gates_before(lab.session, "WT-2026-000001", by=lab.who("customer2"), at=lab.now())


def test_five_wrong_passwords_lock_the_name_and_a_signature_counts(lab: Lab) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            people.authenticate(lab.session, "tech", "wrong", at=lab.at, address="127.0.0.1")
    with pytest.raises(SignInLocked):
        people.authenticate(lab.session, "tech", PASSWORD, at=lab.at, address="127.0.0.1")


def test_a_withdrawn_certificate_says_so_to_who_has_its_token_and_nothing_to_others(lab: Lab) -> None:
    certificate = issue(lab)
    genuine = authentication.status(lab.session, certificate.number, certificate.token, at=lab.now())
    assert genuine.status == "current"
    assert authentication.status(lab.session, certificate.number, "guess", at=lab.now()).status == "unknown"
    certificates.withdraw(lab.session, certificate.number, "标准器被否定", by=lab.who("approver"), at=lab.now())
    public = authentication.status(lab.session, certificate.number, certificate.token, at=lab.now())
    assert (public.status, public.reason) == ("withdrawn", "标准器被否定")
    with pytest.raises(WrongState):
        certificates.withdraw(lab.session, certificate.number, "again", by=lab.who("approver"), at=lab.now())


def test_an_amendment_is_a_new_certificate_that_names_the_old_one(lab: Lab) -> None:
    old = issue(lab)
    new = certificates.amend(
        lab.session,
        old.number,
        "客户名称变更",
        PASSWORD,
        by=lab.who("approver"),
        at=lab.now(),
        settings=lab.settings,
    )
    assert json.loads(new.snapshot)["supersedes"]["number"] == old.number
    public = authentication.status(lab.session, old.number, old.token, at=lab.now())
    assert (public.status, public.successor) == ("superseded", new.number)


def test_results_only_where_no_rule_was_agreed(lab: Lab) -> None:
    request = lab.request(rule={"rule": "none"})
    content = json.loads(issue(lab, request=request).snapshot)
    assert content["conformity"] is None
    assert {row["verdict"] for row in content["result_sets"][0]["rows"]} == {"none"}


def test_as_left_is_awaited_where_it_was_agreed(lab: Lab) -> None:
    request = lab.request(as_left=True)
    record = lab.verified(request=request)
    with pytest.raises(GateClosed) as refused:
        certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
        )
    assert "as_left" in str(refused.value)
    lab.verified(request=request, stage="as_left", error=1e-6)
    content = json.loads(
        certificates.issue(
            lab.session, record.number, PASSWORD, by=lab.who("approver"), at=lab.now(), settings=lab.settings
        ).snapshot
    )
    assert [each["stage"] for each in content["result_sets"]] == ["as_found", "as_left"]


def test_documents_are_rendered_once_and_examined_as_genuine(lab: Lab) -> None:
    certificate = issue(lab)
    lab.session.commit()
    assert rendering.render_due(lab.session, at=lab.now(), settings=lab.settings) == [certificate.number]
    assert rendering.render_due(lab.session, at=lab.now(), settings=lab.settings) == []
    for kind in ("pdf", "dcc"):
        made = rendering.document(lab.session, certificate.number, kind)
        assert isinstance(made, Document)
        verdict = authentication.examine_file(lab.session, made.bytes, settings=lab.settings)
        assert verdict.ok, (kind, verdict)
        assert verdict.same_file is True


def test_the_audit_chain_is_whole_and_holds_the_heads_that_certificates_carry(lab: Lab) -> None:
    issue(lab)
    lab.session.commit()
    report = audit.verify(lab.session, heads=audit_heads(lab.session))
    assert report.ok, report.why
    assert report.entries > 20


def test_a_standard_out_of_date_closes_the_gate_with_its_certificate_and_clause(lab: Lab) -> None:
    from datetime import timedelta

    request = lab.request()
    late = NOW + timedelta(days=300)
    lines = bench.gates_before(lab.session, request.number, by=lab.who("tech"), at=late)
    bad = [line for line in lines if line.blocks]
    assert {line.code for line in bad} == {"standard_in_date"}
    assert "FNMI-DC-2026-0117" in bad[0].text["zh"]
    with pytest.raises(GateClosed):
        bench.enter_readings(lab.session, request.number, "as_found", [], by=lab.who("tech"), at=late)


def test_an_unknown_rule_and_a_serial_left_out_are_refused_by_field(lab: Lab) -> None:
    customer = lab.who("customer")
    assert customer.customer_id is not None
    for change, field in (
        ({"rule": {"rule": "lucky"}}, "rule"),
        ({"instrument": {"maker": "K", "model": "34401A", "serial": " "}}, "serial"),
        ({"document_kind": "poster"}, "document_kind"),
    ):
        facts = {
            "customer_id": customer.customer_id,
            "instrument": {"maker": "K", "model": "34401A", "serial": "1"},
            "procedure": "DMM-DCV",
            "document_kind": "calibration",
            "rule": {"rule": "none"},
        } | change
        with pytest.raises(UnusableValue) as refused:
            requests.create(lab.session, by=customer, at=lab.now(), **facts)  # type: ignore[arg-type]
        assert refused.value.facts["field"] == field


def test_a_reviewers_note_is_no_part_of_the_record(lab: Lab) -> None:
    """In no digest, and not the performer's to write; the audit trail keeps it."""
    record = lab.submitted()
    before = evaluation.record_digest(lab.session, record)
    review.note(lab.session, record.number, "下次多看 100 V 点", by=lab.who("verifier"), at=lab.now())
    assert evaluation.record_digest(lab.session, record) == before
    review.verify(lab.session, record.number, PASSWORD, by=lab.who("verifier"), at=lab.now())
    for wrong in ("", "长" * 2001):
        with pytest.raises(UnusableValue):
            review.note(lab.session, record.number, wrong, by=lab.who("approver"), at=lab.now())
    with pytest.raises(NotAllowed):
        review.note(lab.session, record.number, "x", by=lab.who("tech"), at=lab.now())
