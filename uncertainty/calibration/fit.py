"""What a fit found beside the function: the residuals, χ² and what it is worth, and what was put in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from .checks import column, covariance, spread
from .curves import Formula
from .function import CalibrationFunction
from .least_squares import Solution, Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a calibration function is called and where it holds. limits: of the argument; those of the points if None."""

    argument: str = "x"
    result: str = "y"
    unit_argument: str = "1"
    unit_result: str = "1"
    limits: tuple[float, float] | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fit:
    """A fit of N points. function: what was found; adjusted: (N,) estimates of the true x.

    residuals: y − f(adjusted); residuals_x: x − adjusted; whitened: (N,) residuals in their own u, uncorrelated; their
    sum of squares is the observed χ². known: whether the u of the points were stated; otherwise u of the coefficients
    comes from the residuals. largest_deviation: Γ of ISO 6143:2001, 5.2.2: the largest |x − adjusted|/u(x) and
    |y − f|/u(y), not above 2 where the function fits; None where no u is known.
    """

    function: CalibrationFunction
    adjusted: FloatArray
    residuals: FloatArray
    residuals_x: FloatArray
    whitened: FloatArray
    known: bool
    largest_deviation: float | None

    @property
    def sum_of_squares(self) -> float:
        """Of the whitened residuals: χ² where the u are known, weighted residual sum of squares otherwise."""
        return float(self.whitened @ self.whitened)

    @property
    def dof(self) -> int:
        """ν = points less coefficients, of χ² and of s."""
        return len(self.whitened) - len(self.function.names)

    @property
    def s(self) -> float | None:
        """√(sum of squares/ν): standard deviation of the residuals, or the Birge ratio where the u are known.

        None where ν = 0.
        """
        return math.sqrt(self.sum_of_squares / self.dof) if self.dof else None

    @property
    def chi2(self) -> float | None:
        """Observed χ²; None where the u of the points are not known."""
        return self.sum_of_squares if self.known else None

    def chi2_critical(self, p: float = 0.95) -> float | None:
        """The p quantile of χ² with ν (ISO/TS 28037:2010, 6.3); None where ν = 0."""
        from scipy.special import chdtri

        return float(chdtri(self.dof, 1 - p)) if self.dof else None

    @property
    def is_consistent(self) -> bool | None:
        """Whether the observed χ² stays below its 95 % quantile; None where there is nothing to test."""
        limit = self.chi2_critical()
        return None if self.chi2 is None or limit is None else self.chi2 <= limit

    def determination(self, y: ArrayLike, *, constant: bool = True) -> tuple[float, float] | None:
        """(R², F of the whole regression) of an unweighted fit of y; about zero where the function has no constant.

        None where ν = 0, or where the y do not differ.
        """
        given = column("y", y, len(self.residuals))
        total = float(np.sum((given - (given.mean() if constant else 0.0)) ** 2))
        terms = len(self.function.names) - constant
        left = float(self.residuals @ self.residuals)
        if not (total and terms and self.dof):
            return None
        F = (total - left) / terms / (left / self.dof) if left else math.inf
        return 1 - left / total, F


def spread_of(length: int, u_x: ArrayLike, u_y: ArrayLike | None, cov_xy: ArrayLike) -> Spread:
    """What is known of the points; u_y None: one variance for all, to be found from the residuals.

    u_x, u_y: one, (N,), or an (N, N) covariance; cov_xy: (N,) of x_i with y_i, or (N, N) of x_i with y_j.
    """
    Vx = spread("u_x", u_x, length)
    Vy = spread("u_y", 1.0 if u_y is None else u_y, length)
    Vxy = numbers("cov_xy", cov_xy)
    Vxy = np.full(length, float(Vxy)) if Vxy.ndim == 0 else Vxy
    if Vxy.shape not in ((length,), (length, length)):
        raise DocumentError(place="cov_xy", found=str(Vxy.shape), right=N_("columns of one length"))
    if u_y is None and (np.any(Vx) or np.any(Vxy)):
        right = N_("the uncertainty in y, where there is one in x")
        raise DocumentError(place="u_y", found=N_("nothing"), right=right)
    if Vx.ndim == Vy.ndim == Vxy.ndim == 1:
        if np.any(Vxy**2 > Vx * Vy * (1 + 1e-9)):
            raise DocumentError(place="cov_xy", found=str(Vxy.tolist())[:80], right=N_("at most u(x)·u(y)"))
    elif np.any(Vxy):
        X, Y, C = (np.diag(V) if V.ndim == 1 else V for V in (Vx, Vy, Vxy))
        covariance("cov_xy", np.block([[X, C], [C.T, Y]]))
    return Spread(Vx, Vy, Vxy)


def fitted(
    kind: str,
    expression: str,
    names: tuple[str, ...],
    x: FloatArray,
    solution: Solution,
    spread: Spread,
    *,
    known: bool,
    about: About,
    formula: Formula | None = None,
) -> Fit:
    """The Fit of a solution. known False: the covariance is that of the weights, scaled by s² with ν (JCGM 100, H.3)."""
    dof = len(x) - len(names)
    if not known and dof < 1:
        right = N_("more points than coefficients, or the uncertainty of each point")
        raise DocumentError(place="u_y", found=N_("nothing"), right=right)
    function = CalibrationFunction(
        kind=kind, expression=expression, names=names, coefficients=solution.b,
        covariance=solution.covariance * (1.0 if known else solution.chi2 / dof),
        limits=about.limits or (float(x.min()), float(x.max())),
        dof=math.inf if known else dof, chi2=solution.chi2 if known else None, chi2_dof=dof if known else None,
        argument=about.argument, result=about.result, unit_argument=about.unit_argument,
        unit_result=about.unit_result, valid_from=about.valid_from, valid_to=about.valid_to, formula=formula,
    )  # fmt: skip
    residuals_x = x - solution.X
    return Fit(
        function=function, adjusted=solution.X, residuals=solution.residuals, residuals_x=residuals_x,
        whitened=solution.whitened, known=known,
        largest_deviation=_largest(residuals_x, solution.residuals, spread) if known else None,
    )  # fmt: skip


def _largest(dx: FloatArray, dy: FloatArray, spread: Spread) -> float:
    found = [0.0]
    for away, V in ((dx, spread.Vx), (dy, spread.Vy)):
        u = np.sqrt(V if V.ndim == 1 else np.diag(V))
        found.append(float(np.max(np.abs(away[u > 0]) / u[u > 0], initial=0.0)))
    return max(found)
