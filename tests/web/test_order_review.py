"""The page of the contract review. Its gates are stood in for: they close for what is listed here."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lims.domain import gates
from lims.records import ServiceRequest, ServiceRequestLine
from lims.services import contract_review
from tests.web.conftest import Visitor
from tests.web.test_orders import fields_of, page

As = Callable[[str], Visitor]
ORDER = "/orders/WTD-2026-000002"
REVIEW = ORDER + "/review"


def stand_in(closed: Callable[[Any], bool]) -> SimpleNamespace:
    """Gates at intake that close for some instruments with one line, and keep nothing."""

    def at_intake(_session: Any, *, instrument: Any, **_said: Any) -> list[gates.Reason]:
        text = {"zh": "1000 V 以上超出能力范围", "en": "above 1000 V is outside the scope"}
        inside = {"zh": "在能力范围内", "en": "inside the scope"}
        shut = closed(instrument)
        return [gates.Reason(not shut, "in_scope", text if shut else inside, "ISO/IEC 17025:2017, 7.1.1 c)")]

    return SimpleNamespace(at_intake=at_intake, keep=lambda *_said, **_more: None)


@pytest.fixture(autouse=True)
def doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract_review, "gatekeeping", stand_in(lambda item: item.serial == "MY41000002"))


def lines(app: Flask) -> list[ServiceRequestLine]:
    with app.extensions["lims_writers"]() as session:
        return list(
            session.scalars(
                select(ServiceRequestLine)
                .join(ServiceRequest, ServiceRequest.id == ServiceRequestLine.service_request_id)
                .where(ServiceRequest.number == ORDER.rsplit("/", 1)[1])
                .order_by(ServiceRequestLine.position)
            )
        )


def sent(html: str) -> dict[str, str]:
    """The form as it opens: open lines accepted, closed ones refused."""
    ticked = dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]+)" checked', html))
    return fields_of(html) | ticked | {"do": "decide"}


def test_closed_lines_come_refused_with_their_ground_and_the_customer_reads_it(app: Flask, signed_in: As) -> None:
    keeper, customer = signed_in("keeper"), signed_in("customer")
    form = sent(page(keeper, REVIEW))
    first, second = lines(app)[:2]
    assert form[f"decision-{first.id}"] == "accept"
    assert form[f"decision-{second.id}"] == "refuse"
    assert form[f"reason_code-{second.id}"] == "out_of_scope"
    answer = keeper.post(REVIEW, REVIEW, **form)
    assert answer.status_code == 302
    shown = page(customer, ORDER)
    assert "超出本机构能力范围" in shown and "1000 V 以上超出能力范围" in shown
    assert "RW-2026-000003" in shown, "the accepted lines became a work order"
    assert "RW-2026-000003" in page(customer, "/orders/work/")


def test_a_closed_line_accepted_all_the_same_is_refused_with_its_gate(app: Flask, signed_in: As) -> None:
    keeper = signed_in("keeper")
    form = sent(page(keeper, REVIEW)) | {f"decision-{lines(app)[1].id}": "accept"}
    answer = keeper.post(REVIEW, REVIEW, **form)
    assert answer.status_code == 422 and "7.1.1 c)" in answer.get_data(as_text=True)
    assert {line.state for line in lines(app)} == {"proposed"}


def test_a_refusal_without_reason_is_said_beside_its_line(app: Flask, signed_in: As) -> None:
    keeper, second = signed_in("keeper"), lines(app)[1]
    form = sent(page(keeper, REVIEW)) | {f"reason-{second.id}": " "}
    answer = keeper.post(REVIEW, REVIEW, **form)
    assert answer.status_code == 422 and f'id="e-reason-{second.id}"' in answer.get_data(as_text=True)


def test_given_back_with_a_question_that_the_customer_reads(signed_in: As) -> None:
    keeper = signed_in("keeper")
    assert keeper.post(ORDER + "/question", REVIEW, question="用于贸易结算吗？").status_code == 302
    assert "用于贸易结算吗？" in page(signed_in("customer"), ORDER)


@pytest.mark.parametrize(("who", "status"), [("tech", 403), ("customer", 403), ("auditor", 403), ("manager", 200)])
def test_who_may_review(signed_in: As, who: str, status: int) -> None:
    assert signed_in(who).get(REVIEW).status_code == status


def test_the_review_sends_few_statements(signed_in: As, statements: list[str]) -> None:
    keeper = signed_in("keeper")
    statements.clear()
    assert keeper.get(REVIEW).status_code == 200
    assert len(statements) <= 12, "\n".join(statements)
