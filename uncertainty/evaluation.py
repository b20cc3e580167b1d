"""Evaluate a budget document: first order by the law of propagation, Monte Carlo beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import document as documents
from . import report
from .budget import Budget as Checked
from .complex_results import ComplexResult, complex_results
from .coverage import coverage_factor
from .distributions import FloatArray
from .errors import N_, DocumentError, UncertaintyError
from .measurands import Measurand
from .propagated import Propagated
from .result import Result, correlation_of
from .second_order import with_second_order
from .weakness import weak_first_order

METHODS = ("gum", "gum2", "monte-carlo", "both")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer: one Result a measurand, contributions, the correlation of the measurands, Monte Carlo if asked.

    warnings: where the first order says too little: place, measured share, and a sentence in both languages.
    complexes: complex measurands, whose parts are results too (y.re, y.im).
    second_order: shift of the value, u, and u of the first order, where the results are those of the second.
    """

    results: dict[str, Result]
    contributions: dict[str, list[dict[str, Any]]]
    correlation: FloatArray
    monte_carlo: dict[str, Any] | None = None
    validation: dict[str, Any] | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    complexes: dict[str, ComplexResult] = field(default_factory=dict)
    second_order: dict[str, dict[str, float]] | None = None

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
        if self.second_order is not None:
            answer["second_order"] = self.second_order
        if self.complexes:
            answer["complex"] = {name: one.to_dict() for name, one in self.complexes.items()}
        if self.monte_carlo is not None:
            answer["monte_carlo"] = self.monte_carlo
        if self.validation is not None:
            answer["validation"] = self.validation
        if self.warnings:
            answer["warnings"] = self.warnings
        return answer


class Budget(Checked):
    """A document read and checked, ready to be evaluated any number of times."""

    def evaluate(
        self, *, method: str = "gum", trials: int | str = 1_000_000, seed: int | None = None, p: float = 0.95
    ) -> Evaluation:
        """First order, or the second (gum2, or order: 2 of the document), and Monte Carlo where asked. p: of the Monte Carlo intervals where k is fixed."""
        try:
            if method not in METHODS:
                raise DocumentError(place="method", found=str(method), right=", ".join(METHODS))
            found = self.propagate()
            evaluated = self._first_order(found)
            if method == "gum2" or self.order == 2:
                evaluated = with_second_order(self, found, evaluated)
            if method in ("gum", "gum2"):
                return evaluated
            from . import montecarlo

            return montecarlo.beside(self, evaluated, trials=trials, seed=seed, p=p)
        except UncertaintyError as error:
            raise self.document.locate(error) from None

    def _first_order(self, found: Propagated) -> Evaluation:
        """Values, sensitivities, u, dof, k, U; JCGM 100:2008, 5.1, 5.2, G.4."""
        correlations = {
            (self.dependence.sources[s].id, self.dependence.sources[t].id): float(rho)
            for s, t, rho in self.dependence.pairs
            if rho
        }
        results, contributions = {}, {}
        for row, measurand in enumerate(self.measurands):
            results[measurand.name] = self._result(measurand, found, row, correlations)
            contributions[measurand.name] = self._contributions(measurand, found, row)
        warnings = weak_first_order(self, found)
        return Evaluation(
            results, contributions, correlation_of(found.V), warnings=warnings, complexes=complex_results(self, found)
        )

    def _result(
        self, measurand: Measurand, found: Propagated, row: int, correlations: Mapping[tuple[str, str], float]
    ) -> Result:
        size = measurand.unit.size
        u, dof = math.sqrt(float(found.V[row, row])) / size, float(found.dof[row])
        k, p = self.coverage
        if p is not None:
            if dof < 1 and self.dependence.declared:
                raise DocumentError(
                    place=f"measurands.{measurand.name}",
                    found=f"ν_eff = {dof:.2g}",
                    right=N_("a fixed k, or infinite degrees of freedom of what is correlated"),
                )
            k = coverage_factor(p, dof)
        assert k is not None
        sensitivities: dict[str, float] = {}
        source_u: dict[str, float] = {}
        source_dof: dict[str, float] = {}
        for i, c in found.c[row].items():
            for s in self.dependence.of[i]:
                source = self.dependence.sources[s]
                sensitivities[source.id] = sensitivities.get(source.id, 0.0) + float(c) * source.size / size
                source_u[source.id] = float(source.u) / source.size
                source_dof[source.id] = float(source.dof)
        return Result(
            measurand.name, measurand.unit.text, float(found.values[row]) / size, u, dof, k, p, k * u,
            sensitivities, source_u, source_dof,
            {pair: r for pair, r in correlations.items() if pair[0] in sensitivities and pair[1] in sensitivities},
        )  # fmt: skip

    def _contributions(self, measurand: Measurand, found: Propagated, row: int) -> list[dict[str, Any]]:
        """contribution = |c|·u in the measurand's unit; share = c_i u_i Σ_j r_ij c_j u_j / u_c² (they sum to 1)."""
        size, variance = measurand.unit.size, float(found.V[row, row])
        w, parts = found.w[row], found.parts[row]
        rows = []
        for i, q in enumerate(self.quantities.values()):
            mine = self.dependence.of[i]
            if not mine:
                continue
            c = float(found.c[row].get(i, 0.0))
            part = 0.0
            for s in mine:  # a source that several quantities share is divided by what each contributes
                own = c * float(self.dependence.sources[s].u)
                part += float(parts[s]) * own / float(w[s]) if w[s] else 0.0
            u, dof = float(q.u), float(q.dof)
            rows.append(
                {
                    "quantity": q.name,
                    "sensitivity": c * q.unit.size / size,
                    "u": u / q.unit.size,
                    "dof": dof if math.isfinite(dof) else None,
                    "contribution": abs(c) * u / size,
                    "share": part / variance if variance > 0 else None,
                }
            )
        return rows


def compile(document: Mapping[str, Any] | str | Path) -> Budget:
    """A budget read and checked once. Raises UncertaintyError with the place in the document, and file and line."""
    found = documents.load(document)
    try:
        return Budget(found)
    except UncertaintyError as error:
        raise found.locate(error) from None


def evaluate(
    document: Mapping[str, Any] | str | Path,
    *,
    method: str = "gum",
    trials: int | str = 1_000_000,
    seed: int | None = None,
    p: float = 0.95,
) -> Evaluation:
    """Evaluate a budget document. method: gum, gum2, monte-carlo or both; the seed is drawn when it is None, and returned."""
    return compile(document).evaluate(method=method, trials=trials, seed=seed, p=p)
