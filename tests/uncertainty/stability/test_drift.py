"""Drift models against closed forms, a Kalman filter, scipy, and the coverage of simulated histories."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from uncertainty import DocumentError
from uncertainty.stability import fit_drift, fit_exponential, interval_from_drift, select_order

T = np.array([0.0, 365.0, 730.0, 1100.0, 1460.0])


def test_calibrations_on_a_line_give_the_line_and_the_u_of_their_certificates() -> None:
    """Weighted least squares of a straight line in closed form (JCGM 100:2008, H.3.3, H.3.5)."""
    y, u = 10 + 2e-5 * T, np.array([1.0, 1.0, 2.0, 1.0, 1.0]) * 1e-3
    found = fit_drift(T, y, u, tau=0.0).predict(1600.0)
    w = u**-2.0
    mean = np.sum(w * T) / np.sum(w)
    u_trend = math.sqrt(1 / np.sum(w) + (1600 - mean) ** 2 / np.sum(w * (T - mean) ** 2))
    assert found.value == pytest.approx(10 + 2e-5 * 1600, rel=1e-12)
    assert (found.u, found.u_instability) == (pytest.approx(u_trend), 0.0)
    assert found.k == pytest.approx(stats.norm.ppf(0.975))
    unknown = fit_drift(T, y, u).predict(1600.0)
    assert unknown.u == pytest.approx(u_trend)
    assert unknown.k > 2  # no scatter beyond the certificates is no proof that there is none


def test_coefficients_and_their_covariance_in_the_unit_of_time() -> None:
    y = np.array([1.0, 2.0, 4.0, 7.0, 9.0])
    found = fit_drift(T, y, np.full(5, 10.0), "polynomial", 2)
    X = np.vander(T - T.mean(), 3, increasing=True)
    assert found.coefficients.tolist() == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0].tolist())
    assert np.allclose(found.covariance, 100 * np.linalg.inv(X.T @ X), rtol=1e-8)


def test_what_certificates_have_in_common_does_not_average_out() -> None:
    """A part c common to all: variance of the mean u²/N + c²."""
    V = np.eye(5) * 0.01 + 0.04
    found = fit_drift(T, [1.0, 1.05, 0.95, 1.0, 1.0], V, "constant").predict(2000.0)
    assert found.u == pytest.approx(math.sqrt(0.01 / 5 + 0.04))


def test_instability_beyond_the_certificates_is_in_the_prediction_and_not_averaged_out() -> None:
    """Certificates of no weight: the scatter is s, and the next value has s²(1 + 1/N)."""
    y = [1.0, 1.5, 0.7, 1.2, 0.6]
    found = fit_drift(T, y, np.full(5, 1e-6), "constant")
    s = float(np.std(y, ddof=1))
    assert found.tau == pytest.approx(s, rel=1e-6)
    ahead = found.predict(2000.0)
    assert ahead.u == pytest.approx(s * math.sqrt(1.2), rel=1e-6)
    for p in (0.5, 0.95, 0.99):  # nothing but the scatter speaks of τ: Student's t with N − 1
        assert found.predict(2000.0, p).k == pytest.approx(stats.t.ppf((1 + p) / 2, 4), rel=2e-3)
    assert found.p < 1e-6


def test_the_scatter_of_a_line_leaves_students_t_of_its_degrees_of_freedom() -> None:
    y = [1.0, 1.5, 2.7, 3.2, 4.6]
    found = fit_drift(T, y, np.full(5, 1e-7)).predict(2000.0)
    line = stats.linregress(T, y)
    s = math.sqrt(float(np.sum((np.array(y) - line.intercept - line.slope * T) ** 2)) / 3)
    u = s * math.sqrt(1 + 1 / 5 + (2000 - T.mean()) ** 2 / float(np.sum((T - T.mean()) ** 2)))
    assert found.u == pytest.approx(u, rel=1e-6)
    assert found.k == pytest.approx(stats.t.ppf(0.975, 3), rel=3e-3)


def test_an_instability_known_from_elsewhere_is_taken_as_it_is() -> None:
    found = fit_drift(T, [1.0, 1.01, 0.99, 1.0, 1.0], np.full(5, 0.01), "constant", tau=0.05).predict(2000.0)
    assert found.u == pytest.approx(math.sqrt((0.01**2 + 0.05**2) / 5 + 0.05**2))
    assert found.k == pytest.approx(stats.norm.ppf(0.975))
    with pytest.raises(DocumentError):
        fit_drift(T, np.ones(5), np.ones(5), tau=-0.1)


def kalman(t: np.ndarray, y: np.ndarray, u: np.ndarray, tau: float, ahead: float) -> tuple[float, float]:
    """Random walk with a first value from its own certificate: the local level model, step by step."""
    level, P = y[0], u[0] ** 2
    for before, now, value, spread in zip(t, t[1:], y[1:], u[1:], strict=False):
        P += tau**2 * (now - before)
        gain = P / (P + spread**2)
        level, P = level + gain * (value - level), P * (1 - gain)
    return float(level), math.sqrt(P + tau**2 * (ahead - t[-1]))


def test_a_random_walk_is_predicted_as_a_kalman_filter_does() -> None:
    stream = np.random.default_rng(4)
    y = 10 + np.concatenate([[0.0], stream.normal(0, 0.01 * np.sqrt(np.diff(T)))]).cumsum()
    u = np.array([0.05, 0.02, 0.08, 0.03, 0.05])
    found = fit_drift(T, y, u, "random_walk")
    assert found.tau > 0
    for ahead in (1460.0, 1500.0, 2500.0):
        now = found.predict(ahead)
        assert (now.value, now.u) == pytest.approx(kalman(T, y, u, found.tau, ahead), rel=1e-9)


@pytest.mark.parametrize(
    ("model", "tau"), [("linear", 0.0), ("linear", 3.0), ("constant", 1.0), ("random_walk", 0.5), ("random_walk", 3.0)]
)
def test_predictions_hold_the_value_of_the_day_as_often_as_they_say_or_more(model: str, tau: float) -> None:
    t, inside = np.arange(8.0), 0
    for seed in range(400):
        stream = np.random.default_rng(seed)
        own = tau * stream.standard_normal(9)
        own = own.cumsum() if model == "random_walk" else own
        true = own + (0.7 * np.arange(9) if model == "linear" else 0)
        found = fit_drift(t, true[:8] + stream.normal(0, 1, 8), np.ones(8), model).predict(8.0)
        inside += abs(true[8] - found.value) <= found.U
    assert inside / 400 >= 0.93
    assert tau < 3 or inside / 400 <= 0.975


def test_the_order_that_the_history_carries_is_selected() -> None:
    t, orders = np.arange(12.0), {0: 0, 1: 0, 2: 0}
    for order in orders:
        for seed in range(40):
            y = (
                np.random.default_rng(seed).normal(0, 1, 12)
                + (2.0 * t if order else 0)
                + (0.8 * t**2 if order == 2 else 0)
            )
            orders[order] += select_order(t, y, np.ones(12)).order == order
    assert min(orders.values()) >= 30  # two tests of 5 % each may say more, none says less


@settings(max_examples=30)
@given(st.floats(0.01, 100), st.floats(-1000, 1000))
def test_the_unit_and_the_origin_of_time_change_nothing(unit: float, origin: float) -> None:
    y, u = [1.0, 1.4, 1.1, 1.9, 2.0], np.full(5, 0.05)
    for model in ("linear", "random_walk"):
        plain, other = (
            fit_drift(T, y, u, model).predict(1700.0),
            fit_drift(T * unit + origin, y, u, model).predict(1700.0 * unit + origin),
        )
        assert (other.value, other.u) == (pytest.approx(plain.value, rel=1e-6), pytest.approx(plain.u, rel=1e-5))


def test_time_until_a_limit_is_touched() -> None:
    """A constant known with U: never; a line of slope b touches where value + U is the limit."""
    drift = fit_drift(T, 2e-3 * T, np.full(5, 0.1))
    found = interval_from_drift(drift, 1460.0, -5.0, 5.0)
    then = drift.predict(1460.0 + found)
    assert then.value + then.U == pytest.approx(5.0, rel=1e-6)
    with pytest.raises(DocumentError):
        interval_from_drift(drift, 1460.0, -1.0, 1.0)


def test_an_exponential_against_scipy() -> None:
    t = np.array([0.0, 1.0, 2.5, 4.0, 6.0, 9.0])
    u = np.array([1.0, 2.0, 1.0, 1.0, 3.0, 1.0])
    y = 80 * np.exp(-0.31 * t) + np.array([0.5, -1.0, 0.8, -0.4, 1.0, 0.2])
    found = fit_exponential(t, y, u)
    (a, b), C = optimize.curve_fit(
        lambda x, a, b: a * np.exp(-b * x), t, y, (70, 0.3), u, absolute_sigma=True, ftol=1e-14, xtol=1e-14
    )
    assert (found.a, found.b) == (pytest.approx(a, rel=1e-6), pytest.approx(b, rel=1e-6))
    assert np.allclose(found.covariance, C, rtol=1e-4)
    slope = np.array([math.exp(-b * 12), -12 * a * math.exp(-b * 12)])
    assert found.predict(12.0) == (
        pytest.approx(a * math.exp(-b * 12), rel=1e-6),
        pytest.approx(math.sqrt(slope @ C @ slope), rel=1e-3),
    )


@pytest.mark.parametrize(
    "given_",
    [
        {"t": [0.0, 1.0], "y": [1.0, 2.0], "u": [0.1, 0.1]},
        {"t": [1.0, 1.0, 1.0], "y": [1.0, 2.0, 3.0], "u": [0.1, 0.1, 0.1]},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0], "u": [0.1, 0.1, 0.1]},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0], "u": [0.1, 0.0, 0.1]},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, math.nan], "u": [0.1, 0.1, 0.1]},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0], "u": [0.1, 0.1, 0.1], "model": "cubic"},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0], "u": [0.1, 0.1, 0.1], "model": "polynomial"},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0], "u": [0.1, 0.1, 0.1], "model": "polynomial", "order": 6},
        {"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0], "u": [0.1, 0.1, 0.1], "model": "linear", "order": 2},
    ],
)
def test_histories_that_carry_no_model_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        fit_drift(**given_)


def test_an_exponential_of_two_signs_is_refused() -> None:
    with pytest.raises(DocumentError):
        fit_exponential([0.0, 1.0, 2.0], [1.0, -1.0, 1.0], [0.1, 0.1, 0.1])
