"""Fees in the browser: a price list by two people, an invoice made, printed, paid; certificates after payment."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lims.records import Certificate, Fee, Laboratory, Request, WorkOrder
from lims.records.engine import session_factory
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
TARIFF = {
    "code": "SF",
    "valid_from": "2026-12-01",
    "title": "收费标准",
    "entries": "DMM-DCV; calibration; item; 300; 50; 200\n“压力表”；；item；60；；",
}


def test_a_price_list_is_proposed_by_one_and_not_put_in_force_by_the_same(signed_in: As) -> None:
    finance = signed_in("finance")
    assert finance.post("/fees/tariffs/new", "/fees/tariffs/new", **TARIFF).status_code == 302
    shown = finance.get("/fees/tariffs/").get_data(as_text=True)
    assert "SF 3" in shown and "压力表" in shown
    assert finance.post("/fees/tariffs/3/force", "/fees/tariffs/").status_code == 422
    assert finance.post("/fees/tariffs/2/force", "/fees/tariffs/").status_code == 302, "proposed by the other"
    customer = signed_in("customer").get("/fees/tariffs/").get_data(as_text=True)
    assert "SF 2" in customer and "SF 1" not in customer and "SF 3" not in customer


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entries": "DMM-DCV; calibration; item"}, "entries"),
        ({"entries": "DMM-DCV; repair; item; 1; ; "}, "entries"),
        ({"entries": "DMM-DCV; ; item; 1.005; ; "}, "entries"),
        ({"entries": ""}, "entries"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"code": ""}, "code"),
        ({"title": ""}, "title"),
    ],
)
def test_a_wrong_price_list_is_refused_at_its_field(signed_in: As, change: dict[str, str], field: str) -> None:
    answer = signed_in("finance").post("/fees/tariffs/new", "/fees/tariffs/new", **TARIFF | change)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)


def test_an_invoice_is_issued_printed_in_both_languages_and_paid(signed_in: As, tmp_path: Path) -> None:
    finance = signed_in("finance")
    assert "RW-2026-900003" in finance.get("/fees/").get_data(as_text=True)
    page = "/fees/work/RW-2026-900003"
    said = {"job": "WT-2026-900003", "amount": "-0.01", "reason": "抹零"}
    assert finance.post(page + "/adjustment", page, **said).status_code == 302
    assert finance.post(page + "/invoice", page).location.endswith("/fees/FP-2026-000003")
    customer = signed_in("customer")
    assert "299.99" in customer.get("/fees/FP-2026-000003").get_data(as_text=True)
    pdf = tmp_path / "bill.pdf"
    pdf.write_bytes(customer.get("/fees/FP-2026-000003/pdf").data)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for part in ("FP-2026-000003", "299.99 CNY", "300.00", "-0.01", "抹零", "收费账单", "not a tax invoice", "青禾"):
        assert part in text, part
    assert signed_in("customer2").get("/fees/FP-2026-000003/pdf").status_code == 404
    assert finance.post("/fees/FP-2026-000003/payment", "/fees/FP-2026-000003").status_code == 302
    again = finance.post("/fees/FP-2026-000003/cancellation", "/fees/", reason="x")
    assert again.status_code == 422


def test_a_wrong_amount_is_refused_at_its_field_and_a_customer_changes_nothing(signed_in: As) -> None:
    page = "/fees/work/RW-2026-900003"
    said = {"job": "WT-2026-900003", "amount": "-300.01", "reason": "x"}
    answer = signed_in("finance").post(page + "/adjustment", page, **said)
    assert answer.status_code == 422 and 'id="e-amount"' in answer.get_data(as_text=True)
    for act in ("adjustment", "waiver", "invoice"):
        assert signed_in("customer").post(f"/fees/work/RW-2026-900001/{act}", **said).status_code == 403


def test_after_payment_alone_a_customer_gets_the_files_where_the_laboratory_says_so(app: Flask, signed_in: As) -> None:
    with session_factory(app.extensions["lims_engine"])() as session:
        certificate = session.scalars(select(Certificate)).first()
        assert certificate is not None
        job = session.get_one(Request, certificate.request_id)
        work = session.scalars(select(WorkOrder).where(WorkOrder.number == "RW-2026-900001")).one()
        job.work_order_id = work.id
        session.add(Fee(request_id=job.id, kind="tariff", amount="120.00", at=laboratory.AT, by_id=None))
        kept = session.get_one(Laboratory, 1)
        kept.profile = kept.profile | {"release_after_payment": True}
        session.commit()
        page = f"/certificates/{certificate.number}"
    customer = signed_in("customer")
    answer = customer.get(page + "/pdf")
    assert answer.status_code == 409 and "120.00" in answer.get_data(as_text=True)
    shown = customer.get(page).get_data(as_text=True)
    assert "120.00" in shown and f"{page}/pdf" not in shown
    assert signed_in("tech").get(page + "/pdf").status_code == 200
    assert signed_in("finance").post("/fees/FP-2026-000001/payment", "/fees/FP-2026-000001").status_code == 302
    assert signed_in("customer").get(page + "/pdf").status_code == 200
