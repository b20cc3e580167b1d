"""Second order of the law of propagation: the shifted mean, and the variance with the terms of JCGM 100:2008, 5.1.2, note.

Var = gᵀg + ½ tr H² + g·t + Σ_s (γ1 g_s H_ss + γ2 (H_ss²/4 + g_s T_sss/3)), mean = f + ½ tr H, in units of each source's u:
g gradient, H second, T third derivatives, t_j = Σ_k T_jkk. For independent normal sources it is the note's formula
Σ_i Σ_j (½ f_ij² + f_i f_ijj) u_i² u_j²; skewness γ1 and excess kurtosis γ2 carry it to the other distributions (fourth
moments: Mekid and Vaja, Measurement 41 (2008) 600). Correlated sources are taken through a root of their correlation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .coverage import coverage_factor
from .dependence import root
from .distributions import FloatArray, cumulants
from .errors import N_, EvaluationError
from .result import Result, correlation_of
from .weakness import SHARE

if TYPE_CHECKING:
    from .evaluation import Budget, Evaluation
    from .propagated import Propagated

STEP = 0.25  # of one u; with STEP/2 extrapolated: exact for models up to the fifth degree


@dataclass(frozen=True, slots=True)
class Terms:
    """Per measurand in coherent SI units: shift of the mean (m,), covariance to second order (m, m), bent (m, S):
    whether the model bends along a source."""

    shift: FloatArray
    V: FloatArray
    bent: FloatArray


def with_second_order(budget: Budget, found: Propagated, first: Evaluation) -> Evaluation:
    """The evaluation with value, u, U and correlation to second order; contributions stay those of the first.

    Raises EvaluationError where the variance would be negative: the series has not converged within one u.
    """
    terms = second_order(budget, found)
    V = np.array(terms.V)
    results, answer = {}, {}
    for row, measurand in enumerate(budget.measurands):
        result, size = first.results[measurand.name], measurand.unit.size
        if not math.isfinite(V[row, row]) or V[row, row] < 0 or not math.isfinite(terms.shift[row]):
            raise EvaluationError(
                place=f"measurands.{measurand.name}",
                found=N_("without a variance to second order"),
                right=N_("smaller uncertainties; use Monte Carlo"),
            )
        u, shift = math.sqrt(V[row, row]) / size, float(terms.shift[row]) / size
        dof = _dof(budget, found, terms, row, result.dof)
        p = budget.coverage[1]
        k = result.k if p is None else float(coverage_factor(p, dof))
        whole = replace(result, value=result.value + shift, u=u, dof=dof, k=k, U=k * u)
        results[measurand.name] = whole
        answer[measurand.name] = {"shift": shift, "u": u, "u_first_order": result.u}
    _sources(budget, results, V, np.asarray(found.V))
    return replace(first, results=results, correlation=correlation_of(V), second_order=answer)


def _dof(budget: Budget, found: Propagated, terms: Terms, row: int, first: float) -> float:
    """ν_eff of the first order; where the second carries a share, no more than the smallest ν of what bends."""
    if terms.V[row, row] <= (1 + SHARE) * found.V[row, row]:
        return first
    bent = [float(s.dof) for s, b in zip(budget.dependence.sources, terms.bent[row], strict=True) if b]
    return min([first, *bent])


def _sources(budget: Budget, results: dict[str, Result], V: FloatArray, V1: FloatArray) -> None:
    """What the second order adds as a source of its own, so that an archived result sums to its u."""
    size = [measurand.unit.size for measurand in budget.measurands]
    more = V - V1
    ids = [f"{budget.prefix}:second order of {measurand.name}" for measurand in budget.measurands]
    added = [row for row in range(len(ids)) if more[row, row] > 0]
    pairs = {
        (ids[a], ids[b]): float(np.clip(more[a, b] / math.sqrt(more[a, a] * more[b, b]), -1, 1))
        for a in added for b in added if a < b and more[a, b]
    }  # fmt: skip
    for row in added:
        name, id_ = budget.measurands[row].name, ids[row]
        result = results[name]
        results[name] = replace(
            result,
            sensitivities={**result.sensitivities, id_: 1.0},
            source_u={**result.source_u, id_: math.sqrt(more[row, row]) / size[row]},
            source_dof={**result.source_dof, id_: result.dof},
            correlations={**result.correlations, **{pair: r for pair, r in pairs.items() if id_ in pair}},
        )


def second_order(budget: Budget, found: Propagated) -> Terms:
    """Shift and covariance to second order of one budget."""
    dependence = budget.dependence
    sources, m = dependence.sources, len(budget.measurands)
    S = len(sources)
    if not S:
        return Terms(np.zeros(m), np.zeros((m, m)), np.zeros((m, 0), dtype=bool))
    r = np.eye(S)
    for s, t, rho in dependence.pairs:
        r[s, t] += float(rho)
        r[t, s] += float(rho)
    L = root(r) if dependence.pairs else np.eye(S)
    moments = np.array([cumulants(source.shape) for source in sources])  # (S, 2): γ1, γ2
    g = np.asarray(found.w, dtype=float)  # (m, S) gradient in units of each u
    H, T = _curves(budget, L)  # (m, S, S): ∂g/∂(direction k), ∂²g/∂(direction k)²
    Hy = np.einsum("mks,sl->mkl", H, L)
    gy, ty = g @ L, np.einsum("mks,sl->ml", T, L)
    V = np.asarray(found.V) + np.einsum("akl,bkl->ab", Hy, Hy) / 2 + (gy @ ty.T + ty @ gy.T) / 2
    skewed = np.flatnonzero(np.any(moments != 0, axis=1))
    if len(skewed):
        alone, third = (H, T) if not dependence.pairs else _curves(budget, np.eye(S))
        h, t3 = (np.array([[x[a, s, s] for s in skewed] for a in range(m)]) for x in (alone, third))
        c, (g1, g2) = g[:, skewed], moments[skewed].T
        V += (g1 * c) @ h.T / 2 + (h * g1) @ c.T / 2 + (g2 * h) @ h.T / 4
        V += ((g2 * c) @ t3.T + (g2 * t3) @ c.T) / 6
    scale = np.abs(np.asarray(found.V)) + np.einsum("akl,bkl->ab", np.abs(Hy), np.abs(Hy))
    V = np.where(np.abs(V) > 1e-12 * scale, V, 0.0)
    bent = np.any(np.abs(H) > 1e-9 * (np.abs(g[:, np.newaxis, :]) + np.abs(H).max(initial=0.0)), axis=1)
    return Terms(np.trace(Hy, axis1=1, axis2=2) / 2, np.asarray((V + V.T) / 2, dtype=float), bent)


def _curves(budget: Budget, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(first, second differences of the gradient along each direction k), both (m, k, S) in units of each source's u.

    The gradient is exact; differences over STEP and STEP/2 are extrapolated.
    """
    sources, of = budget.dependence.sources, budget.dependence.of
    u = np.array([float(source.u) for source in sources])
    owned = np.zeros((len(of), len(sources)))
    for i, mine in enumerate(of):
        owned[i, list(mine)] = 1.0
    ways = owned @ (u[:, np.newaxis] * directions)  # (quantities, k)
    x = np.array([float(q.value) for q in budget.quantities.values()])[:, np.newaxis]
    at = np.concatenate([x + step * ways for step in (STEP, -STEP, STEP / 2, -STEP / 2)] + [x], axis=1)
    _, slopes = budget.gradient({name: at[row] for row, name in enumerate(budget.names)})
    g = np.array([_along(row, owned, at.shape[1]) for row in slopes]) * u[:, np.newaxis]  # (m, S, columns)
    K = ways.shape[1]
    up, down, near, nearer = (g[:, :, i * K : (i + 1) * K] for i in range(4))
    middle = g[:, :, 4 * K :]
    wide, fine = (up - down) / (2 * STEP), (near - nearer) / STEP
    wide2 = (up - 2 * middle + down) / STEP**2
    fine2 = (near - 2 * middle + nearer) / (STEP / 2) ** 2
    first, second = fine + (fine - wide) / 3, fine2 + (fine2 - wide2) / 3
    return first.transpose(0, 2, 1), second.transpose(0, 2, 1)


def _along(row: Mapping[int, Any], owned: FloatArray, width: int) -> FloatArray:
    """(S, columns): the gradient of one measurand to the sources, where a source moves every quantity it is in."""
    answer = np.zeros((owned.shape[1], width))
    for i, slope in row.items():
        answer += np.outer(owned[i], np.broadcast_to(np.asarray(slope, dtype=float), (width,)))
    return answer
