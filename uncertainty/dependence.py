"""What depends on what: sources shared by their id, declared correlations, quantities observed together.

Everything is brought to the level of sources: rows of (source, source, correlation), beside what quantities share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .copula import reach
from .distributions import FloatArray, Number, Shape
from .document import number, only, show
from .errors import N_, CorrelationError, DocumentError, SourceConflict
from .quantities import Quantity

SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One source of uncertainty. u in coherent SI units; size: of the unit in which it is reported."""

    id: str
    u: Number
    dof: Number
    shape: Shape
    size: float
    owners: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """Sources, which of them each quantity has, and their correlations.

    pairs: (source, source, ρ). groups: (places of the readings' sources, number of readings).
    declared: (quantity, quantity) → r, as the document states them.
    fits: (sources, ν): coefficients of one fit, whose variances come from one estimate of ν degrees of freedom.
    """

    sources: tuple[Source, ...]
    of: tuple[tuple[int, ...], ...]
    pairs: tuple[tuple[int, int, Number], ...]
    groups: tuple[tuple[tuple[int, ...], int], ...]
    declared: Mapping[tuple[int, int], float]
    fits: tuple[tuple[tuple[int, ...], float], ...] = ()


def depend(quantities: Sequence[Quantity], data: Mapping[str, Any]) -> Dependence:
    """How the quantities of a document depend on each other. Raises DocumentError, SourceConflict, CorrelationError."""
    sources, of = _sources(quantities)
    groups, pairs = _groups(quantities, of, data.get("observed_together") or [])
    grouped = {s for group, _ in groups for s in group}
    declared = _declared(quantities, sources, of, grouped, data.get("correlations") or [])
    for (i, j), r in declared.items():
        a, b = quantities[i], quantities[j]
        for s in of[i]:
            for t in of[j]:
                pairs.append((s, t, r * (sources[s].u / a.u) * (sources[t].u / b.u)))
    return Dependence(tuple(sources), of, tuple(pairs), tuple(groups), declared)


def _sources(quantities: Sequence[Quantity]) -> tuple[list[Source], tuple[tuple[int, ...], ...]]:
    found: dict[str, int] = {}
    sources: list[Source] = []
    values: dict[str, Number] = {}
    of: list[tuple[int, ...]] = []
    for i, q in enumerate(quantities):
        mine = []
        for part in q.components:
            if part.id not in found:
                found[part.id] = len(sources)
                sources.append(Source(part.id, part.u, part.dof, part.shape, q.unit.size, []))
            source = sources[found[part.id]]
            if i in source.owners:
                raise DocumentError(place=part.place, found=f"{part.id} + {part.id}", right=N_("each source once"))
            _same(source, part.u, part.dof, part.shape, part.place)
            source.owners.append(i)
            mine.append(found[part.id])
        if q.id in values and q.components and np.any(np.abs(values[q.id] - q.value) > SAME * np.abs(q.value)):
            raise SourceConflict(place=f"quantities.{q.name}", found=q.id, field="value", right=_plain(values[q.id], q))
        values.setdefault(q.id, q.value)
        of.append(tuple(mine))
    return sources, tuple(of)


def _plain(value: Number, q: Quantity) -> str:
    return f"{float(np.ravel(value)[0]) / q.unit.size:.12g}"


def _same(source: Source, u: Number, dof: Number, shape: Shape, place: str) -> None:
    """The same id is the same source: u, ν and distribution agree."""
    size = source.size
    if np.any(np.abs(np.asarray(u) - source.u) > SAME * np.abs(source.u)):
        right = f"u = {float(np.ravel(source.u)[0]) / size:.6g}"
        raise SourceConflict(place=place, found=source.id, field="u", right=right)
    if not np.array_equal(np.asarray(dof), np.asarray(source.dof)):
        raise SourceConflict(place=place, found=source.id, field="dof", right=f"{float(np.ravel(source.dof)[0]):g}")
    if shape.name != source.shape.name:
        raise SourceConflict(place=place, found=source.id, field="distribution", right=source.shape.name)


def _groups(
    quantities: Sequence[Quantity], of: tuple[tuple[int, ...], ...], listed: Sequence[Any]
) -> tuple[list[tuple[tuple[int, ...], int]], list[tuple[int, int, Number]]]:
    """Quantities read at the same times: the correlation of the means is that of the readings (JCGM 100, 5.2.3)."""
    places = {q.name: i for i, q in enumerate(quantities)}
    groups: list[tuple[tuple[int, ...], int]] = []
    pairs: list[tuple[int, int, Number]] = []
    used: set[int] = set()
    for g, group in enumerate(listed):
        place = f"observed_together.{g}"
        if not isinstance(group, list | tuple) or len(group) < 2:
            raise DocumentError(place=place, found=show(group), right="[V, I]")
        members: list[int] = []
        rows: list[FloatArray] = []
        for name in group:
            if name not in places:
                raise DocumentError(place=place, found=show(name), right=", ".join(places))
            q = quantities[places[name]]
            if q.readings is None or q.type_a is None:
                raise DocumentError(
                    place=place, found=show(name), right=N_("quantities of readings, each with its own s")
                )
            source = of[places[name]][q.type_a]
            if source in used or source in members:
                raise DocumentError(place=place, found=show(name), right=N_("each quantity once"))
            members.append(source)
            rows.append(q.readings)
        n = rows[0].shape[-1]
        if {row.shape[-1] for row in rows} != {n}:
            found = ", ".join(str(row.shape[-1]) for row in rows)
            raise DocumentError(place=place, found=found, right=N_("as many readings of each"))
        if n <= len(group):
            raise DocumentError(place=place, found=n, right=N_("more readings than quantities"))
        used |= set(members)
        groups.append((tuple(members), n))
        centred = [row - row.mean(axis=-1, keepdims=True) for row in rows]
        for i in range(len(members)):
            for j in range(i):
                both = np.sqrt(np.sum(centred[i] ** 2, axis=-1) * np.sum(centred[j] ** 2, axis=-1))
                cross = np.sum(centred[i] * centred[j], axis=-1)
                r = np.where(both > 0, cross / np.where(both > 0, both, 1.0), 0.0)
                pairs.append((members[j], members[i], r if r.ndim else float(r)))
    return groups, pairs


def _declared(
    quantities: Sequence[Quantity],
    sources: Sequence[Source],
    of: tuple[tuple[int, ...], ...],
    grouped: set[int],
    listed: Sequence[Any],
) -> dict[tuple[int, int], float]:
    places = {q.name: i for i, q in enumerate(quantities)}
    declared: dict[tuple[int, int], float] = {}
    for c, entry in enumerate(listed):
        place = f"correlations.{c}"
        if not isinstance(entry, Mapping):
            raise DocumentError(place=place, found=show(entry), right="{between: [a, b], r: 0.5}")
        only(entry, ("between", "r"), place)
        names = entry.get("between")
        if not isinstance(names, list | tuple) or len(names) != 2 or names[0] == names[1]:
            raise DocumentError(place=f"{place}.between", found=show(names), right="[a, b]")
        for name in names:
            if name not in places:
                raise DocumentError(place=f"{place}.between", found=show(name), right=", ".join(places))
            if not of[places[name]]:
                raise DocumentError(
                    place=f"{place}.between", found=show(name), right=N_("a quantity with an uncertainty")
                )
            if set(of[places[name]]) & grouped:
                raise DocumentError(
                    place=f"{place}.between", found=show(name), right=N_("a quantity that is not observed together")
                )
        i, j = sorted((places[names[0]], places[names[1]]))
        if (i, j) in declared:
            raise DocumentError(place=f"{place}.between", found=show(list(names)), right=N_("each pair once"))
        if set(of[i]) & set(of[j]):
            raise DocumentError(
                place=f"{place}.between", found=show(list(names)), right=N_("a shared id or a correlation, not both")
            )
        r = number(entry.get("r"), f"{place}.r", N_("from -1 to 1"))
        if not -1 <= r <= 1:
            raise DocumentError(place=f"{place}.r", found=f"{r:g}", right=N_("from -1 to 1"))
        if any(np.ndim(sources[s].u) or not np.all(np.asarray(sources[s].u) > 0) for s in (*of[i], *of[j])):
            declared[i, j] = r  # a batch, or readings that are all equal: nothing to reach
            continue
        low, high = reach([sources[s] for s in of[i]], [sources[s] for s in of[j]])
        if not low - 1e-6 <= r <= high + 1e-6:
            raise CorrelationError(place=f"{place}.r", found=f"{r:g}", right=f"{low:.3f} … {high:.3f}")
        declared[i, j] = r
    _semidefinite(declared, "correlations")
    return declared


def _semidefinite(declared: Mapping[tuple[int, int], float], place: str) -> None:
    used = sorted({i for pair in declared for i in pair})
    r = np.eye(len(used))
    for (i, j), value in declared.items():
        a, b = used.index(i), used.index(j)
        r[a, b] = r[b, a] = value
    if used and float(np.linalg.eigvalsh(r)[0]) < -1e-9:
        raise CorrelationError(
            place=place,
            found=N_("a matrix that is no correlation"),
            right=N_("positive semidefinite"),
        )


def root(r: FloatArray) -> FloatArray:
    """A matrix A with A Aᵀ = r, for a semidefinite r."""
    values, vectors = np.linalg.eigh(r)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0, None)), dtype=float)


def no_variance(sources: Sequence[Source]) -> bool:
    """Does a t of two or fewer degrees of freedom, which has no variance, take part?"""
    return any(s.shape.name == "t" and math.isfinite(float(s.dof)) and float(s.dof) <= 2 for s in sources)
