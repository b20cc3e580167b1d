"""A calibration function as a value: an expression of one argument, its coefficients and their covariance, its range.

y = f(x; b). Evaluated forward with u from x and from the coefficients, backward by inverse prediction, several values at
once with their covariance; stored as plain data. Source: ISO/TS 28037:2010, clause 11; JCGM 100:2008, 5.2; JCGM 102:2011.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from .. import units
from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError
from ..numbers import numbers
from . import storing
from .checks import column, covariance, outside, spread
from .curves import Called, Curve, Formula, require_finite, written
from .inverse import inverse


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Values found from a calibration function, of the shape asked for, N in all.

    u: standard uncertainties; own, shared: the parts of u of the value put in and of the coefficients. dof: of the
    coefficients; infinite where their u was known. jacobian: (N, K) with respect to the coefficients of covariance V;
    own_covariance: (N,) variances or (N, N), of what was put in, in the unit of the values.
    """

    value: FloatArray
    u: FloatArray
    own: FloatArray
    shared: FloatArray
    unit: str
    dof: float
    jacobian: FloatArray
    V: FloatArray
    own_covariance: FloatArray

    @property
    def covariance(self) -> FloatArray:
        """(N, N) of the values, with what they share through the coefficients."""
        own = self.own_covariance
        return np.asarray(self.jacobian @ self.V @ self.jacobian.T + (np.diag(own) if own.ndim == 1 else own))


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivities:
    """At (N,) arguments: value, (N,) f; argument, (N,) ∂f/∂x; coefficients, (N, K) ∂f/∂b."""

    value: FloatArray
    argument: FloatArray
    coefficients: FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CalibrationFunction:
    """One argument, one result. expression: text of the argument and of `names`, the coefficients in order.

    coefficients: (K,); covariance: (K, K); dof: of the covariance, infinite where the u of the points were known.
    chi2, chi2_dof: of the fit, None without one. limits: the calibrated range of the argument. valid_from, valid_to:
    days, both included; None is open. formula: a Python function f(x, b) in place of an expression; it is not stored.
    """

    schema: ClassVar[str] = "suyuan.calibration_function/1"

    kind: str
    expression: str
    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    limits: tuple[float, float]
    dof: float = math.inf
    chi2: float | None = None
    chi2_dof: int | None = None
    argument: str = "x"
    result: str = "y"
    unit_argument: str = "1"
    unit_result: str = "1"
    valid_from: date | None = None
    valid_to: date | None = None
    formula: Formula | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        b = column("coefficients", self.coefficients, len(self.names))
        V = numbers("covariance", self.covariance)
        if V.shape != (len(b), len(b)):
            right = N_("one row and one column for each coefficient")
            raise DocumentError(place="covariance", found=str(V.shape), right=right)
        V = covariance("covariance", V)
        low, high = (float(end) for end in column("limits", self.limits, 2))
        if not low < high:
            raise DocumentError(place="limits", found=f"{low:g}, {high:g}", right=N_("a lower and a higher limit"))
        if not self.dof > 0:
            raise DocumentError(place="dof", found=str(self.dof), right=N_("a number above 0"))
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise DocumentError(place="valid_to", found=str(self.valid_to), right=N_("a day after the first one"))
        for place in ("unit_argument", "unit_result"):
            units.parse(getattr(self, place), place)
        b.flags.writeable = V.flags.writeable = False
        for name, value in (("coefficients", b), ("covariance", V), ("limits", (low, high))):
            object.__setattr__(self, name, value)
        require_finite("limits", self.curve.value(np.array([low, high]), b))

    @property
    def curve(self) -> Curve:
        """The expression, or the Python function, with its derivatives."""
        if self.formula is not None:
            return Called(self.formula)
        return written(self.expression, self.argument, self.names)

    @property
    def u(self) -> FloatArray:
        """(K,) standard uncertainties of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def correlation(self) -> FloatArray:
        """(K, K) correlation coefficients of the coefficients; those of an exact one are 0."""
        scale = np.where(self.u > 0, self.u, np.inf)
        return np.asarray(self.covariance / np.outer(scale, scale) + np.diag(1.0 * (self.u == 0)))

    def is_valid_on(self, day: date) -> bool:
        """Whether the calibration covers that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def evaluate(self, x: ArrayLike, u_x: ArrayLike = 0.0, *, extrapolate: bool = False) -> Prediction:
        """f at x, of any shape, in the unit of the result.

        u_x: one, or as many as x; (N, N) for a covariance. Raises OutsideCalibration beyond the limits, unless
        extrapolate. Source: ISO/TS 28037:2010, 11.2.
        """
        at = self._inside(numbers(self.argument, x), extrapolate)
        slopes = self.sensitivities(at)
        own = _scaled(_given(f"u_{self.argument}", u_x, at), slopes.argument)
        return self._predicted(slopes.value, at.shape, slopes.coefficients, own, self.unit_result)

    def invert(self, y: ArrayLike, u_y: ArrayLike = 0.0, *, extrapolate: bool = False) -> Prediction:
        """Inverse prediction: the x at which f(x) = y, in the unit of the argument; y and u_y as in evaluate.

        Raises OutsideCalibration where f does not take y within the limits, EvaluationError where f does not only rise
        or only fall. Source: ISO/TS 28037:2010, 11.1: ∂x/∂y = 1/f', ∂x/∂b = −(∂f/∂b)/f'.
        """
        given = numbers(self.result, y)
        x = inverse(self, given.ravel(), extrapolate=extrapolate)
        slopes = self.sensitivities(x)
        if np.any(slopes.argument == 0):
            right = N_("a slope that is not zero")
            raise EvaluationError(place=self.result, found=N_("a slope of zero"), right=right)
        own = _scaled(_given(f"u_{self.result}", u_y, given), 1 / slopes.argument)
        J = -slopes.coefficients / slopes.argument[:, None]
        return self._predicted(x, given.shape, J, own, self.unit_argument)

    def sensitivities(self, x: ArrayLike) -> Sensitivities:
        """Value and derivatives at x, (N,), for a budget that names this function; no limits are kept here."""
        at, curve = numbers(self.argument, x).ravel(), self.curve
        f, g, J = (part(at, self.coefficients) for part in (curve.value, curve.slope, curve.jacobian))
        require_finite(self.argument, f, g, J)
        return Sensitivities(f, g, J)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for an archive, versioned; floats as they are, days as ISO text, infinite dof as None."""
        return storing.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CalibrationFunction:
        """The function of an archive. Raises DocumentError for another schema or a field that is missing."""
        return cls(**storing.fields(cls.schema, data))

    def _inside(self, x: FloatArray, extrapolate: bool) -> FloatArray:
        low, high = self.limits
        beyond = np.maximum(low - x, x - high)
        rounding = 4 * np.finfo(float).eps * max(abs(low), abs(high))
        if not extrapolate and x.size and float(np.max(beyond)) > rounding:
            raise outside(self.argument, float(x.ravel()[int(np.argmax(beyond))]), low, high, self.unit_argument)
        return x

    def _predicted(
        self, value: FloatArray, shape: tuple[int, ...], J: FloatArray, own: FloatArray, unit: str
    ) -> Prediction:
        shared = np.clip(np.einsum("ik,kl,il->i", J, self.covariance, J), 0.0, None)
        alone = own if own.ndim == 1 else np.diag(own)
        u, of_value, of_coefficients = (np.sqrt(v).reshape(shape)[()] for v in (shared + alone, alone, shared))
        whole = {"jacobian": J, "V": self.covariance, "own_covariance": own}
        return Prediction(value.reshape(shape)[()], u, of_value, of_coefficients, unit, self.dof, **whole)


def _given(place: str, given: ArrayLike, values: FloatArray) -> FloatArray:
    """Variances (N,) or covariance (N, N) of N values, from u of their shape or a matrix."""
    found = np.asarray(given)
    return spread(place, found.ravel() if found.shape == values.shape else found, values.size)


def _scaled(V: FloatArray, c: FloatArray) -> FloatArray:
    return np.asarray(V * c**2 if V.ndim == 1 else V * np.outer(c, c))
