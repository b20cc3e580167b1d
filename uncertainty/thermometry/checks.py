"""What every calculation of temperature, air and mass asks of its numbers, refused in one sentence each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, UncertaintyError
from ..numbers import numbers


class OutOfRange(UncertaintyError, ValueError):
    """A number lies outside the range in which the function is defined."""

    code: ClassVar[str] = "out_of_range"
    terms: ClassVar[tuple[str, ...]] = ()
    sentence: ClassVar[str] = "{where}: {found} lies outside the range of {low} to {high}."


def outside(place: str, found: float, low: float, high: float, unit: str) -> OutOfRange:
    """The refusal of a number that lies outside low to high, each said with its unit."""
    said = {name: f"{x:.9g} {unit}".strip() for name, x in (("found", found), ("low", low), ("high", high))}
    return OutOfRange(place=place, **said)


def plain(values: FloatArray) -> FloatArray:
    """Values of shape () as the numbers that they are; others as they come."""
    found: FloatArray = np.asarray(values)[()]
    return found


def positive(place: str, given: ArrayLike) -> FloatArray:
    """Numbers above zero."""
    found = numbers(place, given)
    if np.any(found <= 0):
        raise DocumentError(place=place, found=f"{float(np.min(found)):.6g}", right=N_("numbers above zero"))
    return found


def not_negative(place: str, given: ArrayLike) -> FloatArray:
    """Numbers of zero or more: standard uncertainties, humidities."""
    found = numbers(place, given)
    if np.any(found < 0):
        raise DocumentError(place=place, found=f"{float(np.min(found)):.6g}", right=N_("numbers of zero or more"))
    return found


def inside(place: str, given: ArrayLike, low: float, high: float, unit: str, slack: float = 0.0) -> FloatArray:
    """Numbers from low to high; slack is what rounding may put beyond. Raises OutOfRange with the farthest one."""
    found = numbers(place, given)
    beyond = np.maximum(low - found, found - high)
    if found.size and float(np.max(beyond)) > slack:
        worst = float(found.ravel()[int(np.argmax(beyond))])
        raise outside(place, worst, low, high, unit)
    return found


def column(place: str, given: ArrayLike, length: int | None = None) -> FloatArray:
    """(N,) numbers; a single number is repeated to the length asked for."""
    found = numbers(place, given)
    if found.ndim == 0 and length is not None:
        return np.full(length, float(found))
    if found.ndim != 1 or (length is not None and len(found) != length):
        raise DocumentError(place=place, found=str(found.shape), right=N_("columns of one length"))
    return found


def covariance(place: str, given: ArrayLike, size: int) -> FloatArray:
    """(size, size) covariance matrix; standard uncertainties, one or (size,), stand for independent ones."""
    found = numbers(place, given)
    if found.ndim < 2:
        return np.diag(not_negative(place, column(place, found, size)) ** 2)
    if found.shape != (size, size):
        raise DocumentError(place=place, found=str(found.shape), right=N_("one row and one column for each quantity"))
    if not size:
        return found
    scale = float(np.max(np.abs(found), initial=0.0)) or 1.0
    symmetric = bool(np.allclose(found, found.T, rtol=1e-9, atol=1e-14 * scale))
    # eigenvalues of the correlation: quantities of very different size do not hide each other
    d = np.sqrt(np.clip(np.diag(found), 0.0, None))
    r = found / np.outer(np.where(d > 0, d, 1.0), np.where(d > 0, d, 1.0))
    if not symmetric or float(np.min(np.linalg.eigvalsh((r + r.T) / 2))) < -1e-8 or bool(np.any(np.diag(found) < 0)):
        raise DocumentError(
            place=place, found=str(found.tolist())[:80], right=N_("a symmetric positive semidefinite matrix")
        )
    return (found + found.T) / 2
