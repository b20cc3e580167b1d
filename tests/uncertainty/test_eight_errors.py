"""Errors seen in other programs, each of them impossible here."""

from __future__ import annotations

import json
import math
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

import uncertainty

TRIALS = 400_000


def evaluated(quantities: dict[str, Any], expression: str = "x", **more: Any) -> uncertainty.Evaluation:
    found = {"budget": 1, "quantities": quantities, "measurands": {"y": {"expression": expression}}} | more
    return uncertainty.evaluate(found, method="both", trials=TRIALS, seed=7)


def u_sampled(found: uncertainty.Evaluation) -> float:
    assert found.monte_carlo is not None
    return float(found.monte_carlo["measurands"]["y"]["u"])


def test_1_type_b_beside_readings_counts_once() -> None:
    readings = list(np.linspace(-1, 1, 31))
    found = evaluated({"x": {"components": [{"readings": readings}, {"u": 1}]}})
    s = np.std(readings, ddof=1) / math.sqrt(31)
    assert found.results["y"].u == pytest.approx(math.hypot(s, 1))
    assert u_sampled(found) == pytest.approx(math.sqrt(s**2 * 30 / 28 + 1), rel=0.006)


def test_2_difference_of_correlated_inputs_of_five_degrees_of_freedom() -> None:
    """Willink, Metrologia 44 (2007) 340: ν = 10 for a − b with r = 0.9 and ν = 5 each; 5 where read together."""
    x = {"value": 1, "u": 0.1, "dof": 5}
    document = {
        "budget": 1,
        "quantities": {"a": x, "b": x},
        "correlations": [{"between": ["a", "b"], "r": 0.9}],
        "measurands": {"y": {"expression": "a - b"}},
    }
    assert uncertainty.evaluate(document).results["y"].dof == pytest.approx(10)
    rows = {"a": [1.0, 1.2, 0.9, 1.1, 1.3, 0.8], "b": [1.1, 1.3, 0.8, 1.1, 1.2, 0.9]}
    together = {
        "budget": 1,
        "quantities": {name: {"readings": row} for name, row in rows.items()},
        "observed_together": [["a", "b"]],
        "measurands": {"y": {"expression": "a - b"}},
    }
    result = uncertainty.evaluate(together).results["y"]
    difference = np.array(rows["a"]) - np.array(rows["b"])
    assert result.dof == pytest.approx(5)
    assert result.u == pytest.approx(np.std(difference, ddof=1) / math.sqrt(6))


def test_3_two_type_b_parts_of_a_correlated_quantity_are_drawn_apart() -> None:
    """u² = 1 + 1 for each of two quantities; r = 0.1 of the totals: √(2 + 2 + 2·0.1·2) = 2.10, not 2.65."""
    part = {"distribution": "rectangular", "half_width": math.sqrt(3)}
    two = {"value": 0, "components": [part, part]}
    found = evaluated({"a": two, "b": two}, "a + b", correlations=[{"between": ["a", "b"], "r": 0.1}])
    assert found.results["y"].u == pytest.approx(math.sqrt(4.4))
    assert u_sampled(found) == pytest.approx(2.0976, rel=0.006)


def test_4_arcsine_and_curvilinear_trapezoid_from_their_limits() -> None:
    arcsine = evaluated({"x": {"distribution": "arcsine", "value": 0, "half_width": 1}})
    assert round(arcsine.results["y"].u, 3) == 0.707
    assert u_sampled(arcsine) == pytest.approx(0.7071, rel=0.006)
    curved = evaluated({"x": {"distribution": "curvilinear_trapezoidal", "lower": -1, "upper": 1, "d": 0.1}})
    assert round(curved.results["y"].u, 3) == 0.578
    assert u_sampled(curved) == pytest.approx(0.5783, rel=0.006)


def test_5_a_square_at_zero_warns_that_the_first_order_is_empty() -> None:
    """y = x², x = 0 ± 1: mean 1, u √2."""
    found = evaluated({"x": {"value": 0, "u": 1}}, "x**2")
    assert found.results["y"].u == 0
    assert found.warnings[0]["place"] == "measurands.y"
    assert set(found.warnings[0]["text"]) == {"zh", "en"}
    assert u_sampled(found) == pytest.approx(math.sqrt(2), rel=0.01)
    assert found.monte_carlo is not None
    assert found.monte_carlo["measurands"]["y"]["mean"] == pytest.approx(1, rel=0.01)
    assert found.validation is not None and not found.validation["y"]["valid"]


def test_5_no_warning_where_the_first_order_is_all() -> None:
    assert evaluated({"a": {"value": 1, "u": 0.1}, "b": {"value": 0, "u": 2}}, "3*a - b/2").warnings == []
    assert evaluated({"a": {"value": 100, "u": 0.1}, "b": {"value": 50, "u": 0.1}}, "a*b").warnings == []


def test_6_a_t_has_scale_u_in_sampling_and_u_with_nu_in_the_law_of_propagation() -> None:
    readings = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    found = evaluated({"x": {"readings": readings}}, coverage=0.95)
    s = math.sqrt(28 / 6 / 7)
    assert (found.results["y"].u, found.results["y"].dof) == pytest.approx((s, 6))
    assert round(found.results["y"].k, 2) == 2.45  # JCGM 100:2008, table G.2
    assert u_sampled(found) == pytest.approx(s * math.sqrt(6 / 4), rel=0.02)
    assert found.monte_carlo is not None
    low, high = found.monte_carlo["measurands"]["y"]["interval_symmetric"]
    assert (high - low) / 2 == pytest.approx(found.results["y"].U, rel=0.01)


def _again(data: dict[str, Any]) -> dict[str, Any]:
    return uncertainty.Result.from_dict(data).to_dict()


def test_7_a_minus_a_is_zero_after_archive_pickle_and_process() -> None:
    quantities = {"p": {"value": 3, "u": 0.3, "dof": 4}, "q": {"value": 2, "u": 0.7}}
    a = evaluated(quantities, "p*q + 1/p", correlations=[{"between": ["p", "q"], "r": 0.4}]).results["y"]
    archived = uncertainty.Result.from_dict(json.loads(json.dumps(a.to_dict())))
    pickled = pickle.loads(pickle.dumps(a))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        worked = uncertainty.Result.from_dict(pool.submit(_again, a.to_dict()).result(timeout=60))
    for other in (archived, pickled, worked):
        difference = uncertainty.combine("d", [(1.0, a), (-1.0, other)])
        assert (difference.value, difference.u) == (0.0, 0.0)
        V = uncertainty.covariance([a, other])
        assert V[0, 0] + V[1, 1] - 2 * V[0, 1] == 0.0


def test_8_a_relative_uncertainty_follows_the_value_in_a_sweep() -> None:
    document = {
        "budget": 1,
        "quantities": {"x": {"value": 1, "u": "1 %", "unit": "V"}},
        "measurands": {"y": {"expression": "x", "unit": "V"}},
    }
    swept = uncertainty.evaluate_batch(document, {"x": {"value": np.array([1.0, 10.0, -100.0])}})
    assert swept.results["y"].u.tolist() == pytest.approx([0.01, 0.1, 1.0])
