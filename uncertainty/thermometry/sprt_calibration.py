"""An SPRT calibrated at the fixed points of the ITS-90: its coefficients and their covariance.

Each fixed point gives one equation, linear in the coefficients (ITS-90, 3.3); the covariance follows from the
uncertainties of the resistances, of R(273.16 K) that all ratios share, and of the temperatures of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from . import its90
from .checks import covariance, inside, not_negative, positive
from .sprt import Sprt, span
from .subranges import Subrange, deviation_slope, subrange, terms


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """One realisation. point: its name (Ar, Hg, Ga, In, Sn, Zn, Al, Ag, ...; 17K and 20K where hydrogen vapour or a gas
    thermometer gives T90, which is then stated). R, u_R: Ω at zero current. u_t: K, of the cell. T90: K, else table 1,
    corrected by the laboratory for pressure and depth."""

    point: str
    R: float
    u_R: float = 0.0  # noqa: N815  (the symbol of the quantity)
    u_t: float = 0.0
    T90: float | None = None

    @property
    def temperature(self) -> float:
        """K. Raises DocumentError for a point that has no temperature."""
        T = self.T90 if self.T90 is not None else its90.FIXED_POINTS.get(self.point)
        if T is None:
            raise DocumentError(
                place=f"points.{self.point}", found=self.point, right=N_("a fixed point of the ITS-90, or T90 with it")
            )
        # a plateau under pressure, at depth, is some millikelvin off; anything farther is another point
        at = its90.FIXED_POINTS.get(self.point, T)
        return float(inside(f"points.{self.point}.T90", T, at - 0.1, at + 0.1, "K"))


def calibrate(
    identifier: str,
    subranges: tuple[int, ...],
    points: Sequence[FixedPoint],
    R_tpw: float,
    u_R_tpw: float = 0.0,
    valid_from: date | None = None,
    valid_to: date | None = None,
    correlation: FloatArray | None = None,
) -> Sprt:
    """The SPRT of these fixed points. R_tpw, u_R_tpw: Ω at 273.16 K.

    correlation: (P, P) between the resistances of the points in their order (a common standard resistor), else none.
    Raises DocumentError where a point that a sub-range needs is missing, or one is there that none needs.
    """
    R0, u0 = float(positive("R_tpw", R_tpw)), float(not_negative("u_R_tpw", u_R_tpw))
    R = positive("points.R", [p.R for p in points])
    T = np.array([p.temperature for p in points])
    u_R = not_negative("points.u_R", [p.u_R for p in points])
    V_R = np.diag(u_R) @ _correlation(correlation, len(points)) @ np.diag(u_R)
    u_Wr = its90.reference_slope(T) * not_negative("points.u_t", [p.u_t for p in points])
    W, Wr = R / R0, its90.reference_ratio(T)
    inputs = np.zeros((2 * len(points) + 1,) * 2)
    inputs[0, 0] = u0**2
    inputs[1 : len(points) + 1, 1 : len(points) + 1] = V_R
    inputs[len(points) + 1 :, len(points) + 1 :] = np.diag(u_Wr**2)
    kinds = [subrange(number, "subranges") for number in subranges]
    rows = [np.eye(1, len(inputs))]
    values = [np.array([R0])]
    for kind in kinds:
        index = _indices(kind, points)
        c, by_W, by_Wr = _solve(kind, W[index], Wr[index])
        J = np.zeros((len(c), len(inputs)))
        J[:, 0] = by_W @ (-W[index] / R0)
        J[:, 1 + np.array(index)] = by_W / R0
        J[:, 1 + len(points) + np.array(index)] = by_Wr
        rows.append(J)
        values.append(c)
    _require_all_used(kinds, points)
    J = np.vstack(rows)
    return Sprt(
        identifier=identifier,
        coefficients=np.concatenate(values),
        covariance=J @ inputs @ J.T,
        limits=span(subranges),
        valid_from=valid_from,
        valid_to=valid_to,
        subranges=tuple(subranges),
    )


def _solve(kind: Subrange, W: FloatArray, Wr: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients and their derivatives by W and by W_r of the points, (K,), (K, P), (K, P).

    Implicitly from W_i − W_r,i − deviation(W_i; c) = 0. In sub-range 6 the fifth coefficient is W(Al) itself, so the
    four equations stay linear once it is known.
    """
    with_Al = [float(W[2])] if kind.number == 6 else []
    count = len(W)
    start = np.zeros(count).tolist() + with_Al
    M = terms(kind, W, start)[:count].T
    c = np.append(np.linalg.solve(M, W - Wr), with_Al)
    inverse = np.linalg.inv(M)
    by_W, by_Wr = inverse @ np.diag(1 - deviation_slope(kind, W, c)), -inverse
    if with_Al:
        by_W = by_W - np.outer(inverse @ terms(kind, W, c)[4], np.eye(1, count, 2)[0])
        by_W = np.vstack([by_W, np.eye(1, count, 2)])
        by_Wr = np.vstack([by_Wr, np.zeros((1, count))])
    return np.asarray(c), np.asarray(by_W), np.asarray(by_Wr)


def _indices(kind: Subrange, points: Sequence[FixedPoint]) -> list[int]:
    names = [p.point for p in points]
    for name in kind.points:
        if names.count(name) != 1:
            raise DocumentError(
                place=f"points.{name}",
                found=str(names.count(name)),
                right=N_("each fixed point of the sub-range, once"),
            )
    return [names.index(name) for name in kind.points]


def _require_all_used(kinds: Sequence[Subrange], points: Sequence[FixedPoint]) -> None:
    used = {name for kind in kinds for name in kind.points}
    for p in points:
        if p.point not in used:
            raise DocumentError(place=f"points.{p.point}", found=p.point, right=N_("a fixed point of the sub-range"))


def _correlation(given: FloatArray | None, size: int) -> FloatArray:
    return np.eye(size) if given is None else covariance("correlation", given, size)
