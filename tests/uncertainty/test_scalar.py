"""One budget in plain floats: the derivatives by hand, the budgets of the published cases by the arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty import model
from uncertainty.scalar import OPERATIONS, Program, Single

from .published import cases, document

X, Y = 0.6, 0.3
SLOPES: list[tuple[str, float, float]] = [
    ("2*x - y/4 + 7", 2, -0.25),
    ("-x*y*x", -2 * X * Y, -X * X),
    ("x/y", 1 / Y, -X / Y**2),
    ("x**3 + y**x", 3 * X**2 + Y**X * math.log(Y), X * Y ** (X - 1)),
    ("sqrt(x) + exp(y)", 0.5 / math.sqrt(X), math.exp(Y)),
    ("log(x)*ln(y)", math.log(Y) / X, math.log(X) / Y),
    ("log10(x) + sin(y)", 1 / (X * math.log(10)), math.cos(Y)),
    ("cos(x) + tan(y)", -math.sin(X), 1 / math.cos(Y) ** 2),
    ("asin(x) + acos(y)", 1 / math.sqrt(1 - X * X), -1 / math.sqrt(1 - Y * Y)),
    ("atan(x) + sinh(y)", 1 / (1 + X * X), math.cosh(Y)),
    ("cosh(x) + tanh(y)", math.sinh(X), 1 / math.cosh(Y) ** 2),
    ("atan2(x, y)", Y / (X * X + Y * Y), -X / (X * X + Y * Y)),
    ("hypot(x, y)", X / math.hypot(X, Y), Y / math.hypot(X, Y)),
    ("x + 0*y", 1, 0),
]


@pytest.mark.parametrize(("text", "by_x", "by_y"), SLOPES, ids=[s[0] for s in SLOPES])
def test_derivatives_are_those_written_by_hand(text: str, by_x: float, by_y: float) -> None:
    _, found = Program(model.parse(text, ["x", "y"], "z")).gradient({"x": X, "y": Y})
    assert (found["x"], found["y"]) == pytest.approx((by_x, by_y), rel=1e-13)


def test_every_operation_is_tried_above() -> None:
    used = {step.op for text, _, _ in SLOPES for step in model.parse(text, ["x", "y"], "z").steps}
    assert set(OPERATIONS) <= used


PUBLISHED = [
    one for family in ("gum_annex_h", "ea_4_02", "eurachem_quam", "jcgm102_multivariate") for one in cases(family, "lpu", "lpu_multi", "lpu_raw_correlated")
]  # fmt: skip


@pytest.mark.parametrize("one", PUBLISHED, ids=[one["id"] for one in PUBLISHED])
def test_a_published_budget_is_the_same_as_on_arrays(one: dict[str, Any]) -> None:
    budget = uncertainty.compile(document(one))
    alone, arrays = Single(budget).propagate(), budget.on_arrays()
    assert alone is not None
    for name in ("values", "w", "parts", "V", "dof"):
        mine, wanted = np.asarray(getattr(alone, name)), np.asarray(getattr(arrays, name))
        assert mine.shape == wanted.shape
        assert mine == pytest.approx(
            wanted, rel=1e-9, abs=1e-12 * float(np.max(np.abs(wanted[np.isfinite(wanted)]), initial=0))
        )
    assert [set(row) for row in alone.c] == [set(row) for row in arrays.c]


def test_chained_measurands_shared_sources_and_fits() -> None:
    found = {
        "budget": 1,
        "quantities": {
            "a": {"value": 3, "u": 0.1, "id": "s", "dof": 7, "unit": "mV"},
            "b": {"value": 3, "u": 0.1, "id": "s", "dof": 7, "unit": "mV"},
            "c": {"components": [{"u": 0.2}, {"distribution": "rectangular", "half_width": 1}], "value": 2, "unit": "mV"},
        },
        "functions": {
            "f": {"expression": "p + q*x", "argument": "x", "covariance": [[0.04, -0.02], [-0.02, 0.09]], "dof": 12,
                  "coefficients": {"p": {"value": 1}, "q": {"value": 3}}}
        },
        "measurands": {"y": {"expression": "a*f(2) - b*f(2) + c", "unit": "mV"}, "z": {"expression": "y/c + f(1)"}},
    }  # fmt: skip
    budget = uncertainty.compile(found)
    alone, arrays = Single(budget).propagate(), budget.on_arrays()
    assert alone is not None
    assert pytest.approx(arrays.V, rel=1e-12) == alone.V
    assert alone.dof == pytest.approx(arrays.dof, rel=1e-9)
    assert alone.V[0, 0] == pytest.approx((0.2**2 + 1 / 3) * 1e-6)  # a·f − b·f is exactly nothing


@pytest.mark.parametrize(
    ("text", "x"),
    [("1/x", 0.0), ("log(x)", -1.0), ("sqrt(x)", 0.0), ("x**0.5", -1.0), ("exp(x)", 1e4), ("x*1e308*10", 1.0)],
)
def test_what_is_not_finite_is_left_to_the_arrays(text: str, x: float) -> None:
    found = {"budget": 1, "quantities": {"x": {"value": x, "u": 1}}, "measurands": {"y": {"expression": text}}}
    budget = uncertainty.compile(found)
    assert Single(budget).propagate() is None
    with pytest.raises(uncertainty.EvaluationError):
        budget.propagate()


def test_a_model_that_is_no_plain_arithmetic_is_refused() -> None:
    found = {
        "budget": 1,
        "quantities": {"x": {"value": 1, "u": 1}},
        "measurands": {"y": {"expression": "where(x > 0, x, 1)"}},
    }
    with pytest.raises(ValueError, match="where"):
        Single(uncertainty.compile(found))
