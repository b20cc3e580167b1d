"""Models as in-place calls give what the same formula gives in plain numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncertainty import model
from uncertainty.montecarlo.compiled import Room, bind, run

X = np.linspace(0.1, 0.9, 33)
Y = np.linspace(0.7, 0.2, 33)
FORMULAS: list[tuple[str, Callable[[Any, Any, float], Any]]] = [
    ("x", lambda x, y, c: x),
    ("3*pi", lambda x, y, c: np.full(33, 3 * math.pi)),
    ("c", lambda x, y, c: np.full(33, c)),
    ("-x + y - c*x/y", lambda x, y, c: -x + y - c * x / y),
    ("x**2 + y^0.5 + x**-1 + y**3 + 2**x + x**y", lambda x, y, c: x**2 + y**0.5 + 1 / x + y**3 + 2**x + x**y),
    ("(x*y)*(x*y) + (x*y)/(x*y + c)", lambda x, y, c: (x * y) ** 2 + x * y / (x * y + c)),
    ("sqrt(x)+exp(y)+log(x)+ln(y)+log10(x)", lambda x, y, c: np.sqrt(x) + np.exp(y) + np.log(x) + np.log(y) + np.log10(x)),
    ("sin(x)*cos(y)+tan(x)-asin(x)*acos(y)/atan(x)", lambda x, y, c: np.sin(x) * np.cos(y) + np.tan(x) - np.arcsin(x) * np.arccos(y) / np.arctan(x)),
    ("sinh(x)+cosh(y)+tanh(x)+abs(y - x)", lambda x, y, c: np.sinh(x) + np.cosh(y) + np.tanh(x) + np.abs(y - x)),
    ("atan2(x, y) + hypot(x, c)", lambda x, y, c: np.arctan2(x, y) + np.hypot(x, c)),
    ("where(x < y, x, c*y)", lambda x, y, c: np.where(x < y, x, c * y)),
    ("where(x >= y and not x > 0.8, sqrt(x - y), min(x, y) + max(x, c))", lambda x, y, c: np.where((x >= y) & (x <= 0.8), np.sqrt(np.abs(x - y)), np.minimum(x, y) + np.maximum(x, c))),
    ("where(c > 3, x, y) + where(x <= 0.5 or y < 0.3, 1, 2)", lambda x, y, c: x + np.where((x <= 0.5) | (y < 0.3), 1, 2)),
    ("sqrt(c) + sin(2)*x", lambda x, y, c: math.sqrt(c) + math.sin(2) * x),
]  # fmt: skip


def evaluated(text: str, x: Any, y: Any, c: float) -> tuple[Any, Room]:
    room, out = Room(len(x)), np.full(len(x), np.nan)
    with np.errstate(all="ignore"):
        run(bind(model.parse(text, ["x", "y", "c"], "y"), {"x": x, "y": y, "c": c}, out, room))
    return out, room


@pytest.mark.parametrize(("text", "formula"), FORMULAS, ids=[f[0] for f in FORMULAS])
def test_a_formula_is_computed_in_place_and_its_inputs_stay(text: str, formula: Callable[..., Any]) -> None:
    x, y = X.copy(), Y.copy()
    found, _ = evaluated(text, x, y, 4.0)
    assert found == pytest.approx(formula(X, Y, 4.0), rel=1e-14)
    assert np.array_equal(x, X) and np.array_equal(y, Y)


def test_a_long_sum_of_products_needs_two_buffers() -> None:
    found, room = evaluated(" + ".join(f"{i}*x*y" for i in range(1, 40)), X, Y, 1.0)
    assert found == pytest.approx(780 * X * Y)
    assert len(room.free) <= 2


def test_a_step_that_is_repeated_is_called_once() -> None:
    calls = bind(model.parse("exp(x) + exp(x)*y", ["x", "y"], "y"), {"x": X, "y": Y}, np.empty(33), Room(33))
    assert [call[0] for call in calls].count(np.exp) == 1


def test_an_operation_not_known_to_numpy_is_left_to_the_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model.FUNCTIONS, "twice", (lambda x: 2 * x, lambda x, y: 2 + 0 * x))
    assert evaluated("twice(x) + y", X, Y, 1.0)[0] == pytest.approx(2 * X + Y)


numbers = st.sampled_from(["x", "y", "c", "2", "0.5", "x", "y"])
texts = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"atan({t})"),
    ),
    max_leaves=20,
)


@given(texts)
def test_any_arithmetic_is_that_of_python(text: str) -> None:
    with np.errstate(all="ignore"):
        found, _ = evaluated(text, X, Y, 4.0)
    for i in (0, 16, 32):
        try:
            wanted = python(text, float(X[i]), float(Y[i]))
        except ZeroDivisionError:
            assert not math.isfinite(found[i]) or "/" in text
            continue
        assert found[i] == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def python(text: str, x: float, y: float) -> float:
    """The same text by Python's own arithmetic: of texts that the strategy above made."""
    return float(eval(text, {"x": x, "y": y, "c": 4.0, "atan": math.atan, "__builtins__": {}}))
