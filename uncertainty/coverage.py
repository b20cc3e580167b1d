"""Effective degrees of freedom and coverage factors (JCGM 100:2008, annex G)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def effective_dof(contributions: ArrayLike, dof: ArrayLike, correlation: ArrayLike | None = None) -> float:
    """Effective degrees of freedom of a combined standard uncertainty.

    contributions: (N,) c_i u_i with their signs, in the measurand's unit; dof: (N,), infinite allowed;
    correlation: (N, N), the identity without it. Infinite when no finite one contributes.
    Independent: JCGM 100:2008, G.4.1, eq. (G.2b). Correlated, r known and each u_i estimated on its own:
    Willink, Metrologia 44 (2007) 340: ν = u_c⁴ / Σ_i (w_i Σ_j r_ij w_j)² / ν_i with w_i = c_i u_i.
    """
    w, nu = np.asarray(contributions, float), np.asarray(dof, float)
    r = np.eye(len(w)) if correlation is None else np.asarray(correlation, float)
    parts = w * (r @ w)
    below = float(np.sum(parts**2 / nu))
    return math.inf if below == 0 else float(np.sum(parts)) ** 2 / below


def coverage_factor(p: Any, dof: Any) -> Any:
    """k for a two-sided interval of probability p: from t at the truncated dof, normal for infinite ones.

    p, dof: numbers or arrays. Source: JCGM 100:2008, G.4.1 (truncation), table G.2.
    """
    from scipy.special import ndtri, stdtrit

    q, nu = (1 + np.asarray(p, float)) / 2, np.asarray(dof, float)
    if nu.ndim == 0 and q.ndim == 0:
        return float(stdtrit(max(math.floor(nu + 1e-9), 1), q)) if math.isfinite(nu) else float(ndtri(q))
    finite = np.isfinite(nu)
    whole = np.maximum(np.floor(np.where(finite, nu, 1.0) + 1e-9), 1.0)
    return np.where(finite, stdtrit(whole, q), ndtri(q))


def complex_dof(covariances: ArrayLike, dof: ArrayLike) -> float:
    """Effective degrees of freedom of a complex sum: the two-dimensional Welch–Satterthwaite of total variance.

    covariances: (N, 2, 2) of the real and imaginary contributions of independent parts; dof: (N,), infinite allowed.
    Infinite when no finite one contributes. Source: Willink and Hall, Metrologia 39 (2002) 361: the variances
    of the three elements of the covariance matrix, summed, are matched.
    """
    parts, nu = np.asarray(covariances, float), np.asarray(dof, float)
    below = float(np.sum(_scatter(parts) / nu))
    return math.inf if below == 0 else float(_scatter(parts.sum(axis=0))) / below


def _scatter(V: Any) -> Any:
    """ν times the summed variances of the elements of a 2 × 2 covariance estimated with ν (Wishart)."""
    a, b, d = V[..., 0, 0], V[..., 0, 1], V[..., 1, 1]
    return 2 * a**2 + (a * d + b**2) + 2 * d**2
