"""Control charts of a check standard: Shewhart (Xbar–s, individuals and moving range), EWMA, CUSUM.

Source: GB/T 17989.2 (ISO 7870-2:2013) (Shewhart); ISO 7870-4:2021 (CUSUM); ISO 7870-6:2016 (EWMA); factors computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from ..statistics.checks import column, positive
from .rules import Signal, signals

D2 = 2 / math.sqrt(math.pi)
"""Expected range of two normal values over σ: 1.128."""
D3 = math.sqrt(2 - 4 / math.pi)
"""Standard deviation of that range over σ: 0.853."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: points with centre line and limits for each, (N,); sigma: of one point; signals: what stands out."""

    name: str
    points: tuple[float, ...]
    centre: float
    sigma: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    signals: tuple[Signal, ...]


def c4(n: int) -> float:
    """Expected s over σ of n normal readings: √(2/(n − 1))·Γ(n/2)/Γ((n − 1)/2)."""
    return math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


def xbar_s(groups: ArrayLike, rules: str = "western_electric", base: int | None = None) -> tuple[Chart, Chart]:
    """(Xbar, s) charts of groups (N, n) of n ≥ 2 readings; limits from the first `base` groups, all where not stated.

    Raises DocumentError for one group, one reading a group, or readings of the base that are all equal.
    """
    y = numbers("groups", groups)
    if y.ndim != 2 or y.shape[0] < 2 or y.shape[1] < 2:
        raise DocumentError(
            place="groups", found=str(y.shape), right=N_("groups of one size, two readings or more each")
        )
    n, first = y.shape[1], _base(base, len(y))
    means, s = y.mean(axis=1), y.std(axis=1, ddof=1)
    s_bar = _above_zero(float(s[first].mean()))
    sigma = s_bar / c4(n)
    spread = sigma * math.sqrt(1 - c4(n) ** 2)
    return (
        _chart("xbar", means, float(means[first].mean()), sigma / math.sqrt(n), rules),
        _chart("s", s, s_bar, spread, "limits", least=0.0),
    )


def individuals(readings: ArrayLike, rules: str = "western_electric", base: int | None = None) -> tuple[Chart, Chart]:
    """(individuals, moving range) charts of single readings (N,); σ = mean moving range/1.128."""
    y = column("readings", readings, 3)
    first, ranges = _base(base, len(y)), np.abs(np.diff(y))
    r_bar = _above_zero(float(ranges[: (first.stop or len(y)) - 1].mean()))
    sigma = r_bar / D2
    return (
        _chart("individuals", y, float(y[first].mean()), sigma, rules),
        _chart("moving_range", ranges, r_bar, D3 * sigma, "limits", least=0.0),
    )


def against(points: ArrayLike, centre: float, sigma: float, rules: str = "western_electric") -> Chart:
    """Points (N,) against a centre and standard deviation stated beforehand."""
    return _chart(
        "stated", column("points", points), float(column("centre", [centre])[0]), positive("sigma", sigma), rules
    )


def _chart(name: str, points: FloatArray, centre: float, sigma: float, rules: str, least: float = -math.inf) -> Chart:
    low, high = max(centre - 3 * sigma, least), centre + 3 * sigma
    n = len(points)
    found = signals(points, centre, sigma, rules)
    return Chart(name, tuple(points.tolist()), centre, sigma, (low,) * n, (high,) * n, found)


def _base(base: int | None, n: int) -> slice:
    if base is not None and not 2 <= base <= n:
        raise DocumentError(place="base", found=str(base), right=N_("two or more of the points"))
    return slice(0, base)


def _above_zero(spread: float) -> float:
    if not spread > 0:
        raise DocumentError(place="readings", found="0", right=N_("readings that differ"))
    return spread


def ewma(points: ArrayLike, centre: float, sigma: float, weight: float = 0.2, width: float = 2.962) -> Chart:
    """Exponentially weighted moving average z_i = λ x_i + (1 − λ) z_{i−1}, z_0 the centre; limits ± L σ_z of each i.

    weight: λ above 0, at most 1; width: L (λ = 0.2 and L = 2.962 have an average run length of 500 in control).
    Source: Lucas and Saccucci, Technometrics 32 (1990) 1; Montgomery, Statistical Quality Control, 9.2.
    """
    x, mu, s = column("points", points), float(column("centre", [centre])[0]), positive("sigma", sigma)
    if not 0 < weight <= 1:
        raise DocumentError(place="weight", found=f"{weight:g}", right=N_("a weight above 0, at most 1"))
    z, found = mu, []
    for value in x:
        z = weight * float(value) + (1 - weight) * z
        found.append(z)
    i = np.arange(1, len(x) + 1)
    reach = (
        positive("width", width)
        * s
        * np.sqrt(weight / (2 - weight) * -np.expm1(2 * i * np.log1p(-min(weight, 1 - 1e-16))))
    )
    low, high = mu - reach, mu + reach
    beyond = tuple(Signal("beyond_limits", j, (j,)) for j, z in enumerate(found) if not low[j] <= z <= high[j])
    return Chart("ewma", tuple(found), mu, s, tuple(low.tolist()), tuple(high.tolist()), beyond)


@dataclass(frozen=True, slots=True)
class Cusum:
    """Upper and lower sums (N,) in units of σ, the decision limit h, and the points at which one is beyond it.

    starts: for each signal, the point after which its sum last was 0: when the shift probably began.
    """

    upper: tuple[float, ...]
    lower: tuple[float, ...]
    h: float
    signals: tuple[int, ...]
    starts: tuple[int, ...]


def cusum(points: ArrayLike, centre: float, sigma: float, k: float = 0.5, h: float = 5.0) -> Cusum:
    """Two-sided tabular CUSUM of points (N,): allowance k and decision limit h in units of σ.

    k = 0.5 looks for a shift of 1 σ. Source: Montgomery, Statistical Quality Control, 9.1.2; ISO 7870-4:2021.
    """
    x = (column("points", points) - float(column("centre", [centre])[0])) / positive("sigma", sigma)
    k, h = positive("k", k), positive("h", h)
    high, low, since, upper, lower = 0.0, 0.0, [-1, -1], list[float](), list[float]()
    found, starts = list[int](), list[int]()
    for i, value in enumerate(x.tolist()):
        high, low = max(0.0, high + value - k), max(0.0, low - value - k)
        since = [i if high == 0 else since[0], i if low == 0 else since[1]]
        upper.append(high)
        lower.append(low)
        if max(high, low) > h:
            found.append(i)
            starts.append(since[0 if high >= low else 1] + 1)
    return Cusum(tuple(upper), tuple(lower), h, tuple(found), tuple(starts))
