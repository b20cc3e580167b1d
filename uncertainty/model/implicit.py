"""A measurand that solves f(y, x) = 0; its derivatives by the theorem of implicit functions, −(∂f/∂x)/(∂f/∂y).

Source: JCGM 102:2011, 6.3 (multivariate models, implicit); JCGM 101:2008, 7.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .steps import Expression, FloatArray, Step

ROUNDS, LAST = 80, 60
CLOSE = 1e-9  # a Newton step relative to y that is taken as arrival; the next one would be its square
FAR = 60  # doublings in the search of a change of sign around a start


@dataclass(slots=True, kw_only=True)
class Implicit(Expression):
    """f = 0 solved for `own`, in coherent SI units: from a start, or between two ends where f changes its sign."""

    equation: Expression
    own: str
    start: float
    ends: tuple[float, float] | None = None
    steps: list[Step] = field(default_factory=lambda: [Step("implicit")])

    @property
    def names(self) -> list[str]:
        return [name for name in self.equation.names if name != self.own]

    @property
    def linear(self) -> bool:
        return False

    def values(self, at: Mapping[str, FloatArray]) -> list[FloatArray]:
        """The steps of f at the solution, and the solution; NaN where there is none."""
        y = self._solved({name: np.asarray(at[name], dtype=float) for name in self.names})
        return [*self.equation.values({**at, self.own: y}), y]

    def gradient(self, values: Sequence[FloatArray]) -> dict[str, FloatArray]:
        slopes = self.equation.gradient(values[:-1])
        below = slopes.pop(self.own)
        return {name: np.asarray(-slope / below, dtype=float) for name, slope in slopes.items()}

    def _solved(self, at: Mapping[str, FloatArray]) -> FloatArray:
        shape = np.broadcast_shapes(*(value.shape for value in at.values()))
        with np.errstate(all="ignore"):
            if self.ends is not None:
                low, high = (np.full(shape, end) for end in self.ends)
                return self._between(at, low, high)
            y, arrived = self._newton(at, np.full(shape, self.start))
            if not np.all(arrived):
                found = self._between(at, *self._around(at, shape))
                y = np.where(arrived, y, found)
        return np.asarray(y, dtype=float)

    def _f(self, at: Mapping[str, FloatArray], y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(f, ∂f/∂y)."""
        values = self.equation.values({**at, self.own: y})
        slope = self.equation.gradient(values)[self.own]
        return np.broadcast_to(values[-1], y.shape), np.broadcast_to(slope, y.shape)

    def _newton(self, at: Mapping[str, FloatArray], y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Newton with steps halved until |f| falls; (y, where it arrived)."""
        damp = np.ones_like(y)
        f, slope = self._f(at, y)
        arrived = np.zeros(y.shape, dtype=bool)
        for _ in range(LAST):
            step = np.where(f == 0, 0.0, f / slope)
            arrived = np.isfinite(step) & (np.abs(step) <= CLOSE * np.abs(y) + 1e-20 * abs(self.start))
            y = np.where(arrived, y - step, y)  # the last step is free
            if np.all(arrived | ~np.isfinite(step)):
                break
            there = np.where(arrived, y, y - damp * step)
            f_there, slope_there = self._f(at, there)
            better = arrived | (np.abs(f_there) < np.abs(f))
            y, f, slope = np.where(better, there, y), np.where(better, f_there, f), np.where(better, slope_there, slope)
            damp = np.where(better, np.minimum(1.0, 2 * damp), damp / 2)
        return y, arrived

    def _around(self, at: Mapping[str, FloatArray], shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
        """The nearest two ends about the start between which f changes its sign; NaN where none is found."""
        low, high = np.full(shape, np.nan), np.full(shape, np.nan)
        before = [np.full(shape, self.start)] * 2
        f_before = [np.broadcast_to(self._f(at, before[0])[0], shape)] * 2
        width = 1e-3 * (abs(self.start) or 1.0)
        for _ in range(FAR):
            for side, sign in enumerate((-1.0, 1.0)):
                there = np.full(shape, self.start + sign * width)
                f = self._f(at, there)[0]
                new = np.isnan(low) & (np.sign(f) * np.sign(f_before[side]) < 0)
                low = np.where(new, np.minimum(there, before[side]), low)
                high = np.where(new, np.maximum(there, before[side]), high)
                before[side], f_before[side] = there, f
            if not np.any(np.isnan(low)):
                break
            width *= 2
        return low, high

    def _between(self, at: Mapping[str, FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
        """Newton that falls back to bisection where it would leave the ends; NaN without a change of sign."""
        f_low, f_high = self._f(at, low)[0], self._f(at, high)[0]
        y = np.where(f_low == 0, low, np.where(f_high == 0, high, (low + high) / 2))
        done = (f_low == 0) | (f_high == 0)
        possible = done | (np.sign(f_low) * np.sign(f_high) < 0)
        for _ in range(ROUNDS):
            f, slope = self._f(at, y)
            done |= f == 0
            same = np.sign(f) == np.sign(f_low)
            low, high = np.where(~done & same, y, low), np.where(~done & ~same, y, high)
            there = y - f / slope
            inside = np.isfinite(there) & (there > low) & (there < high)
            done |= there == y
            arrived = done | (inside & (np.abs(there - y) <= CLOSE * np.abs(y))) | (high - low <= 1e-15 * np.abs(y))
            y = np.where(done, y, np.where(inside, there, (low + high) / 2))
            done |= arrived
            if np.all(done | ~possible):
                break
        return np.asarray(np.where(possible & done, y, np.nan), dtype=float)
