"""How sure an overlapping Allan deviation is: the noise it is of, its equivalent degrees of freedom, its interval.

Source: NIST SP 1065 (Riley, 2008), 5.3 (confidence intervals), table 5 (edf of the overlapping Allan variance, after
Howe, Allan, Barnes 1981), 5.5.6 (noise from the autocorrelation of lag 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from .allan import as_phase, oadev
from .autocorrelated import autocorrelations
from .checks import chi2_quantile, count, positive, share

NOISES = {2: "white_pm", 1: "flicker_pm", 0: "white_fm", -1: "flicker_fm", -2: "random_walk_fm"}
"""Exponent α of the spectrum S_y(f) ~ f^α, and its name."""
FEWEST = 30
"""Phase points at an averaging factor below which the autocorrelation tells no noise (SP 1065, 5.5.6)."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Overlapping Allan deviation with the interval low to high of probability p. noise: a name of NOISES."""

    tau: float
    value: float
    low: float
    high: float
    noise: str
    edf: float
    p: float


def noise_of(phase: ArrayLike, m: int = 1) -> str:
    """The power-law noise that dominates at m·τ0, by the lag 1 autocorrelation of phase taken every m points.

    Raises DocumentError for fewer than 30 points at that factor. Source: Riley and Greenhall, Proc. 18th EFTF (2004).
    """
    x = as_phase(1.0, phase=phase, frequency=None)[:: count("m", m)]
    if len(x) < FEWEST:
        raise DocumentError(place="m", found=str(m), right=N_("an averaging factor that the series is long enough for"))
    for differenced in range(4):
        t = np.arange(len(x)) - (len(x) - 1) / 2
        slope = float(t @ (x - x.mean()) / (t @ t)) if differenced < 2 else 0.0
        r1 = float(autocorrelations(x - slope * t, 2)[1])
        delta = r1 / (1 + r1)
        if delta < 0.25 or differenced == 3:
            alpha = 2 - 2 * differenced - round(2 * delta)
            return NOISES[int(np.clip(alpha, -2, 2))]
        x = np.diff(x)
    raise AssertionError  # the loop returns at its last turn


def edf(noise: str, points: int, m: int) -> float:
    """Equivalent χ² degrees of freedom of the overlapping Allan variance of `points` phase values; at least 1."""
    if noise not in NOISES.values():
        raise DocumentError(place="noise", found=str(noise), right=N_("a noise from white_pm to random_walk_fm"))
    N, m = count("points", points, 4), count("m", m)
    if 2 * m >= N:
        raise DocumentError(place="m", found=str(m), right=N_("an averaging factor that the series is long enough for"))
    return max(_EDF[noise](N, m), 1.0)


def _flicker_pm(N: int, m: int) -> float:
    inner = math.log((N - 1) / (2 * m)) * math.log((2 * m + 1) * (N - 1) / 4)
    return math.exp(math.sqrt(max(inner, 0.0)))


_EDF: dict[str, Callable[[int, int], float]] = {
    "white_pm": lambda N, m: (N + 1) * (N - 2 * m) / (2 * (N - m)),
    "flicker_pm": _flicker_pm,
    "white_fm": lambda N, m: (3 * (N - 1) / (2 * m) - 2 * (N - 2) / N) * 4 * m**2 / (4 * m**2 + 5),
    "flicker_fm": lambda N, m: 2 * (N - 2) ** 2 / (2.3 * N - 4.9) if m == 1 else 5 * N**2 / (4 * m * (N + 3 * m)),
    "random_walk_fm": lambda N, m: (N - 2) / m * ((N - 1) ** 2 - 3 * m * (N - 1) + 4 * m**2) / (N - 3) ** 2,
}


def oadev_interval(
    m: int,
    tau0: float,
    *,
    phase: ArrayLike | None = None,
    frequency: ArrayLike | None = None,
    noise: str | None = None,
    p: float = 0.683,
) -> Confidence:
    """Overlapping Allan deviation at m·τ0 with its interval; noise: told from the data where not stated."""
    tau0, p, m = positive("tau0", tau0), share("p", p), count("m", m)
    x: FloatArray = as_phase(tau0, phase=phase, frequency=frequency)
    value, _ = oadev(x, m, tau0)
    kind = noise_of(x, m) if noise is None else noise
    nu = edf(kind, len(x), m)
    low, high = (value * math.sqrt(nu / chi2_quantile(q, nu)) for q in ((1 + p) / 2, (1 - p) / 2))
    return Confidence(m * tau0, value, low, high, kind, nu, p)
