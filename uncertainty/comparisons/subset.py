"""Largest consistent subset: as many results as possible that agree within their uncertainties.

Source: Cox, Metrologia 44 (2007) 187: of the largest subsets that pass the χ² test, the one of smallest χ².
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..statistics.checks import chi2_quantile, column, covariance, share
from .reference import Reference, weighted_mean

MOST = 250_000
"""Subsets looked at before the search is refused; about 10 s for 20 results."""
BLOCK = 20_000


@dataclass(frozen=True, slots=True)
class Subset:
    """Places (from 0) of the results kept and left out, and the weighted mean of those kept.

    weights of the reference: (N,), 0 for those left out.
    """

    kept: tuple[int, ...]
    left_out: tuple[int, ...]
    reference: Reference


def largest_consistent_subset(x: ArrayLike, u: ArrayLike, alpha: float = 0.05) -> Subset:
    """The largest subset whose weighted mean passes the χ² test at level alpha; u: (N,) or covariance (N, N).

    Two results at least are kept where any two agree, otherwise the one of smallest u.
    Raises DocumentError where more than 250,000 subsets would have to be tried.
    """
    y = column("x", x, 2)
    V, n = covariance("u", u, len(y)), len(y)
    alpha, tried = share("alpha", alpha), 0
    for size in range(n, 1, -1):
        tried += math.comb(n, size)
        if tried > MOST:
            raise DocumentError(place="x", found=str(n), right=N_("fewer results, or results that agree better"))
        chi2, places = _smallest(y, V, size)
        if chi2 <= chi2_quantile(1 - alpha, size - 1):
            return _subset(y, V, places, alpha)
    return _subset(y, V, (int(np.argmin(np.diag(V))),), alpha)


def _subset(x: FloatArray, V: FloatArray, kept: tuple[int, ...], alpha: float) -> Subset:
    found = weighted_mean(x[list(kept)], V[np.ix_(kept, kept)], alpha)
    weights = np.zeros(len(x))
    weights[list(kept)] = found.weights or ()
    reference = Reference(
        "largest_consistent_subset", found.value, found.u, tuple(weights.tolist()), 0.0, found.consistency
    )
    return Subset(kept, tuple(i for i in range(len(x)) if i not in kept), reference)


def _smallest(x: FloatArray, V: FloatArray, size: int) -> tuple[float, tuple[int, ...]]:
    """(χ², places) of the subset of this size with the smallest χ²."""
    best: tuple[float, tuple[int, ...]] = (math.inf, ())
    for block in _blocks(len(x), size):
        chi2 = _chi2(x[block], V[block[:, :, None], block[:, None, :]])
        at = int(np.argmin(chi2))
        if chi2[at] < best[0]:
            best = (float(chi2[at]), tuple(block[at].tolist()))
    return best


def _blocks(n: int, size: int) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    every = combinations(range(n), size)
    while block := list(islice(every, BLOCK)):
        yield np.array(block)


def _chi2(x: FloatArray, V: FloatArray) -> FloatArray:
    """χ² about the weighted mean of each row: x (B, k), V (B, k, k)."""
    ones = np.ones_like(x)
    solved = np.linalg.solve(V, np.stack([ones, x], axis=-1))
    mean = solved[..., 1].sum(axis=-1) / solved[..., 0].sum(axis=-1)
    away = x - mean[:, None]
    return np.asarray(np.sum(away * np.linalg.solve(V, away[..., None])[..., 0], axis=-1))
