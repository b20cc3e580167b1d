"""Weighing designs by least squares: any design matrix, a restraint on one or several standards, full covariance.

y = X β + e, with A β = m_R exactly and m_R uncertain. Source: NIST/SEMATECH e-Handbook, 2.3.3.2 and 2.3.4.1;
J. M. Cameron, M. C. Croarkin, R. C. Raybold, NBS Technical Note 952 (1977).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from ..thermometry.checks import column, covariance, inside, positive


@dataclass(frozen=True, slots=True, eq=False)
class Weighings:
    """A solved design of N observations and M weights, in the unit of the observations.

    masses: (M,). covariance: (M, M), the whole; covariance_a of the weighings alone; covariance_restraint of the
    standards. s: residual standard deviation with `dof` degrees of freedom (0 when dof is 0). residuals: (N,).
    """

    masses: FloatArray
    covariance: FloatArray
    covariance_a: FloatArray
    covariance_restraint: FloatArray
    s: float
    dof: int
    residuals: FloatArray

    @property
    def u(self) -> FloatArray:
        """(M,) standard uncertainties."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))

    def combined(self, weights: ArrayLike) -> tuple[float, float]:
        """Mass and standard uncertainty of a sum of the weights, each as often as `weights` (M,) says."""
        w = column("weights", weights, len(self.masses))
        return float(w @ self.masses), math.sqrt(max(float(w @ self.covariance @ w), 0.0))


def solve_design(
    X: ArrayLike,
    y: ArrayLike,
    restraint: ArrayLike,
    standard: ArrayLike,
    u_standard: ArrayLike = 0.0,
    s_pooled: float | None = None,
    V: ArrayLike | None = None,
) -> Weighings:
    """Masses from weighings y (N,) with design X (N, M): +1 on one pan, −1 on the other, 0 absent.

    restraint: (M,) or (R, M), which sums of weights are known; standard: (R,) their masses; u_standard: one, (R,) or an
    (R, R) covariance. s_pooled: the known standard deviation of one weighing, used instead of the residual one.
    V: instead of s_pooled, (N,) standard uncertainties or the (N, N) covariance of the observations, taken as they are; s is
    then the root of χ²/dof, near 1 where they hold.
    Raises DocumentError where the design and the restraint do not determine every mass, or nothing states the scatter.
    """
    if V is not None and s_pooled is not None:
        raise DocumentError(place="s_pooled", found=f"{s_pooled:g}", right=N_("either s_pooled or V"))
    X, y = _design(X), column("y", y)
    A = np.atleast_2d(numbers("restraint", restraint))
    if len(X) != len(y) or A.shape[1] != X.shape[1]:
        raise DocumentError(place="design", found=f"{X.shape}, {y.shape}, {A.shape}", right=N_("columns of one length"))
    m = column("standard", standard, len(A))
    V_m = covariance("u_standard", u_standard, len(A))
    whiten = _whitening(V, len(y))
    inner, outer = _inverse(whiten @ X, A)
    beta = inner @ X.T @ whiten.T @ whiten @ y + outer @ m
    r = y - X @ beta
    dof = len(y) - X.shape[1] + len(A)
    s = math.sqrt(float(np.sum((whiten @ r) ** 2)) / dof) if dof > 0 else 0.0
    sigma = 1.0 if V is not None else _scatter(s, dof, s_pooled)
    type_a, of_standard = sigma**2 * inner, outer @ V_m @ outer.T
    return Weighings(beta, type_a + of_standard, type_a, of_standard, s, dof, r)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A residual s against a pooled one. F: s²/s_p²; limit: the F that a share p of good runs exceeds."""

    F: float
    limit: float
    is_consistent: bool


def compare_with_pooled(
    s: float, dof: int, s_pooled: float, dof_pooled: float = math.inf, p: float = 0.05
) -> Agreement:
    """F test whether the scatter of a run agrees with the accepted one; a run that scatters more is not consistent.

    dof_pooled infinite: χ²/dof. Source: e-Handbook, 2.3.3.2 and 2.3.5.
    """
    from scipy.special import chdtri, fdtri

    positive("dof", dof)
    inside("p", p, 1e-6, 0.5, "")
    F = float(numbers("s", s)) ** 2 / float(positive("s_pooled", s_pooled)) ** 2
    if math.isinf(dof_pooled):
        limit = float(chdtri(dof, p)) / dof
    else:
        limit = float(fdtri(dof, float(positive("dof_pooled", dof_pooled)), 1 - p))
    return Agreement(F, limit, limit >= F)


def _scatter(s: float, dof: int, s_pooled: float | None) -> float:
    """Standard deviation of one weighing: the pooled one where there is one, else the residual one."""
    if s_pooled is not None:
        return float(positive("s_pooled", s_pooled))
    if dof == 0:
        right = N_("more weighings, or the standard deviation of one")
        raise DocumentError(place="s_pooled", found=N_("nothing"), right=right)
    return s


def _inverse(X: FloatArray, A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(M, M) and (M, R) blocks of the inverse of [XᵀX Aᵀ; A 0]."""
    M, R = X.shape[1], len(A)
    # both blocks of like size, or the rank test would see the unit of the weighings
    scale = float(np.max(np.abs(X), initial=0.0)) or 1.0
    whole = np.block([[X.T @ X / scale**2, A.T], [A, np.zeros((R, R))]])
    if np.linalg.matrix_rank(whole) < M + R:
        raise DocumentError(
            place="design", found=str(M), right=N_("a design and a restraint that determine every mass, once")
        )
    inverse = np.linalg.inv(whole)
    return inverse[:M, :M] / scale**2, inverse[:M, M:]


def _design(X: ArrayLike) -> FloatArray:
    found = numbers("design", X)
    if found.ndim != 2 or not found.size:
        raise DocumentError(place="design", found=str(found.shape), right=N_("one row for each weighing"))
    return found


def _whitening(V: ArrayLike | None, size: int) -> FloatArray:
    if V is None:
        return np.eye(size)
    found = covariance("V", V, size)
    if not np.all(np.linalg.eigvalsh(found) > 0):
        raise DocumentError(place="V", found="0", right=N_("numbers above zero"))
    return np.asarray(np.linalg.inv(np.linalg.cholesky(found)))
