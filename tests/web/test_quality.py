"""Cases, audits and risks on their pages, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor

As = Callable[[str], Visitor]


def text(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def test_a_customer_complains_and_reads_what_is_told_alone(signed_in: As) -> None:
    customer = signed_in("customer")
    sent = customer.post("/cases/new", "/cases/new", kind="complaint", title="电话无人接听 <b>", origin_type="other")
    assert sent.status_code == 302
    path = sent.headers["Location"]
    assert "电话无人接听 &lt;b&gt;" in text(customer, path)
    quality = signed_in("quality")
    quality.post(f"{path}/entries", path, kind="investigation", text="内部调查记录")
    quality.post(f"{path}/entries", path, kind="acknowledgement", text="已受理您的投诉")
    assert quality.post(f"{path}/state", path, state="acknowledged").status_code == 302
    seen = text(customer, path)
    assert "已受理您的投诉" in seen
    assert "内部调查记录" not in seen
    assert "质量负责人" not in seen.split("<main")[1]
    assert signed_in("customer2").get(path).status_code == 404
    assert customer.get("/cases/ZL-2026-000001").status_code == 404
    assert "ZL-2026" not in text(customer, "/cases/")


def test_an_objection_from_the_items_page_is_a_dispute_in_the_customers_list(signed_in: As) -> None:
    answer = signed_in("customer").post(
        "/cases/new", "/cases/new", kind="dispute", title="结论有误", origin_type="certificate", origin_number="X-9"
    )
    assert answer.status_code == 404


def test_a_step_without_its_entry_is_refused_and_names_its_clause(signed_in: As) -> None:
    quality = signed_in("quality")
    sent = quality.post("/cases/new", "/cases/new", kind="hazard", title="漏电", origin_type="other", severity="major")
    path = sent.headers["Location"]
    assert "disabled" in text(quality, path)
    refused = quality.post(f"{path}/state", path, state="contained")
    assert refused.status_code == 422
    assert "7.10.1 b" in refused.get_data(as_text=True)
    wrong = quality.post(f"{path}/entries", path, kind="action", text="换线", who="")
    assert wrong.status_code == 422
    assert 'id="e-who"' in wrong.get_data(as_text=True)


def test_an_audit_is_planned_drawn_and_reported(signed_in: As) -> None:
    quality = signed_in("quality")
    none = quality.post("/audits/new", "/audits/new", title="x", planned="2026-11-23", lead="manager")
    assert none.status_code == 422
    path = quality.post(
        "/audits/new", "/audits/new", title="报告内审", planned="2026-11-23", lead="manager", clauses="7.8"
    ).headers["Location"]
    days = {"from_day": "2026-01-01", "to_day": "2026-12-31", "record": "0", "authorisation": "1"}
    assert quality.post(f"{path}/sample", path, certificate="0", seed="x", **days).status_code == 422
    assert quality.post(f"{path}/sample", path, certificate="0", seed="7", **days).status_code == 302
    found = quality.post(f"{path}/findings", path, index="0", finding="nonconformity", note="授权过期", clause="7.8")
    assert found.status_code == 302
    assert "/cases/ZL-" in text(quality, path)
    assert quality.post(f"{path}/report", path, report="一项不符合").status_code == 302
    assert quality.post(f"{path}/end", path).status_code == 302
    assert "一项不符合" in text(signed_in("auditor"), path)


def test_a_risk_enters_the_matrix(signed_in: As) -> None:
    quality = signed_in("quality")
    new = {"title": "漏水 𠮷", "concerns": "设施", "consequence": "5", "review_on": "2027-01-01"}
    refused = quality.post("/risks/", "/risks/", likelihood="7", **new)
    assert refused.status_code == 422
    assert 'id="e-likelihood"' in refused.get_data(as_text=True)
    assert quality.post("/risks/", "/risks/", likelihood="5", **new).status_code == 302
    assert "漏水 𠮷" in text(signed_in("tech"), "/risks/")
    changed = {"likelihood": "1", "consequence": "5", "state": "treated", "review_on": "2027-01-01", "version": "1"}
    assert quality.post("/risks/1", "/risks/1", treatment="", **changed).status_code == 422
    assert quality.post("/risks/1", "/risks/1", treatment="UPS", **changed).status_code == 302
    late = quality.post("/risks/1", "/risks/1", treatment="later", **changed | {"state": "accepted"})
    assert late.status_code == 422 and "UPS" in text(quality, "/risks/1"), "the second of two is told"


@pytest.mark.parametrize("path", ["/cases/", "/cases/ZL-2026-000003", "/audits/NS-2026-000001", "/risks/"])
def test_a_page_sends_few_statements(signed_in: As, statements: list[str], path: str) -> None:
    quality = signed_in("quality")
    statements.clear()
    assert quality.get(path).status_code == 200
    assert len(statements) <= 12, "\n".join(statements)
