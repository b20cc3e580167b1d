"""The sentences of a result: GB/T 8170, at most two digits of U, rounding up where the laboratory asks for it."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import uncertainty
from uncertainty import report


def test_the_gauge_block_of_gum_h1_in_both_languages() -> None:
    """JCGM 100:2008, H.1.7: l = 50.000 838 mm, U = 93 nm, k_p = 2.92 from t with ν_eff = 16, p = 99 %."""
    short = report.state(50000838, 93, "nm", 2.92, 0.99, 16.7)
    assert short["zh"] == "(50000838 ± 93) nm，k = 2.92，p = 99 %，ν_eff = 16"
    full = report.state_in_full("l", 50000838, 93, "nm", 2.92, 0.99, 16.7)
    assert full["en"].startswith("l = (50000838 ± 93) nm, where the number after ± is the expanded uncertainty")
    assert "t distribution with ν_eff = 16" in full["en"] and "99 %" in full["en"]
    assert "ν_eff = 16" in full["zh"] and "包含概率 99 %" in full["zh"]
    assert "normal distribution" in report.state_in_full("l", 1, 0.1, "nm", 1.96, 0.95, math.inf)["en"]
    assert report.state_in_full("l", 1, 0.1, "nm", 2)["zh"].endswith("包含因子 k = 2。")


def test_the_laboratory_sets_digits_and_rounding_up() -> None:
    """U = 0.1212: two digits 0.12, up 0.13; one digit 0.1, up 0.2. ILAC P14, 5.3."""
    said = {
        (digits, rule): report.state(1.23456, 0.1212, "V", 2, digits=digits, rule=rule)["en"]
        for digits in (1, 2)
        for rule in ("even", "up")
    }
    assert said == {
        (2, "even"): "(1.23 ± 0.12) V, k = 2",
        (2, "up"): "(1.23 ± 0.13) V, k = 2",
        (1, "even"): "(1.2 ± 0.1) V, k = 2",
        (1, "up"): "(1.2 ± 0.2) V, k = 2",
    }


def test_a_pure_number_has_no_unit_and_degrees_of_freedom_are_cut_not_rounded() -> None:
    assert report.state(0.5, 0.012, "1", 2)["en"] == "0.500 ± 0.012, k = 2"
    assert report.state(1, 0.1, "V", 2.45, 0.95, 5.9999)["en"].endswith("ν_eff = 5")
    assert report.state(1, 0.1, "V", 2.45, 0.95, 6 - 1e-12)["en"].endswith("ν_eff = 6")  # 6 by rounding of floats


@pytest.mark.parametrize(
    ("value", "U", "expected"), [(10, 0.0125, "0.12 %"), (-10, 0.0135, "0.14 %"), (0, 1, None), (3, 0, None)]
)
def test_the_relative_uncertainty_is_rounded_half_to_even(value: float, U: float, expected: str | None) -> None:
    assert report.relative(value, U) == expected


@given(st.decimals(Decimal("0.000001"), 999999, places=6, allow_nan=False), st.integers(-9_999_999, 9_999_999))
def test_rounding_is_that_of_the_decimal_module(U: Decimal, thousandths: int) -> None:
    """Independent: decimal's own quantize on the printed digits; at most two of U, y to the same place."""
    value = Decimal(thousandths) / 1000
    place = U.adjusted() - 1
    wanted = U.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
    if wanted.adjusted() > U.adjusted():
        place += 1
        wanted = U.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
    y, printed = report.y_and_U(float(value), float(U))
    assert Decimal(printed) == wanted
    assert len(Decimal(printed).normalize().as_tuple().digits) <= 2
    assert Decimal(y) == value.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)


@pytest.mark.parametrize(("U", "digits"), [(0, 2), (-1, 2), (math.nan, 2), (math.inf, 2), (1, 3), (1, 0)])
def test_what_cannot_be_rounded_is_refused(U: float, digits: int) -> None:
    with pytest.raises(ValueError, match="digits"):
        report.round_U(U, digits)


def test_the_table_of_a_budget_reports_as_the_laboratory_rounds() -> None:
    from uncertainty.presentation import tables

    document = {
        "budget": 1,
        "quantities": {"x": {"value": 1, "u": 0.0612}},
        "measurands": {"y": {"expression": "x"}},
    }
    budget = uncertainty.compile(document)
    made = tables(budget, budget.evaluate())["y"]
    assert made.report(rule="up")["en"] == "1.00 ± 0.13, k = 2"


@pytest.mark.parametrize(
    ("value", "U", "expected"),
    [(50.001, 99.6, ("50", "100")), (12345, 9950, ("12000", "10000")), (12355, 1234, ("12400", "1200"))],
)
def test_where_rounding_carries_into_a_new_digit_the_result_keeps_the_place_of_U(
    value: float, U: float, expected: tuple[str, str]
) -> None:
    assert report.y_and_U(value, U) == expected
