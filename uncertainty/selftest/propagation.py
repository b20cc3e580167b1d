"""Cases of the law of propagation and of Monte Carlo: budgets of published examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..coverage import coverage_factor
from ..evaluation import Evaluation, evaluate
from . import published
from .compare import Found
from .run import Runner

Case = Mapping[str, Any]
Figures = Mapping[str, Any]
RUNS, TRIALS, SEED = 10, 100_000, 101
"""Monte Carlo in ten runs of one hundred thousand: the mean of a figure, and its scatter from the runs themselves."""


def _first_order(case: Case) -> Figures:
    """One measurand or several: y, u, U, ν_eff; u_X and r_X_Y where the outputs have names (JCGM 100:2008, 5, G)."""
    inputs = case["inputs"]
    coverage = {"k": inputs["k"]} if "k" in inputs else inputs.get("coverage_probability")
    found = evaluate(published.document(case, coverage))
    answer: dict[str, Any] = {}
    for name, result in found.results.items():
        answer |= {name: result.value, f"u_{name}": result.u}
    answer |= _correlations(found)
    if "y" in found.results:
        y = found.results["y"]
        answer |= {"u": y.u, "U": y.U, "dof_eff": y.dof, "k": y.k}
        answer |= {"y_more_digits": y.value, "u_more_digits": y.u}
        if y.p is not None:
            answer[f"U{100 * y.p:g}"] = y.U
    return answer


def _correlations(found: Evaluation) -> dict[str, float]:
    names = list(found.results)
    answer: dict[str, float] = {}
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            if i != j:
                r = float(found.correlation[i, j])
                answer |= {f"r_{a}_{b}": r, f"one_minus_r_{a}_{b}": 1 - r}
    return answer


def _budget(case: Case) -> Figures:
    """Contributions alone: their sum (JCGM 100:2008, G.4.1)."""
    inputs = case["inputs"]
    quantities, terms = {}, []
    for i, part in enumerate(inputs["components"]):
        dof = {"dof": part["dof"]} if "dof" in part else {}
        quantities[f"x{i}"] = {"value": 0.0, "u": part["u"]} | dof
        terms.append(f"{part['c']}*x{i}")
    document = published.budget(quantities, {"y": " + ".join(terms)}, inputs.get("coverage_probability"))
    y = evaluate(document).results["y"]
    return {"u": y.u, "k": y.k, "U": y.U, "dof_eff": y.dof}


def _student_t(case: Case) -> Figures:
    """JCGM 100:2008, table G.2."""
    dof = case["inputs"]["dof"]
    return {"t": coverage_factor(case["inputs"]["p"], math.inf if dof is None else float(dof))}


def _sampled(case: Case) -> Figures:
    """First order and Monte Carlo of y beside each other (JCGM 101:2008, 7, 8)."""
    p = case["inputs"]["coverage_probability"]
    document = published.document(case, p, shapes=True)
    y = evaluate(document).results["y"]
    runs = _runs(document, lambda found: _summary(found, "y"))
    shortest = case["kind"] == "mass_93"  # its case states the shortest interval as low and high
    low, high = ("shortest_low", "shortest_high") if shortest else ("low", "high")
    return runs | {
        "y_guf": y.value, "u_guf": y.u, "u_first_order": y.u,
        "y": runs["y"], "u": runs["u"], "y_mc": runs["y"], "u_mc": runs["u"],
        "low": runs[low], "high": runs[high],
    }  # fmt: skip


def _summary(found: Evaluation, name: str) -> dict[str, float]:
    assert found.monte_carlo is not None
    one = found.monte_carlo["measurands"][name]
    (low, high), (left, right) = one["interval_symmetric"], one["interval_shortest"]
    ends = {"low": low, "high": high, "shortest_low": left, "shortest_high": right}
    return {"y": one["mean"], "u": one["u"]} | ends


def _runs(document: Any, figures: Callable[[Evaluation], dict[str, float]]) -> dict[str, Found]:
    """Each figure as the mean of independent runs; scatter: the standard deviation of that mean."""
    rows = [figures(evaluate(document, method="both", trials=TRIALS, seed=SEED + run)) for run in range(RUNS)]
    answer = {}
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        answer[name] = Found(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(RUNS))
    return answer


def _linear_map(case: Case) -> Figures:
    """Y = C X with the covariance of X (JCGM 102:2011, 6.2)."""
    inputs = case["inputs"]
    cov = inputs["cov"]
    u = [math.sqrt(cov[i][i]) for i in range(len(cov))]
    quantities = {f"x{i}": {"value": x, "u": u[i]} for i, x in enumerate(inputs["mean"])}
    rows = [" + ".join(f"{c}*x{i}" for i, c in enumerate(row)) for row in inputs["C"]]
    document = published.budget(quantities, {f"y{i + 1}": text for i, text in enumerate(rows)})
    document["correlations"] = [
        {"between": [f"x{j}", f"x{i}"], "r": cov[i][j] / (u[i] * u[j])}
        for i in range(len(cov)) for j in range(i) if cov[i][j]
    ]  # fmt: skip
    found = evaluate(document)
    results = [found.results[f"y{i + 1}"] for i in range(len(rows))]
    answer: dict[str, float] = {}
    for i, a in enumerate(results):
        for j, b in enumerate(results):
            r = float(found.correlation[i, j])
            answer |= {f"cov_{i + 1}{j + 1}": r * a.u * b.u, f"r_{i + 1}{j + 1}": r}
    return answer


def _polar(case: Case) -> dict[str, Any]:
    inputs = case["inputs"]
    quantities = {x: {"value": inputs[x], "u": inputs[u]} for x, u in (("x1", "u1"), ("x2", "u2"))}
    document = published.budget(quantities, published.models(case["model"]))
    if inputs["r"]:
        document["correlations"] = [{"between": ["x1", "x2"], "r": inputs["r"]}]
    return document


def _polar_first_order(case: Case) -> Figures:
    """JCGM 102:2011, 9.3, first order."""
    found = evaluate(_polar(case))
    size, phase = found.results["magnitude"], found.results["phase"]
    u = {"u_magnitude": size.u, "u_phase": phase.u}
    return u | {"magnitude": size.value, "phase": phase.value, "r_mag_phase": float(found.correlation[0, 1])}


def _polar_sampled(case: Case) -> Figures:
    """JCGM 102:2011, 9.3, Monte Carlo."""

    def figures(found: Evaluation) -> dict[str, float]:
        size, phase = _summary(found, "magnitude"), _summary(found, "phase")
        return {"magnitude": size["y"], "u_magnitude": size["u"], "phase": phase["y"], "u_phase": phase["u"]}

    return _runs(_polar(case), figures)


def _complex_mean(case: Case) -> Figures:
    """Mean of complex readings and its covariance (JCGM 102:2011, 5.3.2; Willink and Hall, Metrologia 39 (2002) 361)."""
    readings = {name: case["inputs"][name] for name in ("re", "im")}
    mean = evaluate(published.budget({"z": {"readings": readings}}, {"mean": "1*z"})).complexes["mean"]
    V = mean.covariance
    v = {"v_re": float(V[0, 0]), "v_im": float(V[1, 1]), "v_re_im": float(V[0, 1])}
    return v | {"mean_re": mean.value.real, "mean_im": mean.value.imag}


def _complex_dof(case: Case) -> Figures:
    """The sum of complex quantities, each with its covariance and its degrees of freedom."""
    quantities = {
        f"x{i + 1}": {"value": {"re": 0, "im": 0}, "covariance": part["cov"], "dof": part["dof"]}
        for i, part in enumerate(case["inputs"]["components"])
    }
    found = evaluate(published.budget(quantities, {"x": " + ".join(quantities)}))
    return {"dof": found.complexes["x"].dof}


def _reflection(case: Case) -> Figures:
    """NIST TN 1900, E15: S22 − S12·S23/S13, each stated by magnitude and phase."""
    quantities = {
        name: {"value": {"abs": size, "phase": phase}, "u": {"abs": u_size, "phase": u_phase}}
        for name, (size, phase, u_size, u_phase) in case["inputs"]["polar"].items()
    }

    def figures(found: Evaluation) -> dict[str, float]:
        re, im = _summary(found, "G.re"), _summary(found, "G.im")
        assert found.monte_carlo is not None
        r = found.monte_carlo["correlation"]["matrix"][0][1]
        return {"re": re["y"], "im": im["y"], "u_re": re["u"], "u_im": im["u"], "r_re_im": r}

    return _runs(published.budget(quantities, {"G": case["model"]}), figures)


RUNNERS: dict[str, Runner] = {
    "lpu": _first_order,
    "lpu_multi": _first_order,
    "lpu_raw_correlated": _first_order,
    "budget": _budget,
    "student_t": _student_t,
    "mc_sum_normal": _sampled,
    "mc_sum_rect": _sampled,
    "mc_log": _sampled,
    "mass_93": _sampled,
    "lpu_mc": _sampled,
    "linear_map": _linear_map,
    "polar_guf": _polar_first_order,
    "polar_mcm": _polar_sampled,
    "complex_mean": _complex_mean,
    "complex_dof_sum": _complex_dof,
    "complex_refl": _reflection,
}
