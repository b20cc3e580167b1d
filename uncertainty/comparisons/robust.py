"""Robust mean and standard deviation of ISO 13528: Algorithm A for results, Algorithm S for standard deviations.

Source: ISO 13528:2022, annex C.3 (A), C.4 (S); ISO 5725-5:1998, 6.2, 6.3. The factors are what the standards round: the
correction of A, 1.134, is 1/√E[min(z², 1.5²)] = 1.13339…; limit and correction of S follow from χ² at 90 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from ..statistics.checks import column, count
from ..statistics.outliers import mad

STANDARD_FACTOR = 1.134
"""ISO 13528:2022, C.3.1, as printed."""
TURNS = 10_000


@dataclass(frozen=True, slots=True)
class Robust:
    """Robust mean x*, robust standard deviation s*, and u = 1.25 s*/√p of x* as assigned value (ISO 13528, 7.7.3)."""

    x: float
    s: float
    u: float
    n: int
    turns: int


def exact_factor() -> float:
    """1.13339…: makes s* of a normal sample its standard deviation."""
    from scipy.special import gammainc

    outside = math.erfc(1.5 / math.sqrt(2))
    return 1 / math.sqrt(float(gammainc(1.5, 1.5**2 / 2)) + 1.5**2 * outside)


def algorithm_a(x: ArrayLike, factor: float = STANDARD_FACTOR) -> Robust:
    """Robust mean and standard deviation, iterated until neither changes; begins with the median and 1.4826·MAD.

    factor: 1.134 as the standard prints it, or exact_factor(). Where more than half of the results are equal, the first
    s* is 0; it begins with the standard deviation then (C.3.1, note).
    """
    y = column("x", x, 2)
    centre, s = mad(y)
    s = s or float(np.std(y, ddof=1))
    for turn in range(1, TURNS):
        held = np.clip(y, centre - 1.5 * s, centre + 1.5 * s)
        before, centre, s = (centre, s), float(held.mean()), factor * float(np.std(held, ddof=1))
        if abs(centre - before[0]) <= 1e-14 * max(abs(centre), s) and abs(s - before[1]) <= 1e-13 * s:
            return Robust(centre, s, 1.25 * s / math.sqrt(len(y)), len(y), turn)
    raise EvaluationError(where="x", found="s*", right=N_("results for which the iteration comes to rest"))


def algorithm_s(s: ArrayLike, dof: int) -> float:
    """Robust pooled value of standard deviations (p,), each of the same degrees of freedom, or of ranges with dof 1.

    Raises DocumentError for a negative one and where more than half are 0.
    """
    w = column("s", s, 2)
    if np.any(w < 0):
        raise DocumentError(place="s", found=f"{float(w.min()):.6g}", right=N_("numbers of zero or more"))
    limit, correction = factors_of_s(count("dof", dof))
    pooled = float(np.median(w))
    if pooled == 0:
        raise DocumentError(place="s", found="0", right=N_("standard deviations of which most are above zero"))
    for _ in range(TURNS):
        before, pooled = pooled, correction * _root_mean(np.minimum(w, limit * pooled))
        if abs(pooled - before) <= 1e-14 * pooled:
            return pooled
    raise EvaluationError(where="s", found="w*", right=N_("results for which the iteration comes to rest"))


def _root_mean(values: FloatArray) -> float:
    return math.sqrt(float(np.mean(values**2)))


def factors_of_s(dof: int) -> tuple[float, float]:
    """(η, ξ) of Algorithm S: η² = χ²_0.9(ν)/ν and 1/ξ² = P(χ²_{ν+2} < ν η²) + 0.1 η² (ISO 13528:2022, table C.1)."""
    from scipy.special import gammainc, gammaincinv

    half = float(gammaincinv(dof / 2, 0.9))
    eta2 = 2 * half / dof
    return math.sqrt(eta2), 1 / math.sqrt(float(gammainc(dof / 2 + 1, half)) + 0.1 * eta2)
