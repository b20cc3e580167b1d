"""GB/T 8170 on decimal strings; reports of value and U."""

from __future__ import annotations

from decimal import Decimal

import pytest

from uncertainty import report

from .published import cases


@pytest.mark.parametrize("found", cases("rounding_gb_t_8170"), ids=lambda c: c["id"])
def test_rounding_table_of_gb_t_8170(found: dict) -> None:
    place = Decimal(found["inputs"]["interval"]).adjusted()
    rounded = report.round_to(float(found["inputs"]["value"]), place)
    assert Decimal(rounded) == Decimal(found["expected"]["rounded"]["published"])


@pytest.mark.parametrize(
    ("U", "rule", "printed"),
    [
        (0.125, "even", "0.12"),
        (0.135, "even", "0.14"),
        (0.1251, "even", "0.13"),
        (0.121, "up", "0.13"),
        (0.12000001, "up", "0.12"),
        (0.0996, "even", "0.10"),
        (0.00995, "even", "0.0100"),
        (93.4, "even", "93"),
        (31.7, "up", "32"),
        (1234.0, "even", "1200"),
    ],
)
def test_U_has_two_digits(U: float, rule: str, printed: str) -> None:
    """Half to even (GB/T 8170-2008, 3.2), or up."""
    expected = {"0.0100": "0.010"}.get(printed, printed)
    assert report.round_U(U, rule=rule) == expected


@pytest.mark.parametrize(
    ("y", "U", "printed"),
    [
        (50000838.2, 93.0, ("50000838", "93")),
        (10000.0251, 0.0586, ("10000.025", "0.059")),
        (-0.00004, 0.011, ("0.000", "0.011")),
        (123456.0, 1234.0, ("123500", "1200")),
    ],
)
def test_y_goes_to_the_place_of_U(y: float, U: float, printed: tuple[str, str]) -> None:
    """JCGM 100:2008, 7.2.6."""
    assert report.y_and_U(y, U) == printed


@pytest.mark.parametrize("U", [0.0, -1.0, float("nan"), float("inf")])
def test_no_U_no_rounding(U: float) -> None:
    with pytest.raises(ValueError):
        report.round_U(U)


def test_sentence_of_a_result_with_few_degrees_of_freedom() -> None:
    said = report.state(50000838, 93, "nm", 2.92, 0.99, 16.7)
    assert said["en"] == "(50000838 ± 93) nm, k = 2.92, p = 99 %, ν_eff = 16"
    assert said["zh"] == "(50000838 ± 93) nm，k = 2.92，p = 99 %，ν_eff = 16"
