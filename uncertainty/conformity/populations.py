"""Distributions of items (the prior) and of measuring errors: probabilities between bounds, nodes to integrate over.

A Population is y = centre + scale · z with z of a standard form. As a measuring error it is the reading minus the
true value: normal(0.0, u) for a reading without bias.
Source: JCGM 106:2012, 6.2, 9.2; forms: JCGM 101:2008, 6.4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import N_, DocumentError
from . import forms
from .limits import Limits, finite, positive, share

FloatArray = NDArray[np.float64]
NODES = 20  # Gauss-Legendre nodes of a panel; more change nothing above 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """A distribution. extra: degrees of freedom of a t, shape of a gamma. values: sorted samples, shape (N,)."""

    name: str
    centre: float = 0.0
    scale: float = 1.0
    extra: float = 0.0
    values: FloatArray | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Population) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        held = b"" if self.values is None else self.values.tobytes()
        return self.name, self.centre, self.scale, self.extra, held

    def inside(self, a: ArrayLike, b: ArrayLike) -> FloatArray:
        """P(a ≤ y ≤ b), 0 where b < a; a and b broadcast."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        if self.values is not None:
            rank = np.searchsorted(self.values, b, "right") - np.searchsorted(self.values, a, "left")
            return np.asarray(np.maximum(rank, 0) / len(self.values))
        z, y = (a - self.centre) / self.scale, (b - self.centre) / self.scale
        low, high = forms.below(self.name, self.extra, z), forms.below(self.name, self.extra, y)
        # above the centre the difference of two figures near 1 would lose the tail
        far = forms.above(self.name, self.extra, z) - forms.above(self.name, self.extra, y)
        return np.asarray(np.where(b < a, 0.0, np.where(z > 0, far, high - low)))

    def outside(self, a: ArrayLike, b: ArrayLike) -> FloatArray:
        """P(y < a or y > b), 1 where b < a; a and b broadcast. Exact in the tails, not 1 − inside."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        if self.values is not None:
            return 1 - self.inside(a, b)
        z, y = (a - self.centre) / self.scale, (b - self.centre) / self.scale
        beyond = forms.below(self.name, self.extra, z) + forms.above(self.name, self.extra, y)
        return np.asarray(np.where(b < a, 1.0, beyond))

    def density(self, y: ArrayLike) -> FloatArray:
        """Probability density at y; samples have none (DocumentError)."""
        if self.values is not None:
            raise DocumentError(place="measurement", found="samples", right=N_("a distribution with a density"))
        z = (np.asarray(y, float) - self.centre) / self.scale
        return forms.density(self.name, self.extra, z) / self.scale

    @property
    def mean(self) -> float:
        return self.centre + (self.scale * self.extra if self.name == "gamma" else 0.0)

    @property
    def sd(self) -> float:
        """Standard deviation; infinite for a t of two or fewer degrees of freedom."""
        return self.scale * forms.spread(self.name, self.extra)

    @property
    def breaks(self) -> FloatArray:
        """Points between which density and distribution function are smooth, from one end of the range to the other."""
        if self.values is not None:
            return self.values[[0, -1]]
        return self.centre + self.scale * forms.breaks(self.name, self.extra)

    def nodes(self, cuts: ArrayLike = ()) -> tuple[FloatArray, FloatArray]:
        """(y, weight) with Σ weight · g(y) = E[g(y)] for g smooth between the cuts; of samples: the samples."""
        if self.values is not None:
            return self.values, np.full(len(self.values), 1 / len(self.values))
        own = self.breaks
        points = np.concatenate([own, np.clip(np.asarray(cuts, float), own[0], own[-1])])
        edges = np.unique(points)
        y, weight = panels(edges)
        return y, weight * self.density(y)


@cache
def _rule() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on 0…1 after x = s²(3 − 2s): square-root ends (arcsine) become smooth in s."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    s = (x + 1) / 2
    return s * s * (3 - 2 * s), w / 2 * 6 * s * (1 - s)


def panels(edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of every panel between consecutive edges, flat."""
    x, w = _rule()
    width = np.diff(edges)[:, None]
    return (edges[:-1, None] + width * x).ravel(), (width * w).ravel()


def normal(mean: float, sd: float) -> Population:
    """Normal of expectation `mean` and standard deviation `sd`."""
    return Population("normal", finite(mean, "mean"), positive(sd, "sd"))


def samples(values: ArrayLike) -> Population:
    """The empirical distribution of samples, such as those of a Monte Carlo. Raises DocumentError for fewer than two."""
    try:
        held = np.sort(np.asarray(values, float).ravel())
    except (TypeError, ValueError):
        held = np.array([])
    if len(held) < 2 or not np.all(np.isfinite(held)):
        raise DocumentError(place="samples", found=N_("values"), right=N_("two or more finite numbers"))
    return Population("samples", float(held.mean()), float(held.std()), values=held)


def population(data: Mapping[str, Any], place: str = "prior") -> Population:
    """A Population of plain data.

    {"dist": "normal", "mean", "sd"}; {"dist": "t", "mean", "scale", "dof"};
    {"dist": "rectangular" | "triangular" | "arcsine", "low", "high"}; {"dist": "gamma", "shape", "rate"};
    {"dist": "samples", "values"}. Raises DocumentError naming the field.
    """
    if not isinstance(data, Mapping) or data.get("dist") not in FIELDS:
        found = data.get("dist") if isinstance(data, Mapping) else data
        raise DocumentError(place=f"{place}.dist", found=str(found), right=", ".join(FIELDS))
    name = data["dist"]
    for field in FIELDS[name]:
        if field not in data:
            raise DocumentError(place=f"{place}.{field}", found=N_("nothing"), right=N_("a finite number"))
    match name:
        case "normal":
            return Population(name, finite(data["mean"], f"{place}.mean"), positive(data["sd"], f"{place}.sd"))
        case "t":
            dof = positive(data["dof"], f"{place}.dof")
            return Population(
                name, finite(data["mean"], f"{place}.mean"), positive(data["scale"], f"{place}.scale"), dof
            )
        case "gamma":
            return _gamma(data, place)
        case "samples":
            return samples(data["values"])
    low, high = finite(data["low"], f"{place}.low"), finite(data["high"], f"{place}.high")
    half = positive((high - low) / 2, f"{place}.high")
    return Population(name, low + half, half)


FIELDS: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "t": ("mean", "scale", "dof"),
    "rectangular": ("low", "high"),
    "triangular": ("low", "high"),
    "arcsine": ("low", "high"),
    "gamma": ("shape", "rate"),
    "samples": ("values",),
}
"""Name of a distribution → its fields."""


def _gamma(data: Mapping[str, Any], place: str) -> Population:
    shape, rate = positive(data["shape"], f"{place}.shape"), positive(data["rate"], f"{place}.rate")
    if shape < 0.5:  # its density at 0 is steeper than the quadrature follows
        raise DocumentError(place=f"{place}.shape", found=f"{shape:g}", right=N_("a number of at least 0.5"))
    return Population("gamma", 0.0, 1 / rate, shape)


def prior_from_reliability(limits: Limits, itp: float, mean: float | None = None) -> Population:
    """The normal population of which the share `itp` lies within limits (in-tolerance probability, EOPR).

    mean: the middle of the limits without it; needed for one limit, and inside the limits.
    Source: ANSI/NCSL Z540.3 Handbook (2009), method 2; NCSLI RP-19.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    p, low, high = share(itp, "itp"), *limits.ends
    centre = limits.middle if mean is None else finite(mean, "mean")
    if centre is None or not low < centre < high:
        raise DocumentError(place="mean", found=str(mean), right=N_("a number inside the limits"))
    near, far = min(centre - low, high - centre), max(centre - low, high - centre)
    if math.isinf(far):
        if p <= 0.5:
            raise DocumentError(
                place="itp", found=f"{p:g}", right=N_("a probability above 0.5 where there is one limit")
            )
        return normal(centre, near / float(ndtri(p)))
    least = near / float(ndtri((1 + p) / 2))  # the nearer limit on both sides: too narrow or right
    most = far / float(ndtri((1 + p) / 2))
    if near == far:
        return normal(centre, least)
    sd = brentq(lambda s: float(normal(centre, s).inside(low, high)) - p, least, most, xtol=1e-15 * most, rtol=1e-14)
    return normal(centre, float(sd))
