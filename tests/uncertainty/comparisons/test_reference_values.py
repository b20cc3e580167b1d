"""Reference values against closed forms, scipy and simulation."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from uncertainty import DocumentError
from uncertainty.comparisons import (
    arithmetic_mean,
    dersimonian_laird,
    largest_consistent_subset,
    mandel_paule,
    median,
    median_by_trials,
    power_moderated,
    vangel_rukhin,
    weighted_mean,
)

CD = [27.044, 26.022, 26.340, 26.787, 26.796]
U_CD = [0.0548, 0.2757, 0.6812, 0.0548, 0.1183]
results = st.lists(st.tuples(st.floats(-10, 10), st.floats(0.1, 5)), min_size=2, max_size=8)


def test_two_results_of_equal_u_with_one_common_part() -> None:
    """u = 1, r = 0.5: the mean, with variance (1 + r)/2; χ² = (x1 − x2)²/(2 (1 − r))."""
    found = weighted_mean([1.0, 4.0], [[1.0, 0.5], [0.5, 1.0]])
    assert (found.value, found.u) == (pytest.approx(2.5), pytest.approx(math.sqrt(0.75)))
    assert found.consistency is not None
    assert found.consistency.chi2 == pytest.approx(9.0)
    assert found.consistency.p == pytest.approx(stats.chi2.sf(9.0, 1))
    assert not found.consistency.consistent


@given(results)
def test_covariance_without_correlation_is_the_plain_weighted_mean(pairs: list[tuple[float, float]]) -> None:
    x, u = (np.array(column) for column in zip(*pairs, strict=True))
    plain, full = weighted_mean(x, u), weighted_mean(x, np.diag(u**2))
    assert plain.value == pytest.approx(float(np.average(x, weights=1 / u**2)), abs=1e-9)
    assert plain.u == pytest.approx(float(np.sum(u**-2.0)) ** -0.5)
    assert (full.value, full.u) == (pytest.approx(plain.value), pytest.approx(plain.u))


def test_the_birge_ratio_widens_and_never_narrows() -> None:
    wide, plain = weighted_mean(CD, U_CD, birge=True), weighted_mean(CD, U_CD)
    assert plain.consistency is not None
    assert wide.u == pytest.approx(plain.u * plain.consistency.birge)
    assert weighted_mean([1.0, 1.1], [1.0, 1.0], birge=True).u == pytest.approx(math.sqrt(0.5))


@given(results)
def test_mandel_paule_makes_chi2_its_expectation_or_needs_no_tau(pairs: list[tuple[float, float]]) -> None:
    x, u = (np.array(column) for column in zip(*pairs, strict=True))
    found = mandel_paule(x, u)
    assert found.consistency is not None
    if found.tau > 0:
        assert found.consistency.chi2 == pytest.approx(len(x) - 1, rel=1e-6)
    else:
        assert found.consistency.chi2 <= len(x) - 1 + 1e-9


@given(results, st.floats(0.01, 100))
def test_the_unit_scales_value_u_and_tau(pairs: list[tuple[float, float]], unit: float) -> None:
    x, u = (np.array(column) for column in zip(*pairs, strict=True))
    for method in (mandel_paule, dersimonian_laird, weighted_mean, lambda a, b: power_moderated(a, b).reference):
        one, other = method(x, u), method(x * unit, u * unit)
        assert other.value == pytest.approx(one.value * unit, rel=1e-6, abs=1e-6 * unit)
        assert (other.u, other.tau) == (pytest.approx(one.u * unit), pytest.approx(one.tau * unit, abs=1e-6 * unit))


def test_power_moderated_mean_between_its_two_ends() -> None:
    """α = 2 gives Mandel–Paule's weights; α = 0 gives the arithmetic mean and the larger of both uncertainties."""
    mp = mandel_paule(CD, U_CD)
    two, zero = power_moderated(CD, U_CD, 2.0).reference, power_moderated(CD, U_CD, 0.0).reference
    assert (two.value, two.u) == (pytest.approx(mp.value), pytest.approx(mp.u))
    assert zero.value == pytest.approx(np.mean(CD))
    assert zero.u == pytest.approx(max(arithmetic_mean(CD).u, mp.u))
    assert power_moderated(CD, U_CD).alpha == pytest.approx(2 - 3 / 5)


def test_an_extreme_result_loses_its_weight() -> None:
    x, u = [10.0, 10.1, 9.9, 10.05, 9.95, 14.0], [0.1, 0.1, 0.1, 0.1, 0.1, 0.05]
    found = power_moderated(x, u, k=1.9)
    assert found.extreme == (5,)
    assert found.reference.weights is not None
    assert found.reference.weights[5] == 0
    assert found.reference.value == pytest.approx(10.0, abs=1e-12)


def test_median_and_its_u() -> None:
    """Müller 2000: 1.858/√(N − 1)·MAD; of a large normal sample √(π/2)/√N."""
    assert median([1.0, 2.0, 4.0]).u == pytest.approx(1.858 / math.sqrt(2) * 1.0)
    sample = np.random.default_rng(1).standard_normal(40_000)
    assert median(sample).u == pytest.approx(math.sqrt(math.pi / 2 / 40_000), rel=0.03)


def test_median_by_trials_of_equal_results_and_of_one_seed() -> None:
    """The median of three normal values has variance 1 − √3/π (order statistics)."""
    found = median_by_trials([5.0, 5.0, 5.0], [1.0, 1.0, 1.0], seed=3)
    assert found.u == pytest.approx(math.sqrt(1 - math.sqrt(3) / math.pi), rel=0.01)
    assert found.value == pytest.approx(5.0, abs=0.01)
    assert found == median_by_trials([5.0, 5.0, 5.0], [1.0, 1.0, 1.0], seed=3)
    assert found.low[0] < found.d[0] < found.high[0]


def test_maximum_likelihood_is_a_maximum_for_another_algorithm() -> None:
    stream = np.random.default_rng(11)
    x, s, n = stream.normal(3, 0.5, 7), stream.uniform(0.1, 0.6, 7), np.array([3, 4, 5, 3, 6, 4, 5])
    found = vangel_rukhin(x, s, n)

    def log_likelihood(at: np.ndarray) -> float:
        own = np.exp(at[2:])
        V = math.exp(at[1]) + own
        return -0.5 * float(np.sum(np.log(V) + (x - at[0]) ** 2 / V + (n - 1) * (np.log(own) + s**2 / n / own)))

    at = np.concatenate([[found.value, math.log(found.tau**2)], np.log(found.variances)])
    assert found.log_likelihood == pytest.approx(log_likelihood(at))
    other = optimize.minimize(
        lambda a: -log_likelihood(a),
        at + 0.1,
        method="Nelder-Mead",
        options={"maxiter": 40_000, "maxfev": 40_000, "xatol": 1e-9, "fatol": 1e-13},
    )
    assert found.log_likelihood >= -other.fun - 1e-8


def by_hand(x: np.ndarray, u: np.ndarray) -> set[tuple[int, ...]]:
    """Every largest subset that passes, by plain sums over all subsets."""
    for size in range(len(x), 0, -1):
        good = {}
        for kept in combinations(range(len(x)), size):
            y, w = x[list(kept)], u[list(kept)] ** -2.0
            chi2 = float(np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2))
            if size == 1 or stats.chi2.sf(chi2, size - 1) >= 0.05:
                good[kept] = chi2
        if good:
            return {kept for kept, chi2 in good.items() if chi2 <= min(good.values()) + 1e-12}
    raise AssertionError


@pytest.mark.parametrize("seed", range(12))
def test_largest_consistent_subset_is_the_one_of_an_exhaustive_search(seed: int) -> None:
    stream = np.random.default_rng(seed)
    u = stream.uniform(0.1, 1, 8)
    x = stream.normal(0, 1.2, 8)
    found = largest_consistent_subset(x, u)
    if len(found.kept) > 1:
        assert found.kept in by_hand(x, u)
    assert sorted(found.kept + found.left_out) == list(range(8))
    assert found.reference.value == pytest.approx(weighted_mean(x[list(found.kept)], u[list(found.kept)]).value)


@pytest.mark.parametrize(
    ("x", "u"),
    [
        ([1.0, 2.0], [0.1]),
        ([1.0, 2.0], [0.1, 0.0]),
        ([1.0, 2.0], [0.1, -0.2]),
        ([1.0, 2.0], [0.1, 1e-200]),
        ([1.0, 2.0], [0.1, 1e200]),
        ([1.0, 2.0], [[1.0, 0.0], [0.0, -1.0]]),
        ([1.0, math.nan], [0.1, 0.1]),
        ([1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]]),
        ([1.0, 2.0], [[1.0, 0.5], [0.1, 1.0]]),
        ([1.0, 2.0], [[1.0]]),
        ([], []),
    ],
)
def test_results_that_cannot_be_are_refused(x: list[float], u: list[float]) -> None:
    with pytest.raises(DocumentError):
        weighted_mean(x, u)


def test_methods_refuse_what_they_cannot_take() -> None:
    for wrong in (
        lambda: mandel_paule([1.0], [0.1]),
        lambda: power_moderated([1.0, 2.0], [0.1, 0.1], 2.5),
        lambda: vangel_rukhin([1.0, 2.0], [0.1, 0.1], [1, 2]),
        lambda: largest_consistent_subset(np.arange(40.0), np.full(40, 1e-3)),
        lambda: median_by_trials([1.0, 2.0], [0.1, 0.1], seed=1, trials=10),
        lambda: weighted_mean([1.0, 2.0], [0.1, 0.1], alpha=2.0),
    ):
        with pytest.raises(DocumentError):
            wrong()
