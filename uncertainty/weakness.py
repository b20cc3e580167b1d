"""Where the first order says too little: y = x² at 0 has no first-order uncertainty, and a great one.

The second-order terms ½ Σ_ij (∂²f/∂x_i∂x_j u_i u_j)² (JCGM 100:2008, 5.1.2, note) are measured with the exact gradient
one standard uncertainty to each side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import N_

if TYPE_CHECKING:
    from .budget import Budget
    from .propagated import Propagated

SHARE = 0.1  # of the first-order variance; GUM H.1.7 has 0.14
TEXT = N_(
    "The first order says too little about {name}: second-order terms are {share} of its variance; use Monte Carlo."
)
ZH = "一阶近似不足以评定 {name}：二阶项为其方差的 {share}；请采用蒙特卡洛法。"


def weak_first_order(budget: Budget, found: Propagated) -> list[dict[str, Any]]:
    """A warning for every measurand whose second-order terms reach a tenth of its first-order variance."""
    if all(measurand.expression.linear for measurand in budget.measurands):
        return []
    uncertain = [i for i, mine in enumerate(budget.dependence.of) if mine]
    if not uncertain:
        return []
    n = len(uncertain)
    values = [float(q.value) for q in budget.quantities.values()]
    u = np.array([float(q.u) for q in budget.quantities.values()])
    at = np.repeat(np.array(values)[:, np.newaxis], 2 * n, axis=1)
    for column, i in enumerate(uncertain):
        at[i, column] += u[i]
        at[i, n + column] -= u[i]
    there, c = budget.gradient({name: at[row] for row, name in enumerate(budget.names)})
    warnings = []
    for row, measurand in enumerate(budget.measurands):
        second = 0.0
        for i, slope in c[row].items():
            if i in uncertain:
                wide = np.broadcast_to(np.asarray(slope, dtype=float), (2 * n,))
                curve = (wide[:n] - wide[n:]) / 2 * u[i]  # ∂²f/∂x_i∂x_j u_i u_j for every j
                second += 0.5 * float(np.sum(curve**2))
        if measurand.expression.branches:  # a jump has no slope; half a jump either side of one u tells of it
            first = np.array([float(np.ravel(found.c[row].get(i, 0.0))[0]) * u[i] for i in uncertain])
            rest = np.broadcast_to(there[row], (2 * n,)) - float(found.values[row]) - np.concatenate([first, -first])
            second = max(second, float(np.sum(rest**2)) / 4)
        variance = float(found.V[row, row])
        if np.isfinite(second) and second > SHARE * variance and second > 0:
            share = f"{100 * second / variance:.0f} %" if variance > 0 else "∞"
            facts = {"name": measurand.name, "share": share}
            text = {"zh": ZH.format(**facts), "en": TEXT.format(**facts)}
            warnings.append({"code": "weak_first_order", "place": f"measurands.{measurand.name}", "text": text})
    return warnings
