"""Density of moist air by the CIPM-2007 equation, with its uncertainty and sensitivity coefficients.

ρ = p M_a / (Z R T) · [1 − x_v (1 − M_v/M_a)], SI units, t in °C, humidity as a fraction of 1.
Source: A. Picard, R. S. Davis, M. Gläser, K. Fujii, "Revised formula for the density of moist air (CIPM-2007)",
Metrologia 45 (2008) 149-155: eq. (1), (3), (A1.1) to (A1.4), table 2; relative uncertainty of the equation 22·10⁻⁶.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..thermometry.checks import inside, not_negative, plain
from ..thermometry.estimate import Estimate, estimate

GAS_CONSTANT = 8.314472  # J/(mol K): CODATA 2006, with which the equation is stated
MOLAR_MASS_WATER = 18.01528e-3  # kg/mol
X_CO2 = 400e-6
U_EQUATION = 22e-6  # relative, one standard uncertainty: table 2
_SATURATION = (1.2378847e-5, -1.9121316e-2, 33.93711047, -6.3431645e3)  # A/K², B/K, C, D·K: (A1.1)
_ENHANCEMENT = (1.00062, 3.14e-8, 5.6e-7)  # α, β Pa, γ °C²: (A1.2)
_A = (1.58123e-6, -2.9331e-8, 1.1043e-10)  # K/Pa, 1/Pa, 1/(K Pa): (A1.4)
_B = (5.707e-6, -2.051e-8)  # K/Pa, 1/Pa
_C = (1.9898e-4, -2.376e-6)  # K/Pa, 1/Pa
_D, _E = 1.83e-11, -0.765e-8  # K²/Pa²
RECOMMENDED = {"t": (15.0, 27.0), "p": (600e2, 1100e2)}
"""°C and Pa for which the equation and its 22·10⁻⁶ are stated (section 2)."""
LIMITS = {"t": (0.0, 50.0), "p": (300e2, 1500e2), "x_CO2": (0.0, 0.01), "dew": (-20.0, 50.0)}
"""Beyond these the virial coefficients and the saturation pressure say nothing: refused."""
STEP = 1e-30  # of the complex-step derivative: exact, as nothing cancels


@dataclass(frozen=True, slots=True, eq=False)
class AirDensity:
    """Air densities of one shape S. density: kg/m³ with u, contributions and covariance (they share the equation).

    sensitivities: t (kg/m³ per °C), p (per Pa), h (per 1) or dew (per °C), x_CO2 (per 1). is_recommended: S, whether
    temperature and pressure lie where the uncertainty of the equation is stated.
    """

    density: Estimate
    sensitivities: dict[str, FloatArray]
    is_recommended: Any


def air_density(
    t: ArrayLike, p: ArrayLike, h: ArrayLike | None = None, *, dew: ArrayLike | None = None, x_CO2: ArrayLike = X_CO2,
    u_t: ArrayLike = 0.0, u_p: ArrayLike = 0.0, u_h: ArrayLike = 0.0, u_dew: ArrayLike = 0.0, u_x_CO2: ArrayLike = 0.0,
    u_equation: float = U_EQUATION,
) -> AirDensity:  # fmt: skip
    """Air density at t in °C, p in Pa, with either h (0 to 1) or the dew point in °C (over water); any shapes together.

    u_...: standard uncertainties of the inputs in their units, independent; u_equation relative.
    Raises DocumentError where neither or both of h and dew are given, OutOfRange outside LIMITS.
    """
    name, moist = _humidity(h, dew)
    t, p = inside("t", t, *LIMITS["t"], "°C"), inside("p", p, *LIMITS["p"], "Pa")
    t, p, moist, x = np.broadcast_arrays(t, p, moist, inside("x_CO2", x_CO2, *LIMITS["x_CO2"], ""))
    if name == "dew" and np.any(moist > t):
        raise DocumentError(
            place="dew", found=f"{float(np.max(moist)):.6g}", right=N_("a dew point not above the temperature")
        )
    inputs = {"t": t, "p": p, name: moist, "x_CO2": x}
    given = {"t": u_t, "p": u_p, "h": u_h, "dew": u_dew, "x_CO2": u_x_CO2}
    c = {key: _slope(inputs, key, name) for key in inputs}
    own = {key: c[key] * not_negative(f"u_{key}", given[key]) for key in inputs}
    rho = np.asarray(_density(t, p, moist, x, name))
    V = np.array([[float(not_negative("u_equation", u_equation)) ** 2]])
    inside_t = (t >= RECOMMENDED["t"][0]) & (t <= RECOMMENDED["t"][1])
    good = inside_t & (p >= RECOMMENDED["p"][0]) & (p <= RECOMMENDED["p"][1])
    density = estimate(rho, "kg/m³", rho.reshape(-1, 1), V, own, "equation")
    return AirDensity(density, {key: plain(value) for key, value in c.items()}, good[()])


def _humidity(h: ArrayLike | None, dew: ArrayLike | None) -> tuple[str, FloatArray]:
    """Which of the two says the humidity, and its values."""
    if h is not None and dew is None:
        return "h", inside("h", h, 0.0, 1.0, "")
    if dew is not None and h is None:
        return "dew", inside("dew", dew, *LIMITS["dew"], "°C")
    found = N_("nothing") if h is None else "h, dew"
    raise DocumentError(place="h", found=found, right=N_("relative humidity or dew point"))


def saturation_pressure(t: Any) -> Any:
    """p_sv in Pa over water at t in °C as the equation takes it: (A1.1). Not checked; air near room temperature."""
    T, (A, B, C, D) = t + 273.15, _SATURATION
    return np.exp(A * T**2 + B * T + C + D / T)


def _density(t: Any, p: Any, moist: Any, x_CO2: Any, name: str) -> Any:
    at, share = (t, moist) if name == "h" else (moist, 1.0)
    alpha, beta, gamma = _ENHANCEMENT
    x_v = share * (alpha + beta * p + gamma * at**2) * saturation_pressure(at) / p  # (A1.3)
    T = t + 273.15
    Z = 1 - p / T * (_A[0] + _A[1] * t + _A[2] * t**2 + (_B[0] + _B[1] * t) * x_v + (_C[0] + _C[1] * t) * x_v**2)
    Z = Z + (p / T) ** 2 * (_D + _E * x_v**2)  # (A1.4)
    M_a = (28.96546 + 12.011 * (x_CO2 - X_CO2)) * 1e-3  # eq. (3), kg/mol
    return p * M_a / (Z * GAS_CONSTANT * T) * (1 - x_v * (1 - MOLAR_MASS_WATER / M_a))


def _slope(inputs: dict[str, FloatArray], key: str, name: str) -> FloatArray:
    """∂ρ/∂input by a complex step: exact to the last digits."""
    at: dict[str, Any] = inputs | {key: inputs[key] + 1j * STEP}
    return np.asarray(_density(at["t"], at["p"], at[name], at["x_CO2"], name).imag / STEP)
