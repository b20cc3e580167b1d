"""Reference functions of thermometry as operations of a model: pure numbers in K, °C, mV, exact inverses, exact slopes.

Outside its range a reference function is no number, as the square root of −1 is none: the model then says so with its
place in the document.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..distributions import FloatArray
from ..thermometry import callendar, its90, thermocouple

ROUNDING = 1e-12
"""Share of a range by which an argument may miss it."""
Function = tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray, FloatArray], FloatArray]]


def _within(low: float, high: float, function: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    """The function where low ≤ x ≤ high but for rounding, no number elsewhere."""
    x, rounding = np.asarray(x, float), ROUNDING * (high - low)
    inside = (x >= low - rounding) & (x <= high + rounding)
    found = np.asarray(function(np.where(inside, np.clip(x, low, high), high)), float)
    return np.where(inside, found, np.nan)


def _function(
    low: float, high: float, value: Callable[..., FloatArray], slope: Callable[[FloatArray], FloatArray]
) -> Function:
    return partial(_within, low, high, value), lambda x, _y: _within(low, high, slope, x)


def _inverse(
    low: float, high: float, value: Callable[..., FloatArray], slope: Callable[[FloatArray], FloatArray]
) -> Function:
    """As _function; slope: of the function inverted, at the value found."""
    return partial(_within, low, high, value), lambda _x, y: 1 / np.where(np.isnan(y), np.nan, slope(_finite(y)))


def _finite(y: FloatArray) -> FloatArray:
    """y with a harmless number where it is none: 20, which lies within every range here."""
    return np.where(np.isnan(y), 20.0, y)


def _ratio(R0_t: FloatArray) -> FloatArray:
    return callendar.temperature(R0_t, 1.0)


def _thermocouple(letter: str) -> dict[str, Function]:
    low, high = thermocouple.span(letter)
    rising = thermocouple.RISING.get(letter, low)
    ends = [float(thermocouple.emf(letter, t)) for t in (rising, high)]
    slope: Callable[[FloatArray], FloatArray] = partial(thermocouple.seebeck, letter)
    return {
        f"thermocouple_{letter}": _function(low, high, partial(thermocouple.emf, letter), slope),
        f"thermocouple_{letter}_inverse": _inverse(
            ends[0], ends[1], partial(thermocouple.temperature, letter), lambda y: slope(np.maximum(y, rising))
        ),
    }


_T = (its90.T_LOW, its90.T_HIGH)
_W = tuple(float(its90.reference_ratio(T)) for T in _T)
_R = tuple(float(callendar.resistance(t, 1.0)) for t in (callendar.T_LOW, callendar.T_HIGH))
REFERENCES: dict[str, Function] = {
    "its90_ratio": _function(*_T, its90.reference_ratio, its90.reference_slope),
    "its90_temperature": _inverse(_W[0], _W[1], its90.temperature, lambda T: its90.reference_slope(np.clip(T, *_T))),
    "iec60751_ratio": _function(
        callendar.T_LOW, callendar.T_HIGH, lambda t: callendar.resistance(t, 1.0), lambda t: callendar.slope(t, 1.0)
    ),
    "iec60751_temperature": _inverse(
        _R[0], _R[1], _ratio, lambda t: callendar.slope(np.clip(t, callendar.T_LOW, callendar.T_HIGH), 1.0)
    ),
}
"""its90_ratio: W_r of T90 in K; its90_temperature: its inverse. iec60751_ratio: R/R0 of t in °C; its inverse.
thermocouple_K: E in mV of t in °C, reference junction at 0 °C; thermocouple_K_inverse: its inverse; so of every type."""
for _letter in thermocouple.TYPES:
    REFERENCES.update(_thermocouple(_letter))
