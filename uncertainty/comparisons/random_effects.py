"""Results that scatter more than their uncertainties say: a standard deviation tau between laboratories is estimated.

Each result is x_i = μ + b_i + e_i with variance τ² of b and u_i² of e; the weights are 1/(τ² + u_i²).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from ..statistics.checks import column, positives
from .reference import Reference, consistency


def mandel_paule(x: ArrayLike, u: ArrayLike) -> Reference:
    """Mandel–Paule mean: τ² makes χ² of the results its expectation N − 1; 0 where it is not above that already.

    u of the value: 1/√Σw. Source: Paule and Mandel, J. Res. NBS 87 (1982) 377; DerSimonian and Kacker,
    Contemp. Clin. Trials 28 (2007) 105.
    """
    y = column("x", x, 2)
    spread = positives("u", u, len(y))
    return _reference("mandel_paule", y, spread, _tau2_by_chi2(y, spread))


def _tau2_by_chi2(x: FloatArray, u: FloatArray) -> float:
    """The root of χ²(τ²) = N − 1; χ² falls without end, so the variance of the results bounds it from above."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        w = 1 / (u**2 + tau2)
        return float(w @ (x - w @ x / w.sum()) ** 2) - (len(x) - 1)

    if excess(0.0) <= 0:
        return 0.0
    top = float(np.var(x, ddof=1))
    while excess(top) > 0:
        top *= 2
    return float(brentq(excess, 0.0, top, xtol=1e-15 * top, rtol=1e-14))


def dersimonian_laird(x: ArrayLike, u: ArrayLike) -> Reference:
    """DerSimonian–Laird mean: τ² from the moments of χ² with weights 1/u², in one step.

    Source: DerSimonian and Laird, Control. Clin. Trials 7 (1986) 177; DerSimonian and Kacker 2007.
    """
    y = column("x", x, 2)
    spread = positives("u", u, len(y))
    w = 1 / spread**2
    chi2 = float(w @ (y - w @ y / w.sum()) ** 2)
    tau2 = max((chi2 - (len(y) - 1)) / float(w.sum() - w @ w / w.sum()), 0.0)
    return _reference("dersimonian_laird", y, spread, tau2)


def _reference(method: str, x: FloatArray, u: FloatArray, tau2: float) -> Reference:
    V = u**2 + tau2
    w = 1 / V
    value = float(w @ x / w.sum())
    found = consistency(x, np.diag(V), value)
    return Reference(method, value, 1 / math.sqrt(w.sum()), tuple((w / w.sum()).tolist()), math.sqrt(tau2), found)


@dataclass(frozen=True, slots=True)
class LikelihoodMean:
    """Maximum likelihood: value mu, its u, variance between laboratories, and their own variances of the mean (N,)."""

    value: float
    u: float
    tau: float
    variances: tuple[float, ...]
    log_likelihood: float


def vangel_rukhin(x: ArrayLike, s: ArrayLike, n: ArrayLike) -> LikelihoodMean:
    """Maximum likelihood for one-way random effects where each laboratory's own variance is estimated too.

    x: (N,) means; s: (N,) standard deviations of the readings behind each; n: (N,) how many they are, 2 or more.
    Raises EvaluationError where no maximum is found. Source: Vangel and Rukhin, Biometrics 55 (1999) 129.
    """
    y = column("x", x, 2)
    spread, size = positives("s", s, len(y)), column("n", n, length=len(y))
    if np.any(size < 2):
        raise DocumentError(place="n", found=f"{np.min(size):g}", right=N_("two readings or more of each laboratory"))
    nu, t2 = size - 1, spread**2 / size
    unit = float(np.std(y)) or float(np.max(spread))
    of_means = np.sqrt(t2)
    starts = (mandel_paule(y, of_means), dersimonian_laird(y, of_means))
    found = [_maximum((y - y.mean()) / unit, t2 / unit**2, nu, start.tau / unit) for start in starts]
    best = max(found, key=lambda one: one[0])
    mu, tau2, variances = best[1], best[2] * unit**2, best[3] * unit**2
    u = 1 / math.sqrt(float(np.sum(1 / (tau2 + variances))))
    level = best[0] - len(y) * math.log(unit) - float(np.sum(nu)) * math.log(unit)
    return LikelihoodMean(float(y.mean()) + mu * unit, u, math.sqrt(tau2), tuple(variances.tolist()), level)


def _maximum(x: FloatArray, t2: FloatArray, nu: FloatArray, tau: float) -> tuple[float, float, float, FloatArray]:
    """(log-likelihood, μ, τ², variances) over μ, ln τ² and ln of each variance, by quasi-Newton with the gradient."""
    from scipy.optimize import minimize

    def loss(at: FloatArray) -> tuple[float, FloatArray]:
        tau2, own, away = math.exp(at[1]), np.exp(at[2:]), x - at[0]
        V = tau2 + own
        value = 0.5 * float(np.sum(np.log(V) + away**2 / V + nu * (np.log(own) + t2 / own)))
        slope = 0.5 * (1 / V - away**2 / V**2)
        of_own = (slope + 0.5 * nu * (1 / own - t2 / own**2)) * own
        return value, np.concatenate([[-float(np.sum(away / V)), float(slope.sum()) * tau2], of_own])

    start = np.concatenate([[float(np.mean(x))], [math.log(max(tau**2, 1e-3))], np.log(t2)])
    bounds = [(-10.0, 10.0), (-40.0, 10.0), *((float(v) - 12, float(v) + 12) for v in np.log(t2))]
    done = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000}
    )
    if not math.isfinite(done.fun):
        raise EvaluationError(where="x", found="∞", right=N_("results whose likelihood has a maximum"))
    tau2 = math.exp(done.x[1])
    return -float(done.fun), float(done.x[0]), 0.0 if done.x[1] < -35 else tau2, np.exp(done.x[2:])
