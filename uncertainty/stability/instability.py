"""What a standard does beyond its trend: estimated, and how far that estimate itself may be off.

History y = X β + b + e with covariance K = V + τ² R of b + e. Contrasts free of β are rotated until their covariance is
diagonal: z_j are independent with variances 1 + τ² a_j, all that the history says of τ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..distributions import FloatArray

NODES = 160
"""Values of τ at which a prediction is made; doubling them moves U by less than 0.1 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """z and a, each (N − p,)."""

    z: FloatArray
    a: FloatArray

    @property
    def chi2(self) -> float:
        """χ² of the history with V alone."""
        return float(self.z @ self.z)


def structure(model: str, t: FloatArray, t0: float) -> tuple[FloatArray, FloatArray, float]:
    """(R, r0, r00): covariance of the instability among t, between t and t0, and at t0, for τ = 1."""
    if model != "random_walk":
        return np.eye(len(t)), np.zeros(len(t)), 1.0
    start = min(float(t.min()), t0)  # where a walk starts is taken up by the constant
    return np.minimum.outer(t, t) - start, np.minimum(t, t0) - start, t0 - start


def contrasts(X: FloatArray, y: FloatArray, V: FloatArray, R: FloatArray) -> Contrasts:
    """The contrasts of a history (N,) with trend X (N, p)."""
    L = np.linalg.cholesky(V)
    white, p = np.linalg.solve(L, np.column_stack([X, y])), X.shape[1]
    Z = np.linalg.qr(white[:, :p], mode="complete")[0][:, p:]
    inner = Z.T @ np.linalg.solve(L, np.linalg.solve(L, R).T) @ Z
    a, W = np.linalg.eigh((inner + inner.T) / 2)
    return Contrasts(W.T @ (Z.T @ white[:, p]), np.clip(a, 0.0, None))


def moment_estimate(found: Contrasts) -> float:
    """τ² that makes χ² its expectation N − p, as Mandel and Paule do between laboratories; 0 where it is not above."""
    from scipy.optimize import brentq

    expected = len(found.z)
    if found.chi2 <= expected:
        return 0.0

    def excess(tau2: float) -> float:
        return float(np.sum(found.z**2 / (1 + tau2 * found.a))) - expected

    top = found.chi2 / float(np.mean(found.a))
    while excess(top) > 0:
        top *= 4
    return float(brentq(excess, 0.0, top, xtol=1e-14 * top))


def posterior(found: Contrasts) -> tuple[FloatArray, FloatArray]:
    """(τ, probability) on a grid: likelihood of the contrasts times the reference prior √I(τ).

    I(τ) = 2 τ² Σ (a/(1 + τ² a))². The distribution is proper for one contrast already.
    Source: Bodnar, Link, Arendacká, Possolo, Elster, Statistics in Medicine 36 (2017) 378.
    """
    scale = 1 / math.sqrt(float(np.mean(found.a)))
    top = scale * (10 + math.sqrt(found.chi2))
    tau = np.geomspace(1e-3 * scale, 1e4 * top, NODES)
    spread = 1 + tau[:, None] ** 2 * found.a
    level = np.log(tau) + 0.5 * np.log(np.sum((found.a / spread) ** 2, axis=1))
    level = level - 0.5 * np.sum(np.log(spread) + found.z**2 / spread, axis=1)
    share = np.exp(level - level.max()) * tau  # spaced by equal ratios: dτ is in proportion to τ
    return tau, share / share.sum()


def krige(
    X: FloatArray,
    x0: FloatArray,
    y: FloatArray,
    V: FloatArray,
    R: FloatArray,
    r0: FloatArray,
    r00: float,
    tau2: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(value, variance of the trend, variance of the instability) at one time, for each τ² of (G,).

    Universal kriging: Cressie, Statistics for Spatial Data (1993), 3.4.
    """
    K, k0 = V + tau2[:, None, None] * R, tau2[:, None] * r0
    solved = np.linalg.solve(K, np.broadcast_to(np.column_stack([X, y]), (len(tau2), *X.shape[:1], X.shape[1] + 1)))
    p = X.shape[1]
    C = np.linalg.inv(np.swapaxes(solved[..., :p], 1, 2) @ X)
    beta = np.einsum("gij,gj->gi", C, np.einsum("ni,gn->gi", X, solved[..., p]))
    held = np.linalg.solve(K, k0[..., None])[..., 0]
    d = x0 - held @ X
    value = beta @ x0 + np.einsum("gn,gn->g", held, y - beta @ X.T)
    trend = np.einsum("gi,gij,gj->g", d, C, d)
    own = tau2 * r00 - np.einsum("gn,gn->g", k0, held)
    return value, np.clip(trend, 0.0, None), np.clip(own, 0.0, None)


def half_width(p: float, centre: float, means: FloatArray, sd: FloatArray, share: FloatArray) -> float:
    """U such that centre ± U holds the probability p of a mixture of normal distributions."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    def outside(U: float) -> float:
        low, high = ndtr((centre - U - means) / sd), ndtr((means - centre - U) / sd)
        return float(share @ (low + high)) - (1 - p)

    top = 10 * float(np.sqrt(share @ np.minimum(sd, 1e6 * sd.min()) ** 2)) + abs(float(share @ means) - centre)
    while outside(top) > 0:
        top *= 4
    return float(brentq(outside, 0.0, top, xtol=1e-10 * top))
