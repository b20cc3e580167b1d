"""Values evaluated together with their standard uncertainties, contributions and covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..distributions import FloatArray
from .checks import plain


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Several values of one kind, evaluated together. Any shape S with N values in all.

    value, u: S, in `unit`. contributions: source → S, its part c·u in `unit`, with its sign where it is independent
    between the values. J: (N, K) derivatives by what the values share, the coefficients of the sensor or the formula,
    whose covariance is V, (K, K).
    """

    value: FloatArray
    u: FloatArray
    unit: str
    contributions: Mapping[str, FloatArray]
    J: FloatArray
    V: FloatArray

    @property
    def covariance(self) -> FloatArray:
        """(N, N), made when it is asked for: a thousand values make a million numbers."""
        common = self.J @ self.V @ self.J.T
        whole: FloatArray = common - np.diag(np.diag(common)) + np.diag(np.ravel(self.u) ** 2)
        return whole


def estimate(
    value: FloatArray, unit: str, J: FloatArray, V: FloatArray, own: Mapping[str, FloatArray], shared: str
) -> Estimate:
    """An Estimate from what the values share, J and V, under the name `shared`, and from what belongs to each:
    own: source → S, signed c·u, independent between values."""
    shape = np.shape(value)
    parts = {name: np.broadcast_to(part, shape).astype(float) for name, part in own.items()}
    common = np.einsum("nk,kl,nl->n", J, V, J, optimize=True).reshape(shape)
    parts[shared] = np.sqrt(np.clip(common, 0.0, None))
    u = np.sqrt(sum((part**2 for part in parts.values()), np.zeros(shape)))
    return Estimate(plain(value), plain(u), unit, {name: plain(part) for name, part in parts.items()}, J, V)
