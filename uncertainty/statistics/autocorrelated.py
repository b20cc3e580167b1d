"""Mean of readings that are correlated with those before them, and its u (JCGM 100:2008, 4.2.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..autocorrelation import FEWEST, LIMIT
from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from .checks import column, count

CUTOFFS = ("first_insignificant", "last_significant")


@dataclass(frozen=True, slots=True)
class AutocorrelatedMean:
    """mean and its u; n readings are worth n_effective independent ones; lags: how many autocorrelations were used.

    dof: n_effective − 1, at least 1. u_independent: s/√n, what u would be of independent readings.
    """

    mean: float
    u: float
    u_independent: float
    n: int
    n_effective: float
    lags: int
    dof: float


def autocorrelations(readings: ArrayLike, lags: int) -> FloatArray:
    """(lags,) sample autocorrelations r_0 = 1, r_1, … of (N,) readings, each over the whole sum of squares.

    Raises EvaluationError for readings that are all equal. Source: NIST/SEMATECH e-Handbook, 1.3.5.12.
    """
    x = column("readings", readings, 2)
    lags = count("lags", lags)
    if lags > len(x):
        raise DocumentError(place="lags", found=str(lags), right=N_("fewer lags than readings"))
    centred = x - x.mean()
    whole = float(centred @ centred)
    if whole == 0:
        raise EvaluationError(where="readings", found="0", right=N_("readings that differ"))
    return np.array([float(centred[: len(x) - k] @ centred[k:]) for k in range(lags)]) / whole


def autocorrelated_mean(readings: ArrayLike, cutoff: str = "first_insignificant") -> AutocorrelatedMean:
    """Mean of a stationary series: u² = s²/n·(1 + 2 Σ (1 − k/n) ρ_k) over the lags up to a cut-off.

    cutoff: first_insignificant sums the lags before the first |ρ_k| ≤ 1.96/√n, as budgets do; last_significant sums
    up to the last lag below n/4 whose |ρ_k| is above 1.96 standard deviations of Bartlett's formula for a series
    correlated up to the lag before.
    u is never below s/√n. Source: Zhang, Metrologia 43 (2006) S276; JCGM 100:2008, 4.2.7.
    """
    x = column("readings", readings, FEWEST)
    if cutoff not in CUTOFFS:
        raise DocumentError(place="cutoff", found=str(cutoff), right=N_("first_insignificant or last_significant"))
    n, s = len(x), float(np.std(x, ddof=1))
    independent = s / math.sqrt(n)
    if s == 0:
        return AutocorrelatedMean(float(x.mean()), 0.0, 0.0, n, float(n), 0, n - 1.0)
    rho = autocorrelations(x, n - 1)
    lags = _first(rho, n) if cutoff == "first_insignificant" else _last(rho, n)
    k = np.arange(1, lags + 1)
    factor = max(1.0, 1.0 + 2.0 * float(np.sum((1 - k / n) * rho[1 : lags + 1])))
    worth = n / factor
    u = independent * math.sqrt(factor)
    return AutocorrelatedMean(float(x.mean()), u, independent, n, worth, lags, max(worth - 1, 1.0))


def _first(rho: FloatArray, n: int) -> int:
    below = np.flatnonzero(np.abs(rho[1:]) <= LIMIT / math.sqrt(n))
    return int(below[0]) if len(below) else len(rho) - 1


def _last(rho: FloatArray, n: int) -> int:
    """Bartlett: variance of r_k of a series without correlation beyond k − 1 is (1 + 2 Σ_{i<k} ρ_i²)/n."""
    most = max(n // 4, 1)
    spread = np.sqrt((1 + 2 * np.concatenate([[0.0], np.cumsum(rho[1:most] ** 2)])) / n)
    above = np.flatnonzero(np.abs(rho[1 : most + 1]) > LIMIT * spread)
    return int(above[-1]) + 1 if len(above) else 0
