"""A result that knows what it is made of: value, u, dof, and its sensitivities to identified sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

import numpy as np

from .coverage import effective_dof
from .distributions import FloatArray
from .errors import DocumentError, SourceConflict


@dataclass(frozen=True, slots=True)
class Result:
    """One measurand evaluated.

    value, u, U in `unit`; dof may be infinite; p None with a fixed k.
    sensitivities: source id → ∂value/∂source, measurand unit per unit of the source; source_u in the source's unit.
    """

    name: str
    unit: str
    value: float
    u: float
    dof: float
    k: float
    p: float | None
    U: float
    sensitivities: Mapping[str, float] = field(default_factory=dict)
    source_u: Mapping[str, float] = field(default_factory=dict)
    source_dof: Mapping[str, float] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for an archive: floats as they are, infinite degrees of freedom None, correlations as rows."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "u": self.u,
            "dof": _finite(self.dof),
            "k": self.k,
            "p": self.p,
            "U": self.U,
            "sources": {
                id_: {"sensitivity": c, "u": self.source_u[id_], "dof": _finite(self.source_dof[id_])}
                for id_, c in self.sensitivities.items()
            },
            "correlations": [[a, b, r] for (a, b), r in self.correlations.items()],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """The result of an archive. Raises DocumentError for another schema."""
        if data.get("schema") != SCHEMA:
            raise DocumentError(place="schema", found=str(data.get("schema")), right=SCHEMA)
        sources = data["sources"]
        return cls(
            data["name"], data["unit"], data["value"], data["u"], _infinite(data["dof"]), data["k"], data["p"], data["U"],
            {id_: row["sensitivity"] for id_, row in sources.items()},
            {id_: row["u"] for id_, row in sources.items()},
            {id_: _infinite(row["dof"]) for id_, row in sources.items()},
            {(a, b): r for a, b, r in data["correlations"]},
        )  # fmt: skip


SCHEMA = "suyuan.result/1"


def _finite(dof: float) -> float | None:
    return dof if isfinite(dof) else None


def _infinite(dof: float | None) -> float:
    return inf if dof is None else dof


def combine(name: str, terms: Sequence[tuple[float, Result]], *, k: float = 2.0) -> Result:
    """The linear combination Σ factor·result, which keeps its sensitivities: a − a is exactly 0 with u = 0.

    All results in one unit. Degrees of freedom by Welch–Satterthwaite, by Willink (2007) where sources are correlated.
    """
    units = {result.unit for _, result in terms}
    if len(units) != 1:
        raise DocumentError(place=name, found=", ".join(sorted(units)), right=terms[0][1].unit if terms else "")
    sensitivities: dict[str, float] = {}
    source_u: dict[str, float] = {}
    source_dof: dict[str, float] = {}
    correlations: dict[tuple[str, str], float] = {}
    for factor, result in terms:
        correlations |= dict(result.correlations)
        for id_, c in result.sensitivities.items():
            _same_u(id_, source_u.setdefault(id_, result.source_u[id_]), result.source_u[id_])
            source_dof.setdefault(id_, result.source_dof[id_])
            sensitivities[id_] = sensitivities.get(id_, 0.0) + factor * c
    ids = list(sensitivities)
    w = np.array([sensitivities[id_] * source_u[id_] for id_ in ids])
    r = np.eye(len(ids))
    for (a, b), rho in correlations.items():
        if a in source_u and b in source_u:
            r[ids.index(a), ids.index(b)] = r[ids.index(b), ids.index(a)] = rho
    u = float(np.sqrt(max(float(w @ r @ w), 0.0)))
    dof = effective_dof(w, [source_dof[id_] for id_ in ids], r) if u else inf
    value = float(sum(factor * result.value for factor, result in terms))
    return Result(name, units.pop(), value, u, dof, k, None, k * u, sensitivities, source_u, source_dof, correlations)


def _same_u(id_: str, a: float, b: float) -> None:
    if abs(a - b) > 1e-9 * abs(a):
        raise SourceConflict(place=id_, found=id_, field="u", right=f"u = {a:.6g}")


def covariance(results: Sequence[Result], correlations: Mapping[tuple[str, str], float] | None = None) -> FloatArray:
    """Covariance matrix (N, N) of results, from the sources they share and the correlations declared.

    correlations: (source id, source id) → r, beside those that the results carry. JCGM 100:2008, F.1.2.3.
    """
    ids = sorted({id_ for result in results for id_ in result.sensitivities})
    place = {id_: i for i, id_ in enumerate(ids)}
    jacobian = np.zeros((len(results), len(ids)))
    u = np.zeros(len(ids))
    declared: dict[tuple[str, str], float] = dict(correlations or {})
    for row, result in enumerate(results):
        declared |= dict(result.correlations)
        for id_, c in result.sensitivities.items():
            jacobian[row, place[id_]] = c
            if u[place[id_]]:
                _same_u(id_, float(u[place[id_]]), result.source_u[id_])
            u[place[id_]] = result.source_u[id_]
    weighted = jacobian * u
    answer = weighted @ weighted.T
    for (a, b), r in declared.items():
        if a in place and b in place and a != b:
            cross = np.outer(weighted[:, place[a]], weighted[:, place[b]])
            answer += r * (cross + cross.T)
    return np.asarray(answer, dtype=float)


def correlation_of(V: FloatArray) -> FloatArray:
    """Correlation matrix of a covariance; of a measurand without uncertainty it is that of itself alone."""
    scale = np.sqrt(np.array([V[i, i] for i in range(len(V))]))
    both = scale[:, np.newaxis] * scale[np.newaxis, :]
    r = np.clip(np.where(both > 0, V / np.where(both > 0, both, 1.0), 0.0), -1.0, 1.0)
    for i in range(len(V)):
        r[i, i] = 1.0
    return np.asarray(r, dtype=float)
