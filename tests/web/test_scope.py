"""The scope on its page: published by the keeper, searched by a customer, wrong lines refused at their field."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
LINE = {
    "code": "CMC-DCV-2",
    "measurand": "DCV",
    "instrument": "数字电压表",
    "unit": "V",
    "valid_from": "2026-11-01",
    "rows": "0; 1; 1e-6\n1; 10; 2e-6 rel\n10; 1000; 3e-6*x + 1e-5",
}


def test_a_line_is_published_and_found_by_a_customer(signed_in: As) -> None:
    keeper = signed_in("keeper")
    assert keeper.post("/scope/new", "/scope/new", **LINE).status_code == 302
    found = signed_in("customer").get("/scope/?measurand=DCV&low=2&high=500&unit=mV").get_data(as_text=True)
    assert "可以" in found and "CMC-DCV-" in found
    outside = signed_in("customer").get("/scope/?measurand=DCV&low=2&high=5&unit=kV").get_data(as_text=True)
    assert "仅可部分测量" in outside or "不可以" in outside


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rows": "0; 1"}, "rows"),
        ({"rows": "0; ; 1e-6"}, "rows"),
        ({"rows": "1; 0; 1e-6"}, "rows"),
        ({"rows": "0; 1; x - x"}, "rows"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"code": ""}, "code"),
    ],
)
def test_a_wrong_line_is_refused_at_its_field(signed_in: As, change: dict[str, str], field: str) -> None:
    answer = signed_in("keeper").post("/scope/new", "/scope/new", **LINE | change)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in page


def test_only_the_keeper_publishes(signed_in: As) -> None:
    assert signed_in("tech").get("/scope/new").status_code == 403
    assert signed_in("customer").post("/scope/CMC-DCV-1/1/withdrawal", reason="x").status_code == 403


def test_a_search_that_is_no_number_is_refused_in_its_place(signed_in: As) -> None:
    answer = signed_in("tech").get("/scope/?measurand=DCV&low=ten&unit=V")
    assert answer.status_code == 422 and 'id="e-low"' in answer.get_data(as_text=True)
    assert signed_in("tech").get("/scope/?measurand=DCV&low=1&unit=furlong").status_code == 422
