"""Sobol' indices: which inputs the variance of a measurand comes from, with their interactions.

First: the share that would go if the input were known. Total: the share that would stay if it alone were unknown.
Inputs that depend on each other (a shared source, a correlation, readings taken together) count as one.
Sources: Saltelli et al., Comput. Phys. Commun. 181 (2010) 259, table 2, (b) for the first order, (f) (Jansen) for the
total; the same quantities and distributions as JCGM 101:2008 propagates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..distributions import FloatArray
from ..errors import N_, EvaluationError
from .asked import seed_of, trials_of
from .blocks import BLOCK, Place, Sampler, stream_of
from .compiled import Call, Room, run
from .inputs import hanging

if TYPE_CHECKING:
    from ..budget import Budget

BATCH = 1_024  # trials whose mean is one value for the sampling uncertainty


@dataclass(frozen=True, slots=True)
class Index:
    """Sobol' indices of one input, or of inputs that depend on each other; u_first, u_total: of sampling."""

    names: tuple[str, ...]
    first: float
    u_first: float
    total: float
    u_total: float


def sobol(budget: Budget, trials: int = 200_000, *, seed: int) -> dict[str, list[Index]]:
    """Measurand → an index for each independent input, in the order of the document.

    trials: of each of the (inputs + 2) samples, rounded up to whole blocks. A measurand that does not vary has an empty
    list. Raises EvaluationError where a measurand is not finite or has no finite variance.
    """
    sampler = Sampler(budget)
    for name in sorted(sampler.without_variance):
        found = N_("without a finite variance")
        raise EvaluationError(place=f"measurands.{name}", found=found, right=N_("three degrees of freedom or more"))
    groups = independent(budget, sampler)
    sums = _sums(sampler, groups, math.ceil(trials_of(trials) / BLOCK), seed_of(seed))
    return {m.name: _indices(groups, sums[:, row]) for row, m in enumerate(budget.measurands)}


def independent(budget: Budget, sampler: Sampler) -> list[tuple[str, ...]]:
    """Names of the uncertain quantities that the measurands use, those that depend on each other together."""
    inputs, dependence = sampler.inputs, budget.dependence
    drawn = [i for some in inputs.correlated for i in some.places]
    drawn += [own.place for own in inputs.own] + [total.place for total in inputs.sums]
    used = {name for m in budget.measurands for name in m.expression.names}
    of = {i: set(dependence.of[i]) for i in drawn}
    observed = [set(some.sources) for some in inputs.together]
    pairs = [(i, i) for i in sorted(of)]
    for i in of:
        for j in of:
            together = of[i] & of[j] or any(of[i] & some and of[j] & some for some in observed)
            if i < j and (together or (i, j) in dependence.declared):
                pairs.append((i, j))
    names = [tuple(budget.names[i] for i in sorted(places)) for places in hanging(pairs)]
    return [group for group in names if used & set(group)]


def _sums(sampler: Sampler, groups: list[tuple[str, ...]], blocks: int, seed: int) -> FloatArray:
    """(batches, measurands, 1 + 2·groups): variance, then first and total numerator of each group, means of batches."""
    place = Place(sampler.inputs)
    other = sampler.inputs.buffers(Room(BLOCK))  # of their own: what a model works in is free to the next model
    b, calls_b = place.model(other)
    mixed: list[tuple[list[FloatArray], list[Call]]] = []
    for group in groups:
        mixed.append(place.model(place.at | {name: other[name] for name in group}))
    centre: list[float] = []
    rows = np.empty((blocks, BLOCK // BATCH, len(b), 1 + 2 * len(groups)))
    with np.errstate(all="ignore"):
        for block in range(blocks):
            sampler.inputs.fill(stream_of(seed, 0, block), place.at, place.room)
            sampler.inputs.fill(stream_of(seed, 1, block), other, place.room)
            for calls in (place.calls, calls_b, *(calls for _, calls in mixed)):
                run(calls)
            _require_finite(sampler, [place.results, b, *(results for results, _ in mixed)])
            centre = centre or [float(np.mean(row)) for row in b]
            for m, middle in enumerate(centre):
                rows[block, :, m] = _batch(place.results[m], b[m], [results[m] for results, _ in mixed], middle)
    return rows.reshape(-1, len(b), 1 + 2 * len(groups))


def _batch(a: FloatArray, b: FloatArray, mixed: list[FloatArray], middle: float) -> FloatArray:
    """(batches, 1 + 2·groups) of one measurand and one block: half the squared difference of A and B has mean V."""
    columns = [(a - b) ** 2 / 2]
    for ab in mixed:
        columns += [(b - middle) * (ab - a), (a - ab) ** 2 / 2]
    return np.stack([column.reshape(-1, BATCH).mean(axis=1) for column in columns], axis=1)


def _indices(groups: list[tuple[str, ...]], batches: FloatArray) -> list[Index]:
    """batches: (batches, 1 + 2·groups). u of a ratio from the scatter of numerator − index·variance."""
    means = batches.mean(axis=0)
    if not means[0] > 0:
        return []
    found = means[1:] / means[0]
    scatter = np.std(batches[:, 1:] - found * batches[:, :1], axis=0, ddof=1) / math.sqrt(len(batches)) / means[0]
    return [
        Index(group, float(found[2 * i]), float(scatter[2 * i]), float(found[2 * i + 1]), float(scatter[2 * i + 1]))
        for i, group in enumerate(groups)
    ]


def _require_finite(sampler: Sampler, sets: list[list[FloatArray]]) -> None:
    for m, measurand in enumerate(sampler.budget.measurands):
        if not all(np.all(np.isfinite(results[m])) for results in sets):
            place = f"measurands.{measurand.name}"
            raise EvaluationError(place=place, found=N_("not finite in some trials"), right=N_("a finite number"))
