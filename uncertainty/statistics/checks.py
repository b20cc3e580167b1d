"""What statistics, comparisons and stability ask of the numbers they are given, refused in one sentence each."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers


def column(place: str, given: ArrayLike, fewest: int = 1, length: int | None = None) -> FloatArray:
    """(N,) finite numbers, at least `fewest` of them, or exactly `length`."""
    found = numbers(place, given)
    if found.ndim != 1:
        raise DocumentError(place=place, found=str(found.shape), right=N_("one column of numbers"))
    if length is not None and len(found) != length:
        raise DocumentError(place=place, found=str(len(found)), right=N_("columns of one length"))
    if len(found) < fewest:
        raise DocumentError(place=place, found=f"{len(found)} < {fewest}", right=N_("more numbers"))
    return found


def positives(place: str, given: ArrayLike, length: int | None = None) -> FloatArray:
    """(N,) numbers above zero: standard uncertainties that divide."""
    found = column(place, given, length=length)
    if np.any(found <= 0):
        raise DocumentError(place=place, found=f"{float(np.min(found)):.6g}", right=N_("numbers above zero"))
    if np.any((found < 1e-150) | (found > 1e150)):  # their squares would be 0 or infinite
        wrong = found[(found < 1e-150) | (found > 1e150)][0]
        raise DocumentError(place=place, found=f"{wrong:.6g}", right=N_("numbers from 1e-150 to 1e150"))
    return found


def positive(place: str, given: float) -> float:
    """One number above zero."""
    return float(positives(place, [given])[0])


def not_negative(place: str, given: float) -> float:
    """One number of zero or more."""
    found = float(column(place, [given])[0])
    if found < 0:
        raise DocumentError(place=place, found=f"{found:.6g}", right=N_("numbers of zero or more"))
    return found


def share(place: str, given: float) -> float:
    """A probability between 0 and 1, neither of them."""
    found = float(column(place, [given])[0])
    if not 0 < found < 1:
        raise DocumentError(place=place, found=f"{found:.6g}", right=N_("a probability above 0 and below 1"))
    return found


def count(place: str, given: int, least: int = 1) -> int:
    """A whole number of `least` or more."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < least:
        raise DocumentError(place=place, found=f"{given} (< {least})", right=N_("a larger whole number"))
    return int(given)


def covariance(place: str, given: ArrayLike, size: int) -> FloatArray:
    """(size, size) covariance matrix; a column (size,) of standard uncertainties stands for independent ones.

    Raises DocumentError for a matrix that is not symmetric positive definite.
    """
    found = numbers(place, given)
    if found.ndim == 1:
        return np.diag(positives(place, found, size) ** 2)
    if found.shape != (size, size):
        raise DocumentError(place=place, found=str(found.shape), right=N_("one row and one column for each result"))
    d = positives(place, np.sqrt(np.clip(np.diag(found), 0.0, None)))
    r = found / np.outer(d, d)  # of the correlation: units of very different size do not hide each other
    if not np.allclose(r, r.T, atol=1e-9) or float(np.min(np.linalg.eigvalsh((r + r.T) / 2))) < 1e-12:
        raise DocumentError(
            place=place, found=str(found.tolist())[:80], right=N_("a symmetric positive definite matrix")
        )
    return (found + found.T) / 2


def chi2_tail(chi2: float, dof: float) -> float:
    """Probability of a χ² of `dof` degrees of freedom above chi2; 1 without degrees of freedom."""
    from scipy.special import gammaincc

    return float(gammaincc(dof / 2, chi2 / 2)) if dof > 0 else 1.0


def chi2_quantile(p: float, dof: float) -> float:
    """The χ² that is not exceeded with probability p."""
    from scipy.special import gammaincinv

    return 2 * float(gammaincinv(dof / 2, p))


def normal_quantile(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(p))


def shown(value: float) -> str:
    """A number as an error sentence shows it."""
    return f"{value:.6g}" if math.isfinite(value) else "NaN" if value != value else str(value)
