"""Values evaluated together with their standard uncertainties, contributions and covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .checks import FloatArray, plain


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Several values of one kind, evaluated together. Any shape S with N values in all.

    value, u: S, in `unit`. contributions: source → S, its signed part c·u in `unit`. covariance: (N, N), from what the
    values have in common (the coefficients of the sensor) and what each has of its own.
    """

    value: FloatArray
    u: FloatArray
    unit: str
    contributions: Mapping[str, FloatArray] = field(default_factory=dict)
    covariance: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))


def estimate(
    value: FloatArray, unit: str, J: FloatArray, V: FloatArray, own: Mapping[str, FloatArray], shared: str
) -> Estimate:
    """An Estimate from the sensor's coefficients and from what belongs to each value.

    J: (N, K) derivatives with respect to the coefficients of covariance V, (K, K); own: source → S, signed c·u,
    independent between values; shared: the name under which the coefficients contribute.
    """
    shape, common = np.shape(value), J @ V @ J.T
    parts = {name: np.broadcast_to(part, shape).astype(float) for name, part in own.items()}
    whole = common + np.diag(sum((np.ravel(part) ** 2 for part in parts.values()), np.zeros(len(common))))
    parts[shared] = np.sqrt(np.clip(np.diag(common), 0.0, None)).reshape(shape)
    u = np.sqrt(np.clip(np.diag(whole), 0.0, None)).reshape(shape)
    return Estimate(plain(value), plain(u), unit, {name: plain(part) for name, part in parts.items()}, whole)
