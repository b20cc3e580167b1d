"""Readings that are correlated with those before them."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty import DocumentError


def budget(**entry: Any) -> dict[str, Any]:
    return {"budget": 1, "quantities": {"x": entry}, "measurands": {"y": {"expression": "1*x"}}}


def by_hand(x: list[float]) -> tuple[float, float]:
    """(u, ν) by plain sums, after the definition of the sample autocorrelation."""
    n, mean = len(x), statistics.fmean(x)
    whole = math.fsum((a - mean) ** 2 for a in x)
    total = 1.0
    for k in range(1, n - 1):
        rho = math.fsum((a - mean) * (b - mean) for a, b in zip(x, x[k:], strict=False)) / whole
        if abs(rho) <= 1.96 / math.sqrt(n):
            break
        total += 2 * (1 - k / n) * rho
    return statistics.stdev(x) * math.sqrt(total / n), n / total - 1


def drifting(seed: int, n: int = 60, phi: float = 0.8) -> list[float]:
    stream, value, found = np.random.default_rng(seed), 0.0, []
    for shock in stream.standard_normal(n + 50):
        value = phi * value + float(shock)
        found.append(value)
    return found[50:]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_u_and_dof_of_the_mean_follow_the_effective_number_of_readings(seed: int) -> None:
    x = drifting(seed)
    u, nu = by_hand(x)
    result = uncertainty.evaluate(budget(readings=x, autocorrelated=True)).results["y"]
    assert math.isclose(result.u, u, rel_tol=1e-12)
    assert math.isclose(result.dof, nu, rel_tol=1e-12)
    assert result.u > 1.5 * statistics.stdev(x) / math.sqrt(len(x))


def test_independent_readings_lose_nothing() -> None:
    """A series whose first autocorrelation is insignificant: s/√n and n − 1."""
    x = [1.0, 2.0, 2.0, 1.0, 3.0, 1.0, 1.0, 2.0, 3.0, 2.0, 2.0, 1.0]
    plain = uncertainty.evaluate(budget(readings=x)).results["y"]
    found = uncertainty.evaluate(budget(readings=x, autocorrelated=True)).results["y"]
    assert (found.u, found.dof) == (plain.u, plain.dof)


def test_the_mean_of_an_autoregressive_series_scatters_as_u_says() -> None:
    """AR(1), φ = 0.6, 400 readings: variance of the mean σ²/n (1 + φ)/(1 − φ) for long series."""
    series = np.array([drifting(seed, 400, 0.6) for seed in range(200)])
    columns = {"x": {"readings": series}}
    found = uncertainty.evaluate_batch(budget(readings=[0.0, 1.0], autocorrelated=True), columns)
    u = found.results["y"].u
    true = math.sqrt(1 / (1 - 0.36) / 400 * 1.6 / 0.4)
    assert abs(np.sqrt(np.mean(u**2)) / true - 1) < 0.1
    assert abs(np.std(series.mean(axis=1)) / true - 1) < 0.15


def test_a_batch_is_its_single_budgets() -> None:
    series = np.array([drifting(seed, 30) for seed in (5, 6, 7)])
    found = uncertainty.evaluate_batch(budget(readings=[0.0], autocorrelated=True), {"x": {"readings": series}})
    for row, x in enumerate(series):
        one = uncertainty.evaluate(budget(readings=x.tolist(), autocorrelated=True)).results["y"]
        assert math.isclose(found.results["y"].u[row], one.u, rel_tol=1e-12)
        assert math.isclose(found.results["y"].dof[row], one.dof, rel_tol=1e-12)


def test_monte_carlo_draws_the_same_quantity() -> None:
    """A t of scale u and ν: its interval is y ± t u (JCGM 101:2008, 6.4.9.4)."""
    document = budget(readings=drifting(4), autocorrelated=True) | {"coverage": 0.95}
    found = uncertainty.evaluate(document, method="both", trials=400_000, seed=7)
    result = found.results["y"]
    assert found.monte_carlo is not None
    low, high = found.monte_carlo["measurands"]["y"]["interval_symmetric"]
    assert abs((high - low) / 2 / result.U - 1) < 0.03  # k is of the truncated ν


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"readings": [1.0, 2.0, 3.0], "autocorrelated": True}, "quantities.x.readings"),
        ({"readings": drifting(1), "autocorrelated": "yes"}, "quantities.x.autocorrelated"),
        ({"readings": drifting(1), "autocorrelated": True, "type_a": "range"}, "quantities.x.type_a"),
        ({"readings": drifting(1), "autocorrelated": True, "pooled": {"s": 1}}, "quantities.x.pooled"),
    ],
)
def test_what_cannot_be_is_refused(entry: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentError) as refused:
        uncertainty.evaluate(budget(**entry))
    assert refused.value.facts["place"] == place
