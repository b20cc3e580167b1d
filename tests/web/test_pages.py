"""What pages say and do, with the forms a browser without JavaScript would send."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from lims.records import AuditEntry, Correction, Record, Request
from tests.web import laboratory
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
RECORD = "R-WT-2026-000002"
CERTIFICATE = "YS-2026-000001"


def of(app: Flask, question):  # type: ignore[no-untyped-def]
    with app.extensions["lims_readers"]() as session:
        return session.scalar(question)


def test_a_request_made_by_a_customer_is_received_and_comes_to_the_bench(app: Flask, signed_in: As) -> None:
    customer = signed_in("customer")
    made = customer.post(
        "/requests/new",
        "/requests/new",
        item="new",
        maker="Keysight",
        model="34401A",
        serial="MY41009999",
        description="数字多用表",
        procedure="DMM-DCV",
        document_kind="calibration",
        rule="third",
    )
    assert made.status_code == 302
    number = made.headers["Location"].rsplit("/", 1)[1]
    keeper = signed_in("keeper")
    assert keeper.post(f"/requests/{number}/receipt", condition="外观完好").status_code == 302
    assert "MY41009999" in signed_in("tech").get("/bench/").get_data(as_text=True)
    assert of(app, select(Request.state).where(Request.number == number)) == "received"
    acts = select(func.count()).where(AuditEntry.object_id == number, AuditEntry.object_type == "request")
    assert of(app, acts) == 2


def test_a_refused_form_keeps_what_was_typed_and_says_why_beside_the_field(signed_in: As) -> None:
    answer = signed_in("customer").post(
        "/requests/new", maker="Keysight", model="", serial="S1", description="表", procedure="DMM-DCV", rule="none"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="Keysight"' in page
    assert 'id="e-model"' in page


def test_the_start_stays_closed_until_the_item_is_there_and_the_line_says_so(app: Flask, signed_in: As) -> None:
    with app.extensions["lims_writers"]() as session:
        number = laboratory.a_request(session, serial="MY41000777", receive=False).number
        session.commit()
    page = signed_in("tech").get(f"/bench/{number}").get_data(as_text=True)
    assert '<li class="bad">' in page
    assert "开始校准" not in page


def test_readings_by_hand_become_a_record_with_the_figures_as_typed(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    path = "/bench/WT-2026-000001/by-hand"
    fields = {f"point-{n}": "０.0001 0.0002" for n in range(1, 16)}
    made = tech.post(path, path, stage="as_found", temperature="23.0", humidity="50", **fields)
    assert made.status_code == 302, made.get_data(as_text=True)[-3000:]
    page = tech.get(made.headers["Location"]).get_data(as_text=True)
    assert "０.0001" in page
    wrong = tech.post(path, path, stage="as_found", temperature="warm", humidity="50", **fields)
    assert wrong.status_code == 422
    assert 'id="e-temperature"' in wrong.get_data(as_text=True)


def test_a_reviewers_note_stands_with_the_review_alone(signed_in: As) -> None:
    verifier = signed_in("verifier")
    page = f"/review/{RECORD}"
    assert verifier.post(f"{page}/note", page, note="").status_code == 422
    assert verifier.post(f"{page}/note", page, note="下次多看 100 V 点 <b>").status_code == 302
    for who in ("approver", "auditor"):
        assert "下次多看 100 V 点 &lt;b&gt;" in signed_in(who).get(page).get_data(as_text=True)
    for path in (page, f"/records/{RECORD}"):
        assert "下次多看" not in signed_in("tech").get(path).get_data(as_text=True)


def test_the_review_card_shows_exceptions_first_and_a_remark_returns_the_record(app: Flask, signed_in: As) -> None:
    verifier = signed_in("verifier")
    page = verifier.get(f"/review/{RECORD}").get_data(as_text=True)
    assert page.index("异常项") < page.index("其余各点")
    answer = verifier.post(f"/review/{RECORD}/return", f"/review/{RECORD}", remark="请复核第 19 点")
    assert answer.status_code == 302
    assert of(app, select(Record.state).where(Record.number == RECORD)) == "returned"
    assert "请复核第 19 点" in signed_in("tech").get(f"/records/{RECORD}").get_data(as_text=True)


def test_verification_asks_for_the_password_and_a_wrong_one_signs_nothing(app: Flask, signed_in: As) -> None:
    verifier = signed_in("verifier")
    wrong = verifier.post(f"/review/{RECORD}/verification", f"/review/{RECORD}", password="wrong")
    assert wrong.status_code == 422
    assert 'id="e-password"' in wrong.get_data(as_text=True)
    assert of(app, select(Record.state).where(Record.number == RECORD)) == "submitted"
    good = verifier.post(f"/review/{RECORD}/verification", f"/review/{RECORD}", password=laboratory.PASSWORD)
    assert good.status_code == 302
    assert of(app, select(Record.state).where(Record.number == RECORD)) == "verified"


def test_a_correction_stands_beside_the_reading_it_corrects(app: Flask, signed_in: As) -> None:
    signed_in("verifier").post(f"/review/{RECORD}/return", f"/review/{RECORD}", remark="look again")
    tech = signed_in("tech")
    fields = {"reading": "1", "new": "0.00061", "reason": "misread"}
    assert tech.post(f"/records/{RECORD}/corrections", f"/records/{RECORD}", **fields).status_code == 302
    page = tech.get(f"/records/{RECORD}").get_data(as_text=True)
    assert '<s class="struck">' in page
    assert "misread" in page
    assert of(app, select(func.count()).select_from(Correction)) == 1


def test_a_certificate_can_be_withdrawn_with_a_reason_and_its_public_page_says_so(
    signed_in: As, visitor: Visitor
) -> None:
    approver = signed_in("approver")
    path = f"/certificates/{CERTIFICATE}"
    assert approver.post(f"{path}/withdrawal", path, reason="").status_code == 422
    assert approver.post(f"{path}/withdrawal", path, reason="标准器存疑").status_code == 302
    public = visitor.get(f"/verify/{CERTIFICATE}?token=T0ken").get_data(as_text=True)
    assert "已撤回" in public
    assert "标准器存疑" in public
    assert CERTIFICATE in signed_in("customer").get("/notices/").get_data(as_text=True)


def test_the_public_page_says_genuine_with_the_token_and_unknown_without(visitor: Visitor) -> None:
    genuine = visitor.get(f"/verify/{CERTIFICATE}?token=T0ken")
    assert genuine.status_code == 200
    assert "证书真实，现行有效" in genuine.get_data(as_text=True)
    assert "cd" * 32 in genuine.get_data(as_text=True)
    unknown = visitor.get(f"/verify/{CERTIFICATE}?token=guess")
    assert unknown.status_code == 404
    assert "34401A" not in unknown.get_data(as_text=True)


def test_a_file_comes_byte_for_byte_with_its_name(signed_in: As) -> None:
    answer = signed_in("customer").get(f"/certificates/{CERTIFICATE}/pdf")
    assert answer.data == b"sample"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{CERTIFICATE}.pdf"'


def test_a_standards_certificate_can_be_typed_and_becomes_the_current_one(signed_in: As) -> None:
    keeper = signed_in("keeper")
    index = keeper.get("/standards/").get_data(as_text=True)
    code = index.split("/standards/YQ-")[1][:11]
    path = f"/standards/YQ-{code}/calibrations/new"
    typed = {
        "certificate_number": "PAPER-7",
        "issuer": "某计量院",
        "issued": "2026-11-01",
        "valid_to": "2027-10-31",
        "route_class": "a",
        "correlation": "unknown",
        "function": "DCV",
        "unit": "V",
        "points": "330 mV; 0.33; 0; 0; 1e-6; 2\n330 mV; 0.33; 0.33; 1e-6; 1.5e-6; 2",
    }
    wrong = keeper.post(path, path, **typed | {"points": "330 mV; 0.33"})
    assert wrong.status_code == 422
    assert 'id="e-points"' in wrong.get_data(as_text=True)
    assert keeper.post(path, path, **typed).status_code == 302
    assert "PAPER-7" in keeper.get(f"/standards/YQ-{code}").get_data(as_text=True)


def test_the_audit_chain_verifies_from_the_page(signed_in: As) -> None:
    auditor = signed_in("auditor")
    assert "审计链" in auditor.post("/quality/verification", "/quality/").get_data(as_text=True)


def test_the_search_box_leads_straight_to_a_number(signed_in: As) -> None:
    auditor = signed_in("auditor")
    assert auditor.get(f"/find?q={CERTIFICATE}").headers["Location"].endswith(f"/certificates/{CERTIFICATE}")
    assert auditor.get("/find?q=WT-2026-000001").headers["Location"].endswith("/requests/WT-2026-000001")
    assert "MY41000001" in auditor.get("/find?q=MY4").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/certificates/", 3),
        (f"/certificates/{CERTIFICATE}", 9),
        (f"/records/{RECORD}", 12),
        ("/requests/", 4),
        ("/standards/", 3),
        ("/quality/", 4),
    ],
)
def test_a_page_sends_few_statements(signed_in: As, statements: list[str], path: str, most: int) -> None:
    auditor = signed_in("auditor")
    statements.clear()
    assert auditor.get(path).status_code == 200
    assert len(statements) <= most, "\n".join(statements)


def test_a_customers_list_holds_their_own_alone(app: Flask, signed_in: As) -> None:
    with app.extensions["lims_writers"]() as session:
        laboratory.issued(session, "calibration_dc_voltage", owner=2, number="YS-2026-000777")
        session.commit()
    own = signed_in("customer").get("/certificates/").get_data(as_text=True)
    other = signed_in("customer2").get("/certificates/").get_data(as_text=True)
    assert CERTIFICATE in own
    assert "YS-2026-000777" not in own
    assert "YS-2026-000777" in other
    assert CERTIFICATE not in other


def test_css_and_javascript_of_the_first_page_stay_below_100_kB_compressed(app: Flask) -> None:
    import gzip
    from pathlib import Path

    folder = Path(app.static_folder or "")
    files = [f for f in folder.rglob("*") if f.suffix in (".css", ".js")]
    assert sum(len(gzip.compress(f.read_bytes(), 9)) for f in files) < 100_000


def test_every_text_of_the_web_has_chinese_that_fits() -> None:
    from lims.words import build

    assert [text.msgid for text in build.missing() if text.area == "web"] == []
    assert [line for line in build.misfits() if line.startswith("web.po")] == []


def test_the_openapi_document_describes_what_the_pages_do(app: Flask) -> None:
    document = json.loads(app.test_client().get("/api/v1/openapi.json").data)
    assert document["openapi"].startswith("3.")
    paths = document["paths"]
    for path in (
        "/api/v1/budgets/evaluate",
        "/api/v1/requests",
        "/api/v1/certificates/{number}",
        "/api/v1/verify/{number}",
    ):
        assert path in paths
    assert {"/api/v1/records/{number}/verification", "/api/v1/records/{number}/issue"} <= set(paths)
