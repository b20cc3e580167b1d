"""Industrial platinum resistance thermometers: the Callendar–Van Dusen equation, its inverse, and IEC 60751.

t ≥ 0 °C: R = R0 (1 + A t + B t²); t < 0 °C: R = R0 (1 + A t + B t² + C (t − 100 °C) t³).
Source: IEC 60751:2022, 4.2 (equations and coefficients of the reference curve), table of tolerance classes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..numbers import numbers
from .checks import inside, plain, positive

A, B, C = 3.9083e-3, -5.775e-7, -4.183e-12  # 1/°C, 1/°C², 1/°C⁴: IEC 60751:2022, 4.2
T_LOW, T_HIGH = -200.0, 850.0  # °C: IEC 60751:2022, 4.2

CLASSES: Final = {
    ("AA", "wire"): (0.1, 0.0017, -50.0, 250.0), ("AA", "film"): (0.1, 0.0017, 0.0, 150.0),
    ("A", "wire"): (0.15, 0.002, -100.0, 450.0), ("A", "film"): (0.15, 0.002, -30.0, 300.0),
    ("B", "wire"): (0.3, 0.005, -196.0, 600.0), ("B", "film"): (0.3, 0.005, -50.0, 500.0),
    ("C", "wire"): (0.6, 0.01, -196.0, 600.0), ("C", "film"): (0.6, 0.01, -50.0, 600.0),
}  # fmt: skip
"""Class and kind of resistor → a, b of ±(a + b |t|) in °C, and the range in °C (IEC 60751:2022, classes of thermometers)."""


def resistance(t: ArrayLike, R0: float = 100.0, a: float = A, b: float = B, c: float = C) -> FloatArray:
    """R in the unit of R0 at t in °C, from −200 °C to 850 °C, any shape. Raises OutOfRange."""
    t = inside("t", t, T_LOW, T_HIGH, "°C")
    return plain(curve(t, float(positive("R0", R0)), *_coefficients(a, b, c)))


def slope(t: ArrayLike, R0: float = 100.0, a: float = A, b: float = B, c: float = C) -> FloatArray:
    """dR/dt in the unit of R0 per °C."""
    t = inside("t", t, T_LOW, T_HIGH, "°C")
    return plain(curve_slope(t, float(positive("R0", R0)), *_coefficients(a, b, c)))


def temperature(R: ArrayLike, R0: float = 100.0, a: float = A, b: float = B, c: float = C) -> FloatArray:
    """t in °C at which the equation gives R: the root of the quadratic above 0 °C, Newton's method below.

    Raises OutOfRange for an R outside −200 °C to 850 °C.
    """
    R0, (a, b, c) = float(positive("R0", R0)), _coefficients(a, b, c)
    low, high = (float(curve(np.array(x), R0, a, b, c)) for x in (T_LOW, T_HIGH))
    R = inside("R", R, low, high, "Ω", 1e-12 * high)
    return plain(solve(R, R0, a, b, c))


def tolerance(t: ArrayLike, grade: str = "B", kind: str = "wire") -> FloatArray:
    """Tolerance in °C, the half-width of the interval ±, at t in °C. grade: AA, A, B, C. kind: wire or film.

    Raises OutOfRange where the class does not reach. Source: IEC 60751:2022, tolerance classes of thermometers.
    """
    if (grade, kind) not in CLASSES:
        raise DocumentError(place="grade", found=f"{grade}, {kind}", right=N_("AA, A, B or C, with wire or film"))
    base, share, low, high = CLASSES[grade, kind]
    return plain(base + share * np.abs(inside("t", t, low, high, "°C")))


def curve(t: FloatArray, R0: float, a: float, b: float, c: float) -> FloatArray:
    """R at t without any check of the range: what fits and inversions evaluate."""
    return np.asarray(R0 * (1 + t * (a + t * (b + np.where(t < 0, c * (t - 100) * t, 0.0)))))


def curve_slope(t: FloatArray, R0: float, a: float, b: float, c: float) -> FloatArray:
    """dR/dt at t without any check of the range."""
    return np.asarray(R0 * (a + t * (2 * b + np.where(t < 0, c * (4 * t - 300) * t, 0.0))))


def solve(R: FloatArray, R0: float, a: float, b: float, c: float) -> FloatArray:
    """t at which the curve is R, without any check of the range."""
    w = R / R0 - 1
    # the form of the root that does not cancel near 0 °C and takes b = 0
    t = 2 * w / (a + np.sqrt(np.maximum(a * a + 4 * b * w, 0.0)))
    for _ in range(6):
        t = np.where(w < 0, t - (curve(t, R0, a, b, c) - R) / curve_slope(t, R0, a, b, c), t)
    return np.asarray(t)


def _coefficients(a: float, b: float, c: float) -> tuple[float, float, float]:
    return float(positive("a", a)), float(numbers("b", b)), float(numbers("c", c))
