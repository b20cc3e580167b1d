"""Air buoyancy in weighing: conventional mass, mass, and the correction of a comparison with its uncertainty.

Masses in kg (or any one unit), densities in kg/m³. The conventional mass of a body is the mass of a standard of
8000 kg/m³ that balances it in air of 1.2 kg/m³ at 20 °C. Source: OIML D 28:2004; OIML R 111-1:2004, annex C.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..numbers import numbers
from ..thermometry.checks import inside, not_negative, plain, positive
from ..thermometry.estimate import Estimate, estimate

RHO_AIR, RHO_STANDARD = 1.2, 8000.0  # kg/m³, by convention: OIML D 28


def conventional_from_mass(mass: ArrayLike, density: ArrayLike) -> FloatArray:
    """Conventional mass of a body of that mass and density: m (1 − 1.2/ρ)/(1 − 1.2/8000)."""
    return plain(numbers("mass", mass) * _convention(density))


def mass_from_conventional(conventional: ArrayLike, density: ArrayLike) -> FloatArray:
    """Mass of a body of that conventional mass and density."""
    return plain(numbers("conventional", conventional) / _convention(density))


def mass_with_u(
    conventional: ArrayLike, density: ArrayLike, u_conventional: ArrayLike = 0.0, u_density: ArrayLike = 0.0
) -> Estimate:
    """Mass from conventional mass with u, in the unit of the mass; contributions: conventional mass, density."""
    m, rho = np.broadcast_arrays(numbers("conventional", conventional), _density("density", density))
    factor = _convention(rho)
    by_density = -m / factor**2 * RHO_AIR / rho**2 / (1 - RHO_AIR / RHO_STANDARD)
    own = {
        "conventional mass": not_negative("u_conventional", u_conventional) / factor,
        "density": by_density * not_negative("u_density", u_density),
    }
    return estimate(np.asarray(m / factor), "", np.zeros((m.size, 1)), np.zeros((1, 1)), own, "convention")


@dataclass(frozen=True, slots=True)
class Bodies:
    """Densities in kg/m³ of a comparison: test and reference weight, air now, air at the reference's calibration."""

    rho_test: float
    rho_reference: float
    rho_air: float
    u_test: float = 0.0
    u_reference: float = 0.0
    u_air: float = 0.0
    rho_air_calibration: float = RHO_AIR


def buoyancy_correction(reference: ArrayLike, bodies: Bodies) -> Estimate:
    """Correction of a comparison in conventional mass, with u: m_ct = m_cr + difference of indications + correction.

    reference: conventional mass of the reference weight. Correction m_cr (ρ_a − 1.2)(1/ρ_t − 1/ρ_r): R 111-1,
    annex C; u by its eq. (C.6.3-1): the density of the reference counts by (ρ_a − ρ_0)[(ρ_a − ρ_0)
    − 2(ρ_al − ρ_0)], as its conventional mass already holds the air of its calibration ρ_al; never below zero.
    """
    m = positive("reference", reference)
    test, ref = _density("rho_test", bodies.rho_test), _density("rho_reference", bodies.rho_reference)
    air, before = (
        _air(name, x) for name, x in (("rho_air", bodies.rho_air), ("rho_air_calibration", bodies.rho_air_calibration))
    )
    u_air, u_test, u_ref = (
        float(not_negative(f"u_{x}", getattr(bodies, f"u_{x}"))) for x in ("air", "test", "reference")
    )
    away, then = float(air - RHO_AIR), float(before - RHO_AIR)
    by_air = 1 / test - 1 / ref
    by_ref = np.sqrt(max(away * (away - 2 * then), 0.0)) / ref**2
    own = {"air": m * by_air * u_air, "test": -m * away / test**2 * u_test, "reference": m * by_ref * u_ref}
    return estimate(np.asarray(m * away * by_air), "", np.zeros((m.size, 1)), np.zeros((1, 1)), own, "convention")


def balance_correction(
    indication: ArrayLike, density: ArrayLike, air: ArrayLike, adjusted_with: float = RHO_STANDARD
) -> FloatArray:
    """Mass of a body from what a balance indicates that was adjusted with a weight of density `adjusted_with`:
    m = I (1 − ρ_a/ρ_c)/(1 − ρ_a/ρ). Source: NIST SOP 2 (NISTIR 6969)."""
    rho, a = _density("density", density), _air("air", air)
    return plain(numbers("indication", indication) * (1 - a / _density("adjusted_with", adjusted_with)) / (1 - a / rho))


def _convention(density: ArrayLike) -> FloatArray:
    return np.asarray((1 - RHO_AIR / _density("density", density)) / (1 - RHO_AIR / RHO_STANDARD))


def _density(place: str, given: ArrayLike) -> FloatArray:
    """Densities of solids and liquids; g/cm³ written for kg/m³ is refused."""
    return inside(place, given, 100.0, 30000.0, "kg/m³")


def _air(place: str, given: ArrayLike) -> FloatArray:
    return inside(place, given, 0.0, 2.0, "kg/m³")
