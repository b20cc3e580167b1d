"""Mean, standard uncertainty and coverage intervals of a sampled output (JCGM 101:2008, 7.5 to 7.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..distributions import FloatArray

CHUNK = 8_192  # a product of so few is left to one thread: a second one costs more than it brings
MANY, SAMPLE = 50_000, 8_192  # from how many values a sample of so many saves sorting them all


@dataclass(frozen=True, slots=True)
class Intervals:
    """Both coverage intervals of one probability, in the unit of the values."""

    symmetric: tuple[float, float]
    shortest: tuple[float, float]


def moments(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(means (m,), covariance matrix (m, m)) of samples (m, M); in chunks, so that nothing of their size is copied.

    Source: JCGM 101:2008, 7.6, eq. (16), (17); JCGM 102:2011, 7.6.
    """
    m, M = samples.shape
    mean = np.array([float(np.mean(row)) for row in samples])
    squares = np.zeros((m, m))
    for begin in range(0, M, CHUNK):
        away = samples[:, begin : begin + CHUNK] - mean[:, np.newaxis]
        squares += away @ away.T
    return mean, squares / (M - 1)


def intervals(values: FloatArray, p: float) -> Intervals:
    """The probabilistically symmetric and the shortest interval of probability p (JCGM 101:2008, 7.7).

    Exact on the M values, of which only the M − q lowest and the M − q highest are put in order.
    """
    M = len(values)
    q = min(math.floor(p * M + 0.5), M - 1)
    low, high = _tails(values, M - q)
    first = max((M - q + 1) // 2 - 1, 0)
    best = int(np.argmin(high - low))
    return Intervals((float(low[first]), float(high[first])), (float(low[best]), float(high[best])))


def _tails(values: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """The n smallest and the n greatest values, each in order; the values keep theirs.

    A sample of the values tells a limit beyond which there are a little more than n: those alone are sorted.
    """
    if len(values) >= MANY and 4 * n < len(values):
        sample = np.sort(values[:: len(values) // SAMPLE])
        share = n / len(values)
        within = math.ceil(len(sample) * (share + 6 * math.sqrt(share / len(sample)))) + 6
        if within < len(sample):
            low = np.sort(values[values <= sample[within]])
            high = np.sort(values[values >= sample[-1 - within]])
            if min(len(low), len(high)) >= n:
                return low[:n], high[-n:]
    ordered = np.sort(values)
    return ordered[:n], ordered[len(values) - n :]


def summarise(values: FloatArray, p: float) -> dict[str, Any]:
    """Mean, u, symmetric and shortest interval of probability p of (M,) values, which keep their order."""
    mean, V = moments(values[np.newaxis])
    found = intervals(values, p)
    return {
        "mean": float(mean[0]),
        "u": math.sqrt(float(V[0, 0])),
        "interval_symmetric": list(found.symmetric),
        "interval_shortest": list(found.shortest),
    }
