"""A calibrated industrial platinum resistance thermometer: Callendar–Van Dusen coefficients fitted to its points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from . import callendar
from .checks import column, covariance, inside, not_negative, plain, positive
from .estimate import Estimate, estimate
from .sensor import Sensor


@dataclass(frozen=True, slots=True, eq=False)
class IndustrialThermometer(Sensor):
    """A platinum resistance thermometer with its own R0 (Ω), A, B and C, and their covariance."""

    schema: ClassVar[str] = "suyuan.cvd/1"

    def __post_init__(self) -> None:
        Sensor.__post_init__(self)
        positive("coefficients.R0", self.coefficients[0])

    @property
    def names(self) -> tuple[str, ...]:
        return "R0", "A", "B", "C"

    def resistance(self, t: ArrayLike) -> Estimate:
        """R in Ω at t in °C, with u from the coefficients."""
        t = inside("t", t, *self.limits, "°C")
        R = callendar.curve(t, *self.coefficients)
        return estimate(plain(R), "Ω", self._gradients(t), self.covariance, {}, "calibration")

    def temperature(self, R: ArrayLike, u_R: ArrayLike = 0.0) -> Estimate:
        """t in °C from R in Ω, with u from u_R (independent between the values) and from the coefficients.

        Raises OutOfRange where t leaves the range of the calibration.
        """
        R, u_R = positive("R", R), not_negative("u_R", u_R)
        t = inside("t", callendar.solve(R, *self.coefficients), *self.limits, "°C", 1e-9)
        slope = callendar.curve_slope(t, *self.coefficients)
        J = -self._gradients(t) / np.ravel(slope)[:, None]
        return estimate(plain(t), "°C", J, self.covariance, {"R": u_R / slope}, "calibration")

    def _gradients(self, t: FloatArray) -> FloatArray:
        """(N, 4) derivatives of R by R0, A, B, C."""
        R0, *shape = self.coefficients
        x = np.ravel(t)
        cubic = np.where(x < 0, (x - 100) * x**3, 0.0)
        return np.column_stack([callendar.curve(x, 1.0, *shape), R0 * x, R0 * x**2, R0 * cubic])


@dataclass(frozen=True, slots=True, eq=False)
class CurveFit:
    """A fitted sensor and how well it fits. residuals: (N,) in the unit of the fit; chi_squared has `dof` degrees."""

    sensor: IndustrialThermometer
    residuals: FloatArray
    chi_squared: float
    dof: int


def fit(
    identifier: str,
    t: ArrayLike,
    R: ArrayLike,
    u_R: ArrayLike,
    u_t: ArrayLike = 0.0,
    fit_c: bool | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> CurveFit:
    """R0, A, B (and C) by generalised least squares from (N,) points: t in °C, R in Ω.

    u_R: one, (N,) or an (N, N) covariance in Ω²; u_t likewise in °C² (a reference thermometer that all points share).
    fit_c: whether C is fitted; by default where points below 0 °C leave more points than coefficients, else C is that of
    IEC 60751. The covariance is that of the stated uncertainties, not scaled by the residuals.
    """
    t = inside("t", column("t", t), callendar.T_LOW, callendar.T_HIGH, "°C")
    R = positive("R", column("R", R, len(t)))
    with_c = bool(np.sum(t < 0) >= 1 and len(t) >= 5) if fit_c is None else fit_c
    wanted = 4 if with_c else 3
    if len(np.unique(t)) < wanted or (with_c and not np.any(t < 0)):
        raise DocumentError(
            place="t", found=str(len(np.unique(t))), right=N_("as many different points as coefficients")
        )
    V_R, V_t = covariance("u_R", u_R, len(t)), covariance("u_t", u_t, len(t))
    slope = callendar.slope(t, float(np.interp(0.0, *_sorted(t, R))))
    p, C_p, chi2 = _least_squares(t, R, V_R + slope[:, None] * V_t * slope, with_c)
    J = _to_shape(p, with_c)
    c = callendar.C if not with_c else p[3] / p[0]
    coefficients = np.array([p[0], p[1] / p[0], p[2] / p[0], c])
    sensor = IndustrialThermometer(
        identifier, coefficients, J @ C_p @ J.T, (float(t.min()), float(t.max())), valid_from, valid_to
    )
    return CurveFit(sensor, R - callendar.curve(t, *coefficients), chi2, len(t) - wanted)


def _least_squares(t: FloatArray, R: FloatArray, V: FloatArray, with_c: bool) -> tuple[FloatArray, FloatArray, float]:
    """(R0, R0·A, R0·B[, R0·C]), their covariance and χ²: the equation is linear in these products."""
    cubic = np.where(t < 0, (t - 100) * t**3, 0.0)
    columns = [np.ones_like(t), t, t**2, cubic] if with_c else [1 + callendar.C * cubic, t, t**2]
    if not np.all(np.linalg.eigvalsh(V) > 0):
        raise DocumentError(place="u_R", found="0", right=N_("numbers above zero"))
    X = np.column_stack(columns)
    scale = np.max(np.abs(X), axis=0)
    whiten = np.linalg.inv(np.linalg.cholesky(V))
    M = whiten @ (X / scale)
    c, *_ = np.linalg.lstsq(M, whiten @ R, rcond=None)
    r = whiten @ R - M @ c
    return c / scale, np.linalg.inv(M.T @ M) / np.outer(scale, scale), float(r @ r)


def _to_shape(p: FloatArray, with_c: bool) -> FloatArray:
    """(4, K) derivatives of R0, A, B, C by the fitted products."""
    J = np.zeros((4, len(p)))
    J[0, 0] = 1.0
    for row in range(1, 4 if with_c else 3):
        J[row, 0], J[row, row] = -p[row] / p[0] ** 2, 1 / p[0]
    return J


def _sorted(t: FloatArray, R: FloatArray) -> tuple[FloatArray, FloatArray]:
    order = np.argsort(t)
    return t[order], R[order]
