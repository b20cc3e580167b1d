"""A Python function as a model: its derivatives by the complex step where that works, else by central differences.

Sources: Squire and Trapp, SIAM Review 40 (1998) 110 (complex step); Ridders, Adv. Eng. Software 4 (1982) 75, as the
extrapolation of central differences. JCGM 100:2008, 5.1.3, note 2 (sensitivities by differences).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import N_, EvaluationError
from .steps import Expression, FloatArray, Step

TINY = 1e-30  # complex step: no digits are lost to it, as nothing is subtracted
AGREE = 1e-5  # of the two derivatives: abs() or a comparison inside spoils the complex step without a word
LEVELS = 4


@dataclass(slots=True, kw_only=True)
class Computed(Expression):
    """y = function(arguments), each in the unit of the document; sizes: of those units in coherent SI units.

    widths: a width of each argument over which the function is smooth, such as its u; 0 where none is known.
    """

    function: Callable[..., Any]
    arguments: tuple[str, ...]
    sizes: tuple[float, ...]
    size: float
    widths: tuple[float, ...]
    steps: list[Step] = field(default_factory=lambda: [Step("function")])

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(self.arguments))

    @property
    def linear(self) -> bool:
        return False

    def values(self, at: Mapping[str, FloatArray]) -> list[FloatArray]:
        """The arguments in their units, and the result in coherent SI units."""
        given = [
            np.asarray(at[name], dtype=float) / size for name, size in zip(self.arguments, self.sizes, strict=True)
        ]
        return [*given, np.asarray(self._called(given, float) * self.size, dtype=float)]

    def gradient(self, values: Sequence[FloatArray]) -> dict[str, FloatArray]:
        given, answer = list(values[:-1]), dict[str, FloatArray]()
        for i, (name, size) in enumerate(zip(self.arguments, self.sizes, strict=True)):
            slope = np.asarray(self._slope(given, i) * self.size / size, dtype=float)
            answer[name] = answer.get(name, np.zeros(())) + slope
        return answer

    def _called(self, given: Sequence[Any], kind: type) -> Any:
        shape = np.broadcast_shapes(*(np.shape(x) for x in given))
        try:
            if shape:
                try:
                    found = np.asarray(self.function(*given))
                    if found.shape == shape:
                        return found.astype(kind)
                except (TypeError, ValueError):
                    pass  # written for single numbers
                return np.vectorize(self.function, otypes=[kind])(*given)
            return kind(self.function(*(kind(x) if kind is complex else float(x) for x in given)))
        except (ArithmeticError, ValueError, IndexError, LookupError) as error:
            found_text = f"{type(error).__name__}: {error}"[:80]
            raise EvaluationError(place=self.place, found=found_text, right=N_("a finite number")) from error
        except TypeError as error:
            if kind is complex:
                raise
            found_text = f"{type(error).__name__}: {error}"[:80]
            raise EvaluationError(place=self.place, found=found_text, right=N_("a finite number")) from error

    def _slope(self, given: list[FloatArray], i: int) -> Any:
        plain = self._differences(given, i)
        moved: list[Any] = list(given)
        moved[i] = given[i] + 1j * TINY
        try:
            exact = np.asarray(self._called(moved, complex)).imag / TINY
        except (TypeError, EvaluationError):
            return plain
        close = np.abs(exact - plain) <= AGREE * np.maximum(np.abs(exact), np.abs(plain)) + 1e-12
        return np.where(close, exact, plain)

    def _differences(self, given: list[FloatArray], i: int) -> Any:
        """Central differences over h, h/2, h/4, h/8, extrapolated to h = 0 (error h⁸)."""
        x = given[i]
        h = np.maximum(self.widths[i] / 2, 1e-4 * np.abs(x))
        h = np.where(h > 0, h, 1e-3)
        rows = []
        for level in range(LEVELS):
            up, down = list(given), list(given)
            up[i], down[i] = x + h / 2**level, x - h / 2**level
            rows.append((self._called(up, float) - self._called(down, float)) / (up[i] - down[i]))
        for order in range(1, LEVELS):
            rows = [fine + (fine - wide) / (4**order - 1) for wide, fine in pairwise(rows)]
        return rows[0]
