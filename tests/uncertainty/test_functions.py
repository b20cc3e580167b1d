"""Calibration functions in a budget: coefficients as correlated sources; Python functions as models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty.errors import UncertaintyError
from uncertainty.presentation import tables

LINE = {
    "expression": "a + b*(x - x0)",
    "argument": "x",
    "coefficients": {
        "a": {"value": -0.1712, "u": 0.0029, "unit": "K"},
        "b": {"value": 0.00218, "u": 0.00067},
        "x0": {"value": 20, "exact": True, "unit": "degC"},
    },
    "correlations": [{"between": ["a", "b"], "r": -0.930}],
    "dof": 9,
}
"""JCGM 100:2008, H.3.3 and H.3.4: the correction b(t) of a thermometer, from eleven readings."""


def thermometer(**more: Any) -> dict[str, Any]:
    return {
        "budget": 1,
        "functions": {"b_t": LINE | more},
        "quantities": {"t": {"value": 30, "unit": "degC", "exact": True}},
        "measurands": {"correction": {"expression": "b_t(t)", "unit": "mK"}},
        "coverage": 0.95,
    }


def test_thermometer_of_gum_h3_at_30_degrees() -> None:
    """H.3.4: b(30 °C) = −0.1494 °C, u = 0.0041 °C, ν = 9."""
    result = uncertainty.evaluate(thermometer()).results["correction"]
    assert round(result.value / 1000, 4) == -0.1494
    assert round(result.u / 1000, 4) == 0.0041
    assert math.isclose(result.dof, 9, rel_tol=1e-9)


def test_a_covariance_says_the_same_as_u_and_r() -> None:
    ua, ub, r = 0.0029, 0.00067, -0.930
    V = [[ua**2, r * ua * ub], [r * ua * ub, ub**2]]
    coefficients = {"a": {"value": -0.1712, "unit": "K"}, "b": {"value": 0.00218}}
    document = thermometer()
    function = document["functions"]["b_t"]
    del function["correlations"]
    function |= {"expression": "a + b*(x - t0)", "argument": ["x", "t0"], "coefficients": coefficients, "covariance": V}
    document["quantities"]["t0"] = {"value": 20, "unit": "degC", "exact": True}
    document["measurands"]["correction"]["expression"] = "b_t(t, t0)"
    found, wanted = (uncertainty.evaluate(one).results["correction"] for one in (document, thermometer()))
    assert math.isclose(found.u, wanted.u, rel_tol=1e-12)
    assert math.isclose(found.dof, wanted.dof, rel_tol=1e-12)


def test_two_uses_of_one_function_share_its_coefficients() -> None:
    """The difference of two corrections: a cancels, u = u(b)·Δt and that of the argument."""
    document = thermometer()
    document["quantities"]["s"] = {"value": 25, "u": 0.5, "unit": "degC"}
    document["measurands"]["correction"]["expression"] = "b_t(t) - b_t(s)"
    found = uncertainty.evaluate(document)
    result = found.results["correction"]
    assert math.isclose(result.u, 1000 * math.hypot(0.00067 * 5, 0.00218 * 0.5), rel_tol=1e-12)
    rows = {row["quantity"]: row["sensitivity"] for row in found.contributions["correction"]}
    assert rows["b_t.a"] == 0.0
    assert math.isclose(rows["b_t.b"], 5000.0)
    assert math.isclose(rows["s"], -2.18)


def test_coefficients_keep_their_identity_in_results_and_tables() -> None:
    document = thermometer(source="certificate 17")
    document["functions"]["b_t"]["coefficients"]["a"] = LINE["coefficients"]["a"] | {"id": "cal-17:a"}
    compiled = uncertainty.compile(document)
    found = compiled.evaluate()
    assert "cal-17:a" in found.results["correction"].sensitivities
    rows = tables(compiled, found)["correction"].rows
    assert [row.symbol for row in rows] == ["t", "b_t.a", "b_t.b", "b_t.x0"]
    assert rows[1].source == "certificate 17"


def test_monte_carlo_draws_the_coefficients_with_their_correlation() -> None:
    found = uncertainty.evaluate(thermometer(), method="both", trials=200_000, seed=1)
    assert found.monte_carlo is not None
    drawn = found.monte_carlo["measurands"]["correction"]
    assert math.isclose(drawn["u"], found.results["correction"].u * math.sqrt(9 / 7), rel_tol=0.02)


def test_a_function_may_call_an_earlier_one_and_stand_in_itself() -> None:
    document = {
        "budget": 1,
        "functions": {
            "square": {"expression": "x**2", "argument": "x"},
            "g": {"expression": "c*square(x)", "argument": "x", "coefficients": {"c": {"value": 3, "u": 0.1}}},
        },
        "quantities": {"x": {"value": 2, "u": 0.01}},
        "measurands": {"y": {"expression": "g(g(x))"}},
    }
    found = uncertainty.evaluate(document)
    rows = {row["quantity"]: row["sensitivity"] for row in found.contributions["y"]}
    assert found.results["y"].value == 3.0**3 * 2**4
    assert math.isclose(rows["x"], 4 * 27 * 2**3)
    assert math.isclose(rows["g.c"], 3 * 9 * 16)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"expression": "a + c*x"}, "measurands.correction.expression"),
        ({"expression": "b_t(x)"}, "measurands.correction.expression"),
        ({"expression": 3}, "functions.b_t.expression"),
        ({"argument": "a"}, "functions.b_t.argument"),
        ({"argument": None}, "functions.b_t.argument"),
        ({"dof": 0}, "functions.b_t.dof"),
        ({"covariance": [[1, 0], [0, 1]]}, "functions.b_t.covariance"),
        ({"correlations": [{"between": ["a", "z"], "r": 0.1}]}, "functions.b_t.correlations.0"),
        ({"coefficients": {"a": 3}}, "functions.b_t.coefficients"),
        ({"colour": "red"}, "functions.b_t.colour"),
    ],
)
def test_wrong_functions_are_refused_with_their_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(thermometer(**change))
    assert refused.value.facts["place"] == place


def test_functions_that_call_each_other_without_end_of_steps_are_refused() -> None:
    functions: dict[str, Any] = {"f0": {"expression": "x*x", "argument": "x"}}
    for i in range(1, 12):
        functions[f"f{i}"] = {"expression": " + ".join([f"f{i - 1}(x)"] * 10), "argument": "x"}
    document = {"budget": 1, "functions": functions, "quantities": {"x": {"value": 2, "u": 0.01}}}
    with pytest.raises(UncertaintyError):
        uncertainty.evaluate(document | {"measurands": {"y": {"expression": "f11(x)"}}})

    functions = {"f0": {"expression": "x", "argument": "x"}}  # no steps at all, and 2^40 calls
    functions |= {f"f{i}": {"expression": f"f{i - 1}(f{i - 1}(x))", "argument": "x"} for i in range(1, 41)}
    with pytest.raises(UncertaintyError):
        uncertainty.evaluate(document | {"functions": functions, "measurands": {"y": {"expression": "f40(x)"}}})


def test_a_function_takes_no_name_that_is_always_there() -> None:
    functions = {"sin": {"expression": "x", "argument": "x"}}
    document = {"budget": 1, "functions": functions, "quantities": {"x": {"value": 2, "u": 0.01}}}
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(document | {"measurands": {"y": {"expression": "sin(x)"}}})
    assert refused.value.facts["place"] == "functions.sin"


# Python functions


def python(function: Any, unit: str = "1", **quantities: Any) -> dict[str, Any]:
    measurand = {"function": function, "arguments": list(quantities), "unit": unit}
    return {"budget": 1, "quantities": quantities, "measurands": {"y": measurand}}


def test_a_smooth_function_has_the_slope_of_its_expression_to_all_digits() -> None:
    """The complex step loses nothing: sensitivities agree with the analytic ones to 1e-14."""
    V = {"value": 4.999, "u": 0.0032, "unit": "mV"}
    phi = {"value": 1.04446, "u": 0.00075}
    found = uncertainty.evaluate(python(lambda v, p: v**2 * np.cos(p), "mV**2", v=V, p=phi))
    model = {"y": {"expression": "v**2*cos(p)", "unit": "mV**2"}}
    wanted = uncertainty.evaluate({"budget": 1, "quantities": {"v": V, "p": phi}, "measurands": model})
    assert math.isclose(found.results["y"].value, wanted.results["y"].value, rel_tol=1e-14)
    for a, b in zip(found.contributions["y"], wanted.contributions["y"], strict=True):
        assert math.isclose(a["sensitivity"], b["sensitivity"], rel_tol=1e-13)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda x: math.exp(math.sin(x)), math.exp(math.sin(0.7)) * math.cos(0.7)),  # math refuses complex numbers
        (lambda x: abs(x) ** 3, 3 * 0.49),  # abs() takes them, and spoils the complex step without a word
        (lambda x: x**2 if x > 0 else -x, 1.4),  # no arrays
        (lambda x: complex(x).real * 5, 5.0),
    ],
)
def test_a_function_that_takes_no_complex_number_is_differenced(function: Any, slope: float) -> None:
    found = uncertainty.evaluate(python(function, x={"value": 0.7, "u": 0.05}))
    assert math.isclose(found.contributions["y"][0]["sensitivity"], slope, rel_tol=1e-9)


def test_monte_carlo_and_batches_of_a_function_of_single_numbers() -> None:
    def model(x: float, y: float) -> float:
        return math.log(x) if x > 0.5 else y

    document = python(model, x={"value": 2.0, "u": 0.1}, z={"value": 1.0, "u": 0.1})
    found = uncertainty.evaluate(document, method="both", trials=20_000, seed=1)
    assert found.monte_carlo is not None
    assert abs(found.monte_carlo["measurands"]["y"]["u"] - 0.05) < 0.002
    at = np.array([0.25, 1.0, 4.0])
    many = uncertainty.evaluate_batch(document, {"x": {"value": at}})
    assert np.allclose(many.results["y"].value, [1.0, 0.0, math.log(4)])
    assert np.allclose(many.results["y"].u, [0.1, 0.1, 0.025])


def test_a_function_meets_units_as_the_document_states_them_and_later_models_use_it() -> None:
    seen: list[float] = []

    def model(t: float) -> float:
        seen.append(float(np.real(t)))
        return 2 * t

    document = python(model, "mV", t={"value": 25.0, "u": 0.1, "unit": "degC"})
    document["measurands"]["w"] = {"expression": "3*y", "unit": "V"}
    found = uncertainty.evaluate(document)
    assert seen[0] == 25.0
    assert math.isclose(found.results["y"].u, 0.2)
    assert math.isclose(found.results["w"].value, 0.15)
    assert math.isclose(found.results["w"].u, 0.0006)


def _fails(x: float) -> float:
    raise ZeroDivisionError(x)


@pytest.mark.parametrize(
    ("measurand", "place"),
    [
        ({"function": "os.system", "arguments": ["x"]}, "measurands.y.function"),
        ({"function": math.sin}, "measurands.y.arguments"),
        ({"function": math.sin, "arguments": ["z"]}, "measurands.y.arguments"),
        ({"function": math.sin, "arguments": ["x"], "start": 1}, "measurands.y.start"),
        ({"function": _fails, "arguments": ["x"]}, "measurands.y"),
        ({"function": lambda x: float("nan"), "arguments": ["x"]}, "measurands.y"),
        ({"function": lambda x: None, "arguments": ["x"]}, "measurands.y"),
    ],
)
def test_what_is_no_function_is_refused(measurand: dict[str, Any], place: str) -> None:
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate({"budget": 1, "quantities": {"x": {"value": 1, "u": 0.1}}, "measurands": {"y": measurand}})
    assert refused.value.facts["place"] == place


def test_no_text_names_a_function() -> None:
    text = "budget: 1\nquantities: {x: {value: 1, u: 0.1}}\nmeasurands: {y: {function: math.sin, arguments: [x]}}\n"
    with pytest.raises(UncertaintyError) as refused:
        uncertainty.evaluate(text)
    assert refused.value.facts["place"] == "measurands.y.function"
