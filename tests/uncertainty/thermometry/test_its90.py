"""The reference functions of the ITS-90 against its table 1 and against numerical derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncertainty.errors import DocumentError
from uncertainty.thermometry import OutOfRange, its90

TABLE_1 = {
    "H2": 0.00119007, "Ne": 0.00844974, "O2": 0.09171804, "Ar": 0.21585975, "Hg": 0.84414211, "H2O": 1.00000000,
    "Ga": 1.11813889, "In": 1.60980185, "Sn": 1.89279768, "Zn": 2.56891730, "Al": 3.37600860, "Ag": 4.28642053,
}  # fmt: skip
"""W_r(T90) as the ITS-90, table 1, prints it."""


@pytest.mark.parametrize("point", TABLE_1)
def test_every_fixed_point_of_table_1(point: str) -> None:
    T = its90.FIXED_POINTS[point]
    assert f"{its90.reference_ratio(T):.8f}" == f"{TABLE_1[point]:.8f}"
    # half a digit of W_r is up to 0.2 mK at hydrogen (slope 2.4e-4 /K) and 1.5 µK at silver
    assert abs(its90.temperature(TABLE_1[point]) - T) < 1e-8 / its90.reference_slope(T)


@settings(deadline=None)
@given(st.floats(13.81, 1234.9))
def test_the_inverse_is_exact_and_the_stated_approximation_is_within_what_the_scale_states(T: float) -> None:
    Wr = its90.reference_ratio(T)
    # at 273.16 K the two branches of the scale differ by 1.3 µK
    assert abs(its90.temperature(Wr) - T) < (2e-6 if abs(T - 273.16) < 1e-5 else 1e-9)
    assert abs(its90.approximate_temperature(Wr) - T) < (1e-4 if T < 273.16 else 1.35e-4)


def test_the_slope_is_the_derivative() -> None:
    T = np.array([14.0, 20.0, 60.0, 150.0, 273.0, 273.3, 500.0, 933.0, 1234.0])
    h = 1e-4
    difference = (its90.reference_ratio(T + h) - its90.reference_ratio(T - h)) / (2 * h)
    np.testing.assert_allclose(its90.reference_slope(T), difference, rtol=1e-7)


def test_the_approximate_inverse_is_another_function_than_the_exact_one() -> None:
    Wr = its90.reference_ratio(np.linspace(20.0, 1200.0, 50))
    assert np.max(np.abs(its90.approximate_temperature(Wr) - its90.temperature(Wr))) > 1e-5


@pytest.mark.parametrize("T", [0.0, 13.0, -5.0, 1300.0])
def test_a_temperature_outside_the_scale_is_refused(T: float) -> None:
    with pytest.raises(OutOfRange, match=r"T90: \S+ K lies outside the range of 13\.8033 K to 1234\.93 K"):
        its90.reference_ratio(T)


@pytest.mark.parametrize("Wr", [5.0, 1e-5])
def test_a_ratio_outside_the_scale_is_refused(Wr: float) -> None:
    with pytest.raises(OutOfRange):
        its90.temperature(Wr)


@pytest.mark.parametrize("wrong", [float("nan"), "hot", [1.0, float("inf")]])
def test_what_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(DocumentError):
        its90.reference_ratio(wrong)  # type: ignore[arg-type]
    with pytest.raises(DocumentError):
        its90.temperature(wrong)  # type: ignore[arg-type]
