"""测不了, 测不全, 测不准: a parameter of an industry held against the scope."""

from __future__ import annotations

from datetime import date

import pytest

from lims.domain import cmc, industry

DAY = date(2026, 11, 23)
ENTRY = cmc.read({"code": "C", "measurand": "DCV", "unit": "V", "rows": [{"range": [0, 1000], "U": 1e-3}]})


def found(
    low: float, high: float, unit: str, required: float, ratio: float, measurand: str = "DCV"
) -> industry.Assessment:
    answer = cmc.can_measure([ENTRY], measurand, low, high, unit, DAY)
    return industry.assess(answer, unit, required, ratio)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ((1, 500, "V", 0.003, 3), industry.MEASURABLE),
        ((1, 500, "V", 0.0029, 3), industry.INACCURATE),
        ((1, 500, "mV", 3, 3), industry.MEASURABLE),
        ((1, 500, "mV", 2.9, 3), industry.INACCURATE),
        ((500, 1500, "V", 1, 3), industry.PARTIAL),
        ((-1, 1, "V", 1e-4, 1), industry.PARTIAL),
        ((1, 2, "V", 1, 1, "ACV"), industry.NO_METHOD),
    ],
)
def test_article_9_each_kind_of_gap(asked: tuple[float, float, str, float, float], kind: str) -> None:
    assert found(*asked).kind == kind


def test_what_is_missing_is_told_in_the_unit_of_the_parameter() -> None:
    part = found(0.5, 1.5, "kV", 1, 1)
    assert part.missing == (cmc.Span(1.0, 1.5),) and pytest.approx(1e-6) == part.U
    assert not part.also_inaccurate and found(-1, 1, "V", 1e-4, 1).also_inaccurate
