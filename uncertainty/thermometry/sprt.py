"""A standard platinum resistance thermometer calibrated on the ITS-90: t90 from its resistance, with u.

W = R / R(273.16 K); W_r = W − (deviation function); t90 = inverse of the reference function (ITS-90, 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from . import its90
from .checks import inside, not_negative, plain, positive
from .estimate import Estimate, estimate
from .sensor import Sensor
from .subranges import Subrange, deviation, deviation_slope, subrange, terms


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sprt(Sensor):
    """A calibrated SPRT. subranges: one, or one below and one above 273.16 K. coefficients: R(273.16 K) in Ω, then
    those of each sub-range in its order; the covariance holds what they share."""

    schema: ClassVar[str] = "suyuan.sprt/1"
    subranges: tuple[int, ...]

    def __post_init__(self) -> None:
        _require_sides(self.subranges)
        Sensor.__post_init__(self)
        positive("coefficients.R_tpw", self.coefficients[0])

    @property
    def names(self) -> tuple[str, ...]:
        """R_tpw, then each coefficient with the number of its sub-range: a8, b8."""
        return "R_tpw", *(f"{name}{s.number}" for s in self._kinds for name in s.names)

    @property
    def _kinds(self) -> tuple[Subrange, ...]:
        return tuple(subrange(number, "subranges") for number in self.subranges)

    def ratio(self, t90: ArrayLike) -> FloatArray:
        """W at t90 in °C: W_r(T90) + deviation(W), solved by Newton's method. Raises OutOfRange."""
        T = its90.kelvin(inside("t90", t90, *self.limits, "°C", its90.SLACK))
        Wr = its90.reference_ratio(T)
        W = np.array(Wr, dtype=float)
        for _ in range(6):
            d, slope, _ = self._deviation(W)
            # a step of coefficients that are none may leave the logarithm's range: it is refused below
            W = np.maximum(W - (W - d - Wr) / (1 - slope), 1e-6)
        if float(np.max(np.abs(W - self._deviation(W)[0] - Wr), initial=0.0)) > 1e-10:
            raise EvaluationError(
                place="coefficients", found=N_("not finite"), right=N_("coefficients of a thermometer")
            )
        return plain(W)

    def resistance(self, t90: ArrayLike) -> FloatArray:
        """R in Ω at t90 in °C."""
        return plain(self.ratio(t90) * self.coefficients[0])

    def temperature(
        self, R: ArrayLike, u_R: ArrayLike = 0.0, R_tpw: float | None = None, u_R_tpw: float = 0.0
    ) -> Estimate:
        """t90 in °C with u, contributions and covariance, from resistances R in Ω of any shape.

        u_R: standard uncertainties in Ω, independent between the resistances. R_tpw: measured at the time of use, with
        u_R_tpw, independent of the calibration; without it that of the calibration, with its covariance.
        Raises OutOfRange where t90 leaves the range of the calibration.
        """
        R, u_R = positive("R", R), not_negative("u_R", u_R)
        at = float(self.coefficients[0] if R_tpw is None else positive("R_tpw", R_tpw))
        W = np.asarray(R / at)
        d, slope, columns = self._deviation(W)
        T = np.asarray(its90.temperature(W - d))
        t = inside("t90", T - its90.ZERO_CELSIUS, *self.limits, "°C", its90.SLACK)
        per_Wr = 1 / its90.reference_slope(T)
        per_W = per_Wr * (1 - slope)
        J = np.column_stack([np.ravel(per_W * -W / at), *(np.ravel(-per_Wr * c) for c in columns)])
        V = self.covariance if R_tpw is None else _fresh(self.covariance, float(not_negative("u_R_tpw", u_R_tpw)))
        return estimate(plain(t), "°C", J, V, {"R": per_W / at * u_R}, "calibration")

    def _deviation(self, W: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Deviation at W, its slope, and (K − 1, ...) derivatives by the coefficients after R_tpw."""
        d, slope, rows, start = np.zeros_like(W), np.zeros_like(W), [], 1
        for kind in self._kinds:
            c = self.coefficients[start : start + len(kind.names)]
            start += len(kind.names)
            # the deviation functions are zero at W = 1: that is where one sub-range hands over to the other
            here = np.ones_like(W, bool) if len(self.subranges) == 1 else ((W < 1) == (kind.number <= 4))
            at = np.where(here, W, 1.0)
            d = d + np.where(here, deviation(kind, at, c), 0.0)
            slope = slope + np.where(here, deviation_slope(kind, at, c), 0.0)
            rows.append(np.where(here, terms(kind, at, c), 0.0))
        return d, slope, np.concatenate(rows)

    def _more(self) -> dict[str, Any]:
        return {"subranges": list(self.subranges)}

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"subranges": tuple(data["subranges"])}


def span(subranges: tuple[int, ...]) -> tuple[float, float]:
    """°C from and to that the sub-ranges cover together."""
    kinds = [subrange(number, "subranges") for number in subranges]
    return (min(k.low for k in kinds) - its90.ZERO_CELSIUS, max(k.high for k in kinds) - its90.ZERO_CELSIUS)


def _require_sides(subranges: tuple[int, ...]) -> None:
    kinds = [subrange(number, "subranges") for number in subranges]
    cold, warm = sum(k.number <= 4 for k in kinds), sum(k.number >= 6 for k in kinds)
    if not kinds or cold > 1 or warm > 1 or (len(kinds) > 1 and cold + warm < len(kinds)):
        raise DocumentError(
            place="subranges",
            found=", ".join(map(str, subranges)) or N_("nothing"),
            right=N_("one sub-range, or one below and one above 273.16 K"),
        )


def _fresh(V: FloatArray, u_R_tpw: float) -> FloatArray:
    found = V.copy()
    found[0, :] = found[:, 0] = 0.0
    found[0, 0] = u_R_tpw**2
    return found
