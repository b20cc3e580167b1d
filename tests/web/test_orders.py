"""Orders, the ledger and the customers on their pages: kept text, a second editor, filters, rights, few statements."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lims.records import Customer, Instrument, ServiceRequest, ServiceRequestLine
from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
DRAFT = "/orders/WTD-2026-000001"
SUBMITTED = "/orders/WTD-2026-000002"
FORM = {
    "contact": "何",
    "place": "laboratory",
    "site": "",
    "delivery": "both",
    "language": "zh",
    "work": "calibration",
    "use": "other",
    "procedure": "",
    "rule": "guarded",
    "r": "1",
    "do": "save",
}


def page(someone: Visitor, path: str) -> str:
    answer = someone.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return str(answer.get_data(as_text=True))


def items(app: Flask, owner: int = 1) -> list[Instrument]:
    with app.extensions["lims_writers"]() as session:
        return list(session.scalars(select(Instrument).where(Instrument.customer_id == owner).order_by(Instrument.id)))


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the page's largest form, ticks as they stand."""
    form = max(re.findall(r"<form.*?</form>", html, re.S), key=len)
    found = dict(re.findall(r'<input[^>]*?name="([^"]+)" type="(?:text|date)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea[^>]*?name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S))
    return found


def test_ticked_items_and_a_new_one_become_one_order(app: Flask, signed_in: As) -> None:
    ticked = [item.id for item in items(app)][:2]
    someone = signed_in("customer")
    new = {"maker": "Fluke", "model": "8846A", "serial": "N-1", "description": "数字多用表"}
    answer = someone.post("/orders/new", "/orders/new", **FORM | new | {"item": ticked})
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/edit")
    shown = page(someone, answer.headers["Location"].removesuffix("/edit"))
    assert "N-1" in shown and all(item.serial in shown for item in items(app)[:2])


def test_what_is_typed_is_kept_and_the_refusal_stands_at_its_field(app: Flask, signed_in: As) -> None:
    first = items(app)[0]
    someone = signed_in("customer")
    answer = someone.post("/orders/new", "/orders/new", **FORM | {"item": first.id, "place": "on_site", "note": "当心"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'id="e-site"' in html
    assert "当心" in html and re.search(rf'value="{first.id}" checked', html)


def test_a_line_has_settings_of_its_own_and_a_wrong_one_is_refused_beside_it(app: Flask, signed_in: As) -> None:
    someone, first = signed_in("customer"), items(app)[0]
    sent = fields_of(page(someone, DRAFT + "/edit")) | {"do": "save"}
    wrong = someone.post(DRAFT + "/edit", DRAFT + "/edit", **sent | {f"rule-{first.id}": "mine"})
    assert wrong.status_code == 422 and f'id="e-rule-{first.id}"' in wrong.get_data(as_text=True)
    right = sent | {f"work-{first.id}": "periodic", f"use-{first.id}": "trade"}
    assert someone.post(DRAFT + "/edit", DRAFT + "/edit", **right).status_code == 302
    with app.extensions["lims_writers"]() as session:
        works = session.scalars(
            select(ServiceRequestLine.wanted)
            .join(ServiceRequest, ServiceRequest.id == ServiceRequestLine.service_request_id)
            .where(ServiceRequest.number == DRAFT.rsplit("/", 1)[1])
        ).all()
    assert sorted(set(works)) == ["calibration", "verification"]


def test_the_second_editor_is_told_and_their_text_is_kept(app: Flask, signed_in: As) -> None:
    one, two = signed_in("customer"), signed_in("keeper")
    mine, theirs = (fields_of(page(each, DRAFT + "/edit")) | {"do": "save"} for each in (one, two))
    assert two.post(DRAFT + "/edit", DRAFT + "/edit", **theirs | {"note": "counter"}).status_code == 302
    answer = one.post(DRAFT + "/edit", DRAFT + "/edit", **mine | {"note": "my own words"})
    assert answer.status_code == 409
    assert "my own words" in answer.get_data(as_text=True) and "他人已修改" in answer.get_data(as_text=True)
    with app.extensions["lims_writers"]() as session:
        assert (
            session.scalars(select(ServiceRequest.note).where(ServiceRequest.number == DRAFT.rsplit("/", 1)[1])).one()
            == "counter"
        )


def test_a_draft_is_sent_and_withdrawn(signed_in: As) -> None:
    someone = signed_in("customer")
    assert "Which range?" in page(someone, DRAFT)
    assert someone.post(DRAFT + "/submission", DRAFT).status_code == 302
    assert "待评审" in page(someone, DRAFT)
    assert someone.post(DRAFT + "/withdrawal", DRAFT, reason="").status_code == 422
    assert someone.post(DRAFT + "/withdrawal", DRAFT, reason="不再需要").status_code == 302
    assert "不再需要" in page(someone, DRAFT)


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("customer2", DRAFT, 404),
        ("customer2", DRAFT + "/edit", 404),
        ("customer2", "/orders/work/RW-2026-000001", 404),
        ("customer", "/orders/work/RW-2026-000001", 404),
        ("customer", "/orders/work/new", 403),
        ("verifier", "/orders/new", 403),
        ("customer", "/customers/", 403),
        ("customer", "/customers/1", 403),
        ("tech", "/customers/new", 403),
        ("customer2", "/instruments/YQ-2026-000005", 404),
        ("finance", "/instruments/", 200),
        ("tech", "/customers/1", 200),
        ("tech", "/customers/99", 404),
        ("tech", "/customers/99999999999999999999", 404),
    ],
)
def test_a_page_opens_to_its_people_alone(signed_in: As, who: str, path: str, status: int) -> None:
    assert signed_in(who).get(path).status_code == status


def test_a_customers_first_page_says_what_is_due_and_where_each_item_is(app: Flask, signed_in: As) -> None:
    someone = signed_in("customer")
    known = items(app)
    first = page(someone, "/mine/")
    assert all(item.serial in first for item in known)
    late = page(someone, "/mine/?way=overdue")
    assert known[0].serial in late and known[1].serial not in late
    soon = page(someone, "/mine/?way=due30")
    assert known[1].serial in soon and known[2].serial not in soon
    assert known[2].serial in page(someone, "/mine/?way=due60")
    assert known[0].serial not in page(signed_in("customer2"), "/mine/")


def test_an_instrument_keeps_its_code_and_says_why_its_name_plate_changed(app: Flask, signed_in: As) -> None:
    item, keeper = items(app)[1], signed_in("keeper")
    path = f"/instruments/{item.code}"
    sent = fields_of(page(keeper, path))
    assert keeper.post(path, path, **sent | {"serial": "NEW-9"}).status_code == 422
    assert keeper.post(path, path, **sent | {"serial": "NEW-9", "reason": "plate misread"}).status_code == 302
    shown = page(keeper, path)
    assert "NEW-9" in shown and "plate misread" in shown and item.serial in shown
    stale = keeper.post(path, path, **sent | {"location": "E-1"})
    assert stale.status_code == 409 and "E-1" in stale.get_data(as_text=True)


def test_a_customer_does_not_change_the_name_plate_of_what_certificates_name(app: Flask, signed_in: As) -> None:
    item, someone = items(app)[1], signed_in("customer")
    path = f"/instruments/{item.code}"
    sent = fields_of(page(someone, path))
    assert someone.post(path, path, **sent | {"serial": "X", "reason": "x"}).status_code == 403
    assert someone.post(path, path, **sent | {"location": "车间 2", "class": "B"}).status_code == 302
    assert "车间 2" in page(someone, path)
    wrong = someone.post(path, path, **fields_of(page(someone, path)) | {"class": "Z"})
    assert wrong.status_code == 422 and 'id="e-class"' in wrong.get_data(as_text=True)


def test_an_instrument_is_stopped_with_its_reason(app: Flask, signed_in: As) -> None:
    item, someone = items(app)[2], signed_in("customer")
    path = f"/instruments/{item.code}"
    assert someone.post(path + "/state", path, to="sealed", why="").status_code == 422
    assert someone.post(path + "/state", path, to="scrapped", why="broken").status_code == 302
    assert someone.post(path + "/state", path, to="in_service", why="again").status_code == 422
    with app.extensions["lims_writers"]() as session:
        assert session.get_one(Instrument, item.id).state == "scrapped"


def test_reception_keeps_customers_and_the_second_editor_is_told(app: Flask, signed_in: As) -> None:
    keeper, other = signed_in("keeper"), signed_in("keeper")
    said = {"name": "新客户", "contact": "张三", "email": "z@example.com", "invoice_title": "新客户有限公司"}
    wrong = keeper.post("/customers/new", "/customers/new", **said | {"email": "z@"})
    assert wrong.status_code == 422 and 'id="e-email"' in wrong.get_data(as_text=True)
    made = keeper.post("/customers/new", "/customers/new", **said)
    path = made.headers["Location"]
    assert "新客户有限公司" in page(keeper, path)
    assert "新客户" in page(keeper, "/customers/?q=新客")
    seen = fields_of(page(other, path + "/edit"))
    assert keeper.post(path + "/edit", path + "/edit", **said | {"version": seen["version"], "contact": "李四"}).status_code == 302  # fmt: skip
    assert other.post(path + "/edit", path + "/edit", **said | {"version": seen["version"]}).status_code == 409
    with app.extensions["lims_writers"]() as session:
        assert session.scalars(select(Customer.contact).order_by(Customer.id.desc())).first() == "李四"


def test_own_work_is_opened_on_a_page(signed_in: As) -> None:
    tech = signed_in("tech")
    path = "/orders/work/new"
    said = fields_of(page(tech, path)) | {"kind": "stability", "due": "2026-12-01"}
    answer = tech.post(path, path, **said)
    assert answer.status_code == 302
    assert "稳定性考核" in page(tech, answer.headers["Location"])
    assert tech.post(path, path, **said | {"due": "soon"}).status_code == 422


@pytest.mark.parametrize(
    ("who", "path", "most"),
    [
        ("customer", "/mine/", 8),
        ("customer", "/orders/", 4),
        ("customer", DRAFT, 7),
        ("keeper", DRAFT + "/edit", 12),
        ("keeper", "/orders/work/", 4),
        ("keeper", "/orders/work/RW-2026-000001", 6),
        ("keeper", "/customers/", 4),
        ("keeper", "/customers/1", 8),
        ("keeper", "/instruments/", 8),
        ("keeper", "/instruments/YQ-2026-000005", 9),
    ],
)
def test_a_page_sends_few_statements(signed_in: As, statements: list[str], who: str, path: str, most: int) -> None:
    someone = signed_in(who)
    statements.clear()
    assert someone.get(path).status_code == 200
    assert len(statements) <= most, "\n".join(statements)
