"""Distributions about their expectation: standard uncertainty, draws, quantiles (JCGM 101:2008, 6.4).

A shape is a name with parameters already in coherent SI units and relative to the expectation; `u` says its standard
deviation (the scale for a t, whose standard deviation is infinite for two or fewer degrees of freedom).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Number = Any  # a float, or an array of them for a batch of budgets

LIMITED = ("rectangular", "triangular", "arcsine", "trapezoidal", "curvilinear_trapezoidal")
"""Symmetric between two limits: lower and upper, or value and half_width."""
PARAMETERS: dict[str, tuple[str, ...]] = {
    "normal": (),
    "t": (),
    **dict.fromkeys(LIMITED, ()),
    "trapezoidal": ("top",),
    "curvilinear_trapezoidal": ("d",),
    "exponential": ("mean",),
    "gamma": ("shape", "scale"),
    "lognormal": ("median", "gsd"),
    "beta": ("a", "b", "lower", "upper"),
    "poisson": ("counts",),
    "binomial": ("successes", "trials"),
    "samples": ("values",),
}
"""Name → the fields of the document that it takes besides limits."""
GRID = 4097


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A distribution about 0. width: half-width of limits, scale of a normal or t. extra: its other parameters."""

    name: str
    width: Number = 0.0
    extra: tuple[Any, ...] = ()

    def same(self, other: Shape) -> bool:
        return self.name == other.name and all(
            np.array_equal(a, b) for a, b in zip((self.width, *self.extra), (other.width, *other.extra), strict=False)
        )


def spread(name: str, width: Number, extra: tuple[Any, ...] = ()) -> Number:
    """Standard deviation of a distribution between limits of half-width `width`.

    Source: JCGM 100:2008, 4.3.7, 4.3.9; JCGM 101:2008, 6.4.2 to 6.4.6 (curvilinear: 6.4.3.4, with d of the limits).
    """
    match name:
        case "triangular":
            return width / math.sqrt(6)
        case "arcsine":
            return width / math.sqrt(2)
        case "trapezoidal":
            return width * np.sqrt((1 + extra[0] * extra[0]) / 6)
        case "curvilinear_trapezoidal":
            return np.sqrt(width * width / 3 + extra[0] * extra[0] / 9)
    return width / math.sqrt(3)


def draw(shape: Shape, dof: float, stream: np.random.Generator, size: int) -> FloatArray:
    """`size` independent draws about 0 (JCGM 101:2008, 6.4)."""
    w, extra = shape.width, shape.extra
    match shape.name:
        case "normal":
            return np.asarray(w * stream.standard_normal(size))
        case "t":
            return np.asarray(w * stream.standard_t(dof, size))
        case "rectangular":
            return np.asarray(w * (2 * stream.random(size) - 1))
        case "triangular":
            return np.asarray(w * (stream.random(size) + stream.random(size) - 1))
        case "arcsine":
            return np.asarray(w * np.sin(2 * np.pi * stream.random(size)))
        case "trapezoidal":
            outer = (1 + extra[0]) / 2
            first = outer * (2 * stream.random(size) - 1)
            return np.asarray(w * (first + (1 - outer) * (2 * stream.random(size) - 1)))
        case "curvilinear_trapezoidal":  # 6.4.3.4: one draw for the limits, one between them
            limit = w + extra[0] * (2 * stream.random(size) - 1)
            return np.asarray(limit * (2 * stream.random(size) - 1))
        case "gamma":
            k, scale = extra
            return np.asarray(scale * (stream.standard_gamma(k, size) - k))
        case "lognormal":
            median, sigma = extra
            middle = median * math.exp(sigma * sigma / 2)
            return np.asarray(median * np.exp(sigma * stream.standard_normal(size)) - middle)
        case "beta":
            a, b, span = extra
            return np.asarray(span * (stream.beta(a, b, size) - a / (a + b)))
    values = np.asarray(extra[0])
    return np.asarray(values[stream.integers(0, len(values), size)])


def quantile(shape: Shape, dof: float, p: FloatArray) -> FloatArray:
    """The value about 0 below which the share p lies; for draws that are correlated through a copula."""
    from scipy import special

    w, extra = shape.width, shape.extra
    match shape.name:
        case "normal":
            return np.asarray(w * special.ndtri(p))
        case "t":
            return np.asarray(w * special.stdtrit(dof, p))
        case "rectangular":
            return np.asarray(w * (2 * p - 1))
        case "triangular":
            low = np.minimum(p, 1 - p)
            return np.asarray(w * np.sign(p - 0.5) * (1 - np.sqrt(2 * low)))
        case "arcsine":
            return np.asarray(w * np.sin(np.pi * (p - 0.5)))
        case "gamma":
            k, scale = extra
            return np.asarray(scale * (special.gammaincinv(k, p) - k))
        case "lognormal":
            median, sigma = extra
            return np.asarray(median * np.exp(sigma * special.ndtri(p)) - median * math.exp(sigma * sigma / 2))
        case "beta":
            a, b, span = extra
            return np.asarray(span * (special.betaincinv(a, b, p) - a / (a + b)))
        case "samples":
            values = np.sort(np.asarray(extra[0]))
            return np.asarray(values[np.minimum((p * len(values)).astype(int), len(values) - 1)])
    return _from_density(shape, p)


def _from_density(shape: Shape, p: FloatArray) -> FloatArray:
    """Quantiles of the trapezoids, from their density summed on a grid."""
    w, x = shape.width, shape.extra[0]
    if shape.name == "trapezoidal":
        at = np.linspace(-w, w, GRID)
        density = np.minimum(1.0, (w - np.abs(at)) / (w * (1 - x))) if x < 1 else np.ones(GRID)
    else:  # JCGM 101:2008, 6.4.3.2, eq. (3)
        at = np.linspace(-(w + x), w + x, GRID)
        density = np.log((w + x) / np.maximum(np.abs(at), w - x))
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.asarray(np.interp(p, below / below[-1], at))


def cumulants(shape: Shape) -> tuple[float, float]:
    """Skewness γ1 and excess kurtosis γ2; both 0 of a normal, and of a t, whose u is its scale in the law of propagation.

    Closed forms: Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions, 1994 and 1995.
    """
    w, extra = shape.width, shape.extra
    match shape.name:
        case "rectangular":
            return 0.0, -1.2
        case "triangular":
            return 0.0, -0.6
        case "arcsine":
            return 0.0, -1.5
        case "trapezoidal":  # the sum of two rectangles, κ4 = −2 a⁴/15 of each
            a, b = (1 + extra[0]) / 2, (1 - extra[0]) / 2
            return 0.0, float(-2 * (a**4 + b**4) / 15 / ((a * a + b * b) / 3) ** 2)
        case "curvilinear_trapezoidal":  # E[limit⁴]/5, E[limit²]/3 of a rectangular limit
            d = extra[0]
            fourth, square = (w**4 + 2 * w * w * d * d + d**4 / 5) / 5, (w * w + d * d / 3) / 3
            return 0.0, float(fourth / square**2 - 3)
        case "gamma":
            return float(2 / math.sqrt(extra[0])), float(6 / extra[0])
        case "lognormal":
            e = math.exp(extra[1] ** 2)
            return (e + 2) * math.sqrt(e - 1), e**4 + 2 * e**3 + 3 * e**2 - 6
        case "beta":
            a, b, n = extra[0], extra[1], extra[0] + extra[1]
            top = 6 * ((a - b) ** 2 * (n + 1) - a * b * (n + 2))
            return float(2 * (b - a) * math.sqrt(n + 1) / ((n + 2) * math.sqrt(a * b))), float(
                top / (a * b * (n + 2) * (n + 3))
            )
        case "samples":
            values = np.asarray(extra[0]) / np.std(extra[0])
            return float(np.mean(values**3)), float(np.mean(values**4) - 3)
    return 0.0, 0.0
