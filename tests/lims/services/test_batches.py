"""Batches of identical items, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from instruments import procedures
from lims import audit
from lims.domain.errors import GateClosed, NotAllowed, UnusableValue, WrongPassword
from lims.queries import batches as lists
from lims.records import AuditEntry, Authorisation, Batch, Certificate, GateEvidence, Request, Signature
from lims.services import batches, demonstration, evaluation, requests, review

from .conftest import PASSWORD, Lab

AMBIENT = {"temperature": 23.0, "humidity": 45.0}


def jobs(lab: Lab, count: int) -> list[Request]:
    customer = lab.who("customer")
    found = []
    for n in range(count):
        request = requests.create(
            lab.session,
            customer_id=customer.customer_id or 0,
            instrument=dict(demonstration.ITEM) | {"serial": f"B{n:03d}"},
            procedure="DMM-DCV",
            document_kind="calibration",
            rule={"rule": "guarded", "r": 1.0},
            by=customer,
            at=lab.now(),
        )
        requests.receive(
            lab.session, request.number, condition=demonstration.CONDITION, accessories="", by=lab.who("keeper"),
            at=lab.now(),
        )  # fmt: skip
        found.append(request)
    return found


def made(lab: Lab, items: list[Request]) -> Batch:
    return batches.make(
        lab.session,
        [request.number for request in items],
        stage="as_found",
        ambient=AMBIENT,
        by=lab.who("tech"),
        at=lab.now(),
    )


def read(error: float) -> list[dict[str, Any]]:
    """Three readings a point about a relative error."""
    rows = []
    for point in procedures.plan(procedures.load_procedure("dmm-dcv")).points:
        scale = 1000.0 if point.display_unit == "mV" else 1.0
        digit = float(point.resolution)
        shown = [point.nominal * (1 + error) + n * digit for n in (-1, 0, 1)]
        rows.append({"point": point.no, "indications": [f"{x * scale:.9f}" for x in shown]})
    return rows


ERRORS = (1.0e-6, 1.2e-6, 0.8e-6, 1.1e-6, 0.9e-6, 1.3e-6, 9e-6)
"""Of seven meters: the last stands out."""


def entered(lab: Lab, errors: tuple[float, ...] = ERRORS) -> tuple[Batch, list[Request]]:
    items = jobs(lab, len(errors))
    batch = made(lab, items)
    readings = {request.number: read(error) for request, error in zip(items, errors, strict=True)}
    assert batches.enter(lab.session, batch.number, readings, by=lab.who("tech"), at=lab.now()) == len(errors)
    return batch, items


def submitted(lab: Lab) -> tuple[Batch, list[Request]]:
    batch, items = entered(lab)
    batches.submit(lab.session, batch.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings)
    return batch, items


def test_the_one_that_stands_out_is_looked_at_and_the_rest_is_signed_at_once(lab: Lab) -> None:
    batch, _ = submitted(lab)
    assert batch.state == "measured"
    by = lab.who("verifier")
    found = lists.view(lab.session, batch.number, by)
    assert [item.instrument.serial for item in found.exceptions] == ["B006"]
    assert "outlier" in found.exceptions[0].why
    assert batches.verify(lab.session, batch.number, PASSWORD, by=by, at=lab.now()) == 6
    assert batch.state == "measured"
    odd = found.exceptions[0].record
    assert odd is not None
    assert batches.verify(lab.session, batch.number, PASSWORD, looked_at={odd.number}, by=by, at=lab.now()) == 1
    assert batch.state == "verified"

    issued = batches.issue(
        lab.session, batch.number, PASSWORD, looked_at={odd.number}, by=lab.who("approver"), at=lab.now(),
        settings=lab.settings,
    )  # fmt: skip
    assert batch.state == "issued"
    numbers = sorted(int(certificate.number.rsplit("-", 1)[1]) for certificate in issued)
    assert numbers == list(range(numbers[0], numbers[0] + 7))
    audit.verify(lab.session)


def test_every_item_keeps_digest_signature_and_evidence_of_its_own(lab: Lab) -> None:
    batch, items = submitted(lab)
    batches.verify(lab.session, batch.number, PASSWORD, by=lab.who("verifier"), at=lab.now())
    signed = lab.session.scalars(select(Signature).where(Signature.meaning == "verify")).all()
    assert len({each.object_digest for each in signed}) == 6
    assert len({each.at for each in signed}) == 1
    for each in signed:
        record = lists.view(lab.session, batch.number, lab.who("tech")).items
        kept = next(item.record for item in record if item.record is not None and item.record.id == each.object_id)
        assert evaluation.record_digest(lab.session, kept) == each.object_digest
    steps = select(func.count()).select_from(GateEvidence).where(GateEvidence.step == "verify")
    assert lab.session.scalar(steps) == 6
    entry = lab.session.scalars(select(AuditEntry).where(AuditEntry.act == "batch.verified")).one()
    assert len(entry.payload["records"]) == 6
    assert len(items) == 7


def test_all_or_none(lab: Lab) -> None:
    batch, items = entered(lab, ERRORS[:3])
    lab.session.commit()
    with pytest.raises(WrongPassword):
        batches.submit(lab.session, batch.number, "wrong", by=lab.who("tech"), at=lab.now(), settings=lab.settings)
    with pytest.raises(NotAllowed):
        batches.submit(lab.session, batch.number, PASSWORD, by=lab.who("verifier"), at=lab.now(), settings=lab.settings)
    lab.session.rollback()
    bad = {items[0].number: read(1e-6)}
    with pytest.raises(UnusableValue):
        batches.enter(lab.session, batch.number, bad, by=lab.who("tech"), at=lab.now())
    lab.session.rollback()
    assert lab.session.scalar(select(func.count()).select_from(Certificate)) == 0


def test_what_nobody_has_read_is_not_submitted_but_may_leave(lab: Lab) -> None:
    items = jobs(lab, 3)
    batch = made(lab, items)
    tech = lab.who("tech")
    readings = {request.number: read(1e-6) for request in items[:2]}
    batches.enter(lab.session, batch.number, readings, by=tech, at=lab.now())
    with pytest.raises(UnusableValue, match="B002"):
        batches.submit(lab.session, batch.number, PASSWORD, by=tech, at=lab.now(), settings=lab.settings)
    with pytest.raises(UnusableValue, match="reason"):
        batches.take_out(lab.session, batch.number, items[2].number, " ", by=tech, at=lab.now())
    batches.take_out(lab.session, batch.number, items[2].number, "display broken", by=tech, at=lab.now())
    assert items[2].batch_id is None
    assert batches.submit(lab.session, batch.number, PASSWORD, by=tech, at=lab.now(), settings=lab.settings) == 2
    assert batch.state == "measured"


def test_one_that_is_given_back_opens_the_batch_again(lab: Lab) -> None:
    batch, _ = submitted(lab)
    verifier = lab.who("verifier")
    batches.verify(lab.session, batch.number, PASSWORD, by=verifier, at=lab.now())
    odd = lists.view(lab.session, batch.number, verifier).exceptions[0].record
    assert odd is not None
    review.return_record(lab.session, odd.number, "look at the connection", by=verifier, at=lab.now())
    assert lists.view(lab.session, batch.number, verifier).standing == "open"
    assert (
        batches.submit(lab.session, batch.number, PASSWORD, by=lab.who("tech"), at=lab.now(), settings=lab.settings)
        == 1
    )


def test_different_ones_are_no_batch(lab: Lab) -> None:
    items = jobs(lab, 2)
    other = lab.request(rule={"rule": "simple"})
    with pytest.raises(UnusableValue, match="decision rule"):
        made(lab, [*items, other])
    batch = made(lab, items)
    with pytest.raises(UnusableValue, match="in no batch"):
        made(lab, items)
    assert batch.state == "open"


def test_who_performed_does_not_verify_the_batch(lab: Lab) -> None:
    batch, _ = submitted(lab)
    lab.session.commit()
    with pytest.raises(NotAllowed):
        batches.verify(lab.session, batch.number, PASSWORD, by=lab.who("tech"), at=lab.now())
    lab.session.rollback()
    granted_away(lab)
    with pytest.raises(GateClosed):
        batches.verify(lab.session, batch.number, PASSWORD, by=lab.who("verifier"), at=lab.now())
    lab.session.rollback()
    assert lists.view(lab.session, batch.number, lab.who("tech")).standing == "measured"


def granted_away(lab: Lab) -> None:
    """The verifier's authorisation is suspended while the batch waits."""
    verifier = lab.who("verifier").person_id
    for row in lab.session.scalars(select(Authorisation).where(Authorisation.person_id == verifier)):
        row.state = "suspended"
    lab.session.flush()
