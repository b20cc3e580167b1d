"""Two hundred meters as one batch in a browser: one set-up, one table, what stands out first, one signature each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from instruments import procedures
from lims.migrations import upgrade
from lims.records.engine import open_engine, session_factory
from lims.services import demonstration, people, requests
from tests.journeys.test_five_roles import Journey, sign
from tests.web import laboratory
from tests.web.test_look import findings, served

pytestmark = pytest.mark.browser
COUNT = 200
POINTS = {point.no: point for point in procedures.plan(procedures.load_procedure("dmm-dcv")).points}


@pytest.fixture
def journey(browser: Browser, tmp_path: Path) -> Iterator[Journey]:
    settings = laboratory.settings_in(tmp_path / "data")
    settings.data.mkdir()
    engine = open_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as session:
        demonstration.found(session, at=laboratory.AT, settings=settings)
        customer, keeper = people.by_username(session, "customer"), people.by_username(session, "keeper")
        for n in range(COUNT):
            job = requests.create(
                session,
                customer_id=customer.customer_id or 0,
                instrument=dict(demonstration.ITEM) | {"serial": f"P{n:03d}"},
                procedure="DMM-DCV",
                document_kind="calibration",
                rule={"rule": "guarded", "r": 1.0},
                by=customer,
                at=laboratory.AT,
            )
            requests.receive(
                session, job.number, condition=demonstration.CONDITION, accessories="", by=keeper, at=laboratory.AT
            )
        session.commit()
    engine.dispose()
    for address in served(settings):
        yield Journey(browser, address)


def filled(sheet: str, errors: dict[str, float], spoil: str = "") -> bytes:
    """The downloaded table with two readings a point; a meter reads high by its relative error."""
    lines = list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff"))))
    numbers = [int(cell) for cell in lines[0][1:]]
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(["serial", *numbers, *numbers])
    for place, (serial, *_) in enumerate(lines[1:]):
        error = errors.get(serial, (place % 9) * 1e-7)
        cells = []
        for no in numbers:
            point = POINTS[no]
            scale = 1000.0 if point.display_unit == "mV" else 1.0
            cells.append(f"{point.nominal * scale * (1 + error):.9f}")
        rows.writerow([serial, *cells, *([spoil] if serial == "P007" and spoil else cells[:1]), *cells[1:]])
    return out.getvalue().encode()


def upload(page: Page, content: bytes) -> None:
    page.set_input_files("#f-file", {"name": "batch.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Keep them all").click()


def test_two_hundred_meters_one_signature_each(journey: Journey) -> None:
    with journey.as_("tech") as page:
        page.goto(f"{journey.url}/batches/")
        expect(page.get_by_text(f"{COUNT} items")).to_be_visible()
        page.get_by_role("link", name="Make a batch").click()
        page.get_by_role("button", name="Make the batch").click()
        expect(page.locator("h1")).to_contain_text("PL-")
        where = page.url
        with page.expect_download() as download:
            page.get_by_role("link", name="Empty table (CSV)").click()
        sheet = Path(download.value.path()).read_text("utf-8")
        upload(page, filled(sheet, {}, spoil="1O.0"))
        expect(page.get_by_text("Nothing of the table was kept: 1 cells are wrong")).to_be_visible()
        expect(page.get_by_role("cell", name="1O.0")).to_be_visible()
        upload(page, filled(sheet, {"P100": 6e-5, "P150": 2.2e-5}))
        expect(page.get_by_text(f"Readings of {COUNT} items are kept.")).to_be_visible()
        journey.shot(page, "batch-read")
        sign(page, "Sign and hand over")
        expect(page.get_by_text(f"{COUNT} records are handed over")).to_be_visible(timeout=30_000)

    with journey.as_("verifier") as page:
        page.goto(where)
        exceptions = page.locator("section", has_text="Exceptions").locator("li")
        expect(exceptions.first).to_contain_text("P100")
        expect(exceptions.nth(1)).to_contain_text("P150")
        assert findings(page) == []
        journey.shot(page, "batch-exceptions")
        odd = exceptions.count()
        sign(page, "Sign as verifier")
        expect(page.get_by_text(f"{COUNT - odd} records are verified.")).to_be_visible(timeout=30_000)
        for box in page.get_by_label("looked at, sign it too").all():
            box.check()
        sign(page, "Sign as verifier")
        expect(page.get_by_text(f"{odd} records are verified.")).to_be_visible()

    with journey.as_("approver") as page:
        page.goto(where)
        for box in page.get_by_label("looked at, sign it too").all():
            box.check()
        sign(page, "Sign and issue the certificates")
        expect(page.get_by_text(f"{COUNT} certificates are issued")).to_be_visible(timeout=30_000)
        journey.shot(page, "batch-issued")
        page.goto(f"{journey.url}/certificates/")
        expect(page.get_by_role("link", name=f"YS-2026-{COUNT:06d}")).to_be_visible()
