"""What a calibration function is made of: its value, and its derivatives with respect to x and to each coefficient.

A curve takes x, (N,), and b, (K,). A parsed expression gives exact derivatives; a Python function central differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.polynomial import chebyshev

from .. import model
from ..distributions import FloatArray
from ..errors import N_, DocumentError, EvaluationError

Formula = Callable[[FloatArray, FloatArray], FloatArray]


class Curve(Protocol):
    """f(x; b). value, slope: (N,) f and ∂f/∂x; jacobian: (N, K) ∂f/∂b."""

    def value(self, x: FloatArray, b: FloatArray) -> FloatArray: ...
    def slope(self, x: FloatArray, b: FloatArray) -> FloatArray: ...
    def jacobian(self, x: FloatArray, b: FloatArray) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Written:
    """A parsed expression of one argument and its coefficients."""

    parsed: model.Expression
    argument: str
    names: tuple[str, ...]

    def value(self, x: FloatArray, b: FloatArray) -> FloatArray:
        return np.broadcast_to(self._values(x, b)[-1], x.shape)

    def slope(self, x: FloatArray, b: FloatArray) -> FloatArray:
        found = self.parsed.gradient(self._values(x, b)).get(self.argument, np.zeros(()))
        return np.broadcast_to(found, x.shape)

    def jacobian(self, x: FloatArray, b: FloatArray) -> FloatArray:
        slopes = self.parsed.gradient(self._values(x, b))
        rows = [np.broadcast_to(slopes.get(name, np.zeros(())), x.shape) for name in self.names]
        return np.stack(rows, axis=-1)

    def _values(self, x: FloatArray, b: FloatArray) -> list[FloatArray]:
        at = dict(zip(self.names, b, strict=True))
        with np.errstate(all="ignore"):  # what is not finite is refused by who asked
            return self.parsed.values({name: np.asarray(value) for name, value in at.items()} | {self.argument: x})


@lru_cache(maxsize=256)
def written(text: str, argument: str, names: tuple[str, ...]) -> Written:
    """The curve of a text. Raises ExpressionError for what is no arithmetic of the argument and the coefficients."""
    if argument in names or len(set(names)) != len(names):
        raise DocumentError(place="names", found=", ".join((argument, *names)), right=N_("each name once"))
    parsed = model.parse(text, (argument, *names), "expression")
    unused = [name for name in (argument, *names) if name not in parsed.names]
    if unused:
        right = N_("an argument and coefficients that the expression uses")
        raise DocumentError(place="names", found=", ".join(unused), right=right)
    return Written(parsed, argument, names)


@dataclass(frozen=True, slots=True)
class Chebyshev:
    """Σ b_k T_k(t) of order K − 1, t = (x − middle)/half: the basis in which polynomials are fitted."""

    order: int
    middle: float
    half: float

    def value(self, x: FloatArray, b: FloatArray) -> FloatArray:
        return np.asarray(chebyshev.chebval(self._t(x), b))

    def slope(self, x: FloatArray, b: FloatArray) -> FloatArray:
        return np.asarray(chebyshev.chebval(self._t(x), chebyshev.chebder(b)) / self.half)

    def jacobian(self, x: FloatArray, b: FloatArray) -> FloatArray:  # noqa: ARG002 - linear in b
        return np.asarray(chebyshev.chebvander(self._t(x), self.order))

    def _t(self, x: FloatArray) -> FloatArray:
        return (x - self.middle) / self.half


@dataclass(frozen=True, slots=True)
class Called:
    """A Python function f(x, b). Derivatives: central differences of steps of the cube root of the rounding."""

    formula: Formula

    def value(self, x: FloatArray, b: FloatArray) -> FloatArray:
        try:
            return np.broadcast_to(np.asarray(self.formula(x, b), dtype=np.float64), x.shape)
        except (TypeError, ValueError) as error:
            raise DocumentError(
                place="formula", found=str(error)[:80], right=N_("one finite value for each x")
            ) from error

    def slope(self, x: FloatArray, b: FloatArray) -> FloatArray:
        h = STEP * np.maximum(np.abs(x), np.max(np.abs(x), initial=0.0) * 1e-3 or 1.0)
        return (self.value(x + h, b) - self.value(x - h, b)) / ((x + h) - (x - h))

    def jacobian(self, x: FloatArray, b: FloatArray) -> FloatArray:
        columns = []
        for k in range(len(b)):
            h = np.zeros(len(b))
            h[k] = STEP * (abs(b[k]) or 1.0)
            columns.append((self.value(x, b + h) - self.value(x, b - h)) / ((b + h) - (b - h))[k])
        return np.stack(columns, axis=-1)


STEP = 6e-6


def require_finite(place: str, *found: FloatArray) -> None:
    """Raises EvaluationError where a curve has no finite value or derivative."""
    for values in found:
        if not np.all(np.isfinite(values)):
            raise EvaluationError(place=place, found=N_("not finite"), right=N_("a finite number"))
