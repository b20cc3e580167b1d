"""Cases of conformity and risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import conformity
from ..conformity import Limits
from .compare import Found
from .run import Runner

Case = Mapping[str, Any]


def _limits(inputs: Mapping[str, Any]) -> Limits:
    return Limits(inputs.get("lower_limit"), inputs.get("upper_limit"))


def risk_prior(case: Case) -> dict[str, float]:
    inputs = case["inputs"]
    low, high = _limits(inputs).ends
    return {"p_nonconforming": float(conformity.population(inputs["prior"]).outside(low, high))}


def risk_global(case: Case) -> dict[str, float]:
    inputs = case["inputs"]
    found = conformity.global_risk(
        conformity.population(inputs["prior"]),
        conformity.normal(0.0, inputs["u_meas"]),
        _limits(inputs),
        accept=(inputs["accept_lower"], inputs["accept_upper"]),
    )
    return {"pfa": found.pfa, "pfr": found.pfr}


def risk_rp19(case: Case) -> dict[str, float | None]:
    """The population by its in-tolerance probability; the measurement by its share of that standard deviation."""
    inputs = case["inputs"]
    limits = Limits(*inputs["limits"])
    prior = conformity.prior_from_reliability(limits, inputs["itp"])
    found = conformity.global_risk(prior, conformity.normal(0.0, inputs["u_meas_over_sigma"] * prior.sd), limits)
    return {"pfa_percent": 100 * found.pfa, "cpfa_percent": None if found.cpfa is None else 100 * found.cpfa}


def risk_deaver(case: Case) -> dict[str, float]:
    """Population N(0, 1), limits in its standard deviations, u = 1/TUR as the source has it."""
    inputs = case["inputs"]
    limit, inward = inputs["spec_limit_sigma"], inputs["guardband_factor"]
    found = conformity.global_risk(
        conformity.normal(0.0, 1.0),
        conformity.normal(0.0, 1 / inputs["tur"]),
        Limits(-limit, limit),
        w=limit * (1 - inward),
    )
    return {"pfa": found.pfa, "pfr": found.pfr}


def risk_specific(case: Case) -> dict[str, float]:
    inputs = case["inputs"]
    found = conformity.specific_risk(inputs["mean"], inputs["u"], _limits(inputs))
    return {"cpk": found.cpk, "p_out": found.p_out, "p_low": found.p_low, "p_high": found.p_high}


def guardband_factor(case: Case) -> dict[str, float]:
    return {"factor": conformity.factor(case["inputs"]["method"], case["inputs"]["tur"])}


def ilac_g8(case: Case) -> dict[str, Found]:
    """The specific risk at the acceptance limit of w = r·U; a bound, so the figure counts only when it keeps it."""
    r, k = case["inputs"]["r"], case["inputs"]["k"]
    limits = Limits(None, 0.0)
    verdict = conformity.decide(-1e9, k, None, 0.0, {"rule": "guarded_acceptance", "r": r})
    assert verdict.accept_high is not None
    risk = conformity.specific_risk(verdict.accept_high, 1.0, limits).p_out
    kept = risk < case["expected"]["pfa_upper_bound"]["value"]
    return {"pfa_upper_bound": Found(risk) if kept else Found(None, note=f"{risk:.4g} is above the bound")}


RUNNERS: dict[str, Runner] = {
    "risk_prior": risk_prior,
    "risk_global": risk_global,
    "risk_rp19": risk_rp19,
    "risk_deaver": risk_deaver,
    "risk_specific": risk_specific,
    "guardband_factor": guardband_factor,
    "ilac_g8": ilac_g8,
}
