"""A fitted function stands in a budget: the same value and u as its own prediction, its coefficients as sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty.calibration import About, fit_analysis, fit_function, fit_line, fit_polynomial
from uncertainty.calibration.function import CalibrationFunction
from uncertainty.calibration.in_budget import entry
from uncertainty.errors import DocumentError

X = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
Y = [3.3, 5.6, 7.1, 9.3, 10.7, 12.1]  # ISO/TS 28037:2010, clause 6, table 3
ABOUT = About(unit_argument="V", unit_result="mA")


def budget(function: CalibrationFunction, unit: str, result: str, value: float = 3.5) -> dict[str, Any]:
    return {
        "budget": 1,
        "functions": {"f": entry(function, "cal:7")},
        "quantities": {"x": {"value": value, "u": 0.2, "unit": unit}},
        "measurands": {"y": {"expression": "f(x)", "unit": result}},
    }


@pytest.mark.parametrize(
    "function",
    [
        fit_line(X, Y, [0.5] * 6, about=ABOUT).function,
        fit_line(X, Y, about=ABOUT).function,
        fit_polynomial(X, Y, 2, [0.5] * 6, about=ABOUT).function,
        fit_analysis("power", X, Y, [0.1] * 6, [0.1] * 6, about=ABOUT).function,
    ],
    ids=["line", "line, unknown weights", "parabola", "power"],
)
def test_a_budget_with_the_function_finds_what_the_function_predicts(function: CalibrationFunction) -> None:
    found = uncertainty.evaluate(budget(function, "V", "mA")).results["y"]
    wanted = function.evaluate(3.5, 0.2)
    assert found.value == pytest.approx(float(wanted.value), rel=1e-12)
    assert found.u == pytest.approx(float(wanted.u), rel=1e-9)
    assert {f"cal:7:{name}" for name in function.names} <= set(found.sensitivities)


def test_other_units_and_degrees_celsius_are_converted() -> None:
    function = fit_line(X, Y, [0.5] * 6, about=ABOUT).function
    in_mV = uncertainty.evaluate(budget(function, "mV", "uA", 3500.0) | {
        "quantities": {"x": {"value": 3500, "u": 200, "unit": "mV"}}
    }).results["y"]  # fmt: skip
    assert in_mV.value == pytest.approx(1000 * float(function.evaluate(3.5).value), rel=1e-12)
    warm = replace(function, unit_argument="degC", unit_result="K")
    found = uncertainty.evaluate(budget(warm, "degC", "K")).results["y"]
    assert found.value == pytest.approx(float(function.evaluate(3.5).value), rel=1e-12)
    assert found.u == pytest.approx(float(function.evaluate(3.5, 0.2).u), rel=1e-9)


def test_two_readings_through_one_function_share_its_coefficients() -> None:
    function = fit_line(X, Y, [0.5] * 6, about=ABOUT).function
    document = budget(function, "V", "mA")
    document["quantities"]["z"] = {"value": 4.5, "u": 0.4, "unit": "V"}
    document["measurands"]["w"] = {"expression": "f(z)", "unit": "mA"}
    found = uncertainty.evaluate(document)
    predicted = function.evaluate([3.5, 4.5], [0.2, 0.4])
    cov = predicted.covariance[0, 1]
    assert found.correlation[0, 1] == pytest.approx(cov / float(np.prod(predicted.u)), rel=1e-9)


def test_a_coefficient_without_uncertainty_is_exact_and_a_python_function_is_refused() -> None:
    function = replace(fit_line(X, Y, [0.5] * 6).function, covariance=np.diag([0.0, 0.01]))
    found = uncertainty.evaluate(budget(function, "1", "1")).results["y"]
    assert "cal:7:a" not in found.sensitivities
    made = fit_function(lambda x, b: b[0] + b[1] * x, {"a": 1.0, "b": 1.0}, X, Y, [0.5] * 6).function
    with pytest.raises(DocumentError):
        entry(made, "cal:8")
