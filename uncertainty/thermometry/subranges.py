"""The sub-ranges of the ITS-90 and their deviation functions: W(T90) − W_r(T90) as a linear form in its coefficients.

Source: ITS-90, 3.3.1 to 3.3.3, eqs. (12) to (14); numbered 1 to 11 as certificates do (NIST SP 250-81).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, DocumentError


@dataclass(frozen=True, slots=True)
class Subrange:
    """One sub-range. low, high: K. points: fixed points that calibrate it, besides the triple point of water.

    names: its coefficients in order. n: the power added to those of ln W (3.3.1, eq. 12).
    """

    number: int
    low: float
    high: float
    points: tuple[str, ...]
    names: tuple[str, ...]
    n: int = 0


SUBRANGES = {
    s.number: s
    for s in (
        # 3.3.1: n = 2; besides the points, two temperatures near 17.0 K and 20.3 K (3.3.1, table 1)
        Subrange(1, 13.8033, 273.16, ("H2", "17K", "20K", "Ne", "O2", "Ar", "Hg"),
                 ("a", "b", "c1", "c2", "c3", "c4", "c5"), 2),
        Subrange(2, 24.5561, 273.16, ("H2", "Ne", "O2", "Ar", "Hg"), ("a", "b", "c1", "c2", "c3"), 0),  # 3.3.1.1
        Subrange(3, 54.3584, 273.16, ("O2", "Ar", "Hg"), ("a", "b", "c1"), 1),  # 3.3.1.2
        Subrange(4, 83.8058, 273.16, ("Ar", "Hg"), ("a", "b")),  # 3.3.1.3, eq. (13)
        Subrange(5, 234.3156, 302.9146, ("Hg", "Ga"), ("a", "b")),  # 3.3.3
        Subrange(6, 273.15, 1234.93, ("Sn", "Zn", "Al", "Ag"), ("a", "b", "c", "d", "W(Al)")),  # 3.3.2, eq. (14)
        Subrange(7, 273.15, 933.473, ("Sn", "Zn", "Al"), ("a", "b", "c")),  # 3.3.2.1
        Subrange(8, 273.15, 692.677, ("Sn", "Zn"), ("a", "b")),  # 3.3.2.2
        Subrange(9, 273.15, 505.078, ("In", "Sn"), ("a", "b")),  # 3.3.2.3
        Subrange(10, 273.15, 429.7485, ("In",), ("a",)),  # 3.3.2.4
        Subrange(11, 273.15, 302.9146, ("Ga",), ("a",)),  # 3.3.2.5
    )
}  # fmt: skip
"""Number → sub-range."""


def subrange(number: int, place: str = "subrange") -> Subrange:
    """The sub-range of that number. Raises DocumentError for another number."""
    if number not in SUBRANGES:
        raise DocumentError(place=place, found=str(number), right=N_("a sub-range of the ITS-90, 1 to 11"))
    return SUBRANGES[number]


def terms(kind: Subrange, W: FloatArray, coefficients: Sequence[float] | FloatArray) -> FloatArray:
    """(K, ...) derivatives of the deviation W − W_r with respect to each coefficient, at W."""
    if kind.number <= 4:
        return _cold_terms(kind, W)
    found = [(W - 1) ** k for k in range(1, 1 + len(kind.names[:3]))]
    if kind.number == 6:
        # d acts above the freezing point of aluminium only (3.3.2, below eq. 14)
        beyond = np.maximum(W - coefficients[4], 0.0)
        found += [beyond**2, -2 * coefficients[3] * beyond]
    return np.array(found)


def deviation(kind: Subrange, W: FloatArray, coefficients: Sequence[float] | FloatArray) -> FloatArray:
    """W − W_r at W, any shape. Source: eqs. (12), (13), (14)."""
    c = np.asarray(coefficients, float)
    rows = terms(kind, W, c)
    linear = 4 if kind.number == 6 else len(c)
    return np.asarray(np.tensordot(c[:linear], rows[:linear], axes=1))


def deviation_slope(kind: Subrange, W: FloatArray, coefficients: Sequence[float] | FloatArray) -> FloatArray:
    """d(W − W_r)/dW at W."""
    c = np.asarray(coefficients, float)
    if kind.number <= 4:
        return np.asarray(np.tensordot(c, _cold_slopes(kind, W), axes=1))
    power = min(len(kind.names), 3)
    found = sum((k + 1) * c[k] * (W - 1) ** k for k in range(power)) + np.zeros_like(W)
    return np.asarray(found + 2 * c[3] * np.maximum(W - c[4], 0.0)) if kind.number == 6 else np.asarray(found)


def _cold_terms(kind: Subrange, W: FloatArray) -> FloatArray:
    log = np.log(W)
    if kind.number == 4:
        return np.array([W - 1, (W - 1) * log])
    return np.array([W - 1, (W - 1) ** 2, *(log ** (i + kind.n) for i in range(1, len(kind.names) - 1))])


def _cold_slopes(kind: Subrange, W: FloatArray) -> FloatArray:
    log, one = np.log(W), np.ones_like(W)
    if kind.number == 4:
        return np.array([one, log + (W - 1) / W])
    powers = [i + kind.n for i in range(1, len(kind.names) - 1)]
    return np.array([one, 2 * (W - 1), *(p * log ** (p - 1) / W for p in powers)])
