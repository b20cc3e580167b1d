"""A budget read and checked once: values, sensitivities to sources, covariance, degrees of freedom.

Source: JCGM 100:2008, 5.1, 5.2, G.4; JCGM 102:2011, 6. The same arithmetic serves one budget and a batch of one shape:
then every number is an array with the budgets along its last axis.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from .dependence import Dependence, depend
from .distributions import FloatArray, Number
from .document import Document, show
from .errors import N_, DocumentError, EvaluationError
from .expansion import Expanded, expand
from .measurands import Measurand, Measurands, measurands
from .model.implicit import Implicit
from .propagated import ROUNDING, Propagated, Sensitivities
from .quantities import Quantity, quantity
from .scalar import Single, single


class Budget:
    """A document read and checked, ready to be evaluated."""

    def __init__(self, document: Document, prefix: str | None = None) -> None:
        data = document.data
        if prefix is None:
            prefix = hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:16]
        self.prefix = prefix
        self.order = data.get("order", 1)
        if self.order not in (1, 2) or isinstance(self.order, bool):
            raise DocumentError(place="order", found=show(self.order), right="1, 2")
        self.quantities: dict[str, Quantity] = {}
        found = expand(data)
        for name, entry in found.quantities.items():
            self.quantities[name] = quantity(name, entry, prefix)
        self.names = list(self.quantities)
        models = measurands(data["measurands"], self.quantities, found)
        self.measurands: list[Measurand] = models.listed
        self.complexes = models.complexes
        self.document = _plain(document, found, models)
        self.coverage = _coverage(data.get("coverage", {"k": 2}))
        plain = {"correlations": found.correlations, "observed_together": found.observed}
        self.dependence: Dependence = found.bind(depend(list(self.quantities.values()), plain), self.names)

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
        found = None if self._single is None else self._single.propagate()
        return self.on_arrays() if found is None else found

    @cached_property
    def _single(self) -> Single | None:
        """The budget in plain floats, prepared once; None for one that needs arrays."""
        return single(self)

    def on_arrays(self) -> Propagated:
        """The same on arrays: a batch, or what plain floats cannot say."""
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
                right = N_("a finite number")
                if isinstance(measurand.expression, Implicit):
                    right = N_("a start or two ends from which the equation is solved")
                raise EvaluationError(place=place, found=N_("not finite"), right=right)
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
        fits = self.dependence.fits
        grouped = {s for group, _ in (*self.dependence.groups, *fits) for s in group}
        for s, source in enumerate(self.dependence.sources):
            if s not in grouped and np.any(np.isfinite(source.dof)):
                below += parts[:, s] ** 2 / source.dof
        for group, n in self.dependence.groups:
            below += np.sum(parts[:, list(group)], axis=1) ** 2 / (n - 1)
        for group, dof in fits:
            below += np.sum(parts[:, list(group)], axis=1) ** 2 / dof
        variance = np.array([V[row, row] for row in range(len(parts))])
        with np.errstate(all="ignore"):
            return np.where((below > 0) & (variance > 0), variance**2 / np.where(below > 0, below, 1.0), np.inf)


def _plain(document: Document, found: Expanded, models: Measurands) -> Document:
    """The document with every quantity and measurand under the name it has in the budget, for tables and reports."""
    if not (found.complexes or found.functions or any(one.text for one in models.listed)):
        return document
    given: dict[str, Any] = {}
    for one in models.listed:
        entry = document.data["measurands"].get(one.name, {})
        text = {"expression": one.text} if one.text else {}
        given[one.name] = dict(entry) | text | {"unit": one.unit.text} | ({"title": one.title} if one.title else {})
    return replace(document, data=dict(document.data) | {"quantities": found.quantities, "measurands": given})


def _coverage(found: Any) -> tuple[float | None, float | None]:
    """(k, p): a fixed k, or a probability."""
    if isinstance(found, Mapping) and set(found) == {"k"}:
        k = found["k"]
        if isinstance(k, int | float) and not isinstance(k, bool) and math.isfinite(k) and k > 0:
            return float(k), None
    elif isinstance(found, int | float) and not isinstance(found, bool) and 0 < found < 1:
        return None, float(found)
    raise DocumentError(place="coverage", found=show(found), right=N_("a probability such as 0.95, or {k: 2}"))
