"""Standard forms of distributions: P(z ≤ x), P(z > x), density and the points between which they are smooth.

normal; t with ν; rectangular, triangular, arcsine on −1…1; gamma of a shape with rate 1.
Source: JCGM 101:2008, 6.4; densities in the limits' own coordinates.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
NORMAL_ENDS = 12.0  # 3.6e-33 lies beyond
TAIL = 1e-20  # what may lie beyond the breaks of a gamma
LOG2_ENDS = 60  # breaks of a t at 2^k, k up to this, or up to where its tail ends


def below(name: str, extra: float, x: FloatArray) -> FloatArray:
    """P(z ≤ x)."""
    from scipy import special

    match name:
        case "normal":
            return np.asarray(special.ndtr(x))
        case "t":
            return np.asarray(special.stdtr(extra, x))
        case "gamma":
            return np.asarray(special.gammainc(extra, np.maximum(x, 0.0)))
    z = np.clip(x, -1.0, 1.0)
    match name:
        case "triangular":
            return np.where(z < 0, (1 + z) ** 2 / 2, 1 - (1 - z) ** 2 / 2)
        case "arcsine":
            return np.asarray(2 / np.pi * np.arcsin(np.sqrt((1 + z) / 2)))
    return np.asarray((1 + z) / 2)


def above(name: str, extra: float, x: FloatArray) -> FloatArray:
    """P(z > x), exact in the tail. All but the gamma are symmetric."""
    if name == "gamma":
        from scipy.special import gammaincc

        return np.asarray(gammaincc(extra, np.maximum(x, 0.0)))
    return below(name, extra, -x)


def density(name: str, extra: float, z: FloatArray) -> FloatArray:
    """Probability density of z."""
    match name:
        case "normal":
            return np.asarray(np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
        case "t":
            return _density_of_t(extra, z)
        case "gamma":
            return _density_of_gamma(extra, z)
    within = np.abs(z) < 1
    match name:
        case "triangular":
            return np.where(within, 1 - np.abs(z), 0.0)
        case "arcsine":
            return np.where(within, 1 / (np.pi * np.sqrt(np.where(within, (1 - z) * (1 + z), 1.0))), 0.0)
    return np.where(np.abs(z) <= 1, 0.5, 0.0)


def _density_of_t(dof: float, z: FloatArray) -> FloatArray:
    from scipy.special import gammaln

    # not log1p of z²/ν: z² overflows nowhere below 1e154, and breaks end at 2^60
    log = gammaln((dof + 1) / 2) - gammaln(dof / 2) - np.log(dof * np.pi) / 2
    return np.asarray(np.exp(log - (dof + 1) / 2 * np.log1p(z * z / dof)))


def _density_of_gamma(shape: float, z: FloatArray) -> FloatArray:
    from scipy.special import gammaln, xlogy

    positive = np.where(z > 0, z, 1.0)
    return np.where(z > 0, np.exp(xlogy(shape - 1, positive) - positive - gammaln(shape)), 0.0)


def spread(name: str, extra: float) -> float:
    """Standard deviation of z."""
    if name == "t":
        return math.sqrt(extra / (extra - 2)) if extra > 2 else math.inf
    return {
        "gamma": math.sqrt(extra),
        "rectangular": 1 / math.sqrt(3),
        "triangular": 1 / math.sqrt(6),
        "arcsine": 1 / math.sqrt(2),
    }.get(name, 1.0)


def breaks(name: str, extra: float) -> FloatArray:
    """Points in order, from one end of what is integrated to the other."""
    match name:
        case "normal":
            return np.linspace(-NORMAL_ENDS, NORMAL_ENDS, 17)
        case "t":
            return _breaks_of_t(extra)
        case "gamma":
            return _breaks_of_gamma(extra)
        case "triangular":
            return np.array([-1.0, 0.0, 1.0])
    return np.array([-1.0, 1.0])


def _breaks_of_t(dof: float) -> FloatArray:
    """Doubling steps: a tail that falls as a power is smooth on each."""
    from scipy.special import stdtr

    steps = 2.0 ** np.arange(-1, LOG2_ENDS)
    needed = int(np.searchsorted(-stdtr(dof, -steps), -TAIL)) + 1
    out = steps[:needed]
    return np.concatenate([-out[::-1], [0.0], out])


def _breaks_of_gamma(shape: float) -> FloatArray:
    from scipy.special import gammainccinv

    end = float(gammainccinv(shape, TAIL))
    return np.concatenate([[0.0, 0.25], np.linspace(0.0, end, 2 + int(end / (1 + np.sqrt(shape))))[1:]])
