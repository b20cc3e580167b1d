"""Mean, s and r1 against exact arithmetic on the decimals, and autocorrelated means against their closed form."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncertainty import DocumentError, EvaluationError
from uncertainty.statistics import autocorrelated_mean, autocorrelations, summary


def test_thirteen_constant_leading_digits_cost_nothing() -> None:
    """NumAcc4 of NIST StRD: 10000000.2, then 10000000.1 and 10000000.3 by turns; mean …0.2, s 0.1, r1 −0.999."""
    found = summary([10000000.2] + [10000000.1, 10000000.3] * 500)
    assert (found.n, found.mean, found.s, found.r1) == (1001, 10000000.2, 0.1, -0.999)
    shifted = summary([1000000000000.4, 1000000000000.3, 1000000000000.5])
    assert (shifted.mean, shifted.s) == (1000000000000.4, 0.1)


@given(st.lists(st.decimals(-1000, 1000, places=4), min_size=2, max_size=30), st.integers(-20, 20))
def test_it_is_the_standard_librarys_exact_variance(values: list[Decimal], power: int) -> None:
    scaled = [value.scaleb(power) for value in values]
    found = summary(scaled)
    assert found.mean == pytest.approx(float(statistics.mean(scaled)), rel=1e-15)
    assert found.s == pytest.approx(float(statistics.stdev(scaled)), rel=1e-14)
    assert found.u == pytest.approx(float(statistics.stdev(scaled)) / math.sqrt(len(values)), rel=1e-14)
    assert (found.low, found.high) == (float(min(scaled)), float(max(scaled)))


def test_one_reading_and_equal_readings_have_no_figure_that_would_be_nan() -> None:
    assert (summary([2.5]).s, summary([2.5]).r1) == (None, None)
    assert (summary([2.5, 2.5]).s, summary([2.5, 2.5]).r1) == (0.0, None)


def test_the_widest_floats_are_summed() -> None:
    found = summary([1e300, -1e300, 1e-300])
    assert found.s == pytest.approx(1e300, rel=1e-15)
    assert found.mean == pytest.approx(1e-300 / 3, rel=1e-15)


@pytest.mark.parametrize("wrong", [[], [1.0, math.nan], [math.inf], ["a"], [[1.0, 2.0]]])
def test_what_is_no_series_is_refused(wrong: list[float]) -> None:
    with pytest.raises(DocumentError):
        summary(wrong)


def autoregressive(seed: int, n: int, phi: float) -> np.ndarray:
    stream, found = np.random.default_rng(seed), [0.0]
    for shock in stream.standard_normal(n + 99):
        found.append(phi * found[-1] + float(shock))
    return np.array(found[100:])


@pytest.mark.parametrize("cutoff", ["first_insignificant", "last_significant"])
def test_the_means_of_correlated_series_scatter_as_u_says(cutoff: str) -> None:
    """AR(1), φ = 0.5: variance of the mean of n is 1/(1 − φ²)/n·(1 + φ)/(1 − φ) for large n."""
    series = [autoregressive(seed, 500, 0.5) for seed in range(150)]
    u = np.array([autocorrelated_mean(x, cutoff).u for x in series])
    true = math.sqrt(1 / 0.75 / 500 * 3)
    assert math.sqrt(float(np.mean(u**2))) == pytest.approx(true, rel=0.12)
    assert float(np.std([x.mean() for x in series])) == pytest.approx(true, rel=0.15)


def test_effective_number_of_readings_of_a_slow_series() -> None:
    found = autocorrelated_mean(autoregressive(3, 400, 0.8))
    assert found.n_effective == pytest.approx(400 * (found.u_independent / found.u) ** 2)
    assert 20 < found.n_effective < 120
    assert found.dof == found.n_effective - 1


def test_autocorrelations_by_plain_sums() -> None:
    x = [1.0, 3.0, 2.0, 5.0, 4.0]
    centred = [v - 3.0 for v in x]
    by_hand = [math.fsum(a * b for a, b in zip(centred, centred[k:], strict=False)) / 10 for k in range(4)]
    assert autocorrelations(x, 4).tolist() == pytest.approx(by_hand)


def test_series_that_cannot_be_are_refused() -> None:
    with pytest.raises(EvaluationError):
        autocorrelations([1.0, 1.0, 1.0], 2)
    with pytest.raises(DocumentError):
        autocorrelations([1.0, 2.0], 3)
    with pytest.raises(DocumentError):
        autocorrelated_mean([1.0, 2.0, 3.0])
    with pytest.raises(DocumentError):
        autocorrelated_mean(list(range(20)), "all")
    assert autocorrelated_mean([1.0] * 12).u == 0.0
