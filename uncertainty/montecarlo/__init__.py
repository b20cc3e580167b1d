"""Propagation of distributions (JCGM 101:2008, 102:2011), reproducible from one seed whatever the number of workers.

drawing → inputs → compiled → blocks → adaptive, intervals → here: what stands beside the first order.
regions, pictures and sobol are asked for by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..coverage import coverage_factor
from ..distributions import FloatArray
from ..errors import N_, EvaluationError
from ..result import correlation_of
from .adaptive import adaptive, tolerance
from .asked import probability, seed_of, trials_of, workers_of
from .blocks import BLOCK, Sampler
from .intervals import Intervals, intervals, moments, summarise

if TYPE_CHECKING:
    from ..evaluation import Budget, Evaluation

__all__ = ["BLOCK", "Intervals", "Sampler", "beside", "intervals", "moments", "sample", "summarise", "tolerance"]

NO_VARIANCE = N_("an input has two or fewer degrees of freedom: no finite variance")


def beside(
    budget: Budget,
    evaluated: Evaluation,
    *,
    trials: int | str,
    seed: int | None,
    p: float = 0.95,
    workers: int = 1,
) -> Evaluation:
    """The first-order evaluation with Monte Carlo and the validation of JCGM 101:2008, clause 8, beside it."""
    p = budget.coverage[1] or probability(p)
    seed = seed_of(seed)
    sampler = Sampler(budget)
    samples, stabilized = _drawn(sampler, evaluated, trials, seed, p, workers)
    require_finite(budget, samples)
    summary, correlation = _summaries(sampler, samples, p)
    answer = {
        "trials": int(samples.shape[1]),
        "seed": seed,
        "p": p,
        "stabilized": stabilized,
        "measurands": summary,
        "correlation": {"names": [m.name for m in budget.measurands], "matrix": correlation.tolist()},
    }
    return replace(evaluated, monte_carlo=answer, validation=_validate(evaluated, summary, p))


def sample(budget: Budget, trials: int = 1_000_000, *, seed: int, workers: int = 1) -> FloatArray:
    """(measurands, trials) sampled values, each measurand in its unit. Raises EvaluationError where one is not finite."""
    samples = Sampler(budget).draw(trials_of(trials), seed_of(seed), workers=workers_of(workers))
    require_finite(budget, samples)
    return samples


def require_finite(budget: Budget, samples: FloatArray) -> None:
    """Raises EvaluationError that names the measurand with a value that is no finite number."""
    for row, measurand in zip(samples, budget.measurands, strict=True):
        if not np.all(np.isfinite(row)):
            place = f"measurands.{measurand.name}"
            raise EvaluationError(place=place, found=N_("not finite in some trials"), right=N_("a finite number"))


def _drawn(
    sampler: Sampler, evaluated: Evaluation, trials: int | str, seed: int, p: float, workers: int
) -> tuple[FloatArray, bool | None]:
    if trials != "adaptive":
        return sampler.draw(trials_of(trials, "adaptive"), seed, workers=workers_of(workers)), None
    u = {name: result.u for name, result in evaluated.results.items()}
    return adaptive(sampler, u, seed, p, workers=workers_of(workers))


def _summaries(sampler: Sampler, samples: FloatArray, p: float) -> tuple[dict[str, dict[str, Any]], FloatArray]:
    """(measurand → figures, correlation of the measurands)."""
    mean, V = moments(samples)
    summary: dict[str, dict[str, Any]] = {}
    for i, measurand in enumerate(sampler.budget.measurands):
        found = intervals(samples[i], p)
        summary[measurand.name] = {
            "mean": float(mean[i]),
            "u": math.sqrt(float(V[i, i])),
            "interval_symmetric": list(found.symmetric),
            "interval_shortest": list(found.shortest),
        }
        if measurand.name in sampler.without_variance:
            summary[measurand.name] |= {"u": None, "reason": NO_VARIANCE}
    return summary, correlation_of(V)


def _validate(evaluated: Evaluation, summary: Mapping[str, Mapping[str, Any]], p: float) -> dict[str, Any]:
    """Clause 8: the ends of y ± U of the law of propagation agree with the sampled ones within δ of u to two digits."""
    answer = {}
    for name, result in evaluated.results.items():
        delta = tolerance(result.u)
        U = coverage_factor(p, result.dof) * result.u
        low, high = summary[name]["interval_symmetric"]
        d_low, d_high = abs(result.value - U - low), abs(result.value + U - high)
        answer[name] = {"delta": delta, "d_low": d_low, "d_high": d_high, "valid": max(d_low, d_high) <= delta}
    return answer
