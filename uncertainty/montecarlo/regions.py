"""Coverage regions of several measurands together (JCGM 102:2011, 6.5 and 7.7): ellipse, rectangle, smallest region.

An ellipse or a rectangle comes from samples, or from the first order with the factor of a normal distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from .asked import probability, whole
from .intervals import moments

SINGULAR = 1e-12  # an eigenvalue of the correlation below this is none
FINEST = 400


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """{η: (η − y)ᵀ V⁻¹ (η − y) ≤ k²}, an ellipsoid for more than two. centre: (m,); V: (m, m); p: its probability."""

    centre: FloatArray
    V: FloatArray
    k: float
    p: float

    @property
    def size(self) -> float:
        """Area for two measurands, volume for more."""
        m = len(self.centre)
        ball = math.pi ** (m / 2) / math.gamma(m / 2 + 1)
        return float(ball * self.k**m * math.sqrt(float(np.linalg.det(self.V))))

    def holds(self, points: FloatArray) -> Any:
        """(M,) of (m, M) points: does each lie in it?"""
        return _distances(points, self.centre, _root(self.V)) <= self.k

    def half_axes(self) -> tuple[FloatArray, FloatArray]:
        """(lengths (m,) from the longest, directions (m, m) in columns)."""
        values, vectors = np.linalg.eigh(self.V)
        return self.k * np.sqrt(values[::-1]), vectors[:, ::-1]

    def outline(self, points: int = 181) -> FloatArray:
        """(2, points) along the edge of an ellipse of two measurands, closed."""
        angle = np.linspace(0, 2 * np.pi, points)
        edge = _root(self.V[:2, :2]) @ np.array([np.cos(angle), np.sin(angle)])
        return np.asarray(self.centre[:2, np.newaxis] + self.k * edge)


@dataclass(frozen=True, slots=True, eq=False)
class Rectangle:
    """{η: |η_j − y_j| ≤ k u_j for every j}. centre, u: (m,)."""

    centre: FloatArray
    u: FloatArray
    k: float
    p: float

    @property
    def size(self) -> float:
        return float(np.prod(2 * self.k * self.u))

    def holds(self, points: FloatArray) -> Any:
        away = np.abs(points - self.centre[:, np.newaxis])
        return np.all(away <= self.k * self.u[:, np.newaxis], axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Smallest:
    """Cells of a grid over two measurands that together hold p. x, y: edges; inside: (x cells, y cells)."""

    x: FloatArray
    y: FloatArray
    inside: Any
    p: float

    @property
    def size(self) -> float:
        return float(np.sum(self.inside)) * float((self.x[1] - self.x[0]) * (self.y[1] - self.y[0]))

    def holds(self, points: FloatArray) -> Any:
        i, j = (
            np.searchsorted(edges, row, side="right") - 1 for edges, row in zip((self.x, self.y), points, strict=True)
        )
        within = (i >= 0) & (i < len(self.x) - 1) & (j >= 0) & (j < len(self.y) - 1)
        return within & self.inside[np.where(within, i, 0), np.where(within, j, 0)]


def ellipse(samples: FloatArray, p: float) -> Ellipse:
    """The ellipse of samples (m, M) with their mean and covariance that holds the share p (JCGM 102:2011, 7.7.2).

    Raises EvaluationError where one measurand is a linear function of the others, or has no uncertainty.
    """
    mean, V = _moments(samples, p)
    return Ellipse(mean, V, _at(_distances(samples, mean, _root(V)), p), p)


def rectangle(samples: FloatArray, p: float) -> Rectangle:
    """The rectangle with sides in proportion to u that holds the share p of samples (m, M) (JCGM 102:2011, 7.7.3)."""
    mean, V = _moments(samples, p)
    u = np.sqrt(np.array([V[i, i] for i in range(len(V))]))
    if not np.all(u > 0):
        raise _flat()
    away = np.abs(samples[0] - mean[0]) / u[0]
    for row, centre, scale in zip(samples[1:], mean[1:], u[1:], strict=True):
        np.maximum(away, np.abs(row - centre) / scale, out=away)
    return Rectangle(mean, u, _at(away, p), p)


def normal_ellipse(y: FloatArray, V: FloatArray, p: float) -> Ellipse:
    """The ellipse of the first order: k² is the quantile p of χ² of m degrees of freedom (JCGM 102:2011, 6.5.2, 6.5.3)."""
    from scipy.special import gammaincinv

    probability(p)
    _root(V)
    return Ellipse(np.asarray(y, dtype=float), V, math.sqrt(2 * float(gammaincinv(len(V) / 2, p))), p)


def normal_rectangle(y: FloatArray, V: FloatArray, p: float) -> Rectangle:
    """A rectangle of the first order that holds p at least, by Bonferroni's inequality (JCGM 102:2011, 6.5.2, 6.5.3)."""
    from scipy.special import ndtri

    probability(p)
    u = np.sqrt(np.array([V[i, i] for i in range(len(V))]))
    return Rectangle(np.asarray(y, dtype=float), u, float(ndtri(1 - (1 - p) / (2 * len(V)))), p)


def smallest(samples: FloatArray, p: float, cells: int | None = None) -> Smallest:
    """The smallest region of two measurands that holds the share p, of cells by their density (JCGM 102:2011, 7.7.4).

    samples: (2, M). cells: along each side, M^¼ three times without it. Cells are ranked by the mean with their
    neighbours, which keeps the noise of counting from choosing them; what lies farthest out is not gridded.
    """
    if len(samples) != 2:
        raise DocumentError(place="measurands", found=str(len(samples)), right=N_("two measurands"))
    _moments(samples, p)
    n = min(round(3 * samples.shape[1] ** 0.25), FINEST) if cells is None else whole("cells", cells, 2, FINEST)
    spans = [np.quantile(row, [(1 - p) / 40, 1 - (1 - p) / 40]) for row in samples]
    counts, x, y = np.histogram2d(samples[0], samples[1], bins=n, range=[(s[0], s[1]) for s in spans])
    order = np.argsort(-_smooth(counts), axis=None, kind="stable")
    reached = np.cumsum(counts.ravel()[order])
    last = int(np.searchsorted(reached, p * samples.shape[1] * (1 - 1e-12)))
    inside = np.zeros(n * n, dtype=bool)
    inside[order[: last + 1]] = True
    return Smallest(x, y, inside.reshape(n, n), float(reached[last]) / samples.shape[1])


def _smooth(counts: FloatArray) -> FloatArray:
    """Weighted mean of each cell with its neighbours: ¼, ½, ¼ along each side."""
    for axis in (0, 1):
        pad = [(1, 1) if axis == i else (0, 0) for i in (0, 1)]
        wide = np.pad(counts, pad)
        before, after = (np.take(wide, range(i, i + counts.shape[axis]), axis=axis) for i in (0, 2))
        counts = (before + after) / 4 + counts / 2
    return counts


def _moments(samples: FloatArray, p: float) -> tuple[FloatArray, FloatArray]:
    probability(p)
    if samples.ndim != 2 or len(samples) < 2 or samples.shape[1] < 100:
        raise DocumentError(
            place="samples", found=str(samples.shape), right=N_("two measurands or more, 100 trials or more")
        )
    if not np.all(np.isfinite(samples)):
        raise EvaluationError(place="samples", found=N_("not finite in some trials"), right=N_("a finite number"))
    mean, V = moments(samples)
    if not all(V[i, i] > 0 for i in range(len(V))):
        raise _flat()
    return mean, V


def _flat() -> EvaluationError:
    found = N_("a measurand without uncertainty, or a function of the others")
    return EvaluationError(place="measurands", found=found, right=N_("measurands that vary each on its own"))


def _root(V: FloatArray) -> FloatArray:
    """Lower triangular L with L Lᵀ = V. Raises EvaluationError for a singular V."""
    u = np.sqrt(np.array([max(float(V[i, i]), 0.0) for i in range(len(V))]))
    if not np.all(u > 0) or float(np.linalg.eigvalsh(V / np.outer(u, u))[0]) < SINGULAR:
        raise _flat()
    return np.asarray(np.linalg.cholesky(V))


def _distances(points: FloatArray, centre: FloatArray, root: FloatArray) -> FloatArray:
    """Mahalanobis distances (M,) of (m, M) points."""
    away = np.linalg.inv(root) @ (points - centre[:, np.newaxis])
    return np.asarray(np.sqrt(np.sum(away * away, axis=0)))


def _at(distances: FloatArray, p: float) -> float:
    """The smallest distance within which the share p lies."""
    rank = min(math.ceil(p * len(distances) - 1e-9), len(distances)) - 1
    return float(np.partition(distances, rank)[rank])
