"""The argument at which a calibration function takes a value: bracketed on a grid, then Newton kept in its bracket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, EvaluationError
from .checks import outside
from .curves import require_finite

if TYPE_CHECKING:
    from .function import CalibrationFunction

CELLS, FARTHEST = 512, 1024.0
"""Cells of the grid; how many spans beyond a limit an extrapolation may look."""


def inverse(function: CalibrationFunction, y: FloatArray, *, extrapolate: bool) -> FloatArray:
    """x, (N,), with f(x) = y. Raises OutsideCalibration (say which way), EvaluationError where f turns."""
    x, f = _grid(function, y, extrapolate)
    if f[0] > f[-1]:
        x, f = x[::-1], f[::-1]
    slack = 8 * np.finfo(float).eps * float(np.max(np.abs(f)))
    beyond = np.maximum(f[0] - y, y - f[-1])
    if y.size and float(np.max(beyond)) > slack:
        worst = float(y[int(np.argmax(beyond))])
        raise outside(function.result, worst, float(f[0]), float(f[-1]), function.unit_result)
    return _refined(function, y, x, f)


def _grid(function: CalibrationFunction, y: FloatArray, extrapolate: bool) -> tuple[FloatArray, FloatArray]:
    """A grid on which f only rises or only falls: over the limits, and as far beyond them as y and the slope allow."""
    low, high = function.limits
    x, f = _values(function, np.linspace(low, high, CELLS + 1))
    turns = np.diff(f)
    if not (np.all(turns > 0) or np.all(turns < 0)):
        right = N_("a function that only rises or only falls within its limits")
        raise EvaluationError(place=function.result, found=N_("not unique"), right=right)
    if extrapolate and y.size:
        for end in (-1, 0):
            x, f = _farther(function, x, f, y, end)
    return x, f


def _farther(
    function: CalibrationFunction, x: FloatArray, f: FloatArray, y: FloatArray, end: int
) -> tuple[FloatArray, FloatArray]:
    """The grid carried on beyond one end by spans twice as long each time, until it holds y, or f turns."""
    sign, span = np.sign(f[-1] - f[0]), x[-1] - x[0]
    reach = 1.0
    while reach <= FARTHEST and _misses(f, y, end):
        more = np.linspace(0.0, span * reach, CELLS + 1)[1:]
        far, value = _values(function, x[-1] + more if end else x[0] - more, finite=False)
        with np.errstate(invalid="ignore"):
            rises = np.diff(np.concatenate([f[[end]], value])) * (sign if end else -sign) > 0
        good = int(np.argmin(rises & np.isfinite(value))) if not np.all(rises & np.isfinite(value)) else len(value)
        far, value = far[:good], value[:good]
        x = np.concatenate([x, far]) if end else np.concatenate([far[::-1], x])
        f = np.concatenate([f, value]) if end else np.concatenate([value[::-1], f])
        if good < CELLS:
            break
        reach *= 2
    return x, f


def _misses(f: FloatArray, y: FloatArray, end: int) -> bool:
    rising = bool(f[-1] > f[0])
    return bool(np.max(y) > f[end]) if rising == (end == -1) else bool(np.min(y) < f[end])


def _refined(function: CalibrationFunction, y: FloatArray, x: FloatArray, f: FloatArray) -> FloatArray:
    """Newton from the cell's chord; a step that leaves the bracket becomes its middle."""
    cell = np.clip(np.searchsorted(f, y, side="right") - 1, 0, len(f) - 2)
    left, right = x[cell].copy(), x[cell + 1].copy()
    at = left + (right - left) * np.clip((y - f[cell]) / (f[cell + 1] - f[cell]), 0, 1)
    for _ in range(80):
        away = function.curve.value(at, function.coefficients) - y
        slope = function.curve.slope(at, function.coefficients)
        left, right = np.where(away <= 0, at, left), np.where(away >= 0, at, right)
        with np.errstate(all="ignore"):
            new = at - away / slope
        inside = (new - left) * (new - right) <= 0
        new = np.where(inside, new, (left + right) / 2)
        if np.all(np.abs(new - at) <= 2 * np.finfo(float).eps * np.abs(at)):
            return np.asarray(new)
        at = new
    return np.asarray(at)


def _values(function: CalibrationFunction, x: FloatArray, *, finite: bool = True) -> tuple[FloatArray, FloatArray]:
    f = np.asarray(function.curve.value(x, function.coefficients))
    if finite:
        require_finite(function.result, f)
    return x, f
