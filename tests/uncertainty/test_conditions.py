"""Conditions, min and max in models: the branch that is taken, its slope, its unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty.errors import UncertaintyError


def budget(model: str, unit: str = "1", **quantities: Any) -> dict[str, Any]:
    return {"budget": 1, "quantities": quantities, "measurands": {"y": {"expression": model, "unit": unit}}}


def test_the_branch_that_is_taken_gives_value_and_slope() -> None:
    model = "where(x < 0, -x, where(x >= 10 or x > 9.5, 2*x + 1, x**2))"
    for x, value, slope in ((-2.0, 2.0, -1.0), (3.0, 9.0, 6.0), (9.7, 20.4, 2.0), (12.0, 25.0, 2.0)):
        found = uncertainty.evaluate(budget(model, x={"value": x, "u": 0.1}))
        assert math.isclose(found.results["y"].value, value)
        assert math.isclose(found.contributions["y"][0]["sensitivity"], slope)


@pytest.mark.parametrize("x", [-2.0, -1.0, 0.0, 0.5, 1.0, 2.0])
def test_conditions_are_those_of_python(x: float) -> None:
    condition = "not x < -1 and (x <= 0.5 or x > 1) and -5 < x < 2"
    found = uncertainty.evaluate(budget(f"where({condition}, 1*x, 3*x)", x={"value": x, "u": 0.1}))
    wanted = (not x < -1) and (x <= 0.5 or x > 1) and -5 < x < 2
    assert found.contributions["y"][0]["sensitivity"] == (1.0 if wanted else 3.0)


def test_a_branch_without_a_value_does_no_harm_where_it_is_not_taken() -> None:
    found = uncertainty.evaluate(budget("where(x > 0, sqrt(x), -sqrt(-x))", x={"value": -4.0, "u": 0.4}))
    assert (found.results["y"].value, round(found.results["y"].u, 12)) == (-2.0, 0.1)


def test_thresholds_of_a_specification_by_range_with_units() -> None:
    """0.1 % of reading above 1 V, else 1 mV; and the larger of two, in one unit."""
    v = {"value": 2.0, "u": 0.01, "unit": "V"}
    one = {"value": 1000, "unit": "mV", "exact": True}
    flat = {"value": 1, "unit": "mV", "exact": True}
    for model in ("where(v > one, 0.001*v, flat)", "max(0.001*v, flat)"):
        result = uncertainty.evaluate(budget(model, "mV", v=v, one=one, flat=flat)).results["y"]
        assert math.isclose(result.value, 2.0)
        assert math.isclose(result.u, 0.01, rel_tol=1e-12)
    assert uncertainty.evaluate(budget("min(0.001*v, flat)", "mV", v=v, flat=flat)).results["y"].u == 0.0
    assert math.isclose(uncertainty.evaluate(budget("max(v, 0)", "V", v=v)).results["y"].u, 0.01)


def test_temperatures_are_compared_with_temperatures() -> None:
    t, limit = {"value": 25, "u": 0.1, "unit": "degC"}, {"value": 20, "unit": "degC", "exact": True}
    found = uncertainty.evaluate(budget("where(t > limit, t, limit)", "degC", t=t, limit=limit)).results["y"]
    assert (found.value, round(found.u, 12)) == (25.0, 0.1)


def test_a_truncated_quantity_in_monte_carlo() -> None:
    """max(x, 0) of a normal about 0: mean 1/√(2π), u = √(½ − 1/(2π)); the first order is warned of."""
    found = uncertainty.evaluate(budget("max(x, 0)", x={"value": 0, "u": 1}), method="both", trials=400_000, seed=2)
    assert found.monte_carlo is not None
    drawn = found.monte_carlo["measurands"]["y"]
    assert abs(drawn["mean"] - 1 / math.sqrt(2 * math.pi)) < 0.005
    assert abs(drawn["u"] - math.sqrt(0.5 - 1 / (2 * math.pi))) < 0.005
    assert [warning["code"] for warning in found.warnings] == ["weak_first_order"]


def test_a_jump_within_one_u_is_warned_of_though_no_slope_shows_it() -> None:
    near = uncertainty.evaluate(budget("where(x > 0, 5, 6)", x={"value": 0.2, "u": 1}))
    assert near.results["y"].u == 0.0
    assert [warning["code"] for warning in near.warnings] == ["weak_first_order"]
    assert uncertainty.evaluate(budget("where(x > 0, 5, 6)", x={"value": 20, "u": 1})).warnings == []


def test_a_batch_takes_each_budget_its_own_branch() -> None:
    x = np.array([-1.0, 2.0])
    found = uncertainty.evaluate_batch(budget("where(x < 0, -3*x, x)", x={"value": 0, "u": 0.1}), {"x": {"value": x}})
    assert np.allclose(found.results["y"].u, [0.3, 0.1])
    assert np.allclose(found.results["y"].value, [3.0, 2.0])


@pytest.mark.parametrize(
    "model",
    [
        "where(x, 1, 2)",
        "where(x < 1, 2)",
        "x < 1",
        "x + (x < 1)",
        "sqrt(x > 1)",
        "where(x == 1, 1, 2)",
        "where(x < 1 < v, 1, 2)",
        "where(x < v, 1, 2)",
        "where(x < 1, v, 2)",
        "max(x, v)",
        "min(v, t)",
        "where(t > 0, 1, 2)",
        "where(x < 1, t, 2*t)",
        "1 if x < 1 else 2",
        "where(1j < x, 1, 2)",
        "x in (1, 2)",
        "not x",
    ],
)
def test_what_is_no_condition_or_of_two_dimensions_is_refused(model: str) -> None:
    quantities = {"x": {"value": 1, "u": 0.1}, "v": {"value": 1, "u": 0.1, "unit": "V"}}
    quantities["t"] = {"value": 1, "u": 0.1, "unit": "degC"}
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(budget(model, **quantities))
    assert refused.value.facts["place"] == "measurands.y.expression"
