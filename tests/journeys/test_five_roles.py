"""From a customer's request to a certificate that anyone can verify, in a browser, through every role."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lims.services.demonstration import PASSWORD
from tests.journeys.conftest import ROOT, Served

pytestmark = pytest.mark.browser

SHOTS = Path(os.environ.get("JOURNEY_SHOTS", ROOT / "test-results" / "journey"))


class Journey:
    """One visitor after another, each with a browser of their own."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.count = 0
        SHOTS.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def as_(self, username: str | None, lang: str = "en") -> Iterator[Page]:
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(f"{self.url}/sign-in")
        if lang == "en":
            page.locator("button[lang=en]").click()
        if username is not None:
            page.fill("[name=username]", username)
            page.fill("[name=password]", PASSWORD)
            page.locator("main form button").click()
            expect(page.locator("nav.rail")).to_be_visible()
        yield page
        assert faults == []
        context.close()

    def shot(self, page: Page, name: str) -> None:
        self.count += 1
        page.screenshot(path=str(SHOTS / f"{self.count:02d}-{name}.png"), full_page=True)


@pytest.fixture
def journey(browser: Browser, served: Served) -> Journey:
    return Journey(browser, served.url)


def sign(page: Page, button: str) -> None:
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name=button).click()


def test_a_reading_becomes_a_certificate_that_anyone_can_verify(journey: Journey, tmp_path: Path) -> None:
    with journey.as_("customer") as page:
        page.goto(f"{journey.url}/requests/new")
        page.fill("[name=maker]", "Keysight")
        page.fill("[name=model]", "34401A")
        page.fill("[name=serial]", "MY41000001")
        page.fill("[name=description]", "6½-digit digital multimeter")
        page.select_option("[name=rule]", "third")
        page.get_by_role("button", name="Send the request").click()
        request = page.locator("h1").inner_text()
        journey.shot(page, "customer-request")

    with journey.as_("tech") as page:
        page.goto(f"{journey.url}/requests/{request}")
        page.fill("[name=condition]", "No damage")
        page.get_by_role("button", name="Receive the item").click()
        page.get_by_role("link", name="Go to the bench").click()
        journey.shot(page, "gates")
        page.get_by_role("button", name="Start the calibration").click()
        expect(page.locator("#live")).to_be_visible()
        measure(journey, page)
        page.get_by_role("link", name="Look through the record and submit it").click()
        record = page.locator("h1").inner_text()
        sign(page, "Sign and submit")
        expect(page.locator(".head .chip").filter(has_text="waits for verification")).to_be_visible()
        journey.shot(page, "record-submitted")

    with journey.as_("verifier") as page:
        page.goto(f"{journey.url}/review/")
        page.locator("[data-rows] a").first.click()
        journey.shot(page, "review")
        page.fill("[name=remark]", "Look at point 1 again")
        page.get_by_role("button", name="Return with this remark").click()
        expect(page.get_by_text("went back to its performer")).to_be_visible()

    with journey.as_("tech") as page:
        page.goto(journey.url)
        expect(page.get_by_role("heading", name="Returned to you")).to_be_visible()
        page.goto(f"{journey.url}/records/{record}")
        expect(page.get_by_text("Look at point 1 again").first).to_be_visible()
        sign(page, "Sign and submit")

    with journey.as_("verifier") as page:
        page.goto(f"{journey.url}/review/{record}")
        sign(page, "Sign as verifier")
        expect(page.get_by_text("is verified and waits for approval")).to_be_visible()

    with journey.as_("approver") as page:
        page.goto(f"{journey.url}/review/{record}")
        journey.shot(page, "approval")
        sign(page, "Sign and issue the certificate")
        expect(page.get_by_role("link", name="Download PDF")).to_be_visible(timeout=30_000)
        certificate = page.locator("h1").inner_text()
        public = page.get_by_role("link", name="Public page of this certificate").get_attribute("href")
        journey.shot(page, "certificate")

    with journey.as_("customer", lang="zh") as page:
        page.goto(f"{journey.url}/certificates/{certificate}")
        files = {}
        for kind in ("PDF", "DCC"):
            with page.expect_download() as download:
                page.get_by_role("link", name=f"下载 {kind}").click()
            files[kind] = tmp_path / download.value.suggested_filename
            download.value.save_as(files[kind])
        assert files["PDF"].read_bytes().startswith(b"%PDF-")
        assert b"digitalCalibrationCertificate" in files["DCC"].read_bytes()
        journey.shot(page, "customer-certificate")

    with journey.as_("customer2") as page:
        answer = page.goto(f"{journey.url}/certificates/{certificate}")
        assert answer is not None and answer.status == 404

    with journey.as_(None) as page:
        page.goto(f"{journey.url}{public}")
        expect(page.get_by_role("heading", name="Genuine and current")).to_be_visible()
        page.set_input_files("#file", files["PDF"])
        expect(page.get_by_text("Same file")).to_be_visible()
        expect(page.locator("#answer")).to_contain_text(hashlib.sha256(files["PDF"].read_bytes()).hexdigest())
        journey.shot(page, "public")
        changed = tmp_path / "changed.xml"
        changed.write_bytes(re.sub(rb"34401A", b"34401B", files["DCC"].read_bytes(), count=1))
        page.set_input_files("#file", changed)
        expect(page.get_by_text("Not the file we issued")).to_be_visible()

    with journey.as_("auditor") as page:
        page.goto(f"{journey.url}/certificates/{certificate}")
        page.get_by_role("button", name="Compute again").click()
        expect(page.get_by_text("printed values come out again")).to_be_visible()
        page.goto(f"{journey.url}/certificates/{certificate}")
        page.get_by_role("link", name="Chain to the SI").click()
        expect(page.locator(".note.good")).to_be_visible()
        journey.shot(page, "chain")
        page.goto(f"{journey.url}/records/{record}")
        expect(page.get_by_role("heading", name="Uncertainty budgets")).to_be_visible()
        expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
        page.goto(f"{journey.url}/quality/")
        page.get_by_role("button", name="Verify the audit chain").click()
        expect(page.get_by_text("The chain is whole")).to_be_visible()
        journey.shot(page, "audit")

    with journey.as_("approver") as page:
        page.goto(f"{journey.url}/certificates/{certificate}")
        page.get_by_text("Withdraw", exact=True).click()
        page.fill("#w-reason", "Issued to show how a withdrawal looks")
        page.get_by_role("button", name=f"Withdraw {certificate}").click()
        expect(page.locator(".head .chip").filter(has_text="withdrawn")).to_be_visible()

    with journey.as_(None) as page:
        page.goto(f"{journey.url}{public}")
        expect(page.get_by_role("heading", name="Withdrawn")).to_be_visible()


def measure(journey: Journey, page: Page) -> None:
    """Confirm each question of the run until every point is measured; the page is never reloaded meanwhile."""
    finished = page.get_by_text("All points are measured")
    asked = 0
    for _ in range(60):
        button = page.locator("#prompt button[value=confirm]:enabled")
        expect(button.or_(finished).first).to_be_visible(timeout=60_000)
        if finished.is_visible():
            break
        if asked in (1, 2):
            journey.shot(page, f"live-question-{asked}")
        asked += 1
        text = page.locator("#prompt").inner_text()
        button.click()
        page.wait_for_function("t => document.querySelector('#prompt').innerText !== t", arg=text)
    assert asked >= 3, "connections, first output, and each output above 30 V are confirmed"
    rows = page.locator("tr[id^=row-]")
    assert rows.count() >= 10
    expect(page.locator("tr[id^=row-] .chip")).to_have_count(rows.count())
    journey.shot(page, "live-finished")
