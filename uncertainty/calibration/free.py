"""Any curve through points uncertain in y, or in x and y: from a text, or from a Python function.

odrpack (ODRPACK95, Zwolak, Boggs and Watson, ACM TOMS 33 (2007) 27) finds its way from the start values by a trust
region; the Gauss–Newton steps of `least_squares` then settle the last digits with exact derivatives and take the whole
covariance of the points into account.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from .checks import column, points
from .curves import Called, Curve, Formula, require_finite, written
from .fit import About, Fit, fitted, spread_of
from .least_squares import Solution, Spread, solution_at, solve

ITERATIONS = 2000


def fit_expression(
    text: str,
    start: Mapping[str, float],
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    cov_xy: ArrayLike = 0.0,
    *,
    weights_only: bool = False,
    about: About | None = None,
    kind: str = "expression",
) -> Fit:
    """The coefficients of an expression such as b1*(1 - exp(-b2*x)) through N points; start: name → first value.

    u_x, u_y, cov_xy, weights_only: as in fit_line. Raises ExpressionError for the text, EvaluationError where no fit is
    found from the start values.
    """
    about = about or About()
    names = tuple(start)
    curve = written(text, about.argument, names)
    known = u_y is not None and not weights_only
    across, spread, solution = _solved(curve, list(start.values()), x, y, u_y, u_x, cov_xy)
    return fitted(kind, text, names, across, solution, spread, known=known, about=about)


def fit_function(
    formula: Formula,
    start: Mapping[str, float],
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    cov_xy: ArrayLike = 0.0,
    *,
    weights_only: bool = False,
    about: About | None = None,
) -> Fit:
    """As fit_expression, of a Python function formula(x, b) on arrays (N,), (K,): not stored, derivatives by difference."""
    about = about or About()
    known = u_y is not None and not weights_only
    across, spread, solution = _solved(Called(formula), list(start.values()), x, y, u_y, u_x, cov_xy)
    return fitted("function", "", tuple(start), across, solution, spread, known=known, about=about, formula=formula)


def _solved(
    curve: Curve,
    start: list[float],
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None,
    u_x: ArrayLike,
    cov_xy: ArrayLike,
) -> tuple[FloatArray, Spread, Solution]:
    b = column("start", start)
    if not len(b):
        raise DocumentError(place="start", found=N_("nothing"), right=N_("a start value of each coefficient"))
    across, up = points(x, y, 1)
    if len(across) < len(b):
        right = N_("as many different points as coefficients")
        raise DocumentError(place="x", found=str(len(across)), right=right)
    spread = spread_of(len(across), u_x, u_y, cov_xy)
    require_finite("start", curve.value(across, b))
    b, X, settled = _near(curve, b, across, up, spread)
    return across, spread, _polished(curve, across, up, spread, b, X, settled=settled)


def _polished(
    curve: Curve, x: FloatArray, y: FloatArray, spread: Spread, b: FloatArray, X: FloatArray, *, settled: bool
) -> Solution:
    """The last digits; where Gauss–Newton leaves the minimum (large residuals of a bent curve), odrpack's own."""
    near = solution_at(curve, x, y, spread, b, X) if settled else None
    try:
        found = solve(curve, x, y, spread, b, X)
    except EvaluationError:
        if near is None:
            raise
        return near
    return found if near is None or found.chi2 <= near.chi2 * (1 + 1e-6) + 1e-12 else near


def _near(
    curve: Curve, b: FloatArray, x: FloatArray, y: FloatArray, spread: Spread
) -> tuple[FloatArray, FloatArray, bool]:
    """(b, X) near the solution, the points taken as independent, and whether odrpack settled on just these points."""
    from odrpack import odr_fit

    Vx, Vy = (V if V.ndim == 1 else np.diag(V) for V in (spread.Vx, spread.Vy))
    exact = bool(np.all(Vx == 0))
    found = odr_fit(
        curve.value, x, y, b, task="OLS" if exact else "explicit-ODR", maxit=ITERATIONS, diff_scheme="central",
        weight_y=1 / _above_zero(Vy), weight_x=None if exact else 1 / _above_zero(Vx),
        fix_x=None if exact else Vx == 0, jac_beta=lambda at, c: curve.jacobian(at, c).T, jac_x=curve.slope,
        sstol=1e-14, partol=1e-14,
    )  # fmt: skip
    if not np.all(np.isfinite(found.beta)):
        right = N_("a fit that converges: better start values, or a curve closer to the points")
        raise EvaluationError(place="fit", found=N_("not settled"), right=right)
    whole = spread.Vx.ndim == spread.Vy.ndim == spread.Vxy.ndim == 1 and not np.any(spread.Vxy)
    return np.array(found.beta), np.array(found.xplusd).ravel(), bool(whole and found.success)


def _above_zero(V: FloatArray) -> FloatArray:
    """Variances as weights need them: an exact value among uncertain ones weighs a million times the best of them."""
    least = float(np.min(V[V > 0], initial=np.inf))
    return np.where(V > 0, V, least * 1e-6 if np.isfinite(least) else 1e-12)
