"""The map of industry chains on its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor

As = Callable[[str], Visitor]
ROW = {
    "chain": "轨道交通（虚构）", "node": "信号", "position": "1", "stage": "operation", "product": "应答器",
    "parameter": "电平", "measurand": "DCV", "unit": "V", "low": "1", "high": "10", "required": "1e-3", "ratio": "3",
}  # fmt: skip


def test_a_parameter_goes_on_the_map_and_is_assessed(signed_in: As) -> None:
    keeper = signed_in("keeper")
    assert keeper.post("/industry/new", "/industry/new", **ROW).status_code == 302
    page = signed_in("auditor").get("/industry/").get_data(as_text=True)
    assert "应答器" in page and "测不了" in page and "测不全" in page and "测不准" in page
    assert "移出" not in page  # the auditor looks on


@pytest.mark.parametrize(
    ("change", "field"), [({"unit": "furlong"}, "unit"), ({"low": "ten"}, "low"), ({"high": "0"}, "high"), ({"required": "-1"}, "required"), ({"node": ""}, "node")]
)  # fmt: skip
def test_a_wrong_parameter_is_refused_at_its_field(signed_in: As, change: dict[str, str], field: str) -> None:
    answer = signed_in("keeper").post("/industry/new", "/industry/new", **ROW | change)
    assert answer.status_code == 422 and f'id="e-{field}"' in answer.get_data(as_text=True)


def test_customers_and_technicians_do_not_enter(signed_in: As) -> None:
    assert signed_in("tech").get("/industry/new").status_code == 403
    assert signed_in("customer").get("/industry/").status_code == 403
