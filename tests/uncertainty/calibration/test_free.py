"""Free curves and analysis functions: NIST from both starts, odrpack's own minimum, curves that bend hard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from odrpack import odr_fit
from scipy.optimize import brentq

from uncertainty import DocumentError, EvaluationError, ExpressionError, selftest
from uncertainty.calibration import About, CalibrationFunction, fit_analysis, fit_expression, fit_function, fit_line
from uncertainty.calibration.curves import written
from uncertainty.calibration.free import _polished
from uncertainty.calibration.least_squares import Spread
from uncertainty.selftest.calibration import fit_strd

NIST = [case for case in selftest.cases("strd_nonlinear") if case["kind"] == "strd_nonlinear"]
X = np.array([0.2, 0.9, 1.8, 2.7, 3.9, 5.1, 6.0])
Y = np.array([9.3, 7.7, 6.1, 4.9, 3.6, 2.9, 2.2])


@pytest.mark.parametrize("start", ["start1", "start2"])
@pytest.mark.parametrize("case", NIST, ids=lambda case: case["id"])
def test_nist_regressions_are_found_to_ten_digits_from_both_starts(case: dict[str, Any], start: str) -> None:
    fit = fit_strd(case, start)
    for name, found in (("b", fit.function.coefficients), ("sd", fit.function.u)):
        certified = np.array(case["expected"][name]["value"])
        assert -np.log10(np.max(np.abs(found / certified - 1))) >= 10, name


def test_x_and_y_uncertain_agrees_with_odrpack_alone() -> None:
    def f(x, b):
        return b[0] * np.exp(-b[1] * x)

    u_x, u_y = np.full(7, 0.1), 0.02 * Y
    fit = fit_expression("c*exp(-k*x)", {"c": 8.0, "k": 0.1}, X, Y, u_y, u_x)
    wanted = odr_fit(f, X, Y, np.array([8.0, 0.1]), weight_x=1 / u_x**2, weight_y=1 / u_y**2, diff_scheme="central")

    assert fit.function.coefficients == pytest.approx(wanted.beta, rel=1e-6)
    assert fit.chi2 == pytest.approx(wanted.sum_square, rel=1e-8)
    # the ν of odrpack scales its covariance by the residual variance; here u of the points are known
    assert fit.function.covariance == pytest.approx(wanted.cov_beta, rel=1e-4)


def test_a_python_function_and_its_text_are_one_fit() -> None:
    text = fit_expression("c*exp(-k*x)", {"c": 8.0, "k": 0.1}, X, Y, 0.1, 0.05).function
    call = fit_function(lambda x, b: b[0] * np.exp(-b[1] * x), {"c": 8.0, "k": 0.1}, X, Y, 0.1, 0.05).function

    assert call.coefficients == pytest.approx(text.coefficients, rel=1e-7)
    assert call.covariance == pytest.approx(text.covariance, rel=1e-6)
    assert call.invert(4.0, 0.1).u == pytest.approx(text.invert(4.0, 0.1).u, rel=1e-6)
    with pytest.raises(DocumentError, match="an expression as text"):
        call.to_dict()


def test_a_covariance_of_the_points_reaches_a_free_curve() -> None:
    """A line written as text is the line of ISO/TS 28037, clause 10."""
    rng = np.random.default_rng(2)
    M = 0.1 * rng.normal(size=(14, 14))
    U = M @ M.T + 0.01 * np.eye(14)
    whole = (U[7:, 7:], U[:7, :7], U[:7, 7:])
    free, line = fit_expression("a + b*x", {"a": 0.0, "b": 0.0}, X, Y, *whole), fit_line(X, Y, *whole)

    assert free.function.coefficients == pytest.approx(line.function.coefficients, rel=1e-9)
    assert free.function.covariance == pytest.approx(line.function.covariance, rel=1e-8)
    assert free.chi2 == pytest.approx(line.chi2, rel=1e-10)


def test_a_curve_that_gauss_newton_leaves_is_still_found() -> None:
    """Residuals b + 1 and −3b² + b − 1: least at b = 0, where undamped Gauss–Newton diverges (Dennis and Schnabel 10.2)."""
    fit = fit_expression("b + 3*x*b**2 - 2*b*x", {"b": 0.3}, [0.0, 1.0], [-1.0, -1.0], 1.0)
    b = float(fit.function.coefficients[0])

    def slope(c):
        return 2 * (c + 1) + 2 * (3 * c**2 - c + 1) * (6 * c - 1)

    assert b == pytest.approx(brentq(slope, -0.5, 0.5), abs=1e-6)


def test_the_last_digits_never_cost_the_minimum_that_was_found() -> None:
    """From a start beside the same minimum, χ² = 2 at b = 0: the answer is as good as the start, or better."""
    curve, near = written("b + 3*x*b**2 - 2*b*x", "x", ("b",)), np.array([1e-3])
    spread = Spread(np.zeros(2), np.ones(2), np.zeros(2))
    found = _polished(curve, np.array([0.0, 1.0]), np.full(2, -1.0), spread, near, np.array([0.0, 1.0]), settled=True)

    assert found.chi2 <= 2 + 8 * near[0] ** 2


def test_exact_points_among_uncertain_ones_are_kept() -> None:
    u_x = np.array([0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0])
    fit = fit_expression("c*exp(-k*x)", {"c": 8.0, "k": 0.1}, X, Y, 0.05, u_x)

    assert fit.residuals_x[[0, -1]].tolist() == [0.0, 0.0]
    assert np.all(fit.residuals_x[1:-1] != 0)


@pytest.mark.parametrize("kind", ["linear", "quadratic", "cubic", "power", "exponential"])
def test_every_analysis_function_finds_its_own_curve_again(kind: str) -> None:
    y = np.array([1.0, 2.2, 3.1, 4.4, 5.2, 6.8, 8.0])
    b = np.array([0.4, 1.5, 0.12, -0.01])
    x = {
        "linear": b[0] + b[1] * y,
        "quadratic": b[0] + b[1] * y + b[2] * y**2,
        "cubic": b[0] + b[1] * y + b[2] * y**2 + b[3] * y**3,
        "power": b[0] + b[1] * y ** (1 + b[2]),
        "exponential": b[0] + b[1] * np.exp(b[2] * y),
    }[kind]
    fit = fit_analysis(kind, x, y, 0.01 * x, 0.01 * y)

    assert fit.function.coefficients == pytest.approx(b[: len(fit.function.names)], rel=1e-7)
    assert fit.largest_deviation == pytest.approx(0, abs=1e-6)
    assert fit.function.evaluate(3.3, 0.033).value == pytest.approx(np.interp(3.3, y, x), rel=0.02)


def test_the_largest_deviation_of_iso_6143_marks_a_gas_that_does_not_fit() -> None:
    """Γ by its definition, from the adjusted points."""
    y = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    x = np.array([1.0, 2.0, 3.4, 4.0, 5.0])
    fit = fit_analysis("linear", x, y, 0.05, 0.05)
    gamma = max(np.max(np.abs(fit.residuals_x)), np.max(np.abs(fit.residuals))) / 0.05

    assert fit.largest_deviation == pytest.approx(gamma)
    assert gamma > 2


def test_an_analysis_function_takes_the_names_it_is_given() -> None:
    about = About(argument="r", result="c", unit_argument="mV", unit_result="mmol/mol")
    found = fit_analysis("power", [1.0, 2.0, 3.0, 4.1], [1.0, 1.9, 2.7, 3.5], 0.01, 0.01, about=about).function

    assert found.expression == "b0 + b1*r**(1 + b2)"
    assert found.evaluate(2.0).unit == "mmol/mol"
    assert isinstance(CalibrationFunction.from_dict(found.to_dict()), CalibrationFunction)


@pytest.mark.parametrize(
    ("call", "error", "place"),
    [
        (lambda: fit_expression("c*exp(", {"c": 1}, X, Y, 0.1), ExpressionError, "expression"),
        (lambda: fit_expression("c*__import__('os')", {"c": 1}, X, Y, 0.1), ExpressionError, "expression"),
        (lambda: fit_expression("c*x + d", {"c": 1}, X, Y, 0.1), ExpressionError, "expression"),
        (lambda: fit_expression("c*x", {"c": 1, "d": 1}, X, Y, 0.1), DocumentError, "names"),
        (lambda: fit_expression("c*x", {"c": float("nan")}, X, Y, 0.1), DocumentError, "start"),
        (lambda: fit_expression("log(c)*x", {"c": -1.0}, X, Y, 0.1), EvaluationError, "start"),
        (lambda: fit_expression("c*exp(-k*x) + d", {"c": 1, "k": 1, "d": 0}, X[:2], Y[:2], 0.1), DocumentError, "x"),
        (lambda: fit_expression("c*d*x", {"c": 1, "d": 1}, X, Y, 0.1), DocumentError, "x"),
        (lambda: fit_function(lambda x, b: x[:3], {"c": 1}, X, Y, 0.1), DocumentError, "formula"),
        (lambda: fit_function(lambda x, b: x, {}, X, Y, 0.1), DocumentError, "start"),
        (lambda: fit_analysis("spline", X, Y, 0.1, 0.1), DocumentError, "function"),
        (lambda: fit_analysis("power", [1, 2, 3, 4], [-1, -2, -3, -4], 0.1, 0.1), DocumentError, "y"),
    ],
)
def test_what_is_no_fit_is_refused_at_its_place(call, error, place: str) -> None:
    with pytest.raises(error) as refused:
        call()
    assert refused.value.place == place
