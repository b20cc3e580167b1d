"""Density of water, 0 °C to 40 °C: Tanaka et al., with the corrections for pressure and for dissolved air.

Source: M. Tanaka, G. Girard, R. Davis, A. Peuto, N. Bignell, "Recommended table for the density of water between 0 °C
and 40 °C based on recent experimental reports", Metrologia 38 (2001) 301-309, eqs. (1), (2) and the section on
compressibility; for Vienna Standard Mean Ocean Water, 999.974 950 kg/m³ at its maximum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..thermometry.checks import inside, not_negative, plain
from ..thermometry.estimate import Estimate, estimate

A1, A2, A3, A4, A5 = -3.983035, 301.797, 522528.9, 69.34881, 999.974950  # °C, °C, °C², °C, kg/m³: eq. (1)
S0, S1 = -4.612e-3, 0.106e-3  # kg/m³, kg/(m³ °C): eq. (2), water saturated with air, 0 °C to 25 °C
K0, K1, K2 = 50.74e-11, -0.326e-11, 0.00416e-11  # 1/Pa, 1/(Pa °C), 1/(Pa °C²): compressibility
U_COEFFICIENTS = (8.394e-4, -1.28e-6, 1.10e-7, -6.09e-9, 1.16e-10)  # kg/m³ and per °C, ...: expanded, k = 2
NORMAL_PRESSURE = 101325.0  # Pa


def water_density(t90: ArrayLike, p: ArrayLike = NORMAL_PRESSURE, air_saturated: bool = False) -> FloatArray:
    """Density in kg/m³ of pure water at t90 in °C and p in Pa; shapes that go together.

    air_saturated: with the correction for dissolved air, which is given for 0 °C to 25 °C alone. Raises OutOfRange.
    """
    t, p = inside("t90", t90, 0.0, 40.0, "°C"), inside("p", p, 50e3, 2e5, "Pa")
    free = A5 * (1 - (t + A1) ** 2 * (t + A2) / (A3 * (t + A4)))
    if air_saturated:
        inside("t90", t, 0.0, 25.0, "°C")
        free = free + S0 + S1 * t
    return plain(free * (1 + (K0 + K1 * t + K2 * t**2) * (p - NORMAL_PRESSURE)))


def water_density_with_u(
    t90: ArrayLike, p: ArrayLike = NORMAL_PRESSURE, air_saturated: bool = False,
    u_t: ArrayLike = 0.0, u_p: ArrayLike = 0.0,
) -> Estimate:  # fmt: skip
    """Density in kg/m³ with u; contributions: t, p, formula (fully correlated between the densities).

    The formula's part is half its expanded uncertainty (k = 2), 0.42·10⁻³ kg/m³; what the water's isotopes and its dissolved
    air leave open is the laboratory's to add.
    """
    t, p = np.broadcast_arrays(inside("t90", t90, 0.0, 40.0, "°C"), inside("p", p, 50e3, 2e5, "Pa"))
    rho = np.asarray(water_density(t, p, air_saturated))
    by_t = -rho * expansion(t) + (S1 if air_saturated else 0.0)
    own = {
        "t": by_t * not_negative("u_t", u_t),
        "p": rho * (K0 + K1 * t + K2 * t**2) * not_negative("u_p", u_p),
    }
    u_formula = sum(c * np.ravel(t) ** k for k, c in enumerate(U_COEFFICIENTS)) / 2
    return estimate(rho, "kg/m³", np.reshape(u_formula, (-1, 1)), np.eye(1), own, "formula")


def expansion(t90: ArrayLike) -> FloatArray:
    """Thermal expansion −(dρ/dt)/ρ in 1/°C of pure water at normal pressure: what turns u(t) into a relative u(ρ)."""
    t = inside("t90", t90, 0.0, 40.0, "°C")
    numerator, denominator = (t + A1) ** 2 * (t + A2), A3 * (t + A4)
    slope = (2 * (t + A1) * (t + A2) + (t + A1) ** 2) / denominator - numerator / (denominator * (t + A4))
    return plain(A5 * slope / np.asarray(water_density(t)))
