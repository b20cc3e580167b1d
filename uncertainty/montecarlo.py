"""Propagation of distributions (JCGM 101:2008, 102:2011), reproducible from one seed whatever the number of workers.

Trials are drawn in blocks of a fixed size, each from a stream spawned from the seed.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .copula import score_correlation, total
from .coverage import coverage_factor
from .dependence import no_variance, root
from .distributions import FloatArray, draw
from .errors import N_, CorrelationError, DocumentError, EvaluationError
from .result import correlation_of

if TYPE_CHECKING:
    from .evaluation import Budget, Evaluation

BLOCK = 8_192
FEWEST, MOST = 100, 20_000_000
ADAPTIVE_MOST = 5_000_000
ADAPTIVE_BLOCK = 10_000  # JCGM 101:2008, 7.9.4 b): M = max(J, 10^4)
NO_VARIANCE = N_("an input has two or fewer degrees of freedom: no finite variance")
Draws = Callable[[np.random.Generator], dict[int, FloatArray]]


def beside(
    budget: Budget, evaluated: Evaluation, *, trials: int | str, seed: int | None, p: float = 0.95
) -> Evaluation:
    """The first-order evaluation with Monte Carlo and the validation of JCGM 101:2008, clause 8, beside it."""
    if not 0 < p < 1:
        raise DocumentError(place="p", found=str(p), right=N_("a probability such as 0.95"))
    p = budget.coverage[1] or p
    seed = secrets.randbits(63) if seed is None else seed
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise DocumentError(place="seed", found=str(seed), right=N_("a whole number from 0"))
    sampler = Sampler(budget)
    stabilized: bool | None = None
    if trials == "adaptive":
        samples, stabilized = _adaptive(sampler, evaluated, seed, p)
    else:
        samples = sampler.draw(_trials(trials), seed)
    summary: dict[str, dict[str, Any]] = {}
    for row, measurand in zip(samples, budget.measurands, strict=True):
        if not np.all(np.isfinite(row)):
            place = f"measurands.{measurand.name}"
            raise EvaluationError(place=place, found=N_("not finite in some trials"), right=N_("a finite number"))
        summary[measurand.name] = summarise(row, p)
        if measurand.name in sampler.without_variance:
            summary[measurand.name] |= {"u": None, "reason": NO_VARIANCE}
    answer = {
        "trials": int(samples.shape[1]),
        "seed": seed,
        "p": p,
        "stabilized": stabilized,
        "measurands": summary,
        "correlation": {"names": [m.name for m in budget.measurands], "matrix": _correlation(samples).tolist()},
    }
    return replace(evaluated, monte_carlo=answer, validation=_validate(evaluated, summary, p))


def _correlation(samples: FloatArray) -> FloatArray:
    return correlation_of(np.atleast_2d(np.cov(samples)))


def _trials(found: int | str) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not FEWEST <= found <= MOST:
        raise DocumentError(place="trials", found=str(found), right=f"{FEWEST} … {MOST}, adaptive")
    return found


class Sampler:
    """Draws the model of one budget, block by block."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        dependence = budget.dependence
        self.totals: list[tuple[list[int], FloatArray, list[Callable[[FloatArray], FloatArray]]]] = []
        self._copulas()
        self.groups: list[tuple[tuple[int, ...], FloatArray, int]] = []
        self.joint: set[int] = {i for places, _, _ in self.totals for i in places}
        for group, n in dependence.groups:
            r = np.eye(len(group))
            for s, t, rho in dependence.pairs:
                if s in group and t in group:
                    r[group.index(s), group.index(t)] = r[group.index(t), group.index(s)] = float(rho)
            self.groups.append((group, root(r), n))
        self.without_variance = self._without_variance()

    def _copulas(self) -> None:
        """Correlated quantities in sets that hang together, each with the correlation of its normal scores."""
        dependence, sources = self.budget.dependence, self.budget.dependence.sources
        left = {i for pair in dependence.declared for i in pair}
        while left:
            places = [min(left)]
            for i in places:
                near = {j for pair in dependence.declared if i in pair for j in pair}
                places += sorted(near - set(places))
            left -= set(places)
            parts = [[sources[s] for s in dependence.of[i]] for i in places]
            self._alone(places)
            r = np.eye(len(places))
            for (i, j), asked in dependence.declared.items():
                if i in places:
                    a, b = places.index(i), places.index(j)
                    r[a, b] = r[b, a] = score_correlation(parts[a], parts[b], asked)
            if float(np.linalg.eigvalsh(r)[0]) < -1e-6:
                found = N_("a matrix that these distributions cannot have together")
                raise CorrelationError(place="correlations", found=found, right=N_("smaller correlations"))
            self.totals.append((places, root(r), [total(some) for some in parts]))

    def _alone(self, places: list[int]) -> None:
        """What is drawn as a correlated total shares no source with others, and has a variance."""
        dependence = self.budget.dependence
        for i in places:
            place = f"quantities.{self.budget.names[i]}"
            some = [dependence.sources[s] for s in dependence.of[i]]
            if any(len(source.owners) > 1 for source in some):
                found = N_("a shared id and a correlation")
                raise DocumentError(place=place, found=found, right=N_("one of both, where Monte Carlo is asked for"))
            if no_variance(some):
                found = N_("a correlation and two or fewer degrees of freedom")
                right = N_("three degrees of freedom or more, where Monte Carlo is asked for")
                raise DocumentError(place=place, found=found, right=right)

    def _without_variance(self) -> set[str]:
        """Measurands that depend on a t of two or fewer degrees of freedom."""
        dependence = self.budget.dependence
        wild = {s for s, source in enumerate(dependence.sources) if no_variance([source])}
        for group, n in dependence.groups:
            wild = (wild - set(group)) | (set(group) if n - len(group) <= 2 else set())
        names = {self.budget.names[i] for i, mine in enumerate(dependence.of) if wild & set(mine)}
        for measurand in self.budget.measurands:
            if names & set(measurand.expression.names):
                names.add(measurand.name)
        return names & {measurand.name for measurand in self.budget.measurands}

    def draw(self, trials: int, seed: int, first_block: int = 0) -> FloatArray:
        """(measurands, trials) values of the model, in each measurand's unit."""
        measurands = self.budget.measurands
        out = np.empty((len(measurands), trials))
        for block in range(math.ceil(trials / BLOCK)):
            seeds = np.random.SeedSequence(seed, spawn_key=(first_block + block,))
            at = self._inputs(np.random.Generator(np.random.SFC64(seeds)))
            begin = block * BLOCK
            width = min(BLOCK, trials - begin)
            with np.errstate(all="ignore"):
                for row, measurand in enumerate(measurands):
                    values = np.broadcast_to(measurand.expression.values(at)[-1], (BLOCK,))
                    at[measurand.name] = values
                    out[row, begin : begin + width] = values[:width] / measurand.unit.size
        return out

    def _inputs(self, stream: np.random.Generator) -> dict[str, FloatArray]:
        """Draws of every quantity: value and independent sources; correlated totals, groups by a multivariate t."""
        dependence = self.budget.dependence
        totals: dict[int, FloatArray] = {}
        for places, matrix, increasing in self.totals:
            z = matrix @ stream.standard_normal((len(places), BLOCK))
            totals |= {i: g(row) for i, g, row in zip(places, increasing, z, strict=True)}
        drawn = self._observed(stream)
        answer: dict[str, FloatArray] = {}
        for i, q in enumerate(self.budget.quantities.values()):
            if i in totals:
                answer[q.name] = q.value + totals[i]
                continue
            values: FloatArray = np.full(BLOCK, float(q.value))
            for s in dependence.of[i]:
                if s not in drawn:
                    source = dependence.sources[s]
                    drawn[s] = draw(source.shape, float(source.dof), stream, BLOCK)
                values = values + drawn[s]
            answer[q.name] = values
        return answer

    def _observed(self, stream: np.random.Generator) -> dict[int, FloatArray]:
        """Simultaneous readings: multivariate t of n − N degrees of freedom (JCGM 102:2011, 5.3.2)."""
        drawn: dict[int, FloatArray] = {}
        for group, matrix, n in self.groups:
            nu = n - len(group)
            z = matrix @ stream.standard_normal((len(group), BLOCK))
            scale = np.sqrt((n - 1) / stream.chisquare(nu, BLOCK))
            for row, s in enumerate(group):
                drawn[s] = float(self.budget.dependence.sources[s].u) * z[row] * scale
        return drawn


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


def tolerance(u: float, digits: int = 2) -> float:
    """δ: half a unit of the last of `digits` significant digits of u (JCGM 101:2008, 7.9.2)."""
    return 0.5 * 10.0 ** (math.floor(math.log10(u)) - digits + 1) if u > 0 else 0.0


def _adaptive(sampler: Sampler, evaluated: Evaluation, seed: int, p: float) -> tuple[FloatArray, bool]:
    """Trials until mean, u and both ends are stable within δ/5 at two deviations (JCGM 101:2008, 7.9.4).

    Of a measurand without finite variance the ends alone are watched. False after 5 million trials.
    """
    per = max(ADAPTIVE_BLOCK, math.ceil(100 / (1 - p)))
    blocks = math.ceil(per / BLOCK)
    names = [measurand.name for measurand in sampler.budget.measurands]
    first = [2 if name in sampler.without_variance else 0 for name in names]
    runs: list[FloatArray] = []
    stats: list[list[list[float]]] = []
    while (len(runs) + 1) * per <= ADAPTIVE_MOST:
        values = sampler.draw(per, seed, first_block=len(runs) * blocks)
        runs.append(values)
        found = [summarise(row, p) for row in values]
        stats.append([[s["mean"], s["u"], *s["interval_symmetric"]] for s in found])
        if len(runs) < 2:
            continue
        table = np.array(stats)
        spread = 2 * np.std(table, axis=0, ddof=1) / math.sqrt(len(runs))
        u = [
            evaluated.results[name].u if start else float(np.mean(table[:, i, 1]))
            for i, (name, start) in enumerate(zip(names, first, strict=True))
        ]
        if all(float(spread[i, start:].max()) <= tolerance(u[i]) / 5 for i, start in enumerate(first)):
            return np.concatenate(runs, axis=1), True
    return np.concatenate(runs, axis=1), False


def _validate(evaluated: Evaluation, summary: dict[str, dict[str, Any]], p: float) -> dict[str, Any]:
    """Clause 8: the ends of both intervals agree within δ of u to two digits."""
    answer = {}
    for name, result in evaluated.results.items():
        delta = tolerance(result.u)
        U = coverage_factor(p, result.dof) * result.u
        low, high = summary[name]["interval_symmetric"]
        d_low, d_high = abs(result.value - U - low), abs(result.value + U - high)
        answer[name] = {"delta": delta, "d_low": d_low, "d_high": d_high, "valid": max(d_low, d_high) <= delta}
    return answer
