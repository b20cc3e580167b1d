"""A result that knows what it is made of: value, u, dof, and its sensitivities to identified sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .model import FloatArray


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
            u[place[id_]] = result.source_u[id_]
    weighted = jacobian * u
    answer = weighted @ weighted.T
    for (a, b), r in declared.items():
        if a in place and b in place and a != b:
            cross = np.outer(weighted[:, place[a]], weighted[:, place[b]])
            answer += r * (cross + cross.T)
    return np.asarray(answer, dtype=float)
