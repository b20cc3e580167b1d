"""Comparisons in the presence of drift: circular weighing of several groups, and A-B-B-A substitution.

Each reading is its group's value plus a polynomial in time; both are found by least squares. Source: C. M. Sutton,
M. T. Clarkson, "A general approach to comparisons in the presence of drift", Metrologia 30 (1994) 487-493; the cycles
ABBA and ABA: OIML R 111-1:2004, annex C.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from ..thermometry.checks import positive


@dataclass(frozen=True, slots=True, eq=False)
class CircularWeighing:
    """One fit. groups: (G,) values at time zero; drift: (order,) coefficients of t, t², ...; covariance: of both, in this
    order. differences: (G,) 1 − 2, 2 − 3, ..., G − 1; covariance_differences: (G, G). s with `dof`; residuals: (C, G)."""

    groups: FloatArray
    drift: FloatArray
    covariance: FloatArray
    differences: FloatArray
    covariance_differences: FloatArray
    s: float
    dof: int
    residuals: FloatArray

    @property
    def u_differences(self) -> FloatArray:
        """(G,) standard uncertainties of the differences."""
        return np.sqrt(np.clip(np.diag(self.covariance_differences), 0.0, None))


def circular_weighing(readings: ArrayLike, order: int = 1, times: ArrayLike | None = None) -> CircularWeighing:
    """Group values and differences with drift eliminated.

    readings: (C, G), cycle by cycle in the order of weighing; order: of the drift polynomial, 0 to 3; times: (C, G), else
    the index 0 to C·G − 1 of the reading. Raises DocumentError where too few readings are left to state a scatter.
    """
    y = numbers("readings", readings)
    if y.ndim != 2 or y.shape[1] < 2:
        raise DocumentError(
            place="readings", found=str(y.shape), right=N_("one row for each cycle, two or more groups")
        )
    if order not in range(4):
        raise DocumentError(place="order", found=str(order), right=N_("a drift polynomial of order 0 to 3"))
    t = np.arange(y.size, dtype=float) if times is None else numbers("times", times)
    if t.size != y.size or len(np.unique(t)) < y.size:
        raise DocumentError(place="times", found=str(t.shape), right=N_("a time of its own for each reading"))
    cycles, groups = y.shape
    dof = y.size - groups - order
    if dof < 1:
        raise DocumentError(
            place="readings", found=str(y.size), right=N_("more readings than groups and drift coefficients")
        )
    b, Q = _fit(np.ravel(y), np.ravel(t), groups, order)
    r = np.ravel(y) - _matrix(np.ravel(t), groups, order) @ b
    s = math.sqrt(float(r @ r) / dof)
    D = np.zeros((groups, groups + order))
    for k in range(groups):
        D[k, k], D[k, (k + 1) % groups] = 1.0, -1.0
    V = s**2 * Q
    return CircularWeighing(b[:groups], b[groups:], V, D @ b, D @ V @ D.T, s, dof, r.reshape(cycles, groups))


def drift_orders(readings: ArrayLike, times: ArrayLike | None = None) -> dict[int, float]:
    """s for each order of drift that the number of readings allows: the least order with the least s is the one to take."""
    y = numbers("readings", readings)
    groups = y.shape[-1] if y.ndim == 2 else y.size
    return {k: circular_weighing(y, k, times).s for k in range(4) if y.size - groups - k >= 1}


@dataclass(frozen=True, slots=True, eq=False)
class Substitution:
    """B − A from cycles of one pattern. cycles: (C,) differences, drift: (C,) per step; mean, s of one cycle, dof, u."""

    cycles: FloatArray
    drift: FloatArray
    mean: float
    s: float
    dof: int
    u: float


def substitution(readings: ArrayLike, pattern: str = "ABBA", s_pooled: float | None = None) -> Substitution:
    """Difference B − A from (C, len(pattern)) readings at equal steps, linear drift eliminated in each cycle.

    s_pooled: known standard deviation of one cycle; without it two cycles or more are needed. For ABBA the difference is
    (B1 + B2 − A1 − A2)/2, for ABA it is B − (A1 + A2)/2 (R 111-1, annex C).
    """
    y = np.atleast_2d(numbers("readings", readings))
    if set(pattern) != {"A", "B"} or len(pattern) < 3 or y.shape[1] != len(pattern):
        raise DocumentError(
            place="readings",
            found=f"{y.shape}, {pattern}",
            right=N_("one column for each letter of a pattern such as ABBA"),
        )
    is_B = np.array([letter == "B" for letter in pattern], float)
    step = np.arange(len(pattern)) - (len(pattern) - 1) / 2
    X = np.column_stack([1 - is_B, is_B, step])
    # least squares of A, B and a drift of each cycle: its rows are the weights of the readings in each of them
    inverse = np.linalg.pinv(X)
    cycles, drift = y @ (inverse[1] - inverse[0]), y @ inverse[2]
    dof = len(cycles) - 1
    if dof == 0 and s_pooled is None:
        raise DocumentError(place="readings", found="1", right=N_("two cycles, or the standard deviation of one"))
    s = float(np.std(cycles, ddof=1)) if dof else 0.0
    sigma = s if s_pooled is None else float(positive("s_pooled", s_pooled))
    return Substitution(cycles, drift, float(np.mean(cycles)), s, dof, sigma / math.sqrt(len(cycles)))


def _matrix(t: FloatArray, groups: int, order: int) -> FloatArray:
    group = np.tile(np.eye(groups), (len(t) // groups, 1))
    return np.column_stack([group, *(t**k for k in range(1, order + 1))])


def _fit(y: FloatArray, t: FloatArray, groups: int, order: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients and (XᵀX)⁻¹; the columns are scaled to one size, times may be seconds of a day."""
    X = _matrix(t, groups, order)
    scale = np.max(np.abs(X), axis=0)
    b, *_ = np.linalg.lstsq(X / scale, y, rcond=None)
    return b / scale, np.linalg.inv((X / scale).T @ (X / scale)) / np.outer(scale, scale)
