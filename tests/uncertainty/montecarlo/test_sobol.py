"""Sobol' indices against closed forms: Ishigami's function, linear models, a product."""

from __future__ import annotations

import math
from typing import Any

import pytest

import uncertainty
from uncertainty import EvaluationError
from uncertainty.montecarlo.sobol import Index, sobol


def indices(
    quantities: dict[str, Any], expression: str, trials: int = 400_000, **more: Any
) -> dict[tuple[str, ...], Index]:
    document = {"budget": 1, "quantities": quantities, "measurands": {"y": {"expression": expression}}, **more}
    return {index.names: index for index in sobol(uncertainty.compile(document), trials, seed=17)["y"]}


def agrees(found: Index, first: float, total: float) -> bool:
    """Within four and a half of the sampling uncertainties stated, which have to be small and not nothing."""
    assert 0 < found.u_first < 0.01 and 0 < found.u_total < 0.01
    return abs(found.first - first) < 4.5 * found.u_first and abs(found.total - total) < 4.5 * found.u_total


def test_ishigami_has_the_indices_of_its_closed_form() -> None:
    """Ishigami and Homma (1990), a = 7, b = 0.1: V = a²/8 + bπ⁴/5 + b²π⁸/18 + ½."""
    x = {"distribution": "rectangular", "lower": -math.pi, "upper": math.pi}
    found = indices({"x1": x, "x2": x, "x3": x}, "sin(x1) + 7*sin(x2)**2 + 0.1*x3**4*sin(x1)")
    a, b, pi = 7.0, 0.1, math.pi
    V = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    one, two, both = 0.5 * (1 + b * pi**4 / 5) ** 2 / V, a**2 / 8 / V, b**2 * pi**8 * (1 / 18 - 1 / 50) / V
    assert agrees(found["x1",], one, one + both)
    assert agrees(found["x2",], two, two)
    assert agrees(found["x3",], 0.0, both)


def test_a_linear_model_has_its_shares_of_variance() -> None:
    """First = total = (c u)² / u_c²; of a t the variance is u²·ν/(ν − 2)."""
    quantities = {
        "a": {"value": 10, "u": 2},
        "b": {"distribution": "rectangular", "lower": 0, "upper": 6},
        "c": {"value": 1, "u": 1, "dof": 6},
        "zero": {"value": 3, "u": 1},
        "n": {"value": 3, "exact": True},
    }
    found = indices(quantities, "a - 2*b + c*n + 0*zero")
    parts = {"a": 4.0, "b": 4 * 3.0, "c": 9 * 6 / 4, "zero": 0.0}
    for name in ("a", "b", "c"):
        share = parts[name] / sum(parts.values())
        assert agrees(found[name,], share, share)
    assert found["zero",].total == 0
    assert ("n",) not in found


def test_a_product_of_two_centred_quantities_is_all_interaction() -> None:
    found = indices({"a": {"value": 0, "u": 3}, "b": {"value": 0, "u": 1}}, "a*b")
    assert agrees(found["a",], 0.0, 1.0) and agrees(found["b",], 0.0, 1.0)


def test_what_depends_on_each_other_is_one_input() -> None:
    """var(a + b) with r = 0.5: 3 of 4; c shares its source with d: (c − d) cancels it, each leaves 1/2."""
    quantities = {
        "a": {"value": 0, "u": 1},
        "b": {"value": 0, "u": 1},
        "c": {"components": [{"u": 5, "id": "s"}, {"u": math.sqrt(0.5)}], "value": 1},
        "d": {"value": 1, "u": 5, "id": "s"},
        "e": {"value": 0, "u": math.sqrt(0.5)},
    }
    found = indices(quantities, "a + b + c - d + e", correlations=[{"between": ["a", "b"], "r": 0.5}])
    assert list(found) == [("a", "b"), ("c", "d"), ("e",)]
    assert agrees(found["a", "b"], 0.75, 0.75)
    assert agrees(found["c", "d"], 0.125, 0.125)


def test_readings_taken_together_are_one_input() -> None:
    quantities = {"V": {"readings": [5.007, 4.994, 5.005, 4.990, 4.999]}, "I": {"readings": [19.663, 19.639, 19.640, 19.685, 19.678]}, "k": {"value": 1, "u": 0.001}}  # fmt: skip
    found = indices(quantities, "k*V/I", observed_together=[["V", "I"]])
    assert list(found) == [("V", "I"), ("k",)]
    assert found["V", "I"].first + found["k",].first == pytest.approx(1, abs=0.03)


def test_chained_measurands_and_one_that_does_not_vary() -> None:
    document = {
        "budget": 1,
        "quantities": {"a": {"value": 1, "u": 1}, "b": {"value": 1, "u": 2}, "n": {"value": 2, "exact": True}},
        "measurands": {"y": {"expression": "a + b"}, "z": {"expression": "n*y - b"}, "m": {"expression": "n**2"}},
    }
    found = sobol(uncertainty.compile(document), 100_000, seed=2)
    assert [round(index.first, 1) for index in found["z"]] == [0.5, 0.5]
    assert found["m"] == []


def test_no_variance_and_no_number_are_refused_with_the_measurand() -> None:
    with pytest.raises(EvaluationError, match=r"measurands\.y"):
        indices({"x": {"readings": [1.0, 2.0, 3.0]}}, "x")
    with pytest.raises(EvaluationError, match=r"measurands\.y.*not finite"):
        indices({"x": {"value": 1, "u": 1}}, "log(x)")


def test_the_same_seed_gives_the_same_indices() -> None:
    quantities = {"a": {"value": 10, "u": 2}, "b": {"value": 0, "u": 2}}
    assert indices(quantities, "a*b", 1000) == indices(quantities, "a*b", 1000)
