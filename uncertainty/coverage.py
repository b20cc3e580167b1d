"""Effective degrees of freedom and coverage factors (JCGM 100:2008, annex G)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def effective_dof(contributions: ArrayLike, dof: ArrayLike) -> float:
    """Welch–Satterthwaite effective degrees of freedom of independent contributions.

    contributions: (N,) |c_i| u_i in the measurand's unit; dof: (N,), infinite allowed. Infinite when no finite one
    contributes. Source: JCGM 100:2008, G.4.1, eq. (G.2b).
    """
    u, nu = np.asarray(contributions, float), np.asarray(dof, float)
    total = float(np.sum(u**2)) ** 2
    below = float(np.sum(np.where(np.isfinite(nu) & (u != 0), u**4 / np.where(nu > 0, nu, 1), 0.0)))
    return math.inf if below == 0 else total / below


def coverage_factor(p: float, dof: float) -> float:
    """k for a two-sided interval of probability p: from t at the truncated dof, normal for infinite ones.

    Source: JCGM 100:2008, G.4.1 (truncation), table G.2.
    """
    from scipy.special import ndtri, stdtrit

    if not math.isfinite(dof):
        return float(ndtri((1 + p) / 2))
    return float(stdtrit(max(math.floor(dof + 1e-9), 1), (1 + p) / 2))


def combined(contributions: Sequence[float]) -> float:
    """Root sum of squares."""
    return math.sqrt(math.fsum(c * c for c in contributions))
