"""Recalibration intervals: from pass and fail at one interval (A3), from the values found (variables), from drift,
and by steps (staircase).

Sources: NCSLI RP-1 (2010), method A3 (interval test) and variables data; NASA-HDBK-8739.19-5, 7.3 (variables data);
ILAC-G24:2022/OIML D 10:2022, method 1 (automatic adjustment, staircase) and method 2 (control chart).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from ..statistics.checks import column, count, not_negative, positive, share
from .drift import Drift


@dataclass(frozen=True, slots=True)
class TestInterval:
    """Outcome of method A3, times in the unit of the interval tested.

    observed: share found in tolerance; low, high: its interval at the confidence stated (Clopper–Pearson).
    rejection: confidence with which the interval tested misses the target; 0 where the data speak for it.
    interval: recommended, the one tested where rejection is below the confidence; calculated: before that decision.
    """

    __test__ = False  # no test of pytest
    observed: float
    low: float
    high: float
    rejection: float
    calculated: float
    interval: float
    changed: bool


def interval_test(
    passed: int, n: int, interval: float, target: float, *, confidence: float = 0.5, most: float = 2.0
) -> TestInterval:
    """Method A3: `passed` of n calibrations at one interval were in tolerance; the target is a share, such as 0.95.

    Below the target the interval shrinks to I·10^((R − target)·Q) with Q = 1 − 2·P(K ≤ passed); above it grows to
    I·10^((R − target)/(1 − Q)) with Q = 1 − 2·P(K ≥ passed) (m: growth rule as programs have it, the text of RP-1
    not at hand). No change beyond the factor `most`.
    """
    n, passed = count("n", n), count("passed", passed, 0)
    if passed > n:
        raise DocumentError(place="passed", found=f"{passed} > {n}", right=N_("no more than there were calibrations"))
    interval, target, confidence = (
        positive("interval", interval),
        share("target", target),
        share("confidence", confidence),
    )
    R = passed / n
    low, high = clopper_pearson(passed, n, confidence)
    tail = binomial_below(passed, n, target) if target > R else 1 - binomial_below(passed - 1, n, target)
    Q = max(1 - 2 * tail, 0.0)
    power = (R - target) * Q if target > R else (R - target) / max(1 - Q, 1e-12)
    calculated = interval * min(max(10 ** min(power, 300.0), 1 / most), positive("most", most))
    changed = confidence <= Q
    return TestInterval(R, low, high, Q, calculated, calculated if changed else interval, changed)


def binomial_below(k: int, n: int, p: float) -> float:
    """P(K ≤ k) of n trials with probability p."""
    from scipy.special import bdtr

    return 0.0 if k < 0 else float(bdtr(k, n, p))


def clopper_pearson(k: int, n: int, confidence: float) -> tuple[float, float]:
    """Two-sided interval of a share of which k of n were seen; (1 − confidence)/2 outside on each side."""
    from scipy.special import betaincinv

    q = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, q))
    return low, 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - q))


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Change since calibration: δ = b1·Δt + b2·Δt² + …, without a constant; covariance (p, p) of b; s_yx of residuals."""

    b: FloatArray
    covariance: FloatArray
    s_yx: float
    dof: int

    def predict(self, dt: float) -> tuple[float, float]:
        """(δ, u): change after dt and standard uncertainty of one value then, scatter s_yx included."""
        x = dt ** np.arange(1.0, len(self.b) + 1)
        return float(x @ self.b), math.sqrt(float(x @ self.covariance @ x) + self.s_yx**2)


def fit_change(dt: ArrayLike, delta: ArrayLike, order: int = 2) -> Change:
    """Least squares of changes delta (N,) found after times dt (N,) without adjustment between."""
    order = count("order", order)
    t = column("dt", dt, order + 1)
    change = column("delta", delta, length=len(t))
    if np.any(t <= 0) or len(np.unique(t)) < order:
        raise DocumentError(
            place="dt", found=f"{float(t.min()):.6g}", right=N_("times above zero, as many as the order")
        )
    span = float(t.max())
    X = (t / span)[:, None] ** np.arange(1, order + 1)
    Q, R = np.linalg.qr(X)
    b = np.linalg.solve(R, Q.T @ change)
    dof = len(t) - order
    s2 = float(np.sum((change - X @ b) ** 2)) / dof
    inverse = np.linalg.inv(R)
    scale = span ** -np.arange(1.0, order + 1)
    return Change(b * scale, s2 * inverse @ inverse.T * np.outer(scale, scale), math.sqrt(s2), dof)


def interval_for_uncertainty(change: Change, u0: float, target: float) -> float:
    """Time after which √(u0² + u(t)²) reaches the target; u0: standard uncertainty at calibration.

    Raises DocumentError where it is reached from the start. Source: NASA-HDBK-8739.19-5, 7.3, table 7-7.
    """
    u0, target = not_negative("u0", u0), positive("target", target)
    return _first(lambda t: math.hypot(u0, change.predict(t)[1]) - target, "target")


def interval_for_limits(change: Change, u0: float, y0: float, low: float, high: float, p: float = 0.95) -> float:
    """Time after which y0 + δ(t) ± k·u first touches a limit, k from t for two-sided probability p.

    Source: NCSLI RP-1, variables data; NASA-HDBK-8739.19-5, 7.3 (reliability target).
    """
    from scipy.special import stdtrit

    u0, k = not_negative("u0", u0), float(stdtrit(change.dof, (1 + share("p", p)) / 2))

    def over(t: float) -> float:
        delta, u = change.predict(t)
        reach = k * math.hypot(u0, u)
        return max(y0 + delta + reach - high, low - (y0 + delta - reach))

    return _first(over, "limits")


def interval_from_drift(drift: Drift, since: float, low: float, high: float, p: float = 0.95) -> float:
    """Time from `since`, the last calibration, until value ± U of the drift model first touches a limit.

    Source: ILAC-G24:2022/OIML D 10:2022, method 2 (control chart): drift and dispersion over calendar time.
    """

    def over(t: float) -> float:
        found = drift.predict(since + t, p)
        return max(found.value + found.U - high, low - (found.value - found.U))

    return _first(over, "limits", drift.span)


def _first(over: object, place: str, span: float = 1.0) -> float:
    """The first root of a function that is below 0 at 0, searched in steps growing by 4 %."""
    from scipy.optimize import brentq

    assert callable(over)
    start = 0.0
    if over(0.0) >= 0:
        raise DocumentError(place=place, found="0", right=N_("a limit that is kept on the day of calibration"))
    end = 1e-3 * span
    for _ in range(700):
        if over(end) >= 0:
            return float(brentq(over, start, end, xtol=1e-10 * end))
        start, end = end, end * 1.04
    raise EvaluationError(where=place, found="∞", right=N_("a limit that is reached some day"))


@dataclass(frozen=True, slots=True)
class Staircase:
    """Agreed steps: found within `inner` of the MPE, the interval is multiplied by extend; outside the MPE, by reduce.

    inner 0.8 is the example of ILAC-G24:2022, method 1; the two factors and the ends are the laboratory's.
    """

    extend: float
    reduce: float
    shortest: float
    longest: float
    inner: float = 0.8

    def __post_init__(self) -> None:
        if not self.extend >= 1 >= self.reduce > 0:
            raise DocumentError(
                place="extend", found=f"{self.extend:g}, {self.reduce:g}", right=N_("factors above and below 1")
            )
        if not 0 < self.shortest <= self.longest < math.inf or not 0 < self.inner <= 1:
            raise DocumentError(
                place="shortest", found=f"{self.shortest:g}, {self.longest:g}", right=N_("ends in order")
            )

    def next(self, interval: float, error: float, mpe: float) -> float:
        """The interval after a calibration that found this error (as found, before any adjustment)."""
        found = abs(float(column("error", [error])[0])) / positive("mpe", mpe)
        factor = self.extend if found <= self.inner else self.reduce if found > 1 else 1.0
        return min(max(positive("interval", interval) * factor, self.shortest), self.longest)
