"""A damaged item in a browser: received by scanning with a photograph, the clock stands, the customer sends it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lims.migrations import upgrade
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration, people, requests
from tests.areas.items import PNG
from tests.journeys.test_five_roles import Journey
from tests.web import laboratory
from tests.web.test_look import findings, served

pytestmark = pytest.mark.browser


@pytest.fixture
def journey(browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    settings = laboratory.settings_in(tmp_path / "data")
    settings.data.mkdir()
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=laboratory.AT, settings=settings)
        customer = people.by_username(session, "customer")
        requests.create(
            session,
            customer_id=customer.customer_id or 0,
            instrument=dict(demonstration.ITEM) | {"serial": "𠮷-7"},
            procedure="DMM-DCV",
            document_kind="calibration",
            rule={"rule": "guarded", "r": 1.0},
            by=customer,
            at=laboratory.AT,
        )
        session.commit()
    engine.dispose()
    for address in served(settings):
        yield Journey(browser, address)


def test_a_damaged_item_waits_for_its_customer_and_goes_back(journey: Journey) -> None:
    with journey.as_("keeper") as page:
        page.goto(f"{journey.url}/requests/receive")
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type("𠮷-7")  # the field has the focus: a scanner types and sends Enter
        page.keyboard.press("Enter")
        expect(page.get_by_label("Condition as seen")).to_be_focused()
        page.get_by_label("test leads").check()
        page.set_input_files("#a-photo", {"name": "屏.png", "mimeType": "image/png", "buffer": PNG})
        page.get_by_text("It is damaged, or differs from the order").click()
        page.get_by_label("What is damaged").fill("屏幕有裂纹")
        journey.shot(page, "damaged-receipt")
        assert findings(page) == []
        page.get_by_role("button", name="Receive the item").click()
        expect(page.get_by_text("WT-2026-000001 has been received")).to_be_visible()
        expect(page.locator("#code")).to_be_focused()

    with journey.as_("tech") as page:
        page.goto(f"{journey.url}/requests/WT-2026-000001")
        expect(page.get_by_role("link", name="Go to the bench")).to_have_count(0)

    with journey.as_("customer") as page:
        page.goto(f"{journey.url}/notices/")
        page.get_by_role("button", name="The work on WT-2026-000001 waits for you").or_(
            page.get_by_role("link", name="The work on WT-2026-000001 waits for you")
        ).first.click()
        page.goto(f"{journey.url}/requests/WT-2026-000001")
        picture = page.locator("img.photo")
        expect(picture).to_have_count(1)
        assert picture.evaluate("i => i.complete && i.naturalWidth") == 1
        journey.shot(page, "damaged-decision")
        assert findings(page) == []
        page.get_by_label("send the item back unmeasured").check()
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text("It is decided")).to_be_visible()

    with journey.as_("customer2") as page:
        answer = page.goto(f"{journey.url}/requests/WT-2026-000001")
        assert answer is not None and answer.status == 404

    with journey.as_("keeper") as page:
        page.goto(f"{journey.url}/requests/back")
        page.get_by_role("link", name="WT-2026-000001").or_(page.get_by_role("link", name="34401A")).first.click()
        page.get_by_label("Who takes it").fill("何 远")
        canvas = page.locator("canvas.signature")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 70, steps=4)
        page.mouse.up()
        journey.shot(page, "damaged-hand-over")
        page.get_by_role("button", name="Hand over", exact=True).click()
        expect(page.get_by_text("The hand-over is noted")).to_be_visible()
        expect(page.locator("img.photo")).to_have_count(2)
        journey.shot(page, "damaged-returned")
