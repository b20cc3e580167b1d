"""The reference functions of the ITS-90 for platinum resistance thermometers: W_r(T90) and its inverse.

T in kelvin, W_r dimensionless: the ratio of the resistance at T to that at the triple point of water.
Source: H. Preston-Thomas, "The International Temperature Scale of 1990 (ITS-90)", Metrologia 27 (1990) 3-10 and 107,
3.3.1 and 3.3.2, eqs. (9a), (9b), (10a), (10b), table 4. The coefficients agree in four places where they were read.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from .checks import inside, plain, positive

TRIPLE_POINT_OF_WATER = 273.16  # K
T_LOW, T_HIGH = 13.8033, 1234.93  # K: triple point of equilibrium hydrogen, freezing point of silver
ZERO_CELSIUS = 273.15  # K

A = np.array([-2.13534729, 3.18324720, -1.80143597, 0.71727204, 0.50344027, -0.61899395, -0.05332322,
              0.28021362, 0.10715224, -0.29302865, 0.04459872, 0.11868632, -0.05248134])  # fmt: skip
"""Table 4, A_i: W_r below 273.16 K."""
B = np.array([0.183324722, 0.240975303, 0.209108771, 0.190439972, 0.142648498, 0.077993465, 0.012475611, -0.032267127,
              -0.075291522, -0.056470670, 0.076201285, 0.123893204, -0.029201193, -0.091173542, 0.001317696,
              0.026025526])  # fmt: skip
"""Table 4, B_i: the approximate inverse below 273.16 K."""
C = np.array([2.78157254, 1.64650916, -0.13714390, -0.00649767, -0.00234444, 0.00511868, 0.00187982, -0.00204472,
              -0.00046122, 0.00045724])  # fmt: skip
"""Table 4, C_i: W_r above 273.15 K."""
D = np.array([439.932854, 472.418020, 37.684494, 7.472018, 2.920828, 0.005184, -0.963864, -0.188732, 0.191203,
              0.049025])  # fmt: skip
"""Table 4, D_i: the approximate inverse above 273.15 K."""

FIXED_POINTS = {
    "H2": 13.8033, "Ne": 24.5561, "O2": 54.3584, "Ar": 83.8058, "Hg": 234.3156, "H2O": 273.16, "Ga": 302.9146,
    "In": 429.7485, "Sn": 505.078, "Zn": 692.677, "Al": 933.473, "Ag": 1234.93,
}  # fmt: skip
"""K, by definition. Source: ITS-90, table 1 (H2: equilibrium hydrogen)."""
SLACK = 0.02  # K: thermometers at a fixed point read a little beyond the end of the range


def celsius(T: ArrayLike) -> FloatArray:
    """t90 in °C from T90 in K."""
    return np.asarray(T, float) - ZERO_CELSIUS


def kelvin(t: ArrayLike) -> FloatArray:
    """T90 in K from t90 in °C."""
    return np.asarray(t, float) + ZERO_CELSIUS


def reference_ratio(T: ArrayLike) -> FloatArray:
    """W_r(T90) from 13.8033 K to 1234.93 K, any shape. Raises OutOfRange. Source: eqs. (9a) and (10a)."""
    T = inside("T90", T, T_LOW, T_HIGH, "K", SLACK)
    cold = T < TRIPLE_POINT_OF_WATER
    low = np.exp(polyval(_x_cold(np.where(cold, T, TRIPLE_POINT_OF_WATER)), A))
    return plain(np.where(cold, low, polyval(_x_warm(T), C)))


def reference_slope(T: ArrayLike) -> FloatArray:
    """dW_r/dT90 in 1/K: the derivative of eqs. (9a) and (10a)."""
    T = inside("T90", T, T_LOW, T_HIGH, "K", SLACK)
    cold = T < TRIPLE_POINT_OF_WATER
    below = np.where(cold, T, TRIPLE_POINT_OF_WATER)
    x = _x_cold(below)
    low = np.exp(polyval(x, A)) * polyval(x, polyder(A)) / (1.5 * below)
    return plain(np.where(cold, low, polyval(_x_warm(T), polyder(C)) / 481.0))


def approximate_temperature(Wr: ArrayLike) -> FloatArray:
    """T90 in K by the approximate inverse that the ITS-90 states: equal to the exact one within 0.1 mK below
    273.16 K and 0.13 mK above. Source: eqs. (9b) and (10b)."""
    Wr = positive("Wr", Wr)
    cold = Wr < 1
    low = TRIPLE_POINT_OF_WATER * polyval((np.where(cold, Wr, 1.0) ** (1 / 6) - 0.65) / 0.35, B)
    return plain(np.where(cold, low, polyval((Wr - 2.64) / 1.64, D) + ZERO_CELSIUS))


def temperature(Wr: ArrayLike) -> FloatArray:
    """T90 in K at which the reference function is W_r: eqs. (9a) and (10a) solved by Newton's method.

    The approximate inverse starts within 0.2 mK, so four steps reach the last digit of a double. The two reference
    functions themselves miss 1 by 5e-9 at 273.16 K: within 2 µK of it the branch is that of W_r < 1 or not.
    Raises OutOfRange for a W_r outside 13.8033 K to 1234.93 K.
    """
    low, high = _ends()
    Wr = inside("Wr", Wr, low, high, "", 0.0)
    T = np.clip(approximate_temperature(Wr), T_LOW - SLACK / 2, T_HIGH + SLACK / 2)
    # one branch for each W_r, whatever the iterate does near 273.16 K
    cold = Wr < 1
    for _ in range(4):
        T = np.where(cold, _step_cold(np.minimum(T, 273.2), np.minimum(Wr, 1.0)), _step_warm(T, Wr))
    return plain(T)


def _ends() -> tuple[float, float]:
    return float(reference_ratio(T_LOW - SLACK)), float(reference_ratio(T_HIGH + SLACK))


def _x_cold(T: FloatArray) -> FloatArray:
    return np.asarray((np.log(T / TRIPLE_POINT_OF_WATER) + 1.5) / 1.5)


def _x_warm(T: FloatArray) -> FloatArray:
    return np.asarray((T - 754.15) / 481.0)


def _step_cold(T: FloatArray, Wr: FloatArray) -> FloatArray:
    """Newton in ln T for ln W_r: nearly straight where W_r itself spans four decades."""
    x = _x_cold(T)
    return np.asarray(T * np.exp((np.log(Wr) - polyval(x, A)) * 1.5 / polyval(x, polyder(A))))


def _step_warm(T: FloatArray, Wr: FloatArray) -> FloatArray:
    x = _x_warm(T)
    return np.asarray(T + (Wr - polyval(x, C)) * 481.0 / polyval(x, polyder(C)))
