"""Evaluate a budget document: first order by the law of propagation, Monte Carlo beside it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import document as documents
from . import model, report
from .coverage import coverage_factor
from .errors import DocumentError, EvaluationError
from .model import FloatArray
from .quantities import Quantity, quantity
from .result import Result
from .units import Unit, parse


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer: one Result a measurand, contributions, the correlation of the measurands, Monte Carlo if asked."""

    results: dict[str, Result]
    contributions: dict[str, list[dict[str, Any]]]
    correlation: FloatArray
    monte_carlo: dict[str, Any] | None = None
    validation: dict[str, Any] | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain data as the budget doors answer; infinite degrees of freedom are None, NaN never appears."""
        answer: dict[str, Any] = {
            "measurands": {
                name: {
                    "value": r.value,
                    "unit": r.unit,
                    "u": r.u,
                    "dof": r.dof if math.isfinite(r.dof) else None,
                    "k": r.k,
                    "p": r.p,
                    "U": r.U,
                    "interval": [r.value - r.U, r.value + r.U],
                    "report": report.state(r.value, r.U, r.unit, r.k, r.p, r.dof),
                }
                for name, r in self.results.items()
            },
            "contributions": self.contributions,
            "correlation": {"names": list(self.results), "matrix": self.correlation.tolist()},
        }
        if self.monte_carlo is not None:
            answer["monte_carlo"] = self.monte_carlo
        if self.validation is not None:
            answer["validation"] = self.validation
        return answer


@dataclass(frozen=True, slots=True)
class Measurand:
    name: str
    unit: Unit
    expression: model.Expression


class Budget:
    """A document read and checked, ready to be evaluated."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        prefix = hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:16]
        self.quantities = {str(n): quantity(str(n), e, prefix) for n, e in data["quantities"].items()}
        self.names = list(self.quantities)
        units = {name: q.unit for name, q in self.quantities.items()}
        self.measurands: list[Measurand] = []
        for name, entry in data["measurands"].items():
            place = f"measurands.{name}"
            if name in units or not str(name).isidentifier():
                raise DocumentError(place=place, found=str(name), right="a name of its own")
            if not isinstance(entry, Mapping) or "expression" not in entry:
                raise DocumentError(place=place, found=repr(entry)[:60], right="{expression: …, unit: …}")
            expression = model.parse(entry["expression"], list(units), f"{place}.expression")
            unit = parse(str(entry.get("unit", "1")), f"{place}.unit")
            found = model.check_units(expression, units)
            if found.dimension != unit.dimension or found.point != unit.point:
                raise DocumentError(
                    place=f"{place}.unit", found=unit.text, right="a unit of the expression's dimension"
                )
            self.measurands.append(Measurand(str(name), unit, expression))
            units[str(name)] = unit
        self.coverage = _coverage(data.get("coverage", {"k": 2}))
        self.groups, self.correlation = self._dependences(data)

    def _dependences(self, data: Mapping[str, Any]) -> tuple[list[list[int]], FloatArray]:
        n = len(self.names)
        r = np.eye(n)
        groups = []
        for i, group in enumerate(data.get("observed_together") or []):
            place = f"observed_together.{i}"
            unknown = [g for g in group if g not in self.quantities]
            if unknown:
                raise DocumentError(place=place, found=str(unknown[0]), right=", ".join(self.names))
            rows = [self.quantities[g].readings for g in group]
            if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
                raise DocumentError(place=place, found="readings of different number", right="as many readings of each")
            if len(rows[0]) <= len(group):
                raise DocumentError(place=place, found=f"{len(rows[0])} readings", right=f"more than {len(group)}")
            places = [self.names.index(g) for g in group]
            r[np.ix_(places, places)] = np.corrcoef(np.asarray(rows))
            groups.append(places)
        for i, entry in enumerate(data.get("correlations") or []):
            place = f"correlations.{i}"
            a, b = entry["between"]
            for name in (a, b):
                if name not in self.quantities:
                    raise DocumentError(place=f"{place}.between", found=str(name), right=", ".join(self.names))
            value = float(entry["r"])
            if not -1 <= value <= 1:
                raise DocumentError(place=f"{place}.r", found=str(entry["r"]), right="from -1 to 1")
            x, y = self.names.index(a), self.names.index(b)
            r[x, y] = r[y, x] = value
        if np.linalg.eigvalsh(r)[0] < -1e-9:
            raise DocumentError(
                place="correlations", found="a matrix that is no correlation", right="positive semidefinite"
            )
        return groups, r

    def evaluate(self) -> Evaluation:
        """First order: values, sensitivities, u, dof, k, U; JCGM 100:2008, 5.1, 5.2, G.4."""
        jacobian = self._jacobian()
        u = np.array([self.quantities[name].u for name in self.names])
        weighted = jacobian[1] * u
        V = weighted @ self._total_correlation() @ weighted.T
        results, contributions = {}, {}
        for row, measurand in enumerate(self.measurands):
            variance = float(V[row, row])
            results[measurand.name] = self._result(measurand, jacobian[0][row], jacobian[1][row], variance)
            contributions[measurand.name] = self._contributions(measurand, jacobian[1][row], u, variance)
        scale = np.sqrt(np.diag(V))
        with np.errstate(all="ignore"):
            r = np.where(np.outer(scale, scale) > 0, V / np.outer(scale, scale), np.eye(len(scale)))
        return Evaluation(results, contributions, np.clip(r, -1, 1))

    def _total_correlation(self) -> FloatArray:
        """Declared correlation, and that of quantities which share a source by its id."""
        r = self.correlation.copy()
        owner: dict[str, list[tuple[int, float]]] = {}
        for i, name in enumerate(self.names):
            q = self.quantities[name]
            for part in q.components:
                owner.setdefault(part.id, []).append((i, part.u / q.u if q.u else 0.0))
        for id_, owners in owner.items():
            for x in range(len(owners)):
                for y in range(x):
                    (i, a), (j, b) = owners[x], owners[y]
                    if i == j:
                        raise DocumentError(
                            place=f"quantities.{self.names[i]}", found=f"{id_} twice", right="each source once"
                        )
                    r[i, j] = r[j, i] = r[i, j] + a * b
        return r

    def _jacobian(self) -> tuple[list[float], FloatArray]:
        at: dict[str, FloatArray] = {name: np.asarray(q.value) for name, q in self.quantities.items()}
        slopes: dict[str, FloatArray] = {name: np.eye(len(self.names))[i] for i, name in enumerate(self.names)}
        values = []
        with np.errstate(all="ignore"):
            for measurand in self.measurands:
                steps = measurand.expression.values(at)
                gradient = measurand.expression.gradient(steps)
                slope = sum((gradient[n] * slopes[n] for n in gradient), np.zeros(len(self.names)))
                value = float(steps[-1])
                place = f"measurands.{measurand.name}"
                if not math.isfinite(value) or not np.all(np.isfinite(slope)):
                    raise EvaluationError(place=place, found="not finite", right="finite, with finite derivatives")
                at[measurand.name], slopes[measurand.name] = np.asarray(value), slope
                values.append(value)
        return values, np.array([slopes[m.name] for m in self.measurands])

    def _result(self, measurand: Measurand, value: float, c: FloatArray, variance: float) -> Result:
        size = measurand.unit.size
        u = math.sqrt(max(variance, 0.0)) / size
        dof = self._effective_dof(c, variance, measurand.name)
        k, p = self.coverage
        if p is not None:
            k = coverage_factor(p, dof)
        assert k is not None
        sensitivities: dict[str, float] = {}
        source_u: dict[str, float] = {}
        source_dof: dict[str, float] = {}
        for i, name in enumerate(self.names):
            q = self.quantities[name]
            for part in q.components:
                sensitivities[part.id] = sensitivities.get(part.id, 0.0) + float(c[i]) * q.unit.size / size
                source_u[part.id] = part.u / q.unit.size
                source_dof[part.id] = part.dof
        return Result(
            measurand.name, measurand.unit.text, value / size, u, dof, k, p, k * u, sensitivities, source_u, source_dof,
            self._source_correlations(),
        )  # fmt: skip

    def _source_correlations(self) -> dict[tuple[str, str], float]:
        found = {}
        for i in range(len(self.names)):
            for j in range(i):
                r = float(self.correlation[i, j])
                a, b = self.quantities[self.names[i]], self.quantities[self.names[j]]
                if r and len(a.components) == 1 and len(b.components) == 1:
                    found[(a.components[0].id, b.components[0].id)] = r
        return found

    def _effective_dof(self, c: FloatArray, variance: float, name: str) -> float:
        """Welch–Satterthwaite; a group observed together counts once with n − 1 (JCGM 100:2008, G.4.1, H.2)."""
        if variance <= 0:
            return math.inf
        grouped = {i for group in self.groups for i in group}
        below = 0.0
        for i, quantity_name in enumerate(self.names):
            q = self.quantities[quantity_name]
            if i in grouped:
                continue
            if np.any(self.correlation[i, :i]) or np.any(self.correlation[i, i + 1 :]):
                if math.isfinite(q.dof) and c[i]:
                    raise DocumentError(
                        place=f"quantities.{quantity_name}.dof",
                        found=f"finite degrees of freedom and a correlation, in {name}",
                        right="observed_together for simultaneous readings, or infinite degrees of freedom",
                    )
                continue
            for part in q.components:
                if math.isfinite(part.dof):
                    below += (c[i] * part.u) ** 4 / part.dof
        for group in self.groups:
            cu = np.array([c[i] * self.quantities[self.names[i]].u for i in group])
            part_variance = float(cu @ self.correlation[np.ix_(group, group)] @ cu)
            below += part_variance**2 / (len(self.quantities[self.names[group[0]]].readings) - 1)
        return math.inf if below == 0 else variance**2 / below

    def _contributions(
        self, measurand: Measurand, c: FloatArray, u: FloatArray, variance: float
    ) -> list[dict[str, Any]]:
        size = measurand.unit.size
        weighted = c * u
        shares = weighted * (self._total_correlation() @ weighted) / variance if variance > 0 else None
        rows = []
        for i, name in enumerate(self.names):
            q: Quantity = self.quantities[name]
            if not q.components:
                continue
            rows.append(
                {
                    "quantity": name,
                    "sensitivity": float(c[i]) * q.unit.size / size,
                    "u": float(u[i]) / q.unit.size,
                    "dof": q.dof if math.isfinite(q.dof) else None,
                    "contribution": abs(float(weighted[i])) / size,
                    "share": None if shares is None else float(shares[i]),
                }
            )
        return rows


def _coverage(found: Any) -> tuple[float | None, float | None]:
    """(k, p): a fixed k, or a probability."""
    if isinstance(found, Mapping) and set(found) == {"k"}:
        k = float(found["k"])
        if k > 0:
            return k, None
    elif isinstance(found, int | float) and not isinstance(found, bool) and 0 < found < 1:
        return None, float(found)
    raise DocumentError(place="coverage", found=str(found), right="a probability such as 0.95, or {k: 2}")


def compile(document: Mapping[str, Any] | str | Path) -> Budget:
    """A budget read and checked once. Raises UncertaintyError with the place in the document."""
    return Budget(documents.load(document))


def evaluate(
    document: Mapping[str, Any] | str | Path,
    *,
    method: str = "gum",
    trials: int | str = 1_000_000,
    seed: int | None = None,
) -> Evaluation:
    """Evaluate a budget document. method: gum, monte-carlo or both; the seed is drawn when it is None, and returned."""
    budget = compile(document)
    evaluated = budget.evaluate()
    if method == "gum":
        return evaluated
    from . import montecarlo

    return montecarlo.beside(budget, evaluated, trials=trials, seed=seed)
