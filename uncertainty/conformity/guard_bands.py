"""Guard bands: closed forms of handbooks, and those solved for a risk that has to be kept.

factor(method, TUR) is A/T, the acceptance interval as a share of the tolerance interval; w = (1 − factor)·T/2.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..errors import N_, DocumentError
from .global_risk import GlobalRisk, global_risk
from .limits import Limits, positive, share
from .populations import Population, normal

Z95 = 1.6448536269514722  # one-sided 95 % point of the normal distribution
RISKS = ("pfa", "cpfa", "pfr", "cpfr")


def managed_risk_multiplier(tur: float) -> float:
    """M of the guard band w = M·U95 that keeps PFA at or below 2 % whatever the population; 0 above a TUR of 4.6.

    M = 1.04 − exp(0.38 ln TUR − 0.54). Source: ANSI/NCSL Z540.3 Handbook (2009), method 6; M. Dobbert, NCSLI 2008.
    """
    return max(0.0, 1.04 - math.exp(0.38 * math.log(positive(tur, "tur")) - 0.54))


METHODS: dict[str, tuple[Callable[[float], float], str]] = {
    "none": (lambda _: 1.0, "JCGM 106:2012, 8.2"),
    "U95": (lambda tur: 1 - 1 / tur, "ANSI/NCSL Z540.3 Handbook (2009), method 5; ILAC-G8:09/2019, 4.2.2, w = U"),
    "rss": (
        lambda tur: math.sqrt(1 - 1 / tur**2) if tur > 1 else 0.0,
        "root difference of squares: D. Deaver, NCSL 1994",
    ),
    "rp10": (lambda tur: min(1.0, 1.25 - 1 / tur), "NCSL RP-10"),
    "m2": (lambda tur: 1 - managed_risk_multiplier(tur) / tur, "ANSI/NCSL Z540.3 Handbook (2009), method 6"),
    "iso14253": (lambda tur: 1 - Z95 / (2 * tur), "ISO 14253-1:2017, 95 %, U = 2 u: w = 1.645 u"),
}
"""Name → (A/T of a TUR, source)."""


def factor(method: str, tur: float) -> float:
    """Acceptance interval over tolerance interval at a TUR. Raises DocumentError where nothing could be accepted."""
    if method not in METHODS:
        raise DocumentError(place="method", found=str(method), right=", ".join(METHODS))
    found = METHODS[method][0](positive(tur, "tur"))
    if not found > 0:
        raise DocumentError(place="tur", found=f"{tur:g}", right=N_("so large that something can be accepted"))
    return found


def width_for_specific(risk: float, measurement: Population | float, limits: Limits) -> float:
    """w such that a result at an acceptance limit is out of its limits with probability `risk` at most.

    risk: below 0.5. Of two limits and an error that is not symmetric, the wider guard band.
    Raises DocumentError where even a result in the middle carries more risk. Source: JCGM 106:2012, 8.3.2.
    """
    error = measurement if isinstance(measurement, Population) else normal(0.0, measurement)
    if share(risk, "risk") >= 0.5:
        raise DocumentError(place="risk", found=f"{risk:g}", right=N_("a probability below 0.5"))
    low, high = limits.ends
    sides = [(end, sign) for end, sign in ((high, -1.0), (low, 1.0)) if math.isfinite(end)]
    return max(_one_side(risk, error, limits, end, sign) for end, sign in sides)


def _one_side(risk: float, error: Population, limits: Limits, end: float, sign: float) -> float:
    low, high = limits.ends
    span, T = float(np.max(np.abs(error.breaks))), limits.tolerance
    most = span if T is None else T / 2 + sign * error.mean  # the result whose corrected value is in the middle

    def too_risky(w: float) -> float:
        return float(error.outside(end + sign * w - high, end + sign * w - low)) - risk

    if too_risky(most) > 0:
        raise _unreachable("risk", risk)
    return _root(too_risky, -span - abs(most), most, error.scale)


def width_for_global(
    prior: Population, measurement: Population, limits: Limits, target: float, risk: str = "pfa", *, relax: bool = False
) -> float:
    """w at which a global risk meets its target.

    risk: "pfa", "cpfa" (the narrowest guard band that keeps it; 0 where none is needed, unless relax, which allows
    w < 0), "pfr", "cpfr" (the widest that keeps it, of either sign).
    Raises DocumentError for a target that no guard band meets. Source: JCGM 106:2012, 9.5; 8.3.
    """
    if risk not in RISKS:
        raise DocumentError(place="risk", found=str(risk), right=", ".join(RISKS))
    aim = share(target, "target")
    span = float(np.ptp(prior.breaks) + np.ptp(measurement.breaks))
    T, consumer = limits.tolerance, risk in ("pfa", "cpfa")

    def above(w: float) -> float:
        return _figure(global_risk(prior, measurement, limits, w), risk) - aim

    if consumer and not relax and above(0.0) <= 0:
        return 0.0
    least, most = (-span if relax or not consumer else 0.0), (span if T is None else T / 2 * (1 - 1e-9))
    if (above(most) > 0) == (above(least) > 0):
        raise _unreachable("target", target)
    return _root(above, least, most, min(prior.scale, measurement.scale))


def _figure(found: GlobalRisk, risk: str) -> float:
    """The risk; where its condition never happens nobody bears it."""
    figure: float | None = getattr(found, risk)
    return 0.0 if figure is None else figure


def _unreachable(place: str, found: float) -> DocumentError:
    return DocumentError(place=place, found=f"{found:g}", right=N_("a risk that some guard band reaches"))


def _root(function: Callable[[float], float], low: float, high: float, scale: float) -> float:
    """Where the function crosses 0, to 1e-13 of the scale: a bracket of a t reaches far beyond its limits."""
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-13 * (scale or 1.0), rtol=1e-13, maxiter=500))
