"""A calibrated thermocouple: its deviation from the reference function as a polynomial in t, with covariance.

E(t) = E_ref(t) + d1 t + d2 t² + ... in mV, reference junction at 0 °C; a reference junction at t_r subtracts E(t_r).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from . import thermocouple
from .checks import column, covariance, inside, not_negative, outside, plain
from .estimate import Estimate, estimate
from .sensor import Sensor


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CalibratedThermocouple(Sensor):
    """A thermocouple of a letter-designated type. coefficients: d1, d2, ... in mV/°C, mV/°C², ...; none means d = 0."""

    schema: ClassVar[str] = "suyuan.thermocouple/1"
    letter: str
    order: int

    def __post_init__(self) -> None:
        low, high = thermocouple.span(self.letter)
        Sensor.__post_init__(self)
        inside("limits", self.limits, low, high, "°C")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"d{power}" for power in range(1, self.order + 1))

    def emf(self, t: ArrayLike, reference: ArrayLike = 0.0) -> Estimate:
        """E in mV at t in °C with the reference junction at `reference` °C, with u from the calibration."""
        t, at = np.broadcast_arrays(inside("t", t, *self.limits, "°C"), self._junction(reference))
        return estimate(self._emf(t) - self._emf(at), "mV", self._powers(t) - self._powers(at), self.covariance, {}, "calibration")  # fmt: skip

    def temperature(
        self, E: ArrayLike, u_E: ArrayLike = 0.0, reference: ArrayLike = 0.0, u_reference: ArrayLike = 0.0
    ) -> Estimate:
        """t in °C from E in mV; shapes that go together.

        u_E in mV and u_reference in °C are independent between the values. Contributions: E, reference, calibration.
        Raises OutOfRange where t leaves the range of the calibration.
        """
        E, at = np.broadcast_arrays(numbers("E", E), self._junction(reference))
        t = self._solve(E + self._emf(at))
        S = self._slope(t)
        own = {
            "E": not_negative("u_E", u_E) / S,
            "reference": self._slope(at) / S * not_negative("u_reference", u_reference),
        }
        J = (self._powers(at) - self._powers(t)) / np.ravel(S)[:, None]
        return estimate(plain(t), "°C", J, self.covariance, own, "calibration")

    def _solve(self, whole: FloatArray) -> FloatArray:
        """t at which the calibrated thermocouple gives the whole emf: the deviation moves the reference function's E."""
        low, high = self.limits
        t = np.asarray(np.interp(whole, *self._grid()))
        ends = [float(self._emf(np.array(end))) for end in (low, high)]
        inside("E", whole, ends[0], ends[1], "mV", 1e-9)
        for _ in range(20):
            step = (self._emf(t) - whole) / self._slope(t)
            # beyond the range by rounding only: the reference function may end there
            t = np.clip(t - step, low, high)
        return np.asarray(t)

    def _grid(self) -> tuple[FloatArray, FloatArray]:
        low, high = self.limits
        t = np.linspace(low, high, 513)
        E = self._emf(t)
        if np.any(np.diff(E) <= 0):
            raise outside("limits", low, _rising(t, E), high, "°C")
        return E, t

    def _junction(self, reference: ArrayLike) -> FloatArray:
        return inside("reference", reference, *thermocouple.span(self.letter), "°C")

    def _emf(self, t: FloatArray) -> FloatArray:
        return np.asarray(thermocouple.emf(self.letter, t) + polyval(t, self._polynomial()))

    def _slope(self, t: FloatArray) -> FloatArray:
        return np.asarray(thermocouple.seebeck(self.letter, t) + polyval(t, polyder(self._polynomial())))

    def _polynomial(self) -> FloatArray:
        return np.append(0.0, self.coefficients)

    def _powers(self, t: FloatArray) -> FloatArray:
        return np.ravel(t)[:, None] ** np.arange(1, self.order + 1)

    def _more(self) -> dict[str, Any]:
        return {"type": self.letter, "order": self.order}

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"letter": str(data["type"]), "order": int(data["order"])}


def fit(
    identifier: str,
    letter: str,
    t: ArrayLike,
    E: ArrayLike,
    u_E: ArrayLike,
    u_t: ArrayLike = 0.0,
    order: int = 2,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> CalibratedThermocouple:
    """The deviation polynomial by generalised least squares from (N,) points: t in °C, E in mV against 0 °C.

    u_E: one, (N,) or an (N, N) covariance in mV²; u_t likewise in °C² (counts as S(t) u(t) in E). No constant term: a
    thermocouple at the temperature of its reference junction gives no E.
    """
    t = column("t", t)
    E = numbers("E", column("E", E, len(t)))
    if not 1 <= order <= len(np.unique(t[t != 0])):
        raise DocumentError(place="order", found=str(order), right=N_("as many different points as coefficients"))
    S = thermocouple.seebeck(letter, t)
    V = covariance("u_E", u_E, len(t)) + S[:, None] * covariance("u_t", u_t, len(t)) * S
    if not np.all(np.linalg.eigvalsh(V) > 0):
        raise DocumentError(place="u_E", found="0", right=N_("numbers above zero"))
    X = t[:, None] ** np.arange(1, order + 1)
    scale = np.max(np.abs(X), axis=0)
    whiten = np.linalg.inv(np.linalg.cholesky(V))
    M = whiten @ (X / scale)
    c, *_ = np.linalg.lstsq(M, whiten @ (E - thermocouple.emf(letter, t)), rcond=None)
    C = np.linalg.inv(M.T @ M) / np.outer(scale, scale)
    return CalibratedThermocouple(
        identifier=identifier, coefficients=c / scale, covariance=C, limits=(float(t.min()), float(t.max())),
        valid_from=valid_from, valid_to=valid_to, letter=letter, order=order,
    )  # fmt: skip


def _rising(t: FloatArray, E: FloatArray) -> float:
    """The t from which E rises to the end."""
    return float(t[int(np.max(np.nonzero(np.diff(E) <= 0)[0])) + 1])
