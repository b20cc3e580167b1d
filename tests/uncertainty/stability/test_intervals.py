"""Recalibration intervals against scipy's distributions and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from uncertainty import DocumentError, EvaluationError
from uncertainty.stability import (
    MODELS,
    Staircase,
    fit_change,
    fit_reliability,
    groups_of,
    interval_for_limits,
    interval_for_uncertainty,
    interval_test,
    select_model,
)


def test_confidence_and_limits_of_the_interval_test() -> None:
    found = interval_test(8, 10, 365, 0.9)
    assert found.rejection == pytest.approx(max(1 - 2 * stats.binom.cdf(8, 10, 0.9), 0))
    assert (found.low, found.high) == pytest.approx((stats.beta.ppf(0.25, 8, 3), stats.beta.ppf(0.75, 9, 2)))
    assert (found.changed, found.interval) == (False, 365)


def test_an_interval_that_is_too_short_grows_and_no_more_than_agreed() -> None:
    found = interval_test(60, 60, 200, 0.9)
    assert found.rejection == pytest.approx(1 - 2 * 0.9**60)
    assert 200 < found.interval <= 400
    assert interval_test(60, 60, 200, 0.9, most=1.1).interval <= 220.0000001
    assert (found.low, found.high) == (pytest.approx(0.25 ** (1 / 60)), 1.0)


def test_a_disaster_halves_the_interval_at_most() -> None:
    found = interval_test(0, 20, 300, 0.9)
    assert found.interval == 150
    assert found.low == 0.0


@pytest.mark.parametrize("passed", range(21))
def test_below_the_target_never_longer_above_it_never_shorter(passed: int) -> None:
    found = interval_test(passed, 20, 100, 0.83)
    assert (found.interval <= 100) if passed / 20 < 0.83 else (found.interval >= 100)


def test_change_without_a_constant() -> None:
    found = fit_change([1.0, 2.0, 3.0], [1.1, 1.9, 3.1], order=1)
    b = (1.1 + 3.8 + 9.3) / 14
    s2 = ((1.1 - b) ** 2 + (1.9 - 2 * b) ** 2 + (3.1 - 3 * b) ** 2) / 2
    assert found.b[0] == pytest.approx(b)
    assert found.covariance[0, 0] == pytest.approx(s2 / 14)
    assert found.predict(5.0) == (pytest.approx(5 * b), pytest.approx(math.sqrt(25 * s2 / 14 + s2)))
    when = interval_for_uncertainty(found, 0.2, 0.5)
    assert math.hypot(0.2, found.predict(when)[1]) == pytest.approx(0.5)
    limit = interval_for_limits(found, 0.1, 10.0, 0.0, 13.0)
    delta, u = found.predict(limit)
    assert 10 + delta + stats.t.ppf(0.975, 2) * math.hypot(0.1, u) == pytest.approx(13.0)


def test_limits_that_are_not_kept_on_the_first_day_are_refused() -> None:
    found = fit_change([1.0, 2.0, 3.0], [1.1, 1.9, 3.1], order=1)
    with pytest.raises(DocumentError):
        interval_for_uncertainty(found, 0.6, 0.5)
    with pytest.raises(DocumentError):
        fit_change([0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    with pytest.raises(DocumentError):
        fit_change([1.0, 2.0], [0.0, 1.0])


def test_one_group_under_an_exponential_has_its_closed_form() -> None:
    found = fit_reliability([2.0], [80], [100], "exponential")
    assert found.parameters[0] / found.span == pytest.approx(-math.log(0.8) / 2, rel=1e-6)
    assert found.interval(0.9) == pytest.approx(2 * math.log(0.9) / math.log(0.8), rel=1e-6)


def test_two_groups_under_a_weibull_are_met_exactly() -> None:
    found = fit_reliability([1.0, 3.0], [95, 70], [100, 100], "weibull")
    assert found.reliability([1.0, 3.0]).tolist() == pytest.approx([0.95, 0.70], rel=1e-5)
    assert found.deviance == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize(
    "model",
    [
        "weibull",
        "random_walk",
        "mortality_drift",
        "warranty",
        "mixed_exponential",
        "modified_gamma",
        "drift",
        "restricted_walk",
    ],
)
def test_a_model_is_found_again_from_its_own_shares(model: str) -> None:
    """Large groups whose shares follow the model: the interval for 85 % is that of the model."""
    t, true = np.linspace(0.3, 3.0, 9), np.array(MODELS[model][1])
    curve = MODELS[model][0]
    n = np.full(9, 1e6)
    found = fit_reliability(t, curve(t, true) * n, n, model)
    assert float(curve(np.array(found.interval(0.85)), true)) == pytest.approx(0.85, abs=2e-4)
    assert found.p > 0.99


def test_the_model_that_made_the_data_fits_and_one_that_did_not_is_told() -> None:
    stream, t = np.random.default_rng(3), np.linspace(0.2, 3, 10)
    passed = stream.binomial(400, np.exp(-((0.5 * t) ** 3)))
    chosen = select_model(t, passed, np.full(10, 400))
    assert chosen.p > 0.01
    assert chosen.interval(0.9) == pytest.approx(2 * (-math.log(0.9)) ** (1 / 3), rel=0.1)
    assert fit_reliability(t, passed, np.full(10, 400), "exponential").p < 1e-6


def test_calibrations_are_grouped_by_time() -> None:
    t, passed, n = groups_of([5.0, 1.0, 2.0, 4.0, 3.0, 6.0, 8.0, 7.0, 9.0], [0, 1, 1, 1, 1, 0, 0, 1, 0], bins=3)
    assert t.tolist() == [2.0, 5.0, 8.0]
    assert (passed.tolist(), n.tolist()) == ([3.0, 1.0, 1.0], [3.0, 3.0, 3.0])


def test_steps_of_the_staircase() -> None:
    steps = Staircase(extend=1.5, reduce=0.5, shortest=90, longest=730)
    assert steps.next(365, 0.8, 1.0) == 547.5
    assert steps.next(365, -0.9, 1.0) == 365
    assert steps.next(365, -1.01, 1.0) == 182.5
    assert (steps.next(700, 0.0, 1.0), steps.next(100, 2.0, 1.0)) == (730, 90)


def test_what_cannot_be_is_refused() -> None:
    for wrong in (
        lambda: interval_test(11, 10, 365, 0.9),
        lambda: interval_test(5, 0, 365, 0.9),
        lambda: interval_test(5, 10, 0, 0.9),
        lambda: interval_test(5, 10, 365, 1.0),
        lambda: fit_reliability([1.0], [2], [1], "exponential"),
        lambda: fit_reliability([1.0], [1], [2], "gompertz"),
        lambda: fit_reliability([1.0], [1], [2], "weibull"),
        lambda: fit_reliability([0.0], [1], [2], "exponential"),
        lambda: groups_of([1.0], [2]),
        lambda: Staircase(0.9, 0.5, 1, 2),
        lambda: Staircase(1.5, 0.5, 3, 2),
        lambda: Staircase(1.5, 0.5, 1, 2).next(1, math.nan, 1),
    ):
        with pytest.raises(DocumentError):
            wrong()
    with pytest.raises(EvaluationError):
        fit_reliability([1.0], [100], [100], "exponential").interval(0.9)
