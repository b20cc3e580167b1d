"""Method S2: the share in tolerance against time since calibration, by maximum likelihood, and the interval it gives.

Source: NCSLI RP-1 (2010), method S2 and its reliability models; figures of merit as described at select_model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from ..statistics.checks import chi2_tail, column, positives, share

Curve = Callable[[FloatArray, FloatArray], FloatArray]


def _phi(x: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(x), dtype=float)


def _gamma(t: FloatArray, a: FloatArray) -> FloatArray:
    x = a[0] * t
    return np.asarray(np.exp(-x) * (1 + x + x**2 / 2 + x**3 / 6))


MODELS: dict[str, tuple[Curve, tuple[float, ...]]] = {
    "exponential": (lambda t, a: np.exp(-a[0] * t), (0.3,)),
    "weibull": (lambda t, a: np.exp(-((a[0] * t) ** a[1])), (0.3, 1.0)),
    "mixed_exponential": (lambda t, a: (1 + a[0] * t) ** -a[1], (0.5, 0.6)),
    "random_walk": (lambda t, a: 2 * _phi(1 / np.sqrt(a[0] + a[1] * t)) - 1, (0.1, 0.3)),
    "restricted_walk": (lambda t, a: 2 * _phi(1 / np.sqrt(a[0] + a[1] * -np.expm1(-a[2] * t))) - 1, (0.1, 0.5, 1.0)),
    "modified_gamma": (_gamma, (1.5,)),
    "mortality_drift": (lambda t, a: np.exp(-a[0] * t - a[1] * t**2), (0.2, 0.1)),
    "warranty": (lambda t, a: 1 / (1 + np.exp(np.clip(a[0] * (t - a[1]), -700, 700))), (1.5, 1.5)),
    "drift": (lambda t, a: np.clip(_phi(a[0] + a[2] * t) + _phi(a[1] - a[2] * t) - 1, 0, 1), (2.0, 2.0, 0.7)),
}
"""Name → R(t; a) and a start for t of the order of 1; all parameters are above 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """A model fitted to N groups: parameters for time in the unit given, G² with dof and p of its fit, AIC.

    aic: −2 ln L + 2 p; the smaller, the better. R(t) with reliability().
    """

    model: str
    parameters: tuple[float, ...]
    span: float
    deviance: float
    dof: int
    p: float
    aic: float

    def reliability(self, t: ArrayLike) -> FloatArray:
        """Share in tolerance after times t (…,)."""
        return MODELS[self.model][0](np.asarray(t, float) / self.span, np.asarray(self.parameters))

    def interval(self, target: float) -> float:
        """The time at which the share in tolerance falls to the target. Raises EvaluationError where it never does."""
        from scipy.optimize import brentq

        target, end = share("target", target), 1e-4 * self.span
        if float(self.reliability(end)) < target:
            raise DocumentError(
                place="target", found=f"{target:g}", right=N_("a target that is kept on the day of calibration")
            )
        while float(self.reliability(end)) > target:
            end *= 2
            if end > 1e4 * self.span:
                raise EvaluationError(where="target", found="∞", right=N_("a target that is not kept for ever"))
        return float(brentq(lambda t: float(self.reliability(t)) - target, end / 2, end))


def fit_reliability(t: ArrayLike, passed: ArrayLike, n: ArrayLike, model: str) -> Reliability:
    """Maximum likelihood of a model of MODELS: `passed` (N,) of n (N,) were in tolerance t (N,) after calibration.

    Raises DocumentError for an unknown model, more passed than calibrated, or fewer groups than parameters.
    """
    from scipy.optimize import minimize

    if model not in MODELS:
        raise DocumentError(place="model", found=str(model), right=N_("a reliability model"))
    curve, start = MODELS[model]
    times, of, good = positives("t", t), column("n", n), column("passed", passed)
    if not len(times) == len(of) == len(good) or np.any(of < 1) or np.any(good < 0) or np.any(good > of):
        raise DocumentError(place="passed", found=str(len(good)), right=N_("no more than there were calibrations"))
    if len(times) < len(start):
        raise DocumentError(place="t", found=f"{len(times)} < {len(start)}", right=N_("more numbers"))
    span = float(np.average(times, weights=of))

    def loss(a: FloatArray) -> float:
        return -_log_likelihood(curve(times / span, np.exp(a)), good, of)

    tried = [
        minimize(
            loss,
            np.log(start) + shift,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000, "adaptive": True},
        )
        for shift in (-1.0, 0.0, 1.0)
    ]
    best = min(tried, key=lambda one: float(one.fun))
    full = _log_likelihood(good / of, good, of)
    deviance, dof = max(2 * (full + float(best.fun)), 0.0), len(times) - len(start)
    found = tuple(np.exp(best.x).tolist())
    return Reliability(
        model, found, span, deviance, dof, chi2_tail(deviance, dof), 2 * float(best.fun) + 2 * len(start)
    )


def _log_likelihood(R: FloatArray, good: FloatArray, of: FloatArray) -> float:
    from scipy.special import xlogy

    R = np.clip(np.nan_to_num(R, nan=0.0), 1e-300, 1.0)
    return float(np.sum(xlogy(good, R) + xlogy(of - good, np.maximum(1 - R, 1e-300))))


def select_model(t: ArrayLike, passed: ArrayLike, n: ArrayLike, models: Sequence[str] = tuple(MODELS)) -> Reliability:
    """The model of smallest AIC among those with no more parameters than groups.

    RP-1 weighs models by a figure of merit of its own; AIC is used instead, its definition being public.
    """
    groups = len(column("t", t))
    fits = [fit_reliability(t, passed, n, model) for model in models if len(MODELS.get(model, (0, ()))[1]) <= groups]
    if not fits:
        raise DocumentError(place="t", found=str(groups), right=N_("more numbers"))
    return min(fits, key=lambda one: one.aic)


def groups_of(t: ArrayLike, passed: ArrayLike, bins: int = 7) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(t, passed, n) of single calibrations (N,) grouped in at most `bins` groups of about equal size, by time."""
    times, good = positives("t", t), column("passed", passed)
    if len(good) != len(times) or not set(good.tolist()) <= {0.0, 1.0}:
        raise DocumentError(place="passed", found=str(len(good)), right=N_("0 or 1 for each calibration"))
    order = np.argsort(times, kind="stable")
    parts = [part for part in np.array_split(order, max(min(bins, math.isqrt(len(times))), 1)) if len(part)]
    sizes = np.array([len(part) for part in parts], dtype=float)
    return np.array([times[p].mean() for p in parts]), np.array([good[p].sum() for p in parts]), sizes
