"""How the input quantities of one budget are drawn together: shared sources, copulas, simultaneous readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..copula import score_correlation, total
from ..dependence import no_variance, root
from ..distributions import FloatArray
from ..errors import N_, CorrelationError, DocumentError
from .compiled import Room, Value
from .drawing import Fill, Stream, fill

if TYPE_CHECKING:
    from ..budget import Budget


@dataclass(frozen=True, slots=True)
class Correlated:
    """Quantities in a set that hangs together: their places, a root of the correlation of their normal scores, and the
    increasing function of a score for each."""

    places: tuple[int, ...]
    root: FloatArray
    totals: tuple[Callable[[FloatArray], FloatArray], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Sources whose variances come from one estimate: multivariate t, u·z·√(above/χ²) with χ² of ν degrees of freedom.

    Simultaneous readings: ν = n − N, above = n − 1 (JCGM 102:2011, 5.3.2). Coefficients of one fit: both its ν.
    """

    sources: tuple[int, ...]
    root: FloatArray
    nu: float
    above: float


@dataclass(frozen=True, slots=True)
class Own:
    """A quantity drawn by one fill of its own, straight into its buffer."""

    place: int
    fill: Fill


@dataclass(frozen=True, slots=True)
class Sum:
    """A quantity that is its value and several sources, or sources that others share."""

    place: int
    sources: tuple[int, ...]


class Inputs:
    """What the measurands of a budget use, and how a block of it is drawn."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.names = budget.names
        self.values = [float(q.value) for q in budget.quantities.values()]
        dependence = budget.dependence
        fitted = [(sources, nu) for sources, nu in dependence.fits if _by_itself(budget, sources)]
        within = {i for sources, _ in fitted for s in sources for i in dependence.sources[s].owners}
        self.correlated = [_correlated(budget, some) for some in hanging(dependence.declared) if some[0] not in within]
        self.together = [_together(budget, group, n - len(group), n - 1) for group, n in dependence.groups]
        self.together += [_together(budget, sources, nu, nu) for sources, nu in fitted]
        used = {name for measurand in budget.measurands for name in measurand.expression.names}
        joint = {i for some in self.correlated for i in some.places}
        grouped = {s for some in self.together for s in some.sources}
        self.own: list[Own] = []
        self.sums: list[Sum] = []
        for i, mine in enumerate(dependence.of):
            if i in joint or not mine or self.names[i] not in used:
                continue
            first = dependence.sources[mine[0]]
            if len(mine) == 1 and len(first.owners) == 1 and mine[0] not in grouped:
                self.own.append(Own(i, fill(first.shape, float(first.dof), self.values[i])))
            else:
                self.sums.append(Sum(i, mine))
        self.alone = {
            s: fill(dependence.sources[s].shape, float(dependence.sources[s].dof), 0.0)
            for s in dict.fromkeys(s for some in self.sums for s in some.sources)
            if s not in grouped
        }

    def buffers(self, room: Room) -> dict[str, Value]:
        """Name → the buffer that its draws will stand in, or its value where it has no uncertainty."""
        at: dict[str, Value] = dict(zip(self.names, self.values, strict=True))
        places = [i for some in self.correlated for i in some.places]
        places += [own.place for own in self.own] + [total_.place for total_ in self.sums]
        return at | {self.names[i]: room.take() for i in places}

    def fill(self, stream: Stream, at: Mapping[str, Value], room: Room) -> None:
        """One block of draws into the buffers of `at`; the order of the draws is part of what a seed means."""
        spare = room.take()
        for some in self.correlated:
            self._copula(some, stream, at)
        drawn = {s: row for group in self.together for s, row in self._group(group, stream, room.width)}
        for own in self.own:
            own.fill(stream, _buffer(at, self.names[own.place]), spare)
        for s, one in self.alone.items():
            drawn[s] = room.take()
            one(stream, drawn[s], spare)
        for total_ in self.sums:
            out = _buffer(at, self.names[total_.place])
            np.add(drawn[total_.sources[0]], self.values[total_.place], out)
            for s in total_.sources[1:]:
                np.add(out, drawn[s], out)
        for s in self.alone:
            room.give(drawn[s])
        room.give(spare)

    def _copula(self, some: Correlated, stream: Stream, at: Mapping[str, Value]) -> None:
        width = len(_buffer(at, self.names[some.places[0]]))
        scores = some.root @ stream.standard_normal((len(some.places), width))
        for i, increasing, row in zip(some.places, some.totals, scores, strict=True):
            np.add(increasing(row), self.values[i], _buffer(at, self.names[i]))

    def _group(self, group: Together, stream: Stream, width: int) -> list[tuple[int, FloatArray]]:
        scores = group.root @ stream.standard_normal((len(group.sources), width))
        scale = np.sqrt(group.above / stream.chisquare(group.nu, width))
        sources = self.budget.dependence.sources
        return [(s, float(sources[s].u) * z * scale) for s, z in zip(group.sources, scores, strict=True)]


def _buffer(at: Mapping[str, Value], name: str) -> FloatArray:
    found = at[name]
    assert isinstance(found, np.ndarray)
    return found


def hanging(pairs: Mapping[tuple[int, int], object] | Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Sets of places that pairs tie together, each in the order in which they are met from its smallest."""
    left = {i for pair in pairs for i in pair}
    found = []
    while left:
        places = [min(left)]
        for i in places:
            near = {j for pair in pairs if i in pair for j in pair}
            places += sorted(near - set(places))
        left -= set(places)
        found.append(tuple(places))
    return found


def _correlated(budget: Budget, places: tuple[int, ...]) -> Correlated:
    """The scores' correlations with which the quantities have the correlations declared."""
    dependence = budget.dependence
    parts = [[dependence.sources[s] for s in dependence.of[i]] for i in places]
    _require_alone(budget, places)
    r = np.eye(len(places))
    for (i, j), asked in dependence.declared.items():
        if i in places:
            a, b = places.index(i), places.index(j)
            r[a, b] = r[b, a] = score_correlation(parts[a], parts[b], asked)
    if float(np.linalg.eigvalsh(r)[0]) < -1e-6:
        found = N_("a matrix that these distributions cannot have together")
        raise CorrelationError(place="correlations", found=found, right=N_("smaller correlations"))
    return Correlated(places, root(r), tuple(total(some) for some in parts))


def _require_alone(budget: Budget, places: Sequence[int]) -> None:
    """What is drawn as a correlated total shares no source with others, and has a variance."""
    dependence = budget.dependence
    for i in places:
        place = f"quantities.{budget.names[i]}"
        some = [dependence.sources[s] for s in dependence.of[i]]
        if any(len(source.owners) > 1 for source in some):
            found = N_("a shared id and a correlation")
            raise DocumentError(place=place, found=found, right=N_("one of both, where Monte Carlo is asked for"))
        if no_variance(some):
            found = N_("a correlation and two or fewer degrees of freedom")
            right = N_("three degrees of freedom or more, where Monte Carlo is asked for")
            raise DocumentError(place=place, found=found, right=right)


def _by_itself(budget: Budget, sources: Sequence[int]) -> bool:
    """Is a fit correlated with nothing outside it, of finite ν, and each coefficient one source of its own?"""
    dependence = budget.dependence
    of = [dependence.sources[s] for s in sources]
    owners = {i for source in of for i in source.owners}
    if any(len(source.owners) != 1 or source.shape.name != "t" or not np.isfinite(source.dof) for source in of):
        return False
    return len(owners) == len(of) and all((i in owners) == (j in owners) for i, j in dependence.declared)


def _together(budget: Budget, group: tuple[int, ...], nu: float, above: float) -> Together:
    r = np.eye(len(group))
    for s, t, rho in budget.dependence.pairs:
        if s in group and t in group:
            r[group.index(s), group.index(t)] = r[group.index(t), group.index(s)] = float(rho)
    return Together(group, root(r), nu, above)


def without_variance(budget: Budget) -> set[str]:
    """Measurands that depend on a t of two or fewer degrees of freedom."""
    dependence = budget.dependence
    wild = {s for s, source in enumerate(dependence.sources) if no_variance([source])}
    for group, n in dependence.groups:
        wild = (wild - set(group)) | (set(group) if n - len(group) <= 2 else set())
    names = {budget.names[i] for i, mine in enumerate(dependence.of) if wild & set(mine)}
    for measurand in budget.measurands:
        if names & set(measurand.expression.names):
            names.add(measurand.name)
    return names & {measurand.name for measurand in budget.measurands}
