"""Analysis functions of gas analysis: content x = G(y) of a response y, both uncertain.

Source: ISO 6143:2001, 5.1 (the functions), 5.2 (weighted least squares in x and y), 5.2.2 (Γ), 6 (content of a sample).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from .checks import points
from .fit import About, Fit
from .free import fit_expression
from .least_squares import qr_solve

FUNCTIONS = {
    "linear": "b0 + b1*y",
    "quadratic": "b0 + b1*y + b2*y**2",
    "cubic": "b0 + b1*y + b2*y**2 + b3*y**3",
    "power": "b0 + b1*y**(1 + b2)",
    "exponential": "b0 + b1*exp(b2*y)",
}
"""Kind → G(y), as ISO 6143:2001, 5.1 has them."""


def fit_analysis(
    kind: str, x: ArrayLike, y: ArrayLike, u_x: ArrayLike, u_y: ArrayLike, *, about: About | None = None
) -> Fit:
    """G of a kind of FUNCTIONS from N calibration gases: content x of the gas, response y of the analyser, with u.

    The function found takes a response: evaluate(y, u_y) is the content of a sample, invert the response to expect.
    u_x, u_y: one, (N,), or (N, N) covariances. Raises DocumentError, EvaluationError.
    """
    if kind not in FUNCTIONS:
        raise DocumentError(place="function", found=kind, right=", ".join(FUNCTIONS))
    response, content = points(y, x, 2)
    if kind == "power" and np.any(response < 0):
        raise DocumentError(place="y", found=f"{response.min():.6g}", right=N_("numbers of zero or more"))
    about = about or About(argument="y", result="x")
    text = FUNCTIONS[kind].replace("y", about.argument) if about.argument != "y" else FUNCTIONS[kind]
    start = _start(kind, response, content)
    return fit_expression(text, start, response, content, u_x, u_y, about=about, kind=f"analysis_{kind}")


def _start(kind: str, y: FloatArray, x: FloatArray) -> dict[str, float]:
    """Coefficients by unweighted least squares; the exponent is the best of a grid."""
    if kind in ("power", "exponential"):
        reach = float(np.max(np.abs(y)))
        grid = np.linspace(-0.9, 3.0, 79) if kind == "power" else np.linspace(-8.0, 8.0, 80) / reach
        tried = [_curved(kind, y, x, float(exponent)) for exponent in grid]
        return min(tried, key=lambda one: one[0])[1]
    A = y[:, None] ** np.arange({"linear": 2, "quadratic": 3, "cubic": 4}[kind])
    return {f"b{k}": float(value) for k, value in enumerate(qr_solve(A, x)[0])}


def _curved(kind: str, y: FloatArray, x: FloatArray, exponent: float) -> tuple[float, dict[str, float]]:
    """(sum of squares, start values) with this exponent."""
    shape = y ** (1 + exponent) if kind == "power" else np.exp(exponent * y)
    A = np.column_stack([np.ones(len(y)), shape])
    b, _ = qr_solve(A, x)
    left = x - A @ b
    return float(left @ left), {"b0": float(b[0]), "b1": float(b[1]), "b2": exponent}
