"""Pages in a real browser: nothing axe objects to, nothing wider than the screen, light and dark, both languages."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from lims.config import Settings
from tests import areas
from tests.journeys.conftest import browser  # noqa: F401  a fixture used by name
from tests.web import laboratory
from tests.web.running import RUN, a_run
from web.app import create_app

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text("utf-8")
CERTIFICATE = "YS-2026-000001"
OWN: dict[str | None, str] = {
    None: f"/sign-in /verify/ /verify/{CERTIFICATE}?token=T0ken /verify/{CERTIFICATE}?token=no",
    "tech": "/ /pieces /requests/ /requests/new /requests/WT-2026-000001 /bench/ /bench/WT-2026-000001 "
    f"/budgets/ /scope/ /bench/WT-2026-000001/by-hand /settings /nothing /bench/run/{RUN} /records/{RUN}",
    "verifier": "/review/ /review/R-WT-2026-000002",
    "auditor": f"/records/R-WT-2026-000002 /certificates/ /certificates/{CERTIFICATE} /quality/ /traceability/ "
    f"/traceability/{CERTIFICATE} /standards/ /scope/",
    "keeper": "/standards/YQ-2026-000003 /standards/YQ-2026-000003/calibrations/new /scope/ /scope/new /industry/ /industry/new",
    "customer": "/mine/ /certificates/",
}
PAGES = areas.pages(OWN)
LOOKS = [("zh", "light", 1280), ("en", "dark", 360)]


@pytest.fixture(scope="module")
def address(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("look") / "data"
    shutil.copytree(built, folder)
    settings = laboratory.settings_in(folder)
    with a_run(settings):
        yield from served(settings)


def served(settings: Settings) -> Iterator[str]:
    app = create_app(settings, LIMS_CLOCK=lambda: laboratory.AT)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["lims_engine"].dispose()


def findings(page: Page) -> list[str]:
    page.evaluate(AXE)  # through the debugger, so that the page's own policy stays as strict as it is
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {[n['target'] for n in v['nodes']][:4]}" for v in result["violations"]]


@pytest.mark.parametrize(("lang", "theme", "width"), LOOKS)
@pytest.mark.parametrize("who", PAGES, ids=str)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser,  # noqa: F811
    address: str,
    who: str | None,
    lang: str,
    theme: str,
    width: int,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.goto(address + "/sign-in")
    if who is not None:
        page.fill("[name=username]", who)
        page.fill("[name=password]", laboratory.PASSWORD)
        page.locator("main form button").click()
    if lang == "en":
        page.locator("button[lang=en]").click()
    found: list[str] = []
    for path in PAGES[who].split():
        page.goto(address + path)
        found += [f"{path} {finding}" for finding in findings(page)]
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path} is {over} px too wide"] if over > 0 else []
    context.close()
    assert found == []
    assert refused == []
