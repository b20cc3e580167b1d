"""Saturation vapour pressure over water and ice, dew point, relative humidity, humidity ratio.

Pressures in Pa, temperatures in °C, relative humidity as a fraction of 1. Two formulations:
hyland_wexler: R. Hyland, A. Wexler 1983, as in ASHRAE Handbook Fundamentals 2017, ch. 1, eqs. (5) and (6);
hardy: B. Hardy, "ITS-90 formulations for vapor pressure, frostpoint temperature, dewpoint temperature, and enhancement
factors in the range −100 to +100 °C", 3rd Int. Symp. on Humidity and Moisture, 1998, eqs. (2), (3), (4), tables 1 to 3.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..thermometry.checks import inside, not_negative, plain, positive
from ..thermometry.estimate import Estimate, estimate

Phase = Literal["water", "ice"]
Formulation = Literal["hyland_wexler", "hardy"]
TRIPLE_POINT = 0.01  # °C
EPSILON = 0.621945  # molar mass of water over that of dry air: ASHRAE 2017, ch. 1, eq. (20)
STEP = 1e-30  # of the complex-step derivative: exact, as nothing cancels

# powers of T/K from the first on, then the coefficient of ln T
_HYLAND_WEXLER = {
    "ice": (-1, (-5.6745359e3, 6.3925247, -9.677843e-3, 6.2215701e-7, 2.0747825e-9, -9.484024e-13), 4.1635019),
    "water": (-1, (-5.8002206e3, 1.3914993, -4.8640239e-2, 4.1764768e-5, -1.4452093e-8), 6.5459673),
}
_HARDY = {
    "ice": (-1, (-5.8666426e3, 2.232870244e1, 1.39387003e-2, -3.4262402e-5, 2.7040955e-8), 6.7063522e-1),
    "water": (-2, (-2.8365744e3, -6.028076559e3, 1.954263612e1, -2.737830188e-2, 1.6261698e-5, 7.0229056e-10,
                   -1.8680009e-13), 2.7150305),
}  # fmt: skip
_RANGES = {
    ("hyland_wexler", "ice"): (-100.0, TRIPLE_POINT), ("hyland_wexler", "water"): (0.0, 200.0),
    ("hardy", "ice"): (-100.0, TRIPLE_POINT), ("hardy", "water"): (-100.0, 100.0),
}  # fmt: skip
_ENHANCEMENT = {
    "water": ((3.53624e-4, 2.9328363e-5, 2.6168979e-7, 8.5813609e-9),
              (-1.07588e1, 6.3268134e-2, -2.5368934e-4, 6.3405286e-7)),
    "ice": ((3.64449e-4, 2.9367585e-5, 4.8874766e-7, 4.3669918e-9),
            (-1.07271e1, 7.6215115e-2, -1.7490155e-4, 2.4668279e-6)),
}  # fmt: skip
"""Hardy, table 3: α and β in powers of t/°C; water 0 °C to 100 °C, ice −100 °C to 0 °C."""


def saturation_vapour_pressure(
    t: ArrayLike, over: Phase | None = None, formulation: Formulation = "hardy"
) -> FloatArray:
    """Saturation vapour pressure in Pa at t in °C, any shape.

    over: water or ice; without it ice up to 0.01 °C and water above. Raises OutOfRange outside the formulation.
    """
    _require(over, formulation)
    if over is not None:
        return plain(_saturation(inside("t", t, *_RANGES[formulation, over], "°C"), over, formulation))
    t = inside("t", t, _RANGES[formulation, "ice"][0], _RANGES[formulation, "water"][1], "°C")
    ice = _saturation(np.minimum(t, TRIPLE_POINT), "ice", formulation)
    return plain(np.where(t <= TRIPLE_POINT, ice, _saturation(np.maximum(t, TRIPLE_POINT), "water", formulation)))


def dew_point(e: ArrayLike, over: Phase = "water", formulation: Formulation = "hardy") -> FloatArray:
    """Temperature in °C at which the saturation vapour pressure is e in Pa: dew point over water, frost point over ice.

    Solved by Newton's method in ln e against 1/T, where the curve is nearly straight. Raises OutOfRange.
    """
    _require(over, formulation)
    low, high = _RANGES[formulation, over]
    ends = [float(_saturation(np.array(x), over, formulation)) for x in (low, high)]
    e = inside("e", positive("e", e), ends[0], ends[1], "Pa", 1e-9 * ends[1])
    x = np.full(e.shape, 1 / 273.16)
    for _ in range(12):
        t = 1 / x - 273.15
        value = _saturation(t + STEP * 1j, over, formulation)
        slope = value.imag / STEP / value.real  # d ln e/dt
        x = np.clip(x + (np.log(value.real) - np.log(e)) / slope * x**2, 1 / (high + 273.15), 1 / (low + 273.15))
    return plain(1 / x - 273.15)


def enhancement_factor(t: ArrayLike, p: ArrayLike, over: Phase = "water") -> FloatArray:
    """Enhancement factor f of water vapour in air at t in °C and p in Pa. Source: Hardy, eq. (4), table 3."""
    low, high = (0.0, 100.0) if over == "water" else (-100.0, TRIPLE_POINT)
    t, p = inside("t", t, low, high, "°C"), positive("p", p)
    return plain(_enhancement(t, p, over))


def relative_humidity(
    t: ArrayLike, dew: ArrayLike, p: ArrayLike = 101325.0,
    u_t: ArrayLike = 0.0, u_dew: ArrayLike = 0.0, u_p: ArrayLike = 0.0,
) -> Estimate:  # fmt: skip
    """Relative humidity over water, a fraction of 1, of air at t in °C with its dew point in °C, at p in Pa; with u.

    h = e(t_d) f(t_d, p) / (e(t) f(t, p)); t and dew from 0 °C to 100 °C. Raises DocumentError where dew exceeds t.
    """
    t, dew, p = np.broadcast_arrays(
        inside("t", t, 0.0, 100.0, "°C"), inside("dew", dew, 0.0, 100.0, "°C"), positive("p", p)
    )
    if np.any(dew > t):
        raise DocumentError(
            place="dew", found=f"{float(np.max(dew)):.6g}", right=N_("a dew point not above the temperature")
        )

    def h(t: Any, dew: Any, p: Any) -> Any:
        return _saturation(dew, "water", "hardy") * _enhancement(dew, p, "water") / (
            _saturation(t, "water", "hardy") * _enhancement(t, p, "water")
        )  # fmt: skip

    step = 1j * STEP
    own = {
        "t": h(t + step, dew, p).imag / STEP * not_negative("u_t", u_t),
        "dew": h(t, dew + step, p).imag / STEP * not_negative("u_dew", u_dew),
        "p": h(t, dew, p + step).imag / STEP * not_negative("u_p", u_p),
    }
    return estimate(np.asarray(h(t, dew, p)), "1", np.zeros((t.size, 1)), np.zeros((1, 1)), own, "formula")


def humidity_ratio(p_w: ArrayLike, p: ArrayLike) -> FloatArray:
    """Mass of water vapour over mass of dry air, from the partial pressure p_w and the pressure p in Pa.

    Source: ASHRAE 2017, ch. 1, eq. (20). Raises DocumentError where p_w reaches p.
    """
    p_w, p = not_negative("p_w", p_w), positive("p", p)
    if np.any(p_w >= p):
        raise DocumentError(
            place="p_w", found=f"{float(np.max(p_w)):.6g}", right=N_("a partial pressure below the pressure")
        )
    return plain(EPSILON * p_w / (p - p_w))


def _saturation(t: Any, over: str, formulation: str) -> Any:
    first, powers, log = (_HARDY if formulation == "hardy" else _HYLAND_WEXLER)[over]
    T = t + 273.15
    return np.exp(sum(c * T ** (first + k) for k, c in enumerate(powers)) + log * np.log(T))


def _enhancement(t: Any, p: Any, over: str) -> Any:
    a, b = _ENHANCEMENT[over]
    e = _saturation(t, over, "hardy")
    alpha, beta = sum(c * t**k for k, c in enumerate(a)), np.exp(sum(c * t**k for k, c in enumerate(b)))
    return np.exp(alpha * (1 - e / p) + beta * (p / e - 1))


def _require(over: str | None, formulation: str) -> None:
    if over is not None and over not in get_args(Phase):
        raise DocumentError(place="over", found=str(over), right=N_("water or ice"))
    if formulation not in get_args(Formulation):
        raise DocumentError(place="formulation", found=str(formulation), right=N_("hyland_wexler or hardy"))
