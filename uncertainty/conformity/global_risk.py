"""The risk of the many: how often an item is accepted though outside its limits, or rejected though inside.

An item is y of the prior, its reading is y + e with e of the measurement and independent of y. It conforms for
T_L ≤ y ≤ T_U and is accepted for A_L ≤ reading ≤ A_U. The double integrals are done in one of the two variables exactly
(distribution function) and in the other by panels of Gauss–Legendre nodes cut where the integrand bends.
Source: JCGM 106:2012, 9.3 (four outcomes), 9.5 (global consumer's and producer's risk).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import N_, DocumentError
from .limits import Limits, finite
from .populations import Population, normal

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """The four outcomes as joint probabilities; what is conditional is None where its condition never happens.

    pfa: accepted and not conforming (consumer's risk R_C); pfr: rejected and conforming (producer's risk R_P).
    u_pfa, u_pfr: standard deviation of sampling where samples were given, otherwise 0.
    """

    pfa: float
    pfr: float
    true_accept: float
    true_reject: float
    u_pfa: float = 0.0
    u_pfr: float = 0.0

    @property
    def p_accept(self) -> float:
        return self.true_accept + self.pfa

    @property
    def p_conforming(self) -> float:
        """In-tolerance probability of the prior."""
        return self.true_accept + self.pfr

    @property
    def cpfa(self) -> float | None:
        """P(not conforming, given accepted)."""
        return _given(self.pfa, self.p_accept)

    @property
    def cpfr(self) -> float | None:
        """P(conforming, given rejected)."""
        return _given(self.pfr, self.true_reject + self.pfr)

    @property
    def missed(self) -> float | None:
        """P(accepted, given not conforming)."""
        return _given(self.pfa, self.true_reject + self.pfa)

    @property
    def false_alarm(self) -> float | None:
        """P(rejected, given conforming)."""
        return _given(self.pfr, self.p_conforming)


def _given(joint: float, condition: float) -> float | None:
    return joint / condition if condition > 0 else None


def global_risk(
    prior: Population,
    measurement: Population,
    limits: Limits,
    w: float | tuple[float, float] = 0.0,
    accept: tuple[float, float] | None = None,
) -> GlobalRisk:
    """PFA and PFR of a guard band w (or a pair), or of acceptance limits given directly (±inf for none).

    Source: JCGM 106:2012, 9.5, for any prior and any measuring error.
    """
    a, b = limits.acceptance(w) if accept is None else _ordered(accept)
    low, high = limits.ends
    if b < a:
        return GlobalRisk(0.0, float(prior.inside(low, high)), 0.0, float(prior.outside(low, high)))
    if measurement.values is not None and prior.values is None:
        return _over_errors(prior, measurement.values, (low, high), (a, b))
    ends = np.array([end for end in (low, high) if np.isfinite(end)])
    bends = [end - measurement.breaks for end in (a, b) if np.isfinite(end)]
    y, weight = prior.nodes(np.concatenate([ends, *bends]))
    accepted, rejected = measurement.inside(a - y, b - y), measurement.outside(a - y, b - y)
    conforming = (y >= low) & (y <= high)
    shares = [accepted * ~conforming, rejected * conforming, accepted * conforming, rejected * ~conforming]
    return _of_shares(shares, weight, sampled=prior.values is not None)


def _over_errors(
    prior: Population, errors: FloatArray, ends: tuple[float, float], accept: tuple[float, float]
) -> GlobalRisk:
    """Samples of the error, a prior with a distribution function: for each error, items in between are accepted."""
    (low, high), a, b = ends, accept[0] - errors, accept[1] - errors
    shares = [
        prior.inside(a, np.minimum(b, low)) + prior.inside(np.maximum(a, high), b),
        prior.inside(low, np.minimum(high, a)) + prior.inside(np.maximum(low, b), high),
        prior.inside(np.maximum(a, low), np.minimum(b, high)),
    ]
    shares.append(np.maximum(1 - shares[0] - shares[1] - shares[2], 0.0))
    return _of_shares(shares, np.full(len(errors), 1 / len(errors)), sampled=True)


def _of_shares(shares: list[FloatArray], weight: FloatArray, *, sampled: bool) -> GlobalRisk:
    pfa, pfr, true_accept, true_reject = (float(weight @ share) for share in shares)
    if not sampled:
        return GlobalRisk(pfa, pfr, true_accept, true_reject)
    scatter = [float(np.std(share) / np.sqrt(len(share))) for share in shares[:2]]
    return GlobalRisk(pfa, pfr, true_accept, true_reject, *scatter)


def risk_of_pairs(
    true: ArrayLike,
    readings: ArrayLike,
    limits: Limits,
    w: float | tuple[float, float] = 0.0,
    accept: tuple[float, float] | None = None,
) -> GlobalRisk:
    """Risks counted over pairs (true value, its reading), of a Monte Carlo that may have made them dependent.

    true, readings: (N,) in one unit. Source: JCGM 106:2012, 9.3.
    """
    y, x = np.asarray(true, float), np.asarray(readings, float)
    if y.ndim != 1 or y.shape != x.shape or len(y) < 2 or not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise DocumentError(place="readings", found=N_("values"), right=N_("one finite reading for each true value"))
    a, b = limits.acceptance(w) if accept is None else _ordered(accept)
    accepted, conforming = (x >= a) & (x <= b), (y >= limits.ends[0]) & (y <= limits.ends[1])
    cells = [accepted & ~conforming, ~accepted & conforming, accepted & conforming, ~accepted & ~conforming]
    return _of_shares([cell.astype(float) for cell in cells], np.full(len(y), 1 / len(y)), sampled=True)


def worst_pfa(measurement: Population, limits: Limits, w: float = 0.0) -> float:
    """The largest PFA that any normal population about the middle of two limits can have.

    Source: M. Dobbert, A Guard-Band Strategy for Managing False-Accept Risk, NCSL International 2008.
    """
    from scipy.optimize import minimize_scalar

    middle, T = limits.middle, limits.tolerance
    if middle is None or T is None:
        raise DocumentError(place="limits", found=N_("one limit"), right=N_("two limits"))

    def pfa(log_sd: float) -> float:
        return global_risk(normal(middle, float(np.exp(log_sd))), measurement, limits, w).pfa

    grid = np.log(T) + np.linspace(-4, 3, 29)
    at = grid[int(np.argmax([pfa(point) for point in grid]))]
    found = minimize_scalar(lambda s: -pfa(s), bounds=(at - 0.25, at + 0.25), method="bounded", options={"xatol": 1e-7})
    return float(-found.fun)


def _ordered(accept: tuple[float, float]) -> tuple[float, float]:
    """Acceptance limits as given, ±inf allowed; NaN is refused."""
    for end in accept:
        if not np.isinf(end):
            finite(float(end), "accept")
    return accept
