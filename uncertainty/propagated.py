"""What the law of propagation gives of all measurands of a budget, or of a batch of budgets."""

from __future__ import annotations

from dataclasses import dataclass

from .distributions import FloatArray, Number

ROUNDING = 1e-15  # a variance below this share of its parts is their rounding
Sensitivities = dict[int, Number]


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
