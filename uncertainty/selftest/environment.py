"""Cases of air, water, buoyancy and weighing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import environment as env
from ..environment import approximations
from .run import Runner


def air_density(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """ρ in g/cm³ by the model that the case names."""
    i = case["inputs"]
    t, p, h = i["t_C"], i["p_mmHg"] * approximations.MMHG, i["rh_percent"] / 100
    if i["model"] == "cipm2007":
        rho = env.air_density(t, p, h, x_CO2=i["x_CO2"]).density.value
    else:
        approximate = {"jones1978": env.air_density_jones, "cipm_approx": env.air_density_exponential}[i["model"]]
        rho = approximate(t, p, h)
    return {"rho_g_cm3": rho / 1000}


def water_density(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """ρ at normal pressure, free of air."""
    return {"rho": env.water_density(case["inputs"]["t90_C"])}


def satvap(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Saturation vapour pressure by Hyland and Wexler, ice below the triple point."""
    return {"p_Pa": env.saturation_vapour_pressure(case["inputs"]["t_C"], formulation="hyland_wexler")}


def humratio(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Humidity ratio from the partial pressure."""
    return {"W": env.humidity_ratio(case["inputs"]["p_w_Pa"], case["inputs"]["p_Pa"])}


def circular_weighing(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """s for each order of drift; everything for the quadratic one."""
    y = case["inputs"]["readings"]
    names = ("no_drift", "linear", "quadratic", "cubic")
    s = env.drift_orders(y)
    quadratic = env.circular_weighing(y, 2)
    return {f"s_{name}": s[order] for order, name in enumerate(names)} | {
        "b_quadratic": [*quadratic.groups, *quadratic.drift],
        "diff_quadratic": quadratic.differences,
        "u_diff_quadratic": quadratic.u_differences,
    }


RUNNERS: dict[str, Runner] = {
    "air_density": air_density,
    "water_density": water_density,
    "satvap": satvap,
    "humratio": humratio,
    "circular_weighing": circular_weighing,
}
