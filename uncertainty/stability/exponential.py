"""Exponential change y = a·exp(−b·t): decay of a source, a leak, a cell that settles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from ..statistics.checks import column, positives

TURNS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Exponential:
    """a, b and their (2, 2) covariance; chi2 with dof = N − 2 of the data with their stated uncertainties."""

    a: float
    b: float
    covariance: FloatArray
    chi2: float
    dof: int

    def predict(self, t: float) -> tuple[float, float]:
        """(value, u) of the curve at time t."""
        time = float(column("t", [t])[0])
        value = self.a * math.exp(-self.b * time)
        slope = np.array([math.exp(-self.b * time), -time * value])
        return value, math.sqrt(float(slope @ self.covariance @ slope))


def fit_exponential(t: ArrayLike, y: ArrayLike, u: ArrayLike, *, scaled: bool = False) -> Exponential:
    """Weighted least squares of y (N,) of one sign with uncertainties u (N,), by Gauss–Newton with halved steps.

    scaled: u are relative weights only, and the covariance is multiplied by χ²/(N − 2).
    Raises DocumentError for values of both signs, EvaluationError where no minimum is found.
    """
    times = column("t", t, 3)
    values, spread = column("y", y, length=len(times)), positives("u", u, len(times))
    if np.any(values * values[0] <= 0):
        raise DocumentError(place="y", found=f"{float(values.min()):.6g}", right=N_("values of one sign"))
    if np.ptp(times) == 0:
        raise DocumentError(place="t", found="1", right=N_("calibrations at more times"))
    span = float(np.max(np.abs(times)))
    at = _start(times / span, values, spread)
    at, chi2 = _descend(times / span, values, spread, at)
    J = _jacobian(times / span, at) / spread[:, None]
    unit = np.array([1.0, 1 / span])
    C, dof = np.linalg.inv(J.T @ J) * np.outer(unit, unit), len(times) - 2
    return Exponential(
        float(at[0]), float(at[1] / span), np.asarray(C * (chi2 / dof if scaled else 1.0), float), chi2, dof
    )


def _start(t: FloatArray, y: FloatArray, u: FloatArray) -> FloatArray:
    """The straight line through ln|y|, weighted with |y|/u."""
    slope, level = np.polyfit(t, np.log(np.abs(y)), 1, w=np.abs(y) / u)
    return np.array([math.copysign(math.exp(level), y[0]), -slope])


def _jacobian(t: FloatArray, at: FloatArray) -> FloatArray:
    decay = np.exp(-at[1] * t)
    return np.column_stack([decay, -at[0] * t * decay])


def _loss(t: FloatArray, y: FloatArray, u: FloatArray, at: FloatArray) -> float:
    return float(np.sum(((y - at[0] * np.exp(-at[1] * t)) / u) ** 2))


def _descend(t: FloatArray, y: FloatArray, u: FloatArray, at: FloatArray) -> tuple[FloatArray, float]:
    chi2 = _loss(t, y, u, at)
    for _ in range(TURNS):
        left = (y - at[0] * np.exp(-at[1] * t)) / u
        step = np.linalg.lstsq(_jacobian(t, at) / u[:, None], left, rcond=None)[0]
        while (after := _loss(t, y, u, at + step)) > chi2 and np.any(np.abs(step) > 1e-15 * np.abs(at)):
            step = step / 2
        if after <= chi2:
            at, chi2 = at + step, after
        if np.all(np.abs(step) <= 1e-12 * np.abs(at) + 1e-300):
            return at, chi2
    raise EvaluationError(where="y", found="∞", right=N_("values that follow an exponential"))
