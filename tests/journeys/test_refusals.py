"""In a browser: a standard out of date blocks and says why, two verifiers race, a certificate is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lims.migrations import upgrade
from lims.records.engine import open_engine, session_factory
from lims.services import certificates, demonstration
from tests.journeys.test_five_roles import Journey, sign
from tests.lims.services.conftest import PASSWORD, Lab
from tests.web import laboratory
from tests.web.test_look import findings, served

pytestmark = pytest.mark.browser


@pytest.fixture
def founded(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Journey]]:
    """A laboratory founded so many days ago, with what `fill` made in it in the hour after, and a browser at it today."""
    running = []

    def founded(days: int, fill: Callable[[Lab], object]) -> Journey:
        settings = laboratory.settings_in(tmp_path / "data")
        settings.data.mkdir()
        engine = open_engine(settings.database)
        upgrade(engine)
        with session_factory(engine)() as session:
            demonstration.found(session, at=laboratory.AT - timedelta(days=days), settings=settings)
            fill(Lab(session, settings, laboratory.AT - timedelta(days=days - 1, hours=1)))
            session.commit()
        engine.dispose()
        running.append(served(settings))
        return Journey(browser, next(running[-1]))

    yield founded
    for each in running:
        next(each, None)


def test_a_standard_out_of_date_closes_the_bench_and_says_which_certificate_and_since_when(
    founded: Callable[..., Journey],
) -> None:
    journey = founded(300, lambda lab: lab.request())  # an item that has waited on the shelf for long
    with journey.as_("tech") as page:
        page.goto(journey.url)
        expect(page.locator(".gate .bad").first).to_contain_text("recalibrate it")
        page.get_by_role("link", name="34401A").first.click()
        line = page.locator(".gates li.bad").first
        expect(line).to_contain_text("Certificate FNMI-DC-2025-0117")
        expect(line).to_contain_text("26 Oct 2026")
        expect(line).to_contain_text("6.4")
        expect(page.get_by_role("button", name="Start the calibration")).to_have_count(0)
        journey.shot(page, "standard-out-of-date")
        assert findings(page) == []
    with journey.as_("tech", lang="zh") as page:
        page.goto(journey.url)
        expect(page.locator(".gate .bad").first).to_contain_text("FNMI-DC-")
        journey.shot(page, "standard-out-of-date-zh")


def test_of_two_verifiers_at_two_screens_the_second_is_told_and_signs_nothing(founded: Callable[..., Journey]) -> None:
    journey = founded(1, lambda lab: lab.submitted())
    with journey.as_("verifier") as first, journey.as_("verifier") as second:
        for page in (first, second):
            page.goto(f"{journey.url}/review/")
            page.locator("[data-rows] a").first.click()
            expect(page.get_by_role("button", name="Sign as verifier")).to_be_visible()
        sign(first, "Sign as verifier")
        expect(first.get_by_text("is verified and waits for approval")).to_be_visible()
        sign(second, "Sign as verifier")
        expect(second.get_by_role("alert")).to_contain_text("verified")
        journey.shot(second, "second-verifier")
        assert findings(second) == []
        expect(second.locator(".timeline").get_by_text("verified")).to_have_count(1)


def test_a_replaced_certificate_names_its_successor_wherever_it_is_met(founded: Callable[..., Journey]) -> None:
    def issue(lab: Lab) -> None:
        record = lab.verified()
        by = lab.who("approver")
        certificates.issue(lab.session, record.number, PASSWORD, by=by, at=lab.now(), settings=lab.settings)

    journey = founded(1, issue)
    with journey.as_("approver") as page:
        page.goto(f"{journey.url}/certificates/YS-2026-000001")
        public = page.get_by_role("link", name="Public page of this certificate").get_attribute("href")
        page.get_by_text("Replace by an amended certificate").click()
        page.fill("[name=reason]", "The customer's address was wrong")
        sign(page, "Sign and issue the amendment")
        expect(page.locator("h1")).to_contain_text("YS-2026-000002", timeout=30_000)
        expect(page.get_by_text("The customer's address was wrong").first).to_be_visible()
        expect(page.get_by_role("link", name="YS-2026-000001").first).to_be_visible()
        journey.shot(page, "amendment")
        page.goto(f"{journey.url}/certificates/YS-2026-000001")
        expect(page.locator(".head .chip").filter(has_text="superseded")).to_be_visible()
        expect(page.get_by_role("link", name="YS-2026-000002").first).to_be_visible()
        expect(page.get_by_text("Replace by an amended certificate")).to_have_count(0)
    with journey.as_("customer") as page:
        page.goto(f"{journey.url}/notices/")
        expect(page.get_by_text("YS-2026-000002").first).to_be_visible()
        journey.shot(page, "amendment-notice")
    with journey.as_(None) as page:
        page.goto(f"{journey.url}{public}")
        expect(page.get_by_role("heading", name="Superseded")).to_be_visible()
        expect(page.get_by_text("YS-2026-000002").first).to_be_visible()
        journey.shot(page, "superseded-public")
        assert findings(page) == []
