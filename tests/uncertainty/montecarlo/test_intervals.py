"""Intervals against the ranks that JCGM 101:2008, 7.7 counts, by a plain sort."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncertainty.montecarlo import intervals, moments


def by_the_standard(values: list[float], p: float) -> tuple[float, float, float]:
    """(y_low, y_high) of 7.7.2 with ranks from 1, and the shortest length of 7.7.3."""
    y = sorted(values)
    M = len(y)
    q = int(p * M) if p * M == int(p * M) else int(p * M + 0.5)
    r = (M - q) // 2 if (M - q) % 2 == 0 else (M - q + 1) // 2
    return y[r - 1], y[r + q - 1], min(y[i + q] - y[i] for i in range(M - q))


@given(st.lists(st.integers(-50, 50), min_size=100, max_size=300), st.sampled_from([0.25, 0.5, 0.75, 0.9375]))
def test_ranks_are_those_of_the_standard(found: list[int], p: float) -> None:
    low, high, length = by_the_standard([float(x) for x in found], p)
    got = intervals(np.array(found, dtype=float), p)
    assert got.symmetric == (low, high)
    assert got.shortest[1] - got.shortest[0] == length


@pytest.mark.parametrize("p", [0.5, 0.7, 0.9, 0.95, 0.99, 0.9973, 0.99999])
@pytest.mark.parametrize("kind", ["normal", "ordered", "exponential", "few", "cauchy"])
def test_a_million_values_are_treated_as_a_few_are(p: float, kind: str) -> None:
    stream = np.random.default_rng(2)
    values = {
        "normal": stream.normal(size=100_000),
        "ordered": np.linspace(0, 1, 100_000) ** 2,
        "exponential": stream.exponential(size=100_000),
        "few": stream.integers(0, 4, 100_000).astype(float),
        "cauchy": stream.standard_cauchy(100_000),
    }[kind]
    before = values.copy()
    low, high, length = by_the_standard(values.tolist(), p)
    got = intervals(values, p)
    assert got.symmetric == (low, high)
    assert got.shortest[1] - got.shortest[0] == length
    assert np.array_equal(values, before)


def test_intervals_of_an_exponential() -> None:
    """Closed form: symmetric −ln(0.975) to −ln(0.025); shortest 0 to −ln(0.05)."""
    got = intervals(np.random.default_rng(1).exponential(size=400_000), 0.95)
    assert got.symmetric == pytest.approx((-math.log(0.975), -math.log(0.025)), abs=0.05)
    assert got.shortest == pytest.approx((0, -math.log(0.05)), abs=0.03)


def test_moments_are_exact_to_the_last_digits_far_from_zero() -> None:
    """Numbers of few bits: mean and covariance by whole-number arithmetic."""
    x = np.arange(200_000) % 7
    y = (np.arange(200_000) * 3) % 5
    mean, V = moments(np.array([x + 2.0**40, y - 2.0**40]))
    n, sx, sy, sxy, sxx = len(x), int(x.sum()), int(y.sum()), int((x * y).sum()), int((x * x).sum())
    assert mean - [2.0**40, -(2.0**40)] == pytest.approx([sx / n, sy / n], abs=1e-3)
    assert V[0, 1] == pytest.approx((sxy - sx * sy / n) / (n - 1), rel=1e-6)
    assert V[0, 0] == pytest.approx((sxx - sx * sx / n) / (n - 1), rel=1e-6)
