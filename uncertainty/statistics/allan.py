"""Two-sample and three-sample deviations of phase or frequency at averaging times m·τ0.

phase: (N + 1,) times x in seconds, spaced τ0; frequency: (N,) fractional frequencies y, x being their sum times τ0.
Source: NIST SP 1065 (Riley, 2008), 5.2.1 to 5.2.9; IEEE Std 1139-2022, annex A.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from .checks import column, count, positive


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation at averaging time tau; terms: how many differences were averaged."""

    statistic: str
    m: int
    tau: float
    value: float
    terms: int


def deviations(
    statistic: str,
    m: Sequence[int],
    tau0: float,
    *,
    phase: ArrayLike | None = None,
    frequency: ArrayLike | None = None,
) -> tuple[Deviation, ...]:
    """ADEV, OADEV, MDEV, TDEV, HDEV, OHDEV or SDEV at the averaging factors m; either phase or frequency is given.

    Raises DocumentError for a statistic that is none of these and for an m that leaves no difference to average.
    """
    if statistic not in STATISTICS:
        raise DocumentError(
            place="statistic", found=str(statistic), right=N_("ADEV, OADEV, MDEV, TDEV, HDEV, OHDEV or SDEV")
        )
    tau0 = positive("tau0", tau0)
    x = as_phase(tau0, phase=phase, frequency=frequency)
    x = x - x[0]
    found = []
    for one in m:
        value, terms = STATISTICS[statistic](x, count("m", one), tau0)
        found.append(Deviation(statistic, int(one), one * tau0, value, terms))
    return tuple(found)


def as_phase(tau0: float, *, phase: ArrayLike | None, frequency: ArrayLike | None) -> FloatArray:
    """Phase (N + 1,) of what was given. The mean frequency is taken off first, so that sums do not grow."""
    if (phase is None) == (frequency is None):
        raise DocumentError(place="phase", found=N_("both or neither"), right=N_("either phase or frequency"))
    if phase is not None:
        return column("phase", phase, 3)
    y = column("frequency", frequency if frequency is not None else [], 2)
    return np.concatenate([[0.0], np.cumsum(y - y.mean())]) * tau0


def _second(x: FloatArray, m: int, step: int) -> FloatArray:
    return (
        _some(x[2 * m :: step] - 2 * x[m : len(x) - m : step] + x[: len(x) - 2 * m : step], m)
        if len(x) > 2 * m
        else _some(x[:0], m)
    )


def _third(x: FloatArray, m: int, step: int) -> FloatArray:
    n = len(x)
    if n <= 3 * m:
        return _some(x[:0], m)
    return x[3 * m :: step] - 3 * x[2 * m : n - m : step] + 3 * x[m : n - 2 * m : step] - x[: n - 3 * m : step]


def _some(differences: FloatArray, m: int) -> FloatArray:
    if not len(differences):
        raise DocumentError(place="m", found=str(m), right=N_("an averaging factor that the series is long enough for"))
    return differences


def _root(differences: FloatArray, divisor: float) -> tuple[float, int]:
    return math.sqrt(float(np.mean(differences**2)) / divisor), len(differences)


def adev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Allan deviation of adjacent averages (SP 1065, 5.2.2)."""
    return _root(_second(x, m, m), 2 * (m * tau0) ** 2)


def oadev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Overlapping Allan deviation (SP 1065, 5.2.4)."""
    return _root(_second(x, m, 1), 2 * (m * tau0) ** 2)


def mdev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Modified Allan deviation: second differences of phase averaged over m points (SP 1065, 5.2.5)."""
    differences = _second(x, m, 1)
    if len(differences) < m:
        _some(x[:0], m)
    sums = np.concatenate([[0.0], np.cumsum(differences)])
    return _root((sums[m:] - sums[:-m]) / m, 2 * (m * tau0) ** 2)


def tdev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Time deviation τ/√3·MDEV, in the unit of the phase (SP 1065, 5.2.6)."""
    value, terms = mdev(x, m, tau0)
    return m * tau0 / math.sqrt(3) * value, terms


def hdev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Hadamard deviation of adjacent averages; linear frequency drift drops out (SP 1065, 5.2.8)."""
    return _root(_third(x, m, m), 6 * (m * tau0) ** 2)


def ohdev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Overlapping Hadamard deviation (SP 1065, 5.2.9)."""
    return _root(_third(x, m, 1), 6 * (m * tau0) ** 2)


def sdev(x: FloatArray, m: int, tau0: float) -> tuple[float, int]:
    """Standard deviation of the averages over m, which grows without end for a drifting source (SP 1065, 5.2.1)."""
    y = np.diff(x[::m]) / (m * tau0)
    if len(y) < 2:
        _some(x[:0], m)
    return float(np.std(y, ddof=1)), len(y)


STATISTICS: dict[str, Callable[[FloatArray, int, float], tuple[float, int]]] = {
    "ADEV": adev,
    "OADEV": oadev,
    "MDEV": mdev,
    "TDEV": tdev,
    "HDEV": hdev,
    "OHDEV": ohdev,
    "SDEV": sdev,
}
