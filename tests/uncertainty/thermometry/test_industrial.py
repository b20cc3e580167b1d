"""Callendar–Van Dusen against IEC 60751 and SciPy; self-heating against its closed form."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from uncertainty.errors import DocumentError
from uncertainty.thermometry import IndustrialThermometer, OutOfRange, callendar, fit_industrial, zero_current


@pytest.mark.parametrize(("t", "R"), [(-200, 18.520), (-100, 60.256), (100, 138.506), (400, 247.092), (850, 390.481)])
def test_the_table_of_iec_60751(t: float, R: float) -> None:
    assert float(callendar.resistance(t)) == pytest.approx(R, abs=0.00051)
    assert float(callendar.temperature(min(R + 1e-4, 390.481))) == pytest.approx(t, abs=0.0018)


@settings(deadline=None)
@given(st.floats(-200, 850), st.floats(10, 1000))
def test_temperature_is_the_inverse_of_resistance(t: float, R0: float) -> None:
    assert callendar.temperature(callendar.resistance(t, R0), R0) == pytest.approx(t, abs=1e-9)


def test_slope_is_the_derivative_on_both_sides_of_zero() -> None:
    t = np.array([-190.0, -50.0, -1.0, 1.0, 400.0])
    difference = (callendar.resistance(t + 1e-3) - callendar.resistance(t - 1e-3)) / 2e-3
    np.testing.assert_allclose(callendar.slope(t), difference, rtol=1e-8)


@pytest.mark.parametrize(
    ("grade", "t", "tolerance"),
    [("AA", 100, 0.27), ("A", 100, 0.35), ("B", 100, 0.8), ("C", 100, 1.6), ("B", -100, 0.8)],
)
def test_tolerance_classes_of_iec_60751(grade: str, t: float, tolerance: float) -> None:
    assert callendar.tolerance(t, grade) == pytest.approx(tolerance)


def curve(t: np.ndarray, R0: float, A: float, B: float, C: float) -> np.ndarray:
    return R0 * (1 + A * t + B * t**2 + np.where(t < 0, C * (t - 100) * t**3, 0))


def noisy(t: np.ndarray, u: np.ndarray) -> np.ndarray:
    return curve(t, 100.02, 3.909e-3, -5.8e-7, -4.2e-12) + u * np.random.default_rng(5).standard_normal(len(t))


def test_fit_gives_coefficients_and_covariance_of_scipy() -> None:
    t = np.array([-190.0, -150, -100, -60, -30, 0, 50, 100, 200, 300, 420])
    u = np.linspace(1e-3, 3e-3, len(t))
    R = noisy(t, u)
    found = fit_industrial("P", t, R, u)
    c, C = curve_fit(curve, t, R, [100, 3.9e-3, -5.8e-7, -4e-12], sigma=u, absolute_sigma=True, x_scale=[100, 1e-3, 1e-7, 1e-12], method="trf", xtol=1e-15, ftol=1e-15, gtol=1e-15)  # fmt: skip
    np.testing.assert_allclose(found.sensor.coefficients, c, rtol=2e-5)
    d = np.sqrt(np.diag(C))
    np.testing.assert_allclose(found.sensor.covariance / np.outer(d, d), C / np.outer(d, d), atol=2e-3)
    assert found.dof == 7
    assert found.chi_squared == pytest.approx(np.sum(((R - curve(t, *c)) / u) ** 2), rel=1e-6)


def test_fit_above_zero_keeps_c_of_the_standard_and_says_so_by_no_uncertainty() -> None:
    t = np.array([0.0, 50, 100, 150, 200])
    found = fit_industrial("P", t, callendar.resistance(t, 100.01), 1e-3)
    np.testing.assert_allclose(found.sensor.coefficients, [100.01, callendar.A, callendar.B, callendar.C], rtol=1e-8)
    assert found.sensor.covariance[3, 3] == 0
    with pytest.raises(OutOfRange):
        found.sensor.temperature(99.0)


def test_an_error_that_all_points_share_goes_into_the_offset_not_into_the_slope() -> None:
    t = np.linspace(0, 200, 9)
    R = callendar.resistance(t)
    alone = fit_industrial("P", t, R, 1e-4, 0.01).sensor.temperature(R)
    shared = fit_industrial("P", t, R, 1e-4, np.full((9, 9), 0.01**2) + 1e-12 * np.eye(9)).sensor.temperature(R)
    assert np.all(shared.u == pytest.approx(0.01, rel=1e-2))
    assert alone.u[4] < 0.007
    # two temperatures of one sensor: a difference is better known than either
    difference = shared.covariance[0, 0] + shared.covariance[8, 8] - 2 * shared.covariance[0, 8]
    assert np.sqrt(difference) < 0.001


def test_u_of_t_is_that_of_finite_differences() -> None:
    t = np.array([-150.0, -80, -40, 0, 100, 200, 300])
    sensor = fit_industrial("P", t, noisy(t, np.full(7, 1e-3)), 2e-3).sensor
    R, c = np.array([50.0, 150.0]), np.array(sensor.coefficients)

    def at(p: np.ndarray) -> np.ndarray:
        return np.asarray(IndustrialThermometer("", p, np.zeros((4, 4)), (-200, 400)).temperature(R).value)

    J = np.array([(at(c + s * e) - at(c - s * e)) / (2 * s) for s, e in zip([1e-3, 1e-7, 1e-10, 1e-14], np.eye(4), strict=True)]).T  # fmt: skip
    found = sensor.temperature(R)
    np.testing.assert_allclose(found.covariance, J @ sensor.covariance @ J.T, rtol=1e-4)
    with_R = sensor.temperature(R, 5e-3)
    np.testing.assert_allclose(
        with_R.u**2 - found.u**2, (5e-3 / callendar.curve_slope(found.value, *c)) ** 2, rtol=1e-9
    )


def test_archive_and_refusals() -> None:
    t = np.array([0.0, 50, 100])
    sensor = fit_industrial("P", t, callendar.resistance(t), 1e-3, valid_to=date(2027, 1, 1)).sensor
    assert IndustrialThermometer.from_dict(sensor.to_dict()).to_dict() == sensor.to_dict()
    for call in (
        lambda: fit_industrial("P", t[:2], callendar.resistance(t[:2]), 1e-3),
        lambda: fit_industrial("P", t, callendar.resistance(t), 0.0),
        lambda: fit_industrial("P", t, callendar.resistance(t), 1e-3, fit_c=True),
        lambda: callendar.resistance(20, -100),
        lambda: callendar.tolerance(20, "D"),
        lambda: callendar.resistance(float("nan")),
        lambda: IndustrialThermometer.from_dict(sensor.to_dict() | {"valid_to": "soon"}),
        lambda: zero_current([1e-3, 1e-3], [100, 100], 1e-5),
        lambda: zero_current([1e-3, 2e-3], [100, 100.1, 3], 1e-5),
    ):
        with pytest.raises(DocumentError):
            call()
    for outside in (
        lambda: callendar.resistance(900),
        lambda: callendar.temperature(5.0),
        lambda: callendar.tolerance(500, "A"),
        lambda: sensor.temperature(200.0),
    ):
        with pytest.raises(OutOfRange):
            outside()


def test_zero_current_of_two_currents_is_the_closed_form() -> None:
    """R0 = (R1 I2² − R2 I1²)/(I2² − I1²); at currents 1 : √2 this is 2 R1 − R2 and u = √5 u(R)."""
    found = zero_current([1e-3, np.sqrt(2) * 1e-3], [25.500040, 25.500078], 1e-6)
    assert pytest.approx(2 * 25.500040 - 25.500078, abs=1e-12) == found.R0
    assert found.u == pytest.approx(np.sqrt(5) * 1e-6, rel=1e-9)
    assert found.self_heating(1e-3, 0.1) == pytest.approx(3.8e-5 / 0.1, rel=1e-6)


def test_zero_current_of_several_currents_is_the_straight_line_of_scipy_and_counts_the_currents() -> None:
    current, R = np.array([1.0, 1.4, 2.0, 3.0]) * 1e-3, np.array([100.00031, 100.00058, 100.00122, 100.00271])
    u = np.array([1, 1, 2, 2]) * 1e-5
    c, C = curve_fit(lambda x, a, b: a + b * x, current**2 * 1e6, R, sigma=u, absolute_sigma=True)
    found = zero_current(current, R, u)
    assert (found.R0, found.u) == (pytest.approx(c[0], abs=1e-10), pytest.approx(np.sqrt(C[0, 0]), rel=1e-3))
    assert found.slope == pytest.approx(c[1] * 1e6, rel=1e-4)
    assert zero_current(current, R, u, 1e-5).u > found.u
