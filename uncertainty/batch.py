"""Many budgets of one shape in one call: arrays instead of loops.

columns: quantity → field → array with one entry a budget (readings: (budgets, n)); other fields stay as the document
says. A field of a component is named by its way: `components.0.u`. Relative uncertainties follow the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import document as documents
from .coverage import coverage_factor
from .distributions import FloatArray
from .errors import N_, DocumentError, UncertaintyError
from .evaluation import Budget
from .result import correlation_of

Columns = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One measurand of B budgets: value, u, U in `unit`; dof may be infinite; each (B,).

    contributions: quantity → (B,) c·u with its sign, in `unit`.
    """

    name: str
    unit: str
    value: FloatArray
    u: FloatArray
    dof: FloatArray
    k: FloatArray
    p: float | None
    U: FloatArray
    contributions: Mapping[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """The measurands of B budgets, and their correlation (m, m, B)."""

    results: dict[str, Batch]
    correlation: FloatArray


def evaluate_batch(document: Mapping[str, Any] | str | Path, columns: Columns) -> Batches:
    """First order of B budgets of one shape. Raises UncertaintyError; one wrong budget refuses the batch.

    Source: as for one budget, JCGM 100:2008, 5.1, 5.2, G.4.
    """
    found = documents.load(document)
    try:
        size = _size(columns)
        budget = Budget(documents.Document(_filled(found.data, columns), found.file, found.lines), prefix="batch")
        if budget.order != 1:
            raise DocumentError(place="order", found=str(budget.order), right=N_("1, as a batch is of the first order"))
        return _evaluate(budget, size)
    except UncertaintyError as error:
        raise found.locate(error) from None


def _size(columns: Columns) -> int:
    sizes = {np.shape(values)[0] if np.ndim(values) else 0 for fields in columns.values() for values in fields.values()}
    if len(sizes) != 1 or 0 in sizes:
        raise DocumentError(
            place="columns",
            found=", ".join(map(str, sorted(sizes))) or N_("nothing"),
            right=N_("columns of one length"),
        )
    return sizes.pop()


def _filled(data: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    quantities = dict(data["quantities"])
    for name, fields in columns.items():
        if name not in quantities:
            raise DocumentError(place=f"columns.{name}", found=repr(name), right=", ".join(map(str, quantities)))
        for way, values in fields.items():
            array = np.asarray(values, dtype=float)
            quantities[name] = _put(quantities[name], way.split("."), array, f"columns.{name}.{way}")
    return dict(data) | {"quantities": quantities}


def _put(entry: Any, way: list[str], values: FloatArray, place: str) -> Any:
    head, rest = way[0], way[1:]
    if isinstance(entry, Mapping):
        return dict(entry) | {head: _put(entry.get(head), rest, values, place) if rest else values}
    if isinstance(entry, list) and rest and head.isdigit() and int(head) < len(entry):
        return [_put(one, rest, values, place) if i == int(head) else one for i, one in enumerate(entry)]
    raise DocumentError(place=place, found=repr(head), right=N_("a field of the document"))


def _evaluate(budget: Budget, size: int) -> Batches:
    found = budget.propagate()
    shape = (len(budget.measurands), size)
    values, dof = np.broadcast_to(_last(found.values), shape), np.broadcast_to(_last(found.dof), shape)
    V = np.broadcast_to(_last(found.V, 2), (shape[0], *shape))
    fixed, p = budget.coverage
    results = {}
    for row, measurand in enumerate(budget.measurands):
        unit = measurand.unit.size
        u = np.sqrt(V[row, row]) / unit
        k = np.full(size, fixed) if fixed is not None else np.asarray(coverage_factor(p, dof[row]))
        if p is not None and budget.dependence.declared and np.any(dof[row] < 1):
            right = N_("a fixed k, or infinite degrees of freedom of what is correlated")
            found_dof = f"ν_eff = {float(dof[row].min()):.2g}"
            raise DocumentError(place=f"measurands.{measurand.name}", found=found_dof, right=right)
        parts = {
            q.name: np.broadcast_to(found.c[row][i] * q.u / unit, (size,))
            for i, q in enumerate(budget.quantities.values())
            if budget.dependence.of[i] and i in found.c[row]
        }
        results[measurand.name] = Batch(
            measurand.name, measurand.unit.text, values[row] / unit, u, dof[row], k, p, k * u, parts
        )
    return Batches(results, correlation_of(V))


def _last(array: FloatArray, axes: int = 1) -> FloatArray:
    return array if array.ndim > axes else array[..., np.newaxis]
