"""Linear regression on any columns, where a calibration depends on more than one quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from .checks import column, spread
from .least_squares import factor, qr_solve, whiten


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """y = A b. b, u: (K,); covariance: (K, K); residuals: (N,); s: their standard deviation with dof = N − K.

    r2: coefficient of determination about the mean (about zero without a constant column); F: of the regression. None
    where there is none: ν = 0, y all alike, no residuals.
    """

    b: FloatArray
    covariance: FloatArray
    residuals: FloatArray
    s: float | None
    dof: int
    r2: float | None
    F: float | None

    @property
    def u(self) -> FloatArray:
        """(K,) standard uncertainties of b."""
        return np.sqrt(np.diag(self.covariance))


def regress(A: ArrayLike, y: ArrayLike, u_y: ArrayLike | None = None) -> Regression:
    """The coefficients of the columns of A, (N, K), by QR; u_y: one, (N,), or (N, N) covariance.

    Without u_y, u of b comes from the residuals. Raises DocumentError where the columns do not determine every b.
    Source: JCGM 100:2008, H.3, in any number of columns; ISO/TS 28037:2010, 6 and 9.
    """
    columns = numbers("A", A)
    up = column("y", y)
    if columns.ndim != 2 or len(columns) != len(up):
        raise DocumentError(place="A", found=str(columns.shape), right=N_("columns of one length"))
    dof = columns.shape[0] - columns.shape[1]
    if dof < 1 and u_y is None:
        right = N_("more points than coefficients, or the uncertainty of each point")
        raise DocumentError(place="u_y", found=N_("nothing"), right=right)
    W = factor(spread("u_y", 1.0 if u_y is None else u_y, len(up)))
    M, z = whiten(W, columns), whiten(W, up)
    b, V = qr_solve(M, z)
    left = z - M @ b
    square = float(left @ left)
    s = math.sqrt(square / dof) if dof else None
    r2, F = _share(whiten(W, np.ones(len(up))), M, z, square, dof)
    return Regression(b, V * (square / dof if u_y is None else 1.0), up - columns @ b, s, dof, r2, F)


def _share(one: FloatArray, M: FloatArray, z: FloatArray, square: float, dof: int) -> tuple[float | None, float | None]:
    """(R², F): about the weighted mean where the columns hold a constant."""
    inside = one - M @ qr_solve(M, one)[0]
    constant = bool(np.linalg.norm(inside) < 1e-9 * np.linalg.norm(one))
    about = z - one * (one @ z) / (one @ one) if constant else z
    total, terms = float(about @ about), M.shape[1] - constant
    F = (total - square) / terms / (square / dof) if square and dof and terms else None
    return (1 - square / total if total else None), F
