"""Air, water, humidity, buoyancy and weighing: what mass and volume calibrations stand on.

air_density                 CIPM-2007 with u and sensitivities; approximations beside it
water_density               Tanaka 2001, with pressure and dissolved air
humidity                    saturation vapour pressure, dew point, relative humidity, humidity ratio
buoyancy                    conventional mass and the correction of a comparison (OIML R 111)
solve_design                weighing designs with restraints; compare_with_pooled checks their scatter
circular_weighing           comparisons under drift; substitution for ABBA
"""

from .air import AirDensity, air_density
from .approximations import air_density_exponential, air_density_jones, air_density_oiml
from .buoyancy import (
    Bodies,
    balance_correction,
    buoyancy_correction,
    conventional_from_mass,
    mass_from_conventional,
    mass_with_u,
)
from .circular import CircularWeighing, Substitution, circular_weighing, drift_orders, substitution
from .humidity import dew_point, enhancement_factor, humidity_ratio, relative_humidity, saturation_vapour_pressure
from .water import water_density, water_density_with_u
from .weighing import Agreement, Weighings, compare_with_pooled, solve_design

__all__ = [
    "Agreement",
    "AirDensity",
    "Bodies",
    "CircularWeighing",
    "Substitution",
    "Weighings",
    "air_density",
    "air_density_exponential",
    "air_density_jones",
    "air_density_oiml",
    "balance_correction",
    "buoyancy_correction",
    "circular_weighing",
    "compare_with_pooled",
    "conventional_from_mass",
    "dew_point",
    "drift_orders",
    "enhancement_factor",
    "humidity_ratio",
    "mass_from_conventional",
    "mass_with_u",
    "relative_humidity",
    "saturation_vapour_pressure",
    "solve_design",
    "substitution",
    "water_density",
    "water_density_with_u",
]
