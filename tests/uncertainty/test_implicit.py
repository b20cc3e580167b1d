"""Models that solve an equation, against closed forms and the same model solved by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import uncertainty
from uncertainty.errors import UncertaintyError


def budget(equation: str, start: Any, unit: str = "1", **quantities: Any) -> dict[str, Any]:
    return {
        "budget": 1,
        "quantities": quantities,
        "measurands": {"y": {"implicit": equation, "start": start, "unit": unit}},
    }


def test_a_pressure_balance_needs_its_own_pressure() -> None:
    """JCGM 102:2011, 6.3.1.4 in form: p A0 (1 + λ p) = m g; the root of the quadratic is known in closed form."""
    A0, lam, W = 9.8e-6, 4e-12, 980.0  # m², 1/Pa, N
    document = budget(
        "p_eff*A0*(1 + lam*p_eff) - W".replace("p_eff", "y"), 1e8, "Pa",
        A0={"value": A0, "u": 1e-10, "unit": "m**2"},
        lam={"value": lam, "u": 4e-13, "unit": "1/Pa"},
        W={"value": W, "u": 0.01, "unit": "N"},
    )  # fmt: skip
    document["quantities"]["lam"]["id"] = "lambda"
    closed = {
        "budget": 1,
        "quantities": document["quantities"],
        "measurands": {"y": {"expression": "(sqrt(1 + 4*lam*W/A0) - 1)/(2*lam)", "unit": "Pa"}},
    }
    found, wanted = uncertainty.evaluate(document), uncertainty.evaluate(closed)
    a, b = found.results["y"], wanted.results["y"]
    assert math.isclose(a.value, (math.sqrt(1 + 4 * lam * W / A0) - 1) / (2 * lam), rel_tol=1e-12)
    assert math.isclose(a.u, b.u, rel_tol=1e-9)
    for mine, other in zip(found.contributions["y"], wanted.contributions["y"], strict=True):
        assert math.isclose(mine["sensitivity"], other["sensitivity"], rel_tol=1e-8)


@settings(max_examples=50, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 4), st.sampled_from([0.0, 1.0, -3.0, [-50.0, 50.0]]))
def test_a_monotone_equation_is_solved_from_anywhere(x: float, a: float, start: Any) -> None:
    """y³ + a y = x has one root: Cardano's."""
    document = budget("y**3 + a*y - x", start, x={"value": x, "u": 0.1}, a={"value": a, "u": 0.01})
    result = uncertainty.evaluate(document).results["y"]
    half = math.sqrt(x * x / 4 + a**3 / 27)
    root = math.cbrt(x / 2 + half) + math.cbrt(x / 2 - half)
    assert math.isclose(result.value, root, rel_tol=1e-9, abs_tol=1e-9)
    slope = 1 / (3 * root**2 + a)
    assert math.isclose(result.u, math.hypot(0.1 * slope, 0.01 * root * slope), rel_tol=1e-6)


def test_newton_alone_would_diverge_and_the_ends_hold_it() -> None:
    """atan(y − 3) = x from 100: plain Newton runs away."""
    for start in (100.0, [-200.0, 100.0]):
        result = uncertainty.evaluate(budget("atan(y - 3) - x", start, x={"value": 0.5, "u": 0.01})).results["y"]
        assert math.isclose(result.value, 3 + math.tan(0.5), rel_tol=1e-12)
        assert math.isclose(result.u, 0.01 / math.cos(0.5) ** 2, rel_tol=1e-9)


def test_the_ends_choose_among_several_roots() -> None:
    for ends, root in (([0.1, 9.0], 2.0), ([-9.0, -0.1], -2.0)):
        result = uncertainty.evaluate(budget("y**2 - x", ends, x={"value": 4.0, "u": 0.4})).results["y"]
        assert math.isclose(result.value, root, rel_tol=1e-12)
        assert math.isclose(result.u, 0.1, rel_tol=1e-12)


def test_monte_carlo_and_batches_solve_on_arrays() -> None:
    """exp(y) + y = x against the Wright ω function of scipy: y = x − ω(x)."""
    from scipy.special import wrightomega

    document = budget("exp(y) + y - x", 0.0, x={"value": 2.0, "distribution": "rectangular", "half_width": 1.5})
    found = uncertainty.evaluate(document, method="both", trials=100_000, seed=5)
    assert found.monte_carlo is not None
    low, high = found.monte_carlo["measurands"]["y"]["interval_symmetric"]
    for p, end in ((0.025, low), (0.975, high)):
        x = 2.0 + 1.5 * (2 * p - 1)
        assert abs(end - (x - float(wrightomega(x)))) < 0.01
    at = np.linspace(-3, 8, 12)
    many = uncertainty.evaluate_batch(budget("exp(y) + y - x", 0.0, x={"value": 0, "u": 0.1}), {"x": {"value": at}})
    solved = at - np.array([float(wrightomega(x)) for x in at])
    assert np.allclose(many.results["y"].value, solved, rtol=1e-12, atol=1e-12)
    assert np.allclose(many.results["y"].u, 0.1 / (np.exp(solved) + 1), rtol=1e-9)


def test_start_and_ends_take_a_unit_of_their_own() -> None:
    x = {"value": 4.0, "u": 0.4, "unit": "V**2"}
    for start in ("1500 mV", ["0.1 V", "9000 mV"], 1500.0):
        result = uncertainty.evaluate(budget("y**2 - x", start, "mV", x=x)).results["y"]
        assert math.isclose(result.value, 2000.0, rel_tol=1e-12)
        assert math.isclose(result.u, 100.0, rel_tol=1e-12)


def test_later_models_use_the_solution_and_share_its_sources() -> None:
    document = budget("y - 2*x", 1.0, x={"value": 3.0, "u": 0.1})
    document["measurands"]["nothing"] = {"expression": "y - 2*x"}
    assert uncertainty.evaluate(document).results["nothing"].u == 0.0


def test_the_tables_name_the_equation() -> None:
    from uncertainty.presentation import tables

    compiled = uncertainty.compile(budget("y**2 - x", 1.0, x={"value": 4.0, "u": 0.4}))
    assert tables(compiled, compiled.evaluate())["y"].expression == "y**2 - x = 0"


X = {"value": 1.0, "u": 0.1}


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"implicit": "y**2 + 1 + x", "start": 1.0}, "measurands.y"),
        ({"implicit": "y**2 + x", "start": [0.0, 1.0]}, "measurands.y"),
        ({"implicit": "2*x - 1", "start": 1.0}, "measurands.y.implicit"),
        ({"implicit": "y - x", "start": [1.0, 1.0]}, "measurands.y.start"),
        ({"implicit": "y - x", "start": "soon"}, "measurands.y.start"),
        ({"implicit": "y - x"}, "measurands.y.start"),
        ({"implicit": "y - x", "start": 1.0, "unit": "V"}, "measurands.y.implicit"),
        ({"implicit": 3, "start": 1.0}, "measurands.y.implicit"),
        ({"implicit": "y - x*(1 + 1j)", "start": 1.0}, "measurands.y.implicit"),
        ({"implicit": "y - x", "expression": "x", "start": 1.0}, "measurands.y.expression"),
    ],
)
def test_what_has_no_solution_is_refused_with_its_place(entry: dict[str, Any], place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate({"budget": 1, "quantities": {"x": X}, "measurands": {"y": entry}})
    assert refused.value.facts["place"] == place
