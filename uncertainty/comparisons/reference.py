"""Reference value of a comparison: weighted mean, mean, median, power-moderated mean, and their consistency.

x: (N,) results of the laboratories; u: (N,) standard uncertainties, or (N, N) their covariance matrix; one unit.
Source: Cox, Metrologia 39 (2002) 589 (procedures A and B); Pommé and Keightley, Metrologia 52 (2015) S200.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..statistics.checks import chi2_tail, column, count, covariance, share


@dataclass(frozen=True, slots=True)
class Consistency:
    """χ² of the results about their reference value, its degrees of freedom, P(χ² > observed), Birge ratio √(χ²/ν).

    consistent: p is alpha or more. Source: Cox 2002, procedure A; Birge, Phys. Rev. 40 (1932) 207.
    """

    chi2: float
    dof: int
    p: float
    birge: float
    consistent: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference value and its standard uncertainty u.

    weights: (N,) summing to 1, the value being their sum with the results; None for a median.
    tau: standard deviation between laboratories beyond their u, where the method has one, else 0.
    """

    method: str
    value: float
    u: float
    weights: tuple[float, ...] | None
    tau: float = 0.0
    consistency: Consistency | None = None


def weighted_mean(x: ArrayLike, u: ArrayLike, alpha: float = 0.05, *, birge: bool = False) -> Reference:
    """Generalised weighted mean of results with their covariance, and the χ² test of their consistency.

    birge: multiply u by the Birge ratio where that is above 1. Raises DocumentError for a covariance matrix that is
    not positive definite. Source: Cox 2002, procedure A; with covariance: generalised least squares.
    """
    y = column("x", x, 1)
    V = covariance("u", u, len(y))
    solved = np.linalg.solve(V, np.column_stack([np.ones(len(y)), y]))
    information = float(solved[:, 0].sum())
    weights = solved[:, 0] / information
    value, spread = float(weights @ y), math.sqrt(1 / information)
    found = consistency(y, V, value, alpha)
    if birge and found.birge > 1:
        spread *= found.birge
    return Reference("weighted_mean", value, spread, tuple(weights.tolist()), 0.0, found)


def consistency(x: FloatArray, V: FloatArray, value: float, alpha: float = 0.05) -> Consistency:
    """The χ² test of results about the value that least squares has from them."""
    away = x - value
    chi2, dof = max(float(away @ np.linalg.solve(V, away)), 0.0), len(x) - 1
    p = chi2_tail(chi2, dof)
    return Consistency(chi2, dof, p, math.sqrt(chi2 / dof) if dof else 0.0, p >= share("alpha", alpha))


def arithmetic_mean(x: ArrayLike, u: ArrayLike | None = None) -> Reference:
    """Mean of the results; u from their scatter, s/√N, or propagated from their uncertainties where u is given."""
    y = column("x", x, 1 if u is not None else 2)
    weights = np.full(len(y), 1 / len(y))
    if u is None:
        spread = float(np.std(y, ddof=1)) / math.sqrt(len(y))
    else:
        spread = math.sqrt(float(weights @ covariance("u", u, len(y)) @ weights))
    return Reference("arithmetic_mean", float(y.mean()), spread, tuple(weights.tolist()))


def median(x: ArrayLike) -> Reference:
    """Median of the results, u = 1.858/√(N − 1)·median|x − median|, without the uncertainties of the results.

    Source: Müller, J. Res. NIST 105 (2000) 551: 1.858 is 1.4826 times √(π/2) = 1.2533.
    """
    y = column("x", x, 2)
    centre = float(np.median(y))
    u = 1.858 / math.sqrt(len(y) - 1) * float(np.median(np.abs(y - centre)))
    return Reference("median", centre, u, None)


@dataclass(frozen=True, slots=True)
class MedianByTrials:
    """Median by Monte Carlo: value and u of the trials, the shortest interval of probability p, and degrees (N,).

    d, low, high: (N,) degrees of equivalence and the ends of their shortest intervals.
    """

    value: float
    u: float
    interval: tuple[float, float]
    d: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    p: float
    trials: int


def median_by_trials(
    x: ArrayLike, u: ArrayLike, *, seed: int, trials: int = 100_000, p: float = 0.95
) -> MedianByTrials:
    """Procedure B: results drawn from normal distributions, the median of each draw, and every result less it.

    u: (N,) or covariance (N, N). The same seed gives the same figures. Source: Cox 2002, procedure B.
    """
    y = column("x", x, 2)
    L = np.linalg.cholesky(covariance("u", u, len(y)))
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    draws = y + stream.standard_normal((count("trials", trials, 1000), len(y))) @ L.T
    medians = np.median(draws, axis=1)
    low, high = _shortest(draws - medians[:, None], share("p", p))
    ends = _shortest(medians[:, None], p)
    value = float(medians.mean())
    d = y - value
    return MedianByTrials(
        value=value,
        u=float(medians.std(ddof=1)),
        interval=(float(ends[0][0]), float(ends[1][0])),
        d=tuple(d.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        p=p,
        trials=trials,
    )


def _shortest(draws: FloatArray, p: float) -> tuple[FloatArray, FloatArray]:
    """Ends of the shortest interval holding the share p of each column (JCGM 101:2008, 7.7.2)."""
    ordered, inside = np.sort(draws, axis=0), math.ceil(p * len(draws))
    widths = ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]
    start = np.argmin(widths, axis=0)
    each = np.arange(draws.shape[1])
    return ordered[start, each], ordered[start + inside - 1, each]
