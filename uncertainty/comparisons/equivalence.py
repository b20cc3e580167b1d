"""Degrees of equivalence: every result less the reference value, and every result less every other, with covariance.

Source: CIPM MRA-G-11; Cox, Metrologia 39 (2002) 589; with moderated weights: Pommé and
Keightley, Metrologia 52 (2015) S200.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..statistics.checks import column, covariance, positive
from .reference import Reference


@dataclass(frozen=True, slots=True)
class Equivalence:
    """d: (N,) degrees of equivalence; u, U: (N,) their standard and expanded uncertainties; covariance (N, N) of d.

    En: (N,) d/U. k: coverage factor of U.
    """

    d: FloatArray
    u: FloatArray
    U: FloatArray
    covariance: FloatArray
    k: float

    @property
    def En(self) -> FloatArray:
        return np.asarray(self.d / self.U)


@dataclass(frozen=True, slots=True)
class Bilateral:
    """d: (N, N) d_ij = x_i − x_j; u, U: (N, N), 0 on the diagonal; k: coverage factor of U."""

    d: FloatArray
    u: FloatArray
    U: FloatArray
    k: float


def unilateral(x: ArrayLike, u: ArrayLike, reference: Reference, k: float = 2.0) -> Equivalence:
    """Degrees of equivalence of results (N,) with the reference value that has weights (N,) on them.

    u: (N,), or covariance (N, N), of all results. A result that took no part has weight 0: its variance is the sum of
    both, or what their covariance makes of it; one that took part has u² + u_ref² − 2 cov(x, x_ref), cov = (V w)_i.
    Raises DocumentError for a reference without weights, whose covariance with the results is not known.
    """
    y = column("x", x, 1)
    V = covariance("u", u, len(y))
    if reference.weights is None or len(reference.weights) != len(y):
        raise DocumentError(place="reference", found=reference.method, right=N_("a reference with one weight a result"))
    shared = V @ np.asarray(reference.weights)
    C = V - shared[:, None] - shared[None, :] + reference.u**2
    return _equivalence(y - reference.value, C, k)


def against_value(x: ArrayLike, u: ArrayLike, value: float, u_value: float, k: float = 2.0) -> Equivalence:
    """Degrees of equivalence of results (N,) with a value that none of them took part in, of uncertainty u_value."""
    y = column("x", x, 1)
    spread = float(column("u_value", [u_value])[0])
    C = covariance("u", u, len(y)) + spread**2
    return _equivalence(y - float(column("value", [value])[0]), C, k)


def _equivalence(d: FloatArray, C: FloatArray, k: float) -> Equivalence:
    k = positive("k", k)
    variance = np.diag(C)
    scale = float(np.max(np.abs(C)))
    if float(variance.min()) < -1e-12 * scale:
        raise DocumentError(
            place="reference", found=f"{variance.min():.6g}", right=N_("the reference of these results")
        )
    u = np.sqrt(np.clip(variance, 0.0, None))
    if not float(u.min()) > 1e-12 * scale**0.5:
        raise DocumentError(place="reference", found="0", right=N_("a reference that is more than one result"))
    return Equivalence(d, u, k * u, C, k)


def bilateral(x: ArrayLike, u: ArrayLike, k: float = 2.0) -> Bilateral:
    """Degrees of equivalence between results, without a reference value: u² = u_i² + u_j² − 2 cov. Cox 2002."""
    y, k = column("x", x, 1), positive("k", k)
    V = covariance("u", u, len(y))
    variance = np.diag(V)
    spread = np.sqrt(np.clip(variance[:, None] + variance[None, :] - 2 * V, 0.0, None))
    return Bilateral(y[:, None] - y[None, :], spread, k * spread, k)
