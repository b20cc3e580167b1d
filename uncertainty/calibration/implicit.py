"""The covariance of a line's a and b by the law of propagation through the fit itself, beside the usual one.

(Jᵀ W⁻¹ J)⁻¹ of ISO/TS 28037 leaves out that the residuals bend χ². Where x is uncertain and the points scatter, the full
derivatives of a and b with respect to every x_i and y_i say how much that is worth.
Source: JCGM 100:2008, 5.2.2, through ∂χ²/∂(a, b) = 0; Kalantar, Meas. Sci. Technol. 3 (1992) 1113.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from .checks import column
from .fit import spread_of


def propagated_covariance(
    a: float, b: float, x: ArrayLike, y: ArrayLike, u_y: ArrayLike, u_x: ArrayLike = 0.0, cov_xy: ArrayLike = 0.0
) -> FloatArray:
    """(2, 2) covariance of the fitted a and b of y = a + b·x; points independent of each other, (N,) each.

    With r = y − a − b·x and w = 1/(u_y² − 2b cov + b² u_x²), χ² = Σ w r² is least at (a, b): H (δa, δb) = −S δ(x, y).
    """
    across, up = column("x", x), column("y", y)
    spread = spread_of(len(across), u_x, u_y, cov_xy)
    Vx, Vy, Vxy = (column(name, V) for name, V in (("u_x", spread.Vx), ("u_y", spread.Vy), ("cov_xy", spread.Vxy)))
    r = up - a - b * across
    v, v1, v2 = Vy - 2 * b * Vxy + b**2 * Vx, 2 * b * Vx - 2 * Vxy, 2 * Vx
    w, w1, w2 = 1 / v, -v1 / v**2, 2 * v1**2 / v**3 - v2 / v**2
    mixed = np.sum(2 * w * across - 2 * w1 * r)
    H = np.array([[np.sum(2 * w), mixed], [mixed, np.sum(w2 * r**2 - 4 * w1 * r * across + 2 * w * across**2)]])
    by_y = np.array([-2 * w, 2 * w1 * r - 2 * w * across])
    by_x = np.array([2 * b * w, 2 * w * (b * across - r) - 2 * b * w1 * r])
    cross = (by_x * Vxy) @ by_y.T
    K = np.linalg.inv(H)
    return np.asarray(K @ ((by_x * Vx) @ by_x.T + (by_y * Vy) @ by_y.T + cross + cross.T) @ K)
