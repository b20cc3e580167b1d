"""Cases of standards over time: recalibration intervals, an exponential leak."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..stability import fit_change, fit_exponential, interval_for_uncertainty, interval_test
from .run import Runner


def interval_a3(case: Mapping[str, Any]) -> dict[str, float]:
    """NCSLI RP-1 method A3."""
    given, history = case["inputs"], case["inputs"]["pass_fail"]
    found = interval_test(
        sum(history), len(history), given["interval_days"], given["target"], confidence=given["confidence"]
    )
    return {
        "new_interval_days": found.interval,
        "rejection_confidence": found.rejection,
        "reliability_low": found.low,
        "reliability_high": found.high,
    }


def interval_variables_fit(case: Mapping[str, Any]) -> dict[str, float]:
    """Change since calibration without a constant, second order."""
    found = fit_change(case["inputs"]["dt"], case["inputs"]["delta"])
    (v11, v12), (_, v22) = found.covariance.tolist()
    b1, b2 = found.b.tolist()
    return {"b1": b1, "b2": b2, "cov_11": v11, "cov_22": v22, "cov_12": v12, "s_yx": found.s_yx}


def interval_variables_u(case: Mapping[str, Any]) -> dict[str, float]:
    """Time until the combined uncertainty reaches its target."""
    given = case["inputs"]
    found = fit_change(given["dt"], given["delta"])
    return {"interval": interval_for_uncertainty(found, given["u0"], given["u_target"])}


def weighted_exp(case: Mapping[str, Any]) -> dict[str, float]:
    """Weighted exponential, weights 1/u², covariance scaled by χ²/(n − 2)."""
    given = case["inputs"]
    found = fit_exponential(given["x"], given["y"], 1 / np.sqrt(given["weights"]), scaled=True)
    (vaa, _), (_, vbb) = found.covariance.tolist()
    return {"a": found.a, "b": found.b, "u_a": math.sqrt(vaa), "u_b": math.sqrt(vbb)}


RUNNERS: dict[str, Runner] = {
    "interval_a3": interval_a3,
    "interval_variables_fit": interval_variables_fit,
    "interval_variables_u": interval_variables_u,
    "weighted_exp": weighted_exp,
}
