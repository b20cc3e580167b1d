"""Propagation of distributions (JCGM 101:2008), reproducible from one seed whatever the number of workers.

Trials are drawn in blocks of a fixed size, each from a stream spawned from the seed.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DocumentError, EvaluationError
from .model import FloatArray
from .quantities import Component, Quantity

if TYPE_CHECKING:
    from .evaluation import Budget, Evaluation

BLOCK = 8_192
MOST = 50_000_000
DEFAULT_P = 0.95
ADAPTIVE_BLOCK = 10_000  # JCGM 101:2008, 7.9.4 b): M = max(J, 10^4)


def beside(budget: Budget, evaluated: Evaluation, *, trials: int | str, seed: int | None) -> Evaluation:
    """The first-order evaluation with Monte Carlo and the validation of JCGM 101:2008, clause 8, beside it."""
    p = budget.coverage[1] or DEFAULT_P
    seed = secrets.randbits(63) if seed is None else seed
    if trials == "adaptive":
        samples, stabilized = _adaptive(budget, seed, p)
    else:
        samples, stabilized = draw(budget, _trials(trials), seed), None
    summary = {m.name: summarise(samples[i], p) for i, m in enumerate(budget.measurands)}
    for i, measurand in enumerate(budget.measurands):
        if _no_variance(budget):
            summary[measurand.name]["u"] = None
            summary[measurand.name]["reason"] = "an input has two or fewer degrees of freedom: no finite variance"
        if not np.all(np.isfinite(samples[i])):
            raise EvaluationError(
                place=f"measurands.{measurand.name}", found="not finite in some trials", right="finite"
            )
    matrix = np.atleast_2d(np.corrcoef(samples)) if len(samples) > 1 else np.eye(1)
    answer = {
        "trials": int(samples.shape[1]),
        "seed": seed,
        "p": p,
        "stabilized": stabilized,
        "measurands": summary,
        "correlation": {"names": [m.name for m in budget.measurands], "matrix": np.nan_to_num(matrix).tolist()},
    }
    return replace(evaluated, monte_carlo=answer, validation=_validate(evaluated, summary, p))


def _trials(found: int | str) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= MOST:
        raise DocumentError(place="trials", found=str(found), right=f"a whole number up to {MOST}, or adaptive")
    return max(found, 100)


def draw(budget: Budget, trials: int, seed: int, first_block: int = 0) -> FloatArray:
    """(measurands, trials) values of the model, in each measurand's unit."""
    out = np.empty((len(budget.measurands), trials))
    blocks = math.ceil(trials / BLOCK)
    for block in range(blocks):
        stream = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(first_block + block,))))
        inputs = _inputs(budget, stream)
        begin = block * BLOCK
        width = min(BLOCK, trials - begin)
        with np.errstate(all="ignore"):
            at: dict[str, FloatArray] = dict(inputs)
            for row, measurand in enumerate(budget.measurands):
                values = np.broadcast_to(measurand.expression.values(at)[-1], (BLOCK,))
                at[measurand.name] = values
                out[row, begin : begin + width] = values[:width] / measurand.unit.size
    return out


def _inputs(budget: Budget, stream: np.random.Generator) -> dict[str, FloatArray]:
    """Draws of every quantity; correlated ones through a Gaussian copula, groups by a multivariate t."""
    drawn: dict[str, FloatArray] = {}
    shared: dict[str, FloatArray] = {}
    normal = _correlated(budget, stream)
    for name in budget.names:
        q: Quantity = budget.quantities[name]
        if name in normal:
            drawn[name] = q.value + q.u * normal[name]
            continue
        total: FloatArray = np.full(BLOCK, q.value)
        for part in q.components:
            if part.id not in shared:
                shared[part.id] = _sample(part, stream)
            total = total + shared[part.id]
        drawn[name] = total
    return drawn


def _correlated(budget: Budget, stream: np.random.Generator) -> dict[str, FloatArray]:
    """Standardised draws of the quantities that are correlated: normal, or a multivariate t for a group."""
    found: dict[str, FloatArray] = {}
    grouped = {i for group in budget.groups for i in group}
    for group in budget.groups:
        r = budget.correlation[np.ix_(group, group)]
        n = len(budget.quantities[budget.names[group[0]]].readings)
        nu = n - len(group)  # JCGM 102:2011, 5.3.2
        z = _root(r) @ stream.standard_normal((len(group), BLOCK))
        scale = np.sqrt((n - 1) / nu) * np.sqrt(nu / stream.chisquare(nu, BLOCK))
        for row, i in enumerate(group):
            found[budget.names[i]] = z[row] * scale
    loose = [i for i in range(len(budget.names)) if i not in grouped and np.count_nonzero(budget.correlation[i]) > 1]
    if loose:
        for i in loose:
            parts = budget.quantities[budget.names[i]].components
            if any(part.shape not in ("normal",) for part in parts):
                raise DocumentError(
                    place=f"quantities.{budget.names[i]}",
                    found="a correlation of a distribution that is not normal",
                    right="normal distributions, where Monte Carlo is asked for",
                )
        z = _root(budget.correlation[np.ix_(loose, loose)]) @ stream.standard_normal((len(loose), BLOCK))
        found |= {budget.names[i]: z[row] for row, i in enumerate(loose)}
    return found


def _root(r: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(r)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0, None)), dtype=float)


def _sample(part: Component, stream: np.random.Generator) -> FloatArray:
    """Draws about 0 (JCGM 101:2008, 6.4)."""
    match part.shape:
        case "normal":
            return part.width * stream.standard_normal(BLOCK)
        case "t":
            return part.width * stream.standard_t(part.dof, BLOCK)
        case "rectangular":
            return part.width * (2 * stream.random(BLOCK) - 1)
        case "triangular":
            return part.width * (stream.random(BLOCK) + stream.random(BLOCK) - 1)
        case "arcsine":
            return part.width * np.sin(2 * np.pi * stream.random(BLOCK))
    outer = (1 + part.top) / 2
    return part.width * (outer * (2 * stream.random(BLOCK) - 1) + (1 - outer) * (2 * stream.random(BLOCK) - 1))


def summarise(values: FloatArray, p: float) -> dict[str, Any]:
    """Mean, u, symmetric and shortest interval of probability p (JCGM 101:2008, 7.6, 7.7)."""
    ordered = np.sort(values)
    M = len(ordered)
    q = min(round(p * M), M - 1)
    low = (M - q) // 2
    widths = ordered[q:] - ordered[: M - q]
    best = int(np.argmin(widths))
    return {
        "mean": float(np.mean(values)),
        "u": float(np.std(values, ddof=1)),
        "interval_symmetric": [float(ordered[low]), float(ordered[min(low + q, M - 1)])],
        "interval_shortest": [float(ordered[best]), float(ordered[best + q])],
    }


def _no_variance(budget: Budget) -> bool:
    return any(part.shape == "t" and part.dof <= 2 for q in budget.quantities.values() for part in q.components)


def tolerance(u: float, digits: int = 2) -> float:
    """δ: half a unit of the last of `digits` significant digits of u (JCGM 101:2008, 7.9.2)."""
    return 0.5 * 10.0 ** (math.floor(math.log10(u)) - digits + 1) if u > 0 else 0.0


def _adaptive(budget: Budget, seed: int, p: float) -> tuple[FloatArray, bool]:
    """Trials until mean, u and both ends are stable within δ/5 at two deviations (JCGM 101:2008, 7.9.4)."""
    per = max(ADAPTIVE_BLOCK, math.ceil(100 / (1 - p)))
    blocks = math.ceil(per / BLOCK)
    runs: list[FloatArray] = []
    stats: list[list[list[float]]] = []
    while (len(runs) + 1) * per <= MOST // 10:
        values = draw(budget, per, seed, first_block=len(runs) * blocks)
        runs.append(values)
        found = [summarise(row, p) for row in values]
        stats.append([[s["mean"], s["u"], *s["interval_symmetric"]] for s in found])
        if len(runs) < 2:
            continue
        whole = np.concatenate(runs, axis=1)
        spread = 2 * np.std(np.array(stats), axis=0, ddof=1) / math.sqrt(len(runs))
        allowed = [tolerance(float(np.std(row, ddof=1))) / 5 for row in whole]
        if all(float(spread[i].max()) <= allowed[i] for i in range(len(allowed))):
            return whole, True
    return np.concatenate(runs, axis=1), False


def _validate(evaluated: Evaluation, summary: dict[str, dict[str, Any]], p: float) -> dict[str, Any]:
    """Clause 8: the ends of both intervals agree within δ of u to two digits."""
    from .coverage import coverage_factor

    answer = {}
    for name, result in evaluated.results.items():
        delta = tolerance(result.u)
        U = coverage_factor(p, result.dof) * result.u
        low, high = summary[name]["interval_symmetric"]
        d_low, d_high = abs(result.value - U - low), abs(result.value + U - high)
        answer[name] = {"delta": delta, "d_low": d_low, "d_high": d_high, "valid": max(d_low, d_high) <= delta}
    return answer
