"""Readings that follow each other too closely: how many independent ones their mean is worth.

JCGM 100:2008, 4.2.7: s/√n may be too small where successive readings are correlated. For a stationary series the
variance of the mean is s²/n·(1 + 2 Σ_k (1 − k/n) ρ_k) (Box, Jenkins, Reinsel, Time Series Analysis, 2.1.5).
"""

from __future__ import annotations

import math

import numpy as np

from .distributions import FloatArray

FEWEST = 10  # readings; of fewer the autocorrelation says nothing
LIMIT = 1.96
"""ρ_k beyond LIMIT/√n is significant at 95 %: Bartlett's standard deviation of ρ_k of a series without correlation."""


def autocorrelation(readings: FloatArray, lag: int) -> FloatArray:
    """Sample autocorrelation ρ_k of series along the last axis; of readings that are all equal 0."""
    centred = readings - readings.mean(axis=-1, keepdims=True)
    whole = np.sum(centred**2, axis=-1)
    product = np.sum(centred[..., : centred.shape[-1] - lag] * centred[..., lag:], axis=-1)
    return np.asarray(np.where(whole > 0, product / np.where(whole > 0, whole, 1.0), 0.0), dtype=float)


def inflation(readings: FloatArray) -> FloatArray:
    """1 + 2 Σ (1 − k/n) ρ_k of series (…, n), over the lags before the first insignificant one; at least 1.

    Negative correlation is not used to claim less than s/√n: the few readings of a calibration do not prove it.
    """
    n = readings.shape[-1]
    total = np.ones(readings.shape[:-1])
    going = np.ones(readings.shape[:-1], dtype=bool)
    for lag in range(1, n - 1):
        rho = autocorrelation(readings, lag)
        going &= np.abs(rho) > LIMIT / math.sqrt(n)
        if not np.any(going):
            break
        total += np.where(going, 2 * (1 - lag / n) * rho, 0.0)
    return np.maximum(total, 1.0)
