"""Cases of calibration functions: straight lines, polynomials, free models, NIST StRD regressions."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np

from ..calibration import Fit, fit_analysis, fit_expression, fit_line, fit_polynomial, powers, propagated_covariance
from ..calibration.regression import regress
from .run import Runner

Case = Mapping[str, Any]
Figures = Mapping[str, Any]


def _line(case: Case) -> Figures:
    """ISO/TS 28037:2010, 6 and 7: the line, its χ², inverse and forward evaluation."""
    i = case["inputs"]
    fit = fit_line(i["x"], i["y"], i["u_y"], i.get("u_x", 0.0))
    line, V = fit.function, fit.function.covariance
    (a, b), (u_a, u_b) = line.coefficients, line.u
    found = {"a": a, "b": b, "u_a": u_a, "u_b": u_b, "cov_ab": V[0, 1], "u_a_york": u_a, "u_b_york": u_b}
    found |= {"chi2": fit.chi2, "chi2_crit95": fit.chi2_critical(), "chi2_over_dof": fit.sum_of_squares / fit.dof}
    implicit = propagated_covariance(a, b, i["x"], i["y"], i["u_y"], i.get("u_x", 0.0))
    found |= {"u_a_kalantar": np.sqrt(implicit[0, 0]), "u_b_kalantar": np.sqrt(implicit[1, 1])}
    if "y0" in i:
        back = line.invert(i["y0"], i["u_y0"])
        found |= {"x0": back.value, "u_x0": back.u}
    if "forward_x" in i:
        forward = line.evaluate(i["forward_x"], i["forward_u"])
        found |= {"forward_y": forward.value, "forward_u_y": forward.u}
    return found


def _unweighted(case: Case) -> Figures:
    """A line of unknown weights: u from the residuals (JCGM 100:2008, H.3)."""
    i = case["inputs"]
    fit = fit_line(i["x"], i["y"], at=i["x_offset"])
    line, V = fit.function, fit.function.covariance
    found = {"intercept": line.coefficients[0], "slope": line.coefficients[1], "u_intercept": line.u[0]}
    found |= {"u_slope": line.u[1], "var_intercept": V[0, 0], "var_slope": V[1, 1], "cov": V[0, 1]}
    found |= {
        "r": line.correlation[0, 1],
        "s": fit.s,
        "dof": line.dof,
    }
    found |= {"r2": _share(fit, i["y"])[0]}
    if "predict_at" in i:
        at = line.evaluate(i["predict_at"], extrapolate=True)
        found |= {"y_pred": at.value, "u_pred": at.u}
    return found


def _b_least(case: Case) -> Figures:
    """ISO 6143: the analysis function of a kind, and contents from responses."""
    i = case["inputs"]
    fit = fit_analysis(i["function"], i["x"], i["y"], i["u_x"], i["u_y"])
    found = fit.function.evaluate(i["meas_y"], i["meas_u"])
    x = found.value if np.ndim(case["expected"].get("x", {}).get("value")) else found.value[0]
    return {"b": fit.function.coefficients, "u_b": fit.function.u, "residual": fit.chi2, "x": x, "u_x": found.u}


def _share(fit: Fit, y: Any, *, constant: bool = True) -> tuple[float | None, float | None]:
    return fit.determination(y, constant=constant) or (None, None)


def data(name: str) -> Any:
    """Rows of a NIST data set that ships as text."""
    with (files("uncertainty.cases") / name).open(encoding="utf-8") as lines:
        return np.loadtxt(lines, ndmin=2)


def _strd_linear(case: Case) -> Figures:
    """NIST StRD linear: polynomials in powers of x, a line without constant, several columns."""
    i = case["inputs"]
    rows = data(i["data_file"])
    y, x = rows[:, 0], rows[:, 1:]
    if i["design"] == "multi":
        many = regress(np.column_stack([np.ones(len(y)), x]), y)
        return {"b": many.b, "sd": many.u, "residual_sd": many.s, "r2": many.r2, "F": many.F}
    if i["design"] == "noint":
        fit = fit_expression("b1*x", {"b1": 1.0}, x[:, 0], y)
        b, sd = fit.function.coefficients[0], fit.function.u[0]
    else:
        fit = fit_polynomial(x[:, 0], y, i["degree"])
        b, V = powers(fit.function)
        sd = np.sqrt(np.diag(V))
    r2, F = _share(fit, y, constant=i["design"] != "noint")
    return {"b": b, "sd": sd, "residual_sd": fit.s, "r2": r2, "F": F}


def fit_strd(case: Case, start: str) -> Fit:
    """A NIST nonlinear regression from start1 (far) or start2 (near)."""
    i = case["inputs"]
    rows = data(i["data_file"])
    first = {f"b{k + 1}": value for k, value in enumerate(i[start])}
    return fit_expression(case["model"], first, rows[:, 1], rows[:, 0])


def _strd_nonlinear(case: Case) -> Figures:
    """NIST StRD nonlinear from the far start values."""
    fit = fit_strd(case, "start1")
    found = {"b": fit.function.coefficients, "sd": fit.function.u}
    return found | {"residual_ss": fit.sum_of_squares, "residual_sd": fit.s, "dof": fit.dof}


RUNNERS: dict[str, Runner] = {
    "line_wls": _line,
    "line_gdr": _line,
    "line_ols": _unweighted,
    "b_least": _b_least,
    "strd_linear": _strd_linear,
    "strd_nonlinear": _strd_nonlinear,
}
