"""The clock of a request on its page: held with a reason, gone on, late ones marked in the lists."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
PAGE = "/requests/WT-2026-000001"


def test_the_technician_holds_the_clock_and_goes_on(app: Flask, signed_in: As) -> None:
    tech = signed_in("tech")
    assert "期限" in tech.get(PAGE).get_data(as_text=True)
    assert tech.post(f"{PAGE}/hold", PAGE, reason="customer", note="量程?").status_code == 302
    held = tech.get(PAGE).get_data(as_text=True)
    assert "暂停中" in held and "继续" in held
    assert "暂停中" in tech.get("/bench/").get_data(as_text=True)
    assert tech.post(f"{PAGE}/hold", PAGE, do="end").status_code == 302
    assert "暂停中" not in tech.get(PAGE).get_data(as_text=True)
    again = tech.post(f"{PAGE}/hold", PAGE, do="end")
    assert again.status_code == 422 and "Traceback" not in again.get_data(as_text=True)


def test_a_customer_sees_the_day_but_holds_nothing(signed_in: As) -> None:
    assert signed_in("customer2").get(PAGE).status_code == 404
    assert signed_in("auditor").post(f"{PAGE}/hold", reason="part").status_code == 403
