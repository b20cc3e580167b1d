"""What a histogram and a plot of convergence show: plain numbers, drawn elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from .asked import probability, whole
from .intervals import Intervals, intervals, summarise

FEWEST_BINS, MOST_BINS = 5, 1_000
FEWEST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """edges: (n + 1,) in the unit of the values; counts: (n,); density: (n,) per unit; below, above: values outside.

    Σ counts + below + above = M, so that Σ density·width is the share of the values that is shown.
    """

    edges: FloatArray
    counts: Any
    density: FloatArray
    below: int
    above: int
    mean: float
    u: float
    p: float
    intervals: Intervals


@dataclass(frozen=True, slots=True, eq=False)
class Convergence:
    """Figures of the first `trials` values, each (n,). symmetric, shortest: (n, 2) ends."""

    trials: Any
    mean: FloatArray
    u: FloatArray
    symmetric: FloatArray
    shortest: FloatArray
    p: float


def histogram(values: FloatArray, p: float = 0.95, bins: int | None = None) -> Histogram:
    """The distribution of (M,) values between the ends of their 99.9 % interval, with both intervals of probability p.

    bins: without it of the width 2·IQR·M^(−1/3) (Freedman and Diaconis, Z. Wahrsch. verw. Geb. 57 (1981) 453), 200
    at most. The outermost values, which would make the rest a line, are counted and not drawn.
    """
    _require(values, p)
    found = summarise(values, p)
    low, high = intervals(values, max(0.999, (1 + p) / 2)).symmetric
    if not high > low:
        low, high = low - 0.5, high + 0.5
    n = _bins(values, high - low) if bins is None else whole("bins", bins, FEWEST_BINS, MOST_BINS)
    counts, edges = np.histogram(values, bins=n, range=(low, high))
    below, above = int(np.sum(values < low)), int(np.sum(values > high))
    density = counts / (len(values) * (high - low) / n)
    both = Intervals(tuple(found["interval_symmetric"]), tuple(found["interval_shortest"]))
    return Histogram(edges, counts, density, below, above, found["mean"], found["u"], p, both)


def convergence(values: FloatArray, p: float = 0.95, points: int = 40) -> Convergence:
    """Mean, u and ends of the first M' values, M' growing by equal ratios to M: at most `points` of them."""
    _require(values, p)
    steps = np.geomspace(FEWEST, len(values), whole("points", points, 2, MOST_BINS))
    trials = np.unique(np.rint(steps).astype(int))
    rows = [summarise(values[:n], p) for n in trials]
    column = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Convergence(
        trials, column["mean"], column["u"], column["interval_symmetric"], column["interval_shortest"], p
    )


def _bins(values: FloatArray, width: float) -> int:
    quarter = intervals(values, 0.5).symmetric
    step = 2 * (quarter[1] - quarter[0]) * len(values) ** (-1 / 3)
    return int(np.clip(math.ceil(width / step), 20, 200)) if step > 0 else 20


def _require(values: FloatArray, p: float) -> None:
    probability(p)
    if values.ndim != 1 or len(values) < FEWEST:
        raise DocumentError(place="samples", found=str(values.shape), right=N_("one measurand, 100 trials or more"))
    if not np.all(np.isfinite(values)):
        raise EvaluationError(place="samples", found=N_("not finite in some trials"), right=N_("a finite number"))
