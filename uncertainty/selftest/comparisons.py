"""Cases of comparisons, random effects, robust statistics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..comparisons import (
    algorithm_a,
    arithmetic_mean,
    dersimonian_laird,
    exact_factor,
    mandel_paule,
    power_moderated,
    unilateral,
    vangel_rukhin,
    weighted_mean,
)
from .run import Runner


def pmm(case: Mapping[str, Any]) -> dict[str, Any]:
    """Power-moderated mean and degrees of equivalence; results in kBq, degrees of equivalence in MBq."""
    x, u = case["inputs"]["x"], case["inputs"]["u"]
    reference = power_moderated(x, u).reference
    degrees = unilateral(x, u, reference)
    return {
        "kcrv": reference.value,
        "u_kcrv": reference.u,
        "doe_MBq": (degrees.d / 1000).tolist(),
        "U_doe_MBq": (degrees.U / 1000).tolist(),
    }


def kcrv_mean(case: Mapping[str, Any]) -> dict[str, float]:
    """Arithmetic mean, U with k = 2."""
    reference = arithmetic_mean(case["inputs"]["x"])
    return {"kcrv": reference.value, "U": 2 * reference.u}


def re_logodds(case: Mapping[str, Any]) -> dict[str, float]:
    """Mandel–Paule and DerSimonian–Laird on log odds ratios."""
    n1, n2, a, c = (np.array(case["inputs"][name], float) for name in ("n1", "n2", "a", "c"))
    y = np.log(a / (n1 - a)) - np.log(c / (n2 - c))
    u = np.sqrt(1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c))
    found = {"PM": mandel_paule(y, u), "DL": dersimonian_laird(y, u)}
    figures = {f"tau_{name}": one.tau for name, one in found.items()}
    return figures | {f"mu_{n}": o.value for n, o in found.items()} | {f"se_{n}": o.u for n, o in found.items()}


def re_generic_dl(case: Mapping[str, Any]) -> dict[str, float]:
    """Weighted mean with Birge ratio, DerSimonian–Laird, Mandel–Paule."""
    y, u = case["inputs"]["y"], case["inputs"]["u"]
    plain, dl, mp = weighted_mean(y, u), dersimonian_laird(y, u), mandel_paule(y, u)
    assert plain.consistency is not None
    figures = {"weighted_mean": plain.value, "u_weighted_mean": plain.u}
    figures |= {"chi2": plain.consistency.chi2, "birge_ratio": plain.consistency.birge}
    figures |= {"tau_DL": dl.tau, "mean_DL": dl.value, "u_DL": dl.u}
    return figures | {"tau_MP": mp.tau, "mean_MP": mp.value, "u_MP": mp.u}


def vr_mle(case: Mapping[str, Any]) -> dict[str, float]:
    """Vangel–Rukhin maximum likelihood."""
    found = vangel_rukhin(case["inputs"]["x"], case["inputs"]["s"], case["inputs"]["n"])
    return {"mu": found.value, "se_mu": found.u, "sigma2_between": found.tau**2}


def alg_a(case: Mapping[str, Any]) -> dict[str, float]:
    """Algorithm A with the printed and with the exact factor."""
    found, exact = algorithm_a(case["inputs"]["x"]), algorithm_a(case["inputs"]["x"], exact_factor())
    figures = {"x_star": found.x, "s_star": found.s, "u_x_star": 1.25 * found.s / math.sqrt(found.n)}
    return figures | {"x_star_exact_constant": exact.x, "s_star_exact_constant": exact.s}


RUNNERS: dict[str, Runner] = {
    "pmm": pmm,
    "kcrv_mean": kcrv_mean,
    "re_logodds": re_logodds,
    "re_generic_dl": re_generic_dl,
    "vr_mle": vr_mle,
    "alg_a": alg_a,
}
