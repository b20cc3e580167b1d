"""What holds for every budget."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import uncertainty

NUMBER = st.floats(min_value=0.5, max_value=50.0)
U = st.floats(min_value=1e-4, max_value=0.4)
DOF = st.one_of(st.none(), st.integers(min_value=3, max_value=60))
R = st.floats(min_value=-0.9, max_value=0.9)


def quantity(value: float, u: float, dof: int | None, unit: str = "V") -> dict[str, Any]:
    return {"value": value, "u": u, "unit": unit} | ({} if dof is None else {"dof": dof})


@settings(max_examples=40, deadline=None)
@given(NUMBER, U, DOF, NUMBER, U, R)
def test_another_unit_scales_value_and_u_and_nothing_else(
    a: float, ua: float, dof: int | None, b: float, ub: float, r: float
) -> None:
    """JCGM 100:2008, 5.1: u is in the unit of its quantity; ν, k and shares are numbers."""
    found = []
    for size, unit, out in ((1.0, "V", "W"), (1e3, "mV", "mW"), (1e-3, "kV", "kW")):
        document = {
            "budget": 1,
            "quantities": {"a": quantity(a * size, ua * size, dof, unit), "b": quantity(b, ub, 9, "A")},
            "correlations": [{"between": ["a", "b"], "r": r}],
            "measurands": {"y": {"expression": "a*b", "unit": out}},
            "coverage": 0.95,
        }
        result = uncertainty.evaluate(document)
        y = result.results["y"]
        shares = [row["share"] for row in result.contributions["y"]]
        found.append([y.value / size, y.u / size, y.U / size, y.dof, *shares])
    assert found[1] == pytest.approx(found[0], rel=1e-9, abs=1e-12)
    assert found[2] == pytest.approx(found[0], rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBER, U, DOF), min_size=3, max_size=3), st.permutations(["a", "b", "c"]))
def test_the_order_of_inputs_changes_nothing(rows: list[Any], order: list[str]) -> None:
    quantities = {name: quantity(*row, unit="1") for name, row in zip("abc", rows, strict=True)}
    common = {"budget": 1, "measurands": {"y": {"expression": "a*b/c + sqrt(a)"}}, "coverage": 0.95}
    first = uncertainty.evaluate(common | {"quantities": quantities}).results["y"]
    other = uncertainty.evaluate(common | {"quantities": {name: quantities[name] for name in order}}).results["y"]
    assert (other.value, other.u, other.dof, other.U) == pytest.approx((first.value, first.u, first.dof, first.U))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(NUMBER, U), min_size=3, max_size=3),
    st.lists(st.floats(min_value=-3, max_value=3).filter(lambda c: abs(c) > 0.1), min_size=3, max_size=3),
    st.sampled_from(["normal", "rectangular", "triangular", "arcsine"]),
    R,
    st.integers(min_value=0, max_value=2**32),
)
def test_a_linear_model_gives_the_same_u_by_both_methods(
    rows: list[Any], c: list[float], shape: str, r: float, seed: int
) -> None:
    """Exact for any distributions and correlations: only the sampling error of u is left."""
    quantities: dict[str, Any] = {}
    for name, (value, u) in zip("xyz", rows, strict=True):
        limits = {"distribution": shape, "half_width": 2 * u}
        quantities[name] = {"value": value} | ({"u": u} if shape == "normal" else limits)
    trials = 60_000
    found = uncertainty.evaluate(
        {
            "budget": 1,
            "quantities": quantities,
            "correlations": [{"between": ["x", "y"], "r": r}],
            "measurands": {"w": {"expression": f"{c[0]!r}*x + {c[1]!r}*y + {c[2]!r}*z"}},
        },
        method="both",
        trials=trials,
        seed=seed,
    )
    assert found.monte_carlo is not None
    w, seen = found.results["w"], found.monte_carlo["measurands"]["w"]
    assert seen["u"] == pytest.approx(w.u, rel=6 / math.sqrt(2 * trials) + 0.003)
    assert seen["mean"] == pytest.approx(w.value, abs=6 * w.u / math.sqrt(trials))
    assert found.warnings == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBER, U, DOF), min_size=2, max_size=2), R)
def test_a_minus_a_is_zero_after_an_archive(rows: list[Any], r: float) -> None:
    document = {
        "budget": 1,
        "quantities": {name: quantity(*row, unit="1") for name, row in zip("pq", rows, strict=True)},
        "correlations": [{"between": ["p", "q"], "r": r}],
        "measurands": {"y": {"expression": "p**2/q - log(q)"}, "zero": {"expression": "y - y"}},
    }
    found = uncertainty.evaluate(document)
    a = found.results["y"]
    b = uncertainty.Result.from_dict(json.loads(json.dumps(a.to_dict())))
    assert b == a
    assert uncertainty.combine("d", [(1.0, a), (-1.0, b)]).u == 0.0
    assert (found.results["zero"].value, found.results["zero"].u) == (0.0, 0.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBER, U, DOF), min_size=3, max_size=3), R, st.one_of(st.just({"k": 2}), st.just(0.95)))
def test_the_answer_is_strict_json_and_its_shares_sum_to_one(rows: list[Any], r: float, coverage: Any) -> None:
    document = {
        "budget": 1,
        "quantities": {name: quantity(*row, unit="1") for name, row in zip("abc", rows, strict=True)},
        "correlations": [{"between": ["a", "c"], "r": r}],
        "measurands": {"y": {"expression": "a*b + c"}},
        "coverage": coverage,
    }
    answer = uncertainty.evaluate(document).to_dict()
    json.dumps(answer, allow_nan=False)
    assert set(answer) - {"warnings"} == {"measurands", "contributions", "correlation"}
    assert set(answer["measurands"]["y"]) == {"value", "unit", "u", "dof", "k", "p", "U", "interval", "report"}
    assert set(answer["contributions"]["y"][0]) == {"quantity", "sensitivity", "u", "dof", "contribution", "share"}
    assert math.fsum(row["share"] for row in answer["contributions"]["y"]) == pytest.approx(1)
