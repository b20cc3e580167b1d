"""The value of a standard between its calibrations: a drift model over its history, predicted to the day of use.

Each certificate gives y_i = f(t_i) + b(t_i) + e_i: f the drift, e the error of the calibration with covariance V of the
certificates, b the instability of the standard itself. Value and u are those of generalised least squares with V + τ² R,
τ estimated from the scatter (instability.py); R is the unit matrix for polynomials, min(t_i, t_j) for a random walk. A few
calibrations say little of τ, and an estimate of 0 is no proof: so U takes in every τ that the history allows.
Source: JCGM 100:2008, H.3.4, H.3.5 (covariance of coefficients, u of a predicted value).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..coverage import coverage_factor
from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..statistics.checks import chi2_tail, column, count, covariance, not_negative, share
from .instability import contrasts, half_width, krige, moment_estimate, posterior, structure

ORDERS = {"constant": 0, "linear": 1, "random_walk": 0}
MOST = 5
"""Highest order of a polynomial; a history of calibrations does not carry more."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Value at time t with its standard uncertainty u and U = k·u.

    u_trend: of the coefficients; u_instability: what the standard does beyond its trend; u² is the sum of their squares.
    k: U/u of this prediction, from the distribution of τ, not from t.
    """

    t: float
    value: float
    u: float
    U: float
    k: float
    u_trend: float
    u_instability: float


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """A fitted model. coefficients: (p,) of powers of t − origin, in unit/time**j; covariance (p, p) of them.

    tau: instability; of a random walk per √time unit; stated: known from elsewhere. chi2, p: of the history with V alone, before any tau.
    t, y, V: the history. origin, span: t is reduced to (t − origin)/span inside.
    """

    model: str
    coefficients: FloatArray
    covariance: FloatArray
    origin: float
    span: float
    tau: float
    stated: bool
    chi2: float
    dof: int
    p: float
    t: FloatArray
    y: FloatArray
    V: FloatArray

    @property
    def order(self) -> int:
        return len(self.coefficients) - 1

    def predict(self, t: float, p: float = 0.95) -> Prediction:
        """Value and u at time t with τ as estimated, U with probability p over all τ that the history allows."""
        time, p = float(column("t", [t])[0]), share("p", p)
        X, x0 = self._basis(self.t), self._basis(np.array([time]))[0]
        R, r0, r00 = structure(self.model, self.t, time)
        tau, likely = np.array([self.tau]), np.ones(1)
        if not self.stated:
            tau, likely = posterior(contrasts(X, self.y, self.V, R))
        each = np.concatenate([[self.tau], tau]) ** 2
        value, trend, own = krige(X, x0, self.y, self.V, R, r0, r00, each)
        spread = np.sqrt(trend + own)
        U = half_width(p, float(value[0]), value[1:], spread[1:], likely)
        u = float(spread[0])
        return Prediction(time, float(value[0]), u, U, U / u, math.sqrt(trend[0]), math.sqrt(own[0]))

    def _basis(self, t: FloatArray) -> FloatArray:
        return np.vander((t - self.origin) / self.span, self.order + 1, increasing=True)


def fit_drift(
    t: ArrayLike, y: ArrayLike, u: ArrayLike, model: str = "linear", order: int | None = None, tau: float | None = None
) -> Drift:
    """Fit constant, linear, polynomial (of the order stated) or random_walk to calibrations at times t (N,).

    y: (N,) values; u: (N,) standard uncertainties of the certificates, or (N, N) their covariance: what certificates
    have in common, such as the standard behind them all, does not average out.
    tau: instability known from elsewhere, such as many standards of one make; estimated where not stated. Two or three
    calibrations leave it nearly free, and U is wide then: a tau that is known narrows it.
    Raises DocumentError for a model that is none of these, equal times only, or fewer than p + 1 calibrations.
    """
    p = _order(model, order) + 1
    times = column("t", t, p + 1)
    values = column("y", y, length=len(times))
    V = covariance("u", u, len(times))
    if len(np.unique(times)) < max(p, 2):
        raise DocumentError(place="t", found=str(len(np.unique(times))), right=N_("calibrations at more times"))
    origin, span = float(times.mean()), float(np.ptp(times)) / 2
    X = np.vander((times - origin) / span, p, increasing=True)
    R, _, _ = structure(model, times, float(times.max()))
    found = contrasts(X, values, V, R)
    tau2 = moment_estimate(found) if tau is None else not_negative("tau", tau) ** 2
    chi2 = found.chi2
    C, beta = _least_squares(X, values, V + tau2 * R)
    scale = span ** -np.arange(p, dtype=float)
    return Drift(
        model=model,
        coefficients=beta * scale,
        covariance=C * np.outer(scale, scale),
        origin=origin,
        span=span,
        tau=math.sqrt(tau2),
        stated=tau is not None,
        chi2=chi2,
        dof=len(times) - p,
        p=chi2_tail(chi2, len(times) - p),
        t=times,
        y=values,
        V=V,
    )


def select_order(t: ArrayLike, y: ArrayLike, u: ArrayLike, most: int = 3, alpha: float = 0.05) -> Drift:
    """The polynomial of the highest order up to `most` whose last coefficient differs from 0 at level alpha.

    Student's t with N − p degrees of freedom where τ is above 0, normal otherwise; a constant where none differs.
    Orders that leave no degree of freedom are not tried.
    """
    times, most = column("t", t, 2), count("most", most, 0)
    for order in range(min(most, MOST, len(np.unique(times)) - 2), 0, -1):
        found = fit_drift(times, y, u, "polynomial", order)
        dof = float(found.dof) if found.tau > 0 else math.inf
        last = abs(float(found.coefficients[-1])) / math.sqrt(float(found.covariance[-1, -1]))
        if last > float(coverage_factor(1 - share("alpha", alpha), dof)):
            return found
    return fit_drift(times, y, u, "constant")


def _order(model: str, order: int | None) -> int:
    if model in ORDERS and order is None:
        return ORDERS[model]
    if model != "polynomial":
        right = N_("constant, linear, random_walk, or polynomial with its order")
        raise DocumentError(place="model", found=str(model), right=right)
    if order is None or count("order", order, 0) > MOST:
        raise DocumentError(place="order", found=str(order), right=N_("an order from 0 to 5"))
    return order


def _least_squares(X: FloatArray, y: FloatArray, K: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(C, β): covariance and estimates of generalised least squares, by Cholesky and QR."""
    L = np.linalg.cholesky(K)
    Q, R = np.linalg.qr(np.linalg.solve(L, X))
    inverse = np.linalg.inv(R)
    return inverse @ inverse.T, inverse @ (Q.T @ np.linalg.solve(L, y))
