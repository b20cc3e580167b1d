"""Complex measurands: value, covariance of the parts, effective degrees of freedom, the elliptical coverage region.

Sources: JCGM 102:2011, 6.4, 7.7.2; Willink and Hall, Metrologia 39 (2002) 361.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .coverage import complex_dof
from .distributions import FloatArray

if TYPE_CHECKING:
    from .budget import Budget
    from .propagated import Propagated


@dataclass(frozen=True, slots=True)
class ComplexResult:
    """A complex measurand: value and covariance (2, 2) of real and imaginary part in `unit` and its square.

    dof may be infinite; k: factor of the elliptical region of probability p, (x − y)ᵀ V⁻¹ (x − y) ≤ k², None for ν ≤ 1.
    """

    name: str
    unit: str
    value: complex
    covariance: FloatArray
    dof: float
    p: float
    k: float | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "value": {"re": self.value.real, "im": self.value.imag},
            "unit": self.unit,
            "covariance": self.covariance.tolist(),
            "dof": self.dof if math.isfinite(self.dof) else None,
            "p": self.p,
            "k": self.k,
        }


def region_factor(p: float, dof: float) -> float | None:
    """k of the elliptical region in two dimensions: k² = 2ν/(ν − 1)·F_p(2, ν − 1), for infinite ν χ²_p(2).

    Both quantiles have a closed form for two degrees of freedom. JCGM 102:2011, 7.7.2; Willink and Hall (2002).
    """
    if not math.isfinite(dof):
        return math.sqrt(-2 * math.log(1 - p))
    return math.sqrt(dof * ((1 - p) ** (-2 / (dof - 1)) - 1)) if dof > 1 else None


def complex_results(budget: Budget, found: Propagated) -> dict[str, ComplexResult]:
    """Every complex measurand of one budget, from the rows of its parts."""
    rows = {measurand.name: row for row, measurand in enumerate(budget.measurands)}
    answer = {}
    for name, (a, b) in budget.complexes.items():
        pair = [rows[a], rows[b]]
        unit = budget.measurands[pair[0]].unit
        V = np.array([[float(found.V[i, j]) for j in pair] for i in pair]) / unit.size**2
        blocks = list(_blocks(budget, found, pair))
        dof = complex_dof([V for V, _ in blocks], [nu for _, nu in blocks]) if blocks else math.inf
        p = budget.coverage[1] or 0.95
        value = complex(*(float(found.values[i]) / unit.size for i in pair))
        answer[name] = ComplexResult(name, unit.text, value, V, dof, p, region_factor(p, dof))
    return answer


def _blocks(budget: Budget, found: Propagated, pair: list[int]) -> Iterator[tuple[FloatArray, float]]:
    """(covariance of the parts, ν) from each independent set of sources; of a correlated set the smallest ν."""
    dependence = budget.dependence
    r = np.eye(len(dependence.sources))
    for s, t, rho in dependence.pairs:
        r[s, t] += float(rho)
        r[t, s] += float(rho)
    shared = {s: float(n - 1) for group, n in dependence.groups for s in group}
    shared |= {s: float(dof) for group, dof in dependence.fits for s in group}
    left = set(range(len(dependence.sources)))
    groups = [set(group) for group, _ in (*dependence.groups, *dependence.fits)]
    while left:
        block = {min(left)}
        while True:
            wider = block.union(*(group for group in groups if group & block))
            wider |= {int(t) for s in wider for t in np.flatnonzero(r[s])}
            if wider == block:
                break
            block = wider
        left -= block
        mine = sorted(block)
        w = np.array([[float(found.w[row, s]) for s in mine] for row in pair])
        yield w @ r[np.ix_(mine, mine)] @ w.T, min(shared.get(s, float(dependence.sources[s].dof)) for s in mine)
