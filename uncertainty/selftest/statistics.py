"""Cases of statistics: analysis of variance, Allan deviations, NIST StRD univariate sets."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from ..statistics import autocorrelations, deviations, f_critical, one_way, summary
from .run import Runner


def _lines(case: Mapping[str, Any]) -> list[str]:
    text = files("uncertainty.cases").joinpath(*case["inputs"]["data_file"].split("/")).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def strd_univariate(case: Mapping[str, Any]) -> dict[str, float | None]:
    """NIST StRD univariate summary statistics."""
    found = summary([float(line.split()[0]) for line in _lines(case)])
    return {"mean": found.mean, "s": found.s, "r1": found.r1}


def strd_anova(case: Mapping[str, Any]) -> dict[str, float | None]:
    """NIST StRD one-way analysis of variance."""
    groups = dict[str, list[float]]()
    for line in _lines(case):
        treatment, response = line.split()
        groups.setdefault(treatment, []).append(float(response))
    found = one_way(list(groups.values()))
    return {
        "df_between": found.between.dof,
        "ss_between": found.between.ss,
        "ms_between": found.between.ms,
        "F": found.between.F,
        "df_within": found.within.dof,
        "ss_within": found.within.ss,
        "ms_within": found.within.ms,
        "r2": found.r2,
        "residual_sd": found.s_within,
    }


def anova_raw(case: Mapping[str, Any]) -> dict[str, float | None]:
    """Groups of readings: F, its critical value, s of the means, pooled s."""
    found = one_way(case["inputs"]["groups"])
    return {
        "F": found.between.F,
        "F_crit95": f_critical(0.95, found.between.dof, found.within.dof),
        "p": found.between.p,
        "s_of_means": found.s_of_means,
        "s_within_pooled": found.s_within,
    }


def acf(case: Mapping[str, Any]) -> dict[str, Any]:
    """Autocorrelations from lag 0."""
    return {"rho": autocorrelations([float(line) for line in _lines(case)], case["inputs"]["lags"]).tolist()}


def allan(case: Mapping[str, Any]) -> dict[str, Any]:
    """A deviation at each averaging factor, from phase where it is given."""
    inputs = case["inputs"]
    given = {"phase": inputs["phase"]} if "phase" in inputs else {"frequency": _lehmer(1000, inputs["check"])}
    found = deviations(inputs["statistic"], inputs["m"], inputs["tau0"], **given)
    return {"dev": [one.value for one in found]}


def _lehmer(count: int, check: list[int]) -> list[float]:
    """The 1000-point set of NIST SP 1065: n ← 16807 n mod 2³¹ − 1 from 1234567890; its first values are checked."""
    modulus, value, whole = 2147483647, 1234567890, list[int]()
    for _ in range(count):
        whole.append(value)
        value = 16807 * value % modulus
    if not set(check) <= set(whole):
        raise ValueError(check)
    return [one / modulus for one in whole]


RUNNERS: dict[str, Runner] = {
    "strd_univariate": strd_univariate,
    "strd_anova": strd_anova,
    "anova_raw": anova_raw,
    "acf": acf,
    "allan": allan,
}
