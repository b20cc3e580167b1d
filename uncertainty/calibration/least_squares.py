"""Generalised least squares of any curve through points uncertain in x, in y, in both, with any covariance.

The true x_i are unknowns too. Each step linearises f at (X, b): y − f(X) − G (x − X) ≈ J δb + (e_y − G e_x) with
G = diag(∂f/∂x), and the noise of the right side has the covariance W = V_y − G V_xy − V_xyᵀ G + G V_x G. So b follows
from (N, K) least squares whitened with the Cholesky factor of W, and X from e_x's part in what is left. This is the
Gauss–Newton method of ISO/TS 28037:2010, clauses 6 to 10 (10.2: full covariance), with the X eliminated exactly, so
that exact x (V_x = 0) need no case of their own; for curves, ISO 6143:2001, 5.2 and ISO/TS 28038:2018.
Covariance of b: (Jᵀ W⁻¹ J)⁻¹ at the solution, by QR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from .curves import Curve, require_finite

MOST = 500
ROUNDING = 4e-16


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of the points: Vx, Vy, (N,) variances or (N, N) covariances; Vxy: (N,) cov(x_i, y_i) or (N, N)."""

    Vx: FloatArray
    Vy: FloatArray
    Vxy: FloatArray

    def combined(self, g: FloatArray) -> FloatArray:
        """Covariance of y − g·x: (N,) variances where all is independent between the points, otherwise (N, N)."""
        if self.Vx.ndim == self.Vy.ndim == self.Vxy.ndim == 1:
            return self.Vy - 2 * g * self.Vxy + g**2 * self.Vx
        cross = g[:, None] * _full(self.Vxy)
        return _full(self.Vy) - cross - cross.T + np.outer(g, g) * _full(self.Vx)

    def of_x(self, g: FloatArray, z: FloatArray) -> FloatArray:
        """Cov(x, y − g·x) z."""
        return _times(self.Vxy, z) - _times(self.Vx, g * z)


@dataclass(frozen=True, slots=True)
class Solution:
    """b, covariance (K, K), X: (N,) estimates of the true x; residuals: y − f(X); whitened: (N,) of length √χ²."""

    b: FloatArray
    covariance: FloatArray
    X: FloatArray
    residuals: FloatArray
    whitened: FloatArray

    @property
    def chi2(self) -> float:
        """Observed χ², weighted in x and y."""
        return float(self.whitened @ self.whitened)


def solve(
    curve: Curve, x: FloatArray, y: FloatArray, spread: Spread, start: FloatArray, X: FloatArray | None = None
) -> Solution:
    """The coefficients and the true x of least χ² from a start near it. Raises EvaluationError where none is found."""
    b, X, last = start, x if X is None else X, np.inf
    for _ in range(MOST):
        g, W, z, A = _linearised(curve, x, y, spread, b, X)
        step, _ = qr_solve(A, z)
        left = z - A @ step
        moved = x - spread.of_x(g, _unwhiten(W, left))
        size = float(np.linalg.norm(A @ step) + np.linalg.norm(whiten(W, g * (moved - X))))
        b, X = b + step, moved
        floor = ROUNDING * float(np.linalg.norm(whiten(W, np.abs(y) + np.abs(g * x))))
        length = float(np.linalg.norm(z))
        if size <= floor + 1e-13 * length or (size >= last and size <= 1e3 * floor + 1e-7 * length):
            return solution_at(curve, x, y, spread, b, X)
        last = size
    right = N_("a fit that converges: better start values, or a curve closer to the points")
    raise EvaluationError(place="fit", found=N_("not settled"), right=right)


def qr_solve(A: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(b, (AᵀA)⁻¹) of least |z − A b|: columns scaled, QR, one step of refinement on the residuals.

    Raises DocumentError where the columns do not determine every coefficient.
    """
    scale = np.linalg.norm(A, axis=0)
    if A.shape[0] < A.shape[1] or not np.all(scale > 0):
        raise _undetermined()
    Q, R = np.linalg.qr(A / scale)
    if np.min(np.abs(np.diag(R))) < 1e-14 * np.max(np.abs(np.diag(R))):
        raise _undetermined()
    # R has few rows: its LU is R itself, and numpy solves it without waking scipy's threads (2 ms a call)
    b = np.linalg.solve(R, Q.T @ z) / scale
    b = b + np.linalg.solve(R, Q.T @ (z - A @ b)) / scale
    inverse = np.linalg.solve(R, np.eye(len(scale))) / scale[:, None]
    return b, inverse @ inverse.T


def _linearised(
    curve: Curve, x: FloatArray, y: FloatArray, spread: Spread, b: FloatArray, X: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """(∂f/∂x, W or its Cholesky factor, whitened residuals, whitened Jacobian) at (X, b)."""
    f, g, J = curve.value(X, b), curve.slope(X, b), curve.jacobian(X, b)
    require_finite("fit", f, g, J)
    W = factor(spread.combined(g))
    return g, W, whiten(W, y - f - g * (x - X)), whiten(W, J)


def solution_at(curve: Curve, x: FloatArray, y: FloatArray, spread: Spread, b: FloatArray, X: FloatArray) -> Solution:
    """What (b, X) is worth: its residuals, χ² and covariance."""
    _, _, z, A = _linearised(curve, x, y, spread, b, X)
    return Solution(b, qr_solve(A, z)[1], X, y - curve.value(X, b), z)


def factor(W: FloatArray) -> FloatArray:
    """√W of independent points, the lower Cholesky factor of correlated ones."""
    if W.ndim == 1:
        if not np.all(W > 0):
            raise _certain()
        return np.sqrt(W)
    try:
        return np.asarray(np.linalg.cholesky(W))
    except np.linalg.LinAlgError as error:
        raise _certain() from error


def _certain() -> DocumentError:
    return DocumentError(place="u_y", found="0", right=N_("an uncertainty of each point, in x or in y"))


def _undetermined() -> DocumentError:
    right = N_("points that determine every coefficient")
    return DocumentError(place="x", found=N_("points that leave a coefficient open"), right=right)


def whiten(W: FloatArray, A: FloatArray) -> FloatArray:
    """L⁻¹ A of the factor: independent residuals of variance 1."""
    if W.ndim == 1:
        return A / (W if A.ndim == 1 else W[:, None])
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(W, A, lower=True))


def _unwhiten(W: FloatArray, z: FloatArray) -> FloatArray:
    """L⁻ᵀ z, so that _unwhiten(whiten(r)) is W⁻¹ r."""
    if W.ndim == 1:
        return z / W
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(W, z, lower=True, trans="T"))


def _full(V: FloatArray) -> FloatArray:
    return np.diag(V) if V.ndim == 1 else V


def _times(V: FloatArray, z: FloatArray) -> FloatArray:
    return np.asarray(V * z if V.ndim == 1 else V @ z)
