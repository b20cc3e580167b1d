"""Thermocouples: table values of NIST SRD 60 that the cases do not hold, exact inversion, calibrated ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, curve_fit

from uncertainty.errors import DocumentError
from uncertainty.thermometry import CalibratedThermocouple, OutOfRange, fit_thermocouple, thermocouple


@pytest.mark.parametrize(
    ("letter", "t", "E"),
    # IEC 60584-1 tables (NIST Monograph 175): well-known entries; types R, N and the low range of B and K have no case
    [("R", 1000, 10.506), ("R", 1768, 21.101), ("R", 100, 0.647), ("N", 1000, 36.256), ("N", 100, 2.774), ("N", -270, -4.345),
     ("K", 100, 4.096), ("K", -270, -6.458), ("K", 0, 0.0), ("B", 600, 1.792), ("B", 20, -0.003), ("S", 1000, 9.587),
     ("T", 400, 20.872), ("E", 1000, 76.373), ("J", 1200, 69.553), ("C", 2315, 37.070)],
)  # fmt: skip
def test_entries_of_the_published_tables(letter: str, t: float, E: float) -> None:
    assert float(thermocouple.emf(letter, t)) == pytest.approx(E, abs=0.00051)


@settings(deadline=None)
@given(st.sampled_from(thermocouple.TYPES), st.floats(0, 1))
def test_temperature_is_the_inverse_of_emf(letter: str, share: float) -> None:
    low, high = thermocouple.span(letter)
    low = thermocouple.RISING.get(letter, low)
    t = low + share * (high - low)
    E = float(thermocouple.emf(letter, t))
    # a nanovolt is the step between two polynomials at their boundary
    assert abs(float(thermocouple.temperature(letter, E)) - t) < 1e-9 / float(thermocouple.seebeck(letter, t)) + 1e-7


@pytest.mark.parametrize("letter", thermocouple.TYPES)
def test_inversion_agrees_with_brent(letter: str) -> None:
    low, high = thermocouple.span(letter)
    low = thermocouple.RISING.get(letter, low)
    for t in np.linspace(low + 5, high - 5, 7):
        E = float(thermocouple.emf(letter, t + 0.123))
        root = brentq(lambda x, E=E: float(thermocouple.emf(letter, x)) - E, low, high, xtol=1e-12)
        assert float(thermocouple.temperature(letter, E)) == pytest.approx(root, abs=1e-7)


@pytest.mark.parametrize("letter", thermocouple.TYPES)
def test_seebeck_is_the_derivative_and_polynomials_meet(letter: str) -> None:
    low, high = thermocouple.span(letter)
    t = np.linspace(low + 1, high - 1, 41)
    difference = (thermocouple.emf(letter, t + 1e-3) - thermocouple.emf(letter, t - 1e-3)) / 2e-3
    np.testing.assert_allclose(thermocouple.seebeck(letter, t), difference, rtol=1e-5, atol=1e-8)
    found = thermocouple.pieces(letter)
    for left, right in pairwise(found):
        end = np.array(left.high)
        assert abs(left.emf(end) - right.emf(end)) < 1e-6  # mV


def test_reference_junction_is_added_as_emf_not_as_temperature() -> None:
    """K: 4.096 mV at 100 °C and 1.000 mV at 25 °C (IEC 60584-1), so 3.096 mV against 25 °C is 100 °C."""
    assert float(thermocouple.temperature("K", 3.096, 25.0)) == pytest.approx(100.0, abs=0.02)
    t = np.array([300.0, 400.0])
    E = thermocouple.emf("S", t, [20.0, 30.0])
    np.testing.assert_allclose(thermocouple.temperature("S", E, [20.0, 30.0]), t, atol=1e-9)


def test_type_b_has_two_temperatures_for_an_emf_below_zero_and_is_refused_there() -> None:
    assert thermocouple.emf("B", 21.0) < 0 < thermocouple.emf("B", thermocouple.RISING["B"])
    with pytest.raises(OutOfRange):
        thermocouple.temperature("B", -0.002)


POINTS = np.array([100.0, 300, 500, 700, 900, 1100])


def deviated(t: np.ndarray) -> np.ndarray:
    return thermocouple.emf("S", t) + 2e-6 * t + 3e-9 * t**2


def test_fit_finds_the_deviation_with_the_covariance_of_scipy() -> None:
    u = np.linspace(1e-3, 3e-3, 6)
    E = deviated(POINTS) + u * np.array([0.3, -1.0, 0.8, 0.1, -0.6, 0.4])
    found = fit_thermocouple("T", "S", POINTS, E, u)
    c, C = curve_fit(lambda t, a, b: a * t + b * t * t, POINTS, E - thermocouple.emf("S", POINTS), [1e-6, 1e-9], sigma=u, absolute_sigma=True)  # fmt: skip
    np.testing.assert_allclose(found.coefficients, c, rtol=1e-5)
    np.testing.assert_allclose(found.covariance, C, rtol=1e-4)


def test_temperature_of_a_calibrated_thermocouple_and_its_u_by_finite_differences() -> None:
    sensor = fit_thermocouple("T", "S", POINTS, deviated(POINTS), 2e-3, 0.1)
    t, tr = np.array([150.0, 640.0, 1064.18, 1090.0]), 22.0
    E = np.asarray(sensor.emf(t, tr).value)
    found = sensor.temperature(E, 1e-3, tr, 0.05)
    np.testing.assert_allclose(found.value, t, atol=1e-6)

    def at(c: np.ndarray, e: np.ndarray, r: float) -> np.ndarray:
        return np.asarray(replace(sensor, coefficients=c).temperature(e, 0.0, r).value)

    c = np.array(sensor.coefficients)
    J = np.array([(at(c + s, E, tr) - at(c - s, E, tr)) / (2 * np.max(s)) for s in np.diag([1e-7, 1e-10])]).T
    by_E = (at(c, E + 1e-4, tr) - at(c, E - 1e-4, tr)) / 2e-4
    by_r = (at(c, E, tr + 0.01) - at(c, E, tr - 0.01)) / 0.02
    variance = np.diag(J @ sensor.covariance @ J.T) + (by_E * 1e-3) ** 2 + (by_r * 0.05) ** 2
    np.testing.assert_allclose(found.u, np.sqrt(variance), rtol=1e-3)


def test_archive_and_refusals() -> None:
    sensor = fit_thermocouple("T", "S", POINTS, deviated(POINTS), 2e-3)
    again = CalibratedThermocouple.from_dict(sensor.to_dict())
    assert again.to_dict() == sensor.to_dict() and again.temperature(5.0).u == sensor.temperature(5.0).u
    plain = CalibratedThermocouple(identifier="", coefficients=[], covariance=[], limits=(0, 1000), letter="K", order=0)  # type: ignore[arg-type]
    assert CalibratedThermocouple.from_dict(plain.to_dict()).temperature(4.096, 0.001).value == pytest.approx(
        100, abs=0.02
    )
    for call in (
        lambda: thermocouple.emf("Q", 20),
        lambda: thermocouple.temperature("K", float("nan")),
        lambda: fit_thermocouple("T", "S", POINTS, deviated(POINTS), 0.0),
        lambda: fit_thermocouple("T", "S", POINTS, deviated(POINTS), 1e-3, order=7),
        lambda: fit_thermocouple("T", "S", POINTS, deviated(POINTS)[:3], 1e-3),
        lambda: CalibratedThermocouple.from_dict(sensor.to_dict() | {"covariance": [[1.0]]}),
    ):
        with pytest.raises(DocumentError):
            call()
    for outside in (
        lambda: thermocouple.emf("K", 1400),
        lambda: thermocouple.emf("B", 100, -5),
        lambda: thermocouple.temperature("K", 60.0),
        lambda: sensor.temperature(12.0),
        lambda: sensor.temperature(5.0, 0.0, 3000.0),
    ):
        with pytest.raises(OutOfRange):
            outside()
