"""A Gaussian copula with exactly the correlation asked for, whatever the distributions (JCGM 101:2008, 6.4.8, generalised).

A quantity's total is drawn as G(z) with z standard normal. Hermite coefficients of G tell the correlation that two
totals get from a correlation of their scores: r = Σ a_n b_n ρⁿ. It rises with ρ, so that ρ is found by bisection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

import numpy as np

from .distributions import FloatArray, Shape, draw, quantile

TERMS = 48
SCORES = np.linspace(-8.5, 8.5, 4001)
PIECES = 1 << 17  # draws that stand for the distribution of a total of several components
SEED = 20081
BELOW_ONE = 1 - 2.0**-53


class Part(Protocol):
    """A source: shape and degrees of freedom."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dof(self) -> float: ...
    @property
    def u(self) -> float: ...


@cache
def _hermite() -> tuple[FloatArray, FloatArray]:
    """(weights of the normal density, normalised Hermite polynomials) on SCORES."""
    weight = np.exp(-(SCORES**2) / 2) * (SCORES[1] - SCORES[0]) / math.sqrt(2 * math.pi)
    rows = [np.ones_like(SCORES), SCORES]
    for n in range(2, TERMS):
        rows.append((SCORES * rows[-1] - math.sqrt(n - 1) * rows[-2]) / math.sqrt(n))
    return weight, np.array(rows)


def total(parts: Sequence[Part]) -> Callable[[FloatArray], FloatArray]:
    """The total of independent parts as an increasing function of a standard normal score, about 0."""
    if all(part.shape.name == "normal" for part in parts):
        u = math.sqrt(math.fsum(part.u**2 for part in parts))
        return lambda z: u * z
    from scipy.special import ndtr

    if len(parts) == 1:
        part = parts[0]
        if _symmetric(part):  # the lower tail has the digits
            return lambda z: -np.sign(z) * quantile(part.shape, part.dof, ndtr(-np.abs(z)))
        return lambda z: quantile(part.shape, part.dof, np.minimum(ndtr(z), BELOW_ONE))
    stream = np.random.Generator(np.random.SFC64(SEED))
    values = np.sort(sum((draw(part.shape, part.dof, stream, PIECES) for part in parts), np.zeros(PIECES)))
    values = (values - values[::-1]) / 2 if all(_symmetric(part) for part in parts) else values - values.mean()
    at = (np.arange(PIECES) + 0.5) / PIECES
    return lambda z: np.interp(ndtr(z), at, values)


def _symmetric(part: Part) -> bool:
    return part.shape.name in ("normal", "t", "rectangular", "triangular", "arcsine", "trapezoidal", "curvilinear_trapezoidal")  # fmt: skip


def _coefficients(parts: Sequence[Part]) -> tuple[FloatArray, FloatArray]:
    """(standardised values on SCORES, their Hermite coefficients)."""
    weight, polynomials = _hermite()
    values = total(parts)(SCORES)
    values = values - np.sum(weight * values)
    values = values / math.sqrt(float(np.sum(weight * values**2)))
    return values, polynomials @ (weight * values)


def reach(a: Sequence[Part], b: Sequence[Part]) -> tuple[float, float]:
    """The smallest and the greatest correlation that the two totals can have."""
    if all(part.shape.name == "normal" for part in (*a, *b)) or any(_wild(part) for part in (*a, *b)):
        return -1.0, 1.0
    weight, _ = _hermite()
    x, y = _coefficients(a)[0], _coefficients(b)[0]
    return float(np.sum(weight * x * y[::-1])), float(np.sum(weight * x * y))


def _wild(part: Part) -> bool:
    return part.shape.name == "t" and part.dof <= 2


def score_correlation(a: Sequence[Part], b: Sequence[Part], r: float) -> float:
    """The correlation of the normal scores with which the totals have correlation r."""
    if all(part.shape.name == "normal" for part in (*a, *b)):
        return r
    low, high = reach(a, b)
    products = _coefficients(a)[1] * _coefficients(b)[1]
    power = np.arange(TERMS)
    rest = (high if r > 0 else low) - float(np.sum(products * (1.0 if r > 0 else -1.0) ** power))

    def reached(rho: float) -> float:
        return float(np.sum(products * rho**power)) + rest * abs(rho) ** TERMS

    left, right = (0.0, 1.0) if r > 0 else (-1.0, 0.0)
    for _ in range(60):
        middle = (left + right) / 2
        left, right = (middle, right) if reached(middle) < r else (left, middle)
    return (left + right) / 2
