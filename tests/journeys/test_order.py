"""Five items in one order: reviewed by reception, two refused with their grounds, read by the customer; in a browser.

One is an electricity meter for trade, which the demonstration's catalogue lists; for one there is no method.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from lims.migrations import upgrade
from lims.records import Customer
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration, ledger, people
from tests.journeys.test_five_roles import Journey
from tests.web import laboratory
from tests.web.test_look import findings, served

pytestmark = pytest.mark.browser
SERIALS = ("J-1", "J-2", "J-3", "J-4")
FIELDS = {"maker": "Fluke", "model": "5730A", "serial": "J-5", "description": "High voltage source"}


@pytest.fixture
def journey(browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    settings = laboratory.settings_in(tmp_path / "data")
    settings.data.mkdir()
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=laboratory.AT, settings=settings)
        who = people.by_username(session, "customer")
        owner = session.scalars(select(Customer).where(Customer.id == who.customer_id)).one()
        for n, serial in enumerate(SERIALS):
            meter = {
                "maker": "虚构电表厂",
                "model": "DTZ-1",
                "description": {"zh": "电能表", "en": "Electricity meter"},
            }
            said = dict(demonstration.ITEM) | {"serial": serial} | (meter if serial == "J-2" else {})
            item = ledger.instrument_of(session, said, owner, by=who, at=laboratory.AT)
            item.due = laboratory.AT.date() + timedelta(days=20 * n - 15)
        session.commit()
    engine.dispose()
    for address in served(settings):
        yield Journey(browser, address)


def test_five_items_one_compulsory_one_out_of_scope(journey: Journey) -> None:
    with journey.as_("customer") as page:
        page.goto(f"{journey.url}/mine/")
        expect(page.get_by_text("overdue by 15 days")).to_be_visible()
        journey.shot(page, "order-mine")
        for serial in SERIALS:
            page.get_by_label(f"Order work on {'DTZ-1' if serial == 'J-2' else '34401A'} {serial}").check()
        page.get_by_role("button", name="Order work on the ticked ones").click()
        expect(page.locator("input[name=item]:checked")).to_have_count(4)
        page.get_by_text("An item not seen before").first.click()
        for name, value in FIELDS.items():
            page.fill(f"[name={name}]", value)
        journey.shot(page, "order-form")
        page.get_by_role("button", name="Keep the draft").click()
        expect(page.get_by_text("The draft is kept")).to_be_visible()
        page.locator("summary", has_text="J-2").click()
        page.locator("details", has_text="J-2").locator("select[name^=use-]").select_option("trade")
        journey.shot(page, "order-draft")
        page.get_by_role("button", name="Send to the laboratory").click()
        expect(page.locator(".head .chip").filter(has_text="waits for review")).to_be_visible()
        number = page.locator("h1").inner_text()

    with journey.as_("keeper") as page:
        page.goto(f"{journey.url}/orders/")
        page.get_by_role("link", name=number).click()
        page.get_by_role("link", name="Review", exact=True).last.click()
        expect(page.locator(".gates .bad")).to_have_count(3)  # the meter: no calibration for trade, and no method
        journey.shot(page, "order-review")
        assert findings(page) == []
        page.locator("section", has_text="J-2").get_by_label("Ground", exact=True).select_option("not_authorised")
        page.locator("section", has_text="J-5").get_by_label("Ground", exact=True).select_option("out_of_scope")
        page.get_by_role("button", name="Sign off the review").click()
        expect(page.get_by_text(f"Order {number} is accepted.")).to_be_visible()

    with journey.as_("customer") as page:
        page.goto(f"{journey.url}/orders/{number}")
        refused = page.locator(".refused")
        expect(refused).to_have_count(2)
        expect(refused.nth(0)).to_contain_text("it is verified, not calibrated")
        expect(refused.nth(1)).to_contain_text("No procedure in force fits this item")
        expect(page.locator(".list .chip").filter(has_text="accepted, item expected")).to_have_count(3)
        journey.shot(page, "order-accepted")
        page.get_by_role("link", name="RW-").first.click()
        expect(page.get_by_text("0 of 3 items finished")).to_be_visible()
        journey.shot(page, "order-work")

    with journey.as_("customer2") as page:
        answer = page.goto(f"{journey.url}/orders/{number}")
        assert answer is not None and answer.status == 404
