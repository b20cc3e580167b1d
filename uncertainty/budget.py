"""A budget read and checked once: values, sensitivities to sources, covariance, degrees of freedom.

Source: JCGM 100:2008, 5.1, 5.2, G.4; JCGM 102:2011, 6. The same arithmetic serves one budget and a batch of one shape:
then every number is an array with the budgets along its last axis.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from . import model
from .dependence import Dependence, depend
from .distributions import FloatArray, Number
from .document import Document, only, show
from .errors import N_, DocumentError, EvaluationError
from .quantities import Quantity, quantity
from .reading import unit_of
from .units import Unit

ROUNDING = 1e-15  # a variance below this share of its parts is their rounding
Sensitivities = dict[int, Number]


@dataclass(frozen=True, slots=True)
class Measurand:
    name: str
    unit: Unit
    expression: model.Expression


@dataclass(frozen=True, slots=True, eq=False)
class Propagated:
    """First order of all measurands, in coherent SI units. m measurands, S sources, then the budgets of a batch.

    values: (m, …); c: for each measurand quantity → sensitivity; w: (m, S, …) c·u of the sources;
    parts: (m, S, …) w_s Σ_t ρ_st w_t, which sum to the variance; V: (m, m, …) covariance; dof: (m, …).
    """

    values: FloatArray
    c: tuple[Sensitivities, ...]
    w: FloatArray
    parts: FloatArray
    V: FloatArray
    dof: FloatArray


class Budget:
    """A document read and checked, ready to be evaluated."""

    def __init__(self, document: Document, prefix: str | None = None) -> None:
        data = document.data
        if prefix is None:
            prefix = hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:16]
        self.document = document
        self.quantities: dict[str, Quantity] = {}
        for name, entry in data["quantities"].items():
            self.quantities[str(name)] = quantity(str(name), entry, prefix)
        self.names = list(self.quantities)
        self.measurands = _measurands(data["measurands"], self.quantities)
        self.coverage = _coverage(data.get("coverage", {"k": 2}))
        self.dependence: Dependence = depend(list(self.quantities.values()), data)

    def gradient(self, at: Mapping[str, Number]) -> tuple[list[Number], tuple[Sensitivities, ...]]:
        """(values, sensitivities to the quantities by their place) of the measurands, chained ones through the others."""
        place = {name: i for i, name in enumerate(self.names)}
        known: dict[str, FloatArray] = {name: np.asarray(value, dtype=float) for name, value in at.items()}
        slopes: dict[str, Sensitivities] = {}
        values: list[Number] = []
        with np.errstate(all="ignore"):
            for measurand in self.measurands:
                steps = measurand.expression.values(known)
                c: Sensitivities = {}
                for name, slope in measurand.expression.gradient(steps).items():
                    inner = slopes.get(name)
                    if inner is None:
                        c[place[name]] = c.get(place[name], 0.0) + slope
                        continue
                    for i, further in inner.items():
                        c[i] = c.get(i, 0.0) + slope * further
                known[measurand.name] = steps[-1]
                slopes[measurand.name] = c
                values.append(steps[-1])
        return values, tuple(slopes[measurand.name] for measurand in self.measurands)

    def propagate(self) -> Propagated:
        """The law of propagation of uncertainty. Raises EvaluationError where value or derivative is not finite."""
        values, c = self.gradient({name: q.value for name, q in self.quantities.items()})
        sources, pairs = self.dependence.sources, self.dependence.pairs
        self._finite(values, c)
        shape = np.broadcast_shapes(
            *(np.shape(value) for value in values),
            *(np.shape(slope) for row in c for slope in row.values()),
            *(np.shape(source.u) for source in sources),
            *(np.shape(rho) for _, _, rho in pairs),
        )
        w = np.zeros((len(c), len(sources), *shape))
        for row, sensitivities in enumerate(c):
            for i, slope in sensitivities.items():
                for s in self.dependence.of[i]:
                    w[row, s] += slope * sources[s].u
        wr = w.copy() if pairs else w
        for s, t, rho in pairs:
            wr[:, s] += rho * w[:, t]
            wr[:, t] += rho * w[:, s]
        parts = w * wr
        V = parts.sum(axis=1)[np.newaxis] if len(c) == 1 else np.einsum("ms...,ns...->mn...", w, wr)
        for row in range(len(c)):
            V[row, row] = np.where(V[row, row] > ROUNDING * np.sum(w[row] ** 2, axis=0), V[row, row], 0.0)
        wide = np.empty((len(c), *shape))
        for row, value in enumerate(values):
            wide[row] = value
        return Propagated(wide, c, w, parts, V, self._dof(parts, V))

    def _finite(self, values: list[Number], c: tuple[Sensitivities, ...]) -> None:
        for measurand, value, row in zip(self.measurands, values, c, strict=True):
            place = f"measurands.{measurand.name}"
            if not np.all(np.isfinite(value)):
                raise EvaluationError(place=place, found=N_("not finite"), right=N_("a finite number"))
            for i, slope in row.items():
                if self.dependence.of[i] and not np.all(np.isfinite(slope)):
                    found = f"∂{measurand.name}/∂{self.names[i]} = {float(np.ravel(slope)[0])}"
                    raise EvaluationError(place=place, found=found, right=N_("a finite derivative"))

    def _dof(self, parts: FloatArray, V: FloatArray) -> FloatArray:
        """ν_eff (m, …): Welch–Satterthwaite, Willink (2007) for correlated sources, n − 1 for a group read together.

        Sources: JCGM 100:2008, G.4.1, H.2; Willink, Metrologia 44 (2007) 340.
        """
        shape = parts.shape[2:]
        below = np.zeros((parts.shape[0], *shape))
        grouped = {s for group, _ in self.dependence.groups for s in group}
        for s, source in enumerate(self.dependence.sources):
            if s not in grouped and np.any(np.isfinite(source.dof)):
                below += parts[:, s] ** 2 / source.dof
        for group, n in self.dependence.groups:
            below += np.sum(parts[:, list(group)], axis=1) ** 2 / (n - 1)
        variance = np.array([V[row, row] for row in range(len(parts))])
        with np.errstate(all="ignore"):
            return np.where((below > 0) & (variance > 0), variance**2 / np.where(below > 0, below, 1.0), np.inf)


def _measurands(entries: Mapping[Any, Any], quantities: Mapping[str, Quantity]) -> list[Measurand]:
    """The models in order; a later one may use an earlier one by its name."""
    units = {name: q.unit for name, q in quantities.items()}
    found: list[Measurand] = []
    for name, entry in entries.items():
        place = f"measurands.{name}"
        if name in units or not isinstance(name, str) or not name.isidentifier():
            raise DocumentError(place=place, found=show(name), right=N_("a name of its own"))
        if not isinstance(entry, Mapping) or "expression" not in entry:
            raise DocumentError(place=place, found=show(entry), right='{expression: "a*b", unit: V}')
        only(entry, ("expression", "unit", "title"), place)
        text = entry["expression"]
        if not isinstance(text, str):
            raise model.refused(text, f"{place}.expression")
        expression, reached = _checked(text, tuple(units.items()), f"{place}.expression")
        unit = unit_of(entry, place)
        if reached.dimension != unit.dimension or reached.point != unit.point:
            right = reached.text or "·".join(f"{n.strip('[]')}^{p:g}" for n, p in reached.dimension) or "1"
            raise DocumentError(place=f"{place}.unit", found=unit.text, right=right)
        found.append(Measurand(name, unit, expression))
        units[name] = unit
    return found


@lru_cache(maxsize=1024)
def _checked(text: str, units: tuple[tuple[str, Unit], ...], place: str) -> tuple[model.Expression, Unit]:
    """The expression of a text and the unit of its result; the points of a procedure share one."""
    expression = model.parse(text, [name for name, _ in units], place)
    return expression, model.check_units(expression, dict(units))


def _coverage(found: Any) -> tuple[float | None, float | None]:
    """(k, p): a fixed k, or a probability."""
    if isinstance(found, Mapping) and set(found) == {"k"}:
        k = found["k"]
        if isinstance(k, int | float) and not isinstance(k, bool) and math.isfinite(k) and k > 0:
            return float(k), None
    elif isinstance(found, int | float) and not isinstance(found, bool) and 0 < found < 1:
        return None, float(found)
    raise DocumentError(place="coverage", found=show(found), right=N_("a probability such as 0.95, or {k: 2}"))
