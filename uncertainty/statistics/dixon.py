"""Dixon's ratios of ordered normal readings: which ratio for which n, and critical values by quadrature.

r_ji = (x_n − x_{n−j})/(x_n − x_{i+1}) with j = 1, 2 and i = 0, 1, 2: r10 for 3 to 7 readings, r11 for 8 to 10, r21 for 11
to 13, r22 from 14. Source: Dixon, Biometrics 9 (1953) 74; distribution: McBane, J. Stat. Software 16 (2006) 3.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ..distributions import FloatArray

NODES = (80, 60, 60)
"""Gauss–Legendre nodes for the largest reading, the range, and the ratio: 6 digits of the critical value."""


def kind(n: int) -> tuple[int, int]:
    """(j, i) of the ratio used for n readings."""
    return (1, 0) if n <= 7 else (1, 1) if n <= 10 else (2, 1) if n <= 13 else (2, 2)


def ratio(ordered: FloatArray) -> float:
    """Dixon's ratio of the largest of (n,) ascending readings; 0 where its divisor is 0."""
    j, i = kind(len(ordered))
    below = float(ordered[-1] - ordered[i])
    return float(ordered[-1] - ordered[-1 - j]) / below if below > 0 else 0.0


def tail(n: int, r: float) -> float:
    """Probability that the ratio of n normal readings is above r, one end named beforehand."""
    j, i = kind(n)
    x, wx = _legendre(NODES[0], -7.0, 9.0)
    v, wv = _legendre(NODES[1], 0.0, 14.0)
    q, wq = _legendre(NODES[2], r, 1.0)
    X, W, Q = x[:, None, None], v[None, :, None], q[None, None, :]
    low, near, top = X - W, X - Q * W, X + 0 * W
    F_low, F_near, F_top = _cdf(low), _cdf(near), _cdf(top)
    between = np.clip(F_near - F_low, 0.0, 1.0) ** (n - j - i - 2)
    density = F_low**i * between * np.clip(F_top - F_near, 0.0, 1.0) ** (j - 1)
    density = density * np.exp(-(low**2 + near**2 + top**2) / 2) / (2 * math.pi) ** 1.5 * W
    ways = math.factorial(n) / (math.factorial(i) * math.factorial(n - j - i - 2) * math.factorial(j - 1))
    return ways * float(np.einsum("xvq,x,v,q->", density, wx, wv, wq))


@lru_cache(maxsize=256)
def critical(n: int, alpha: float) -> float:
    """The ratio that the named end of n normal readings exceeds with probability alpha. About 0.2 s the first time."""
    from scipy.optimize import brentq

    return float(brentq(lambda r: tail(n, r) - alpha, 1e-6, 1 - 1e-9, xtol=1e-7))


def _cdf(x: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(x), dtype=float)


@lru_cache(maxsize=8)
def _unit(n: int) -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return nodes, weights


def _legendre(n: int, low: float, high: float) -> tuple[FloatArray, FloatArray]:
    nodes, weights = _unit(n)
    half = (high - low) / 2
    return low + half * (nodes + 1), half * weights
