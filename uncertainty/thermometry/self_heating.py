"""Resistance at zero measuring current: R(I) = R(0) + s I², from readings at two or more currents.

Source: Guide to the Realization of the ITS-90 (BIPM, CCT), part 5; two currents in the ratio 1 to √2 are usual.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from .checks import column, covariance, not_negative, positive


@dataclass(frozen=True, slots=True, eq=False)
class ZeroCurrent:
    """R0: Ω at zero current; slope: Ω/A²; covariance: (2, 2) of both; residuals: (N,) Ω of the straight line in I²."""

    R0: float
    slope: float
    covariance: FloatArray
    residuals: FloatArray

    @property
    def u(self) -> float:
        """Standard uncertainty of R0 in Ω."""
        return float(np.sqrt(self.covariance[0, 0]))

    def self_heating(self, current: ArrayLike, sensitivity: float) -> FloatArray:
        """Self-heating in K at currents in A; sensitivity: dR/dT in Ω/K."""
        return np.asarray(self.slope * np.asarray(current, float) ** 2 / float(positive("sensitivity", sensitivity)))


def zero_current(current: ArrayLike, R: ArrayLike, u_R: ArrayLike, u_current: ArrayLike = 0.0) -> ZeroCurrent:
    """R at zero current from (N,) currents in A and resistances in Ω.

    u_R: one, (N,), or an (N, N) covariance in Ω²; u_current: A, independent. Generalised least squares; the
    uncertainty of a current counts as 2 s I u(I) in its resistance. Two currents are met exactly.
    Raises DocumentError where all currents are equal.
    """
    I = positive("current", column("current", current))  # noqa: E741  (the symbol of the quantity)
    R = positive("R", column("R", R, len(I)))
    if len(np.unique(I)) < 2:
        raise DocumentError(place="current", found=str(I.tolist())[:80], right=N_("two or more different currents"))
    V = covariance("u_R", u_R, len(I))
    X = np.column_stack([np.ones_like(I), I**2])
    slope = float(np.polyfit(I**2, R, 1)[0])
    V = V + np.diag((2 * slope * I * not_negative("u_current", column("u_current", u_current, len(I)))) ** 2)
    if not np.all(np.linalg.eigvalsh(V) > 0):
        raise DocumentError(place="u_R", found="0", right=N_("numbers above zero"))
    whiten = np.linalg.inv(np.linalg.cholesky(V))
    # columns of like size: 1e-6 A² beside 1 Ω would look singular
    scale = np.array([1.0, float(np.max(I)) ** 2])
    c, *_ = np.linalg.lstsq(whiten @ (X / scale), whiten @ R, rcond=None)
    b = c / scale
    C = np.linalg.inv((X / scale).T @ whiten.T @ whiten @ (X / scale)) / np.outer(scale, scale)
    return ZeroCurrent(float(b[0]), float(b[1]), C, R - X @ b)
