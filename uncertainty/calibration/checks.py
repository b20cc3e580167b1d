"""What every fit and every function asks of its numbers, refused in one sentence each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, UncertaintyError
from ..numbers import numbers


class OutsideCalibration(UncertaintyError, ValueError):
    """A number lies below or above the range of a calibration, and extrapolation was not asked for."""

    code: ClassVar[str] = "outside_calibration"
    terms: ClassVar[tuple[str, ...]] = ("side",)
    sentence: ClassVar[str] = "{where}: {found} lies {side} the calibrated range of {low} to {high}."


def outside(place: str, found: float, low: float, high: float, unit: str) -> OutsideCalibration:
    """The refusal that says which way."""
    side = N_("below") if found < low else N_("above")
    shown = [f"{value:.9g}" if unit == "1" else f"{value:.9g} {unit}" for value in (found, low, high)]
    return OutsideCalibration(place=place, found=shown[0], side=side, low=shown[1], high=shown[2])


def column(place: str, given: ArrayLike, length: int | None = None) -> FloatArray:
    """(N,) finite numbers."""
    found = numbers(place, given)
    if found.ndim != 1 or (length is not None and len(found) != length):
        raise DocumentError(place=place, found=str(found.shape), right=N_("columns of one length"))
    return found


def points(x: ArrayLike, y: ArrayLike, coefficients: int) -> tuple[FloatArray, FloatArray]:
    """(N,) x and y: as many different x as coefficients at least."""
    across = column("x", x)
    up = column("y", y, len(across))
    if len(np.unique(across)) < coefficients:
        right = N_("as many different points as coefficients")
        raise DocumentError(place="x", found=str(len(np.unique(across))), right=right)
    return across, up


def spread(place: str, given: ArrayLike, length: int) -> FloatArray:
    """(N,) variances of independent values from their u, one or (N,); an (N, N) covariance matrix as it is."""
    found = numbers(place, given)
    if found.ndim == 0:
        found = np.full(length, float(found))
    if found.shape not in ((length,), (length, length)):
        raise DocumentError(place=place, found=str(found.shape), right=N_("columns of one length"))
    if found.ndim == 2:
        return covariance(place, found)
    if np.any(found < 0):
        raise DocumentError(place=place, found=f"{found.min():.6g}", right=N_("numbers of zero or more"))
    return found**2


def covariance(place: str, V: FloatArray) -> FloatArray:
    """A symmetric positive semidefinite matrix; its correlations decide, so that small quantities count too."""
    d = np.sqrt(np.clip(np.diag(V), 0.0, None))
    r = V / np.outer(np.where(d > 0, d, 1.0), np.where(d > 0, d, 1.0))
    symmetric = bool(np.allclose(r, r.T, rtol=0, atol=1e-9))
    if not symmetric or bool(np.any(np.diag(V) < 0)) or float(np.linalg.eigvalsh((r + r.T) / 2)[0]) < -1e-8:
        right = N_("a symmetric positive semidefinite matrix")
        raise DocumentError(place=place, found=str(V.tolist())[:80], right=right)
    return np.asarray((V + V.T) / 2)
