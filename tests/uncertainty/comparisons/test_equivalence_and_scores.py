"""Degrees of equivalence against closed forms and simulation; scores against ISO 13528; robust against its tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncertainty import DocumentError
from uncertainty.comparisons import (
    Reference,
    against_value,
    algorithm_a,
    algorithm_s,
    bilateral,
    en_scores,
    exact_factor,
    factors_of_s,
    largest_consistent_subset,
    mandel_paule,
    median,
    small_enough,
    unilateral,
    weighted_mean,
    z_prime_scores,
    z_scores,
    zeta_scores,
)

X, U = np.array([10.1, 9.8, 10.3, 9.9]), np.array([0.2, 0.1, 0.3, 0.15])


def test_a_result_in_the_reference_value_and_one_that_is_not() -> None:
    """Cox 2002: u² = u_i² − u_ref² for those that took part, u_i² + u_ref² for others."""
    inner = weighted_mean(X[:3], U[:3])
    assert inner.weights is not None
    reference = Reference("weighted_mean", inner.value, inner.u, (*inner.weights, 0.0))
    found = unilateral(X, U, reference)
    expected = [*(U[:3] ** 2 - inner.u**2), U[3] ** 2 + inner.u**2]
    assert found.u.tolist() == pytest.approx(np.sqrt(expected).tolist())
    assert found.U.tolist() == pytest.approx((2 * found.u).tolist())
    assert found.En.tolist() == pytest.approx(((X - inner.value) / (2 * found.u)).tolist())


def test_covariance_of_degrees_is_that_of_simulated_comparisons() -> None:
    V = np.diag(U**2) + 0.01  # a common part of 0.1
    reference = weighted_mean(X, V)
    found = unilateral(X, V, reference)
    draws = np.random.default_rng(1).multivariate_normal(X, V, 400_000)
    d = draws - (draws @ np.array(reference.weights))[:, None]
    assert np.allclose(np.cov(d.T), found.covariance, atol=6e-4)
    pairs = bilateral(X, V)
    assert pairs.u[0, 2] == pytest.approx(np.std(draws[:, 0] - draws[:, 2]), rel=0.01)


def test_between_laboratories_a_common_part_drops_out() -> None:
    pairs = bilateral(X, np.diag(U**2) + 0.04)
    assert pairs.u[0, 1] == pytest.approx(math.hypot(0.2, 0.1))
    assert np.array_equal(pairs.d, -pairs.d.T)
    assert np.all(np.diag(pairs.u) == 0)


def test_against_a_value_from_elsewhere() -> None:
    found = against_value(X, U, 10.0, 0.05)
    assert found.u.tolist() == pytest.approx(np.hypot(U, 0.05).tolist())
    assert found.covariance[0, 1] == pytest.approx(0.0025)


def test_the_subset_is_a_reference_for_those_left_out() -> None:
    x, u = [10.0, 10.1, 9.9, 13.0], [0.1, 0.1, 0.1, 0.1]
    subset = largest_consistent_subset(x, u)
    found = unilateral(x, u, subset.reference)
    assert subset.left_out == (3,)
    assert found.u[3] == pytest.approx(math.sqrt(0.01 + 0.01 / 3))
    assert found.u[0] == pytest.approx(math.sqrt(0.01 - 0.01 / 3))


def test_degrees_with_random_effects_are_never_below_zero() -> None:
    """Pommé and Keightley: u_d² = (1 − 2 w_i) u_i² + u_ref²."""
    x, u = [10.0, 12.0, 9.0, 11.0], np.array([0.1, 0.2, 0.1, 0.3])
    reference = mandel_paule(x, u)
    expected = (1 - 2 * np.array(reference.weights)) * u**2 + reference.u**2
    assert (unilateral(x, u, reference).u ** 2).tolist() == pytest.approx(expected.tolist())


def test_references_that_have_no_covariance_with_the_results_are_refused() -> None:
    with pytest.raises(DocumentError):
        unilateral(X, U, median(X))
    with pytest.raises(DocumentError):
        unilateral(X[:2], U[:2], weighted_mean(X, U))
    with pytest.raises(DocumentError):
        unilateral([1.0], [0.1], weighted_mean([1.0], [0.1]))


def test_scores_and_their_signals() -> None:
    """ISO 13528:2022, 9: |z| ≤ 2 satisfactory, below 3 questionable, from 3 unsatisfactory; |E_n| ≤ 1."""
    assert [s.verdict for s in z_scores([10.0, 12.0, 12.5, 13.0, 6.9], 10.0, 1.0)] == [
        "satisfactory",
        "satisfactory",
        "questionable",
        "unsatisfactory",
        "unsatisfactory",
    ]
    (en, over) = en_scores([10.5, 10.6], [0.3, 0.3], 10.0, 0.4)
    assert (en.value, en.verdict) == (pytest.approx(1.0), "satisfactory")
    assert over.verdict == "unsatisfactory"
    (zeta,) = zeta_scores([11.0], [0.3], 10.0, 0.4)
    assert (zeta.value, zeta.verdict) == (pytest.approx(2.0), "satisfactory")
    (prime,) = z_prime_scores([11.25], 10.0, 0.3, 0.4)
    assert (prime.name, prime.value, prime.verdict) == ("z'", pytest.approx(2.5), "questionable")
    assert (small_enough(0.29, 1.0), small_enough(0.3, 1.0)) == (True, False)


def test_scores_of_impossible_figures_are_refused() -> None:
    for wrong in (
        lambda: z_scores([1.0], 1.0, 0.0),
        lambda: z_scores([math.nan], 1.0, 1.0),
        lambda: en_scores([1.0], [-0.1], 1.0, 0.1),
        lambda: en_scores([1.0], [0.0], 1.0, 0.0),
        lambda: en_scores([1.0, 2.0], [0.1], 1.0, 0.1),
        lambda: z_prime_scores([1.0], 1.0, 1.0, -0.1),
    ):
        with pytest.raises(DocumentError):
            wrong()


@pytest.mark.parametrize(
    ("dof", "eta", "xi"),
    [(1, 1.645, 1.097), (2, 1.517, 1.054), (3, 1.444, 1.039), (5, 1.359, 1.027), (8, 1.292, 1.019)],
)
def test_factors_of_algorithm_s_are_those_of_the_table(dof: int, eta: float, xi: float) -> None:
    """ISO 13528:2022, table C.1."""
    found = factors_of_s(dof)
    assert (round(found[0], 3), round(found[1], 3)) == (eta, xi)


def test_the_factor_of_algorithm_a_is_the_printed_one() -> None:
    assert exact_factor() == pytest.approx(1.134, abs=7e-4)
    sample = np.random.default_rng(4).normal(2.0, 0.5, 100_000)
    found = algorithm_a(sample, exact_factor())
    assert (found.x, found.s) == (pytest.approx(2.0, abs=0.006), pytest.approx(0.5, rel=0.01))


def test_algorithm_s_finds_sigma_of_normal_ranges_and_ignores_a_wild_one() -> None:
    s = np.abs(np.random.default_rng(5).standard_normal(50_000))  # standard deviations with one degree of freedom
    assert algorithm_s(s, 1) == pytest.approx(1.0, rel=0.02)
    assert algorithm_s([0.28, 0.49, 0.40, 0.00, 0.35, 1.98, 0.80, 0.32, 0.95], 1) < 0.8


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=12))
def test_algorithm_a_rests_where_its_own_step_leaves_it(x: list[float]) -> None:
    if len(set(x)) > len(x) // 2 + 1 and float(np.std(x)) > 1e-3:
        found = algorithm_a(x)
        held = np.clip(x, found.x - 1.5 * found.s, found.x + 1.5 * found.s)
        assert found.x == pytest.approx(float(held.mean()), abs=1e-9)
        assert found.s == pytest.approx(1.134 * float(held.std(ddof=1)), rel=1e-9, abs=1e-9)


def test_robust_figures_of_nothing_are_refused() -> None:
    for wrong in (
        lambda: algorithm_a([1.0]),
        lambda: algorithm_s([0.0, 0.0, 1.0], 1),
        lambda: algorithm_s([-1.0, 1.0], 1),
        lambda: algorithm_s([1.0, 2.0], 0),
    ):
        with pytest.raises(DocumentError):
            wrong()
    assert algorithm_a([2.0, 2.0, 2.0]).s == 0.0
