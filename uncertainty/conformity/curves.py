"""Risks against the width of the guard band: data to draw, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .global_risk import GlobalRisk, global_risk
from .limits import Limits
from .populations import Population

COLUMNS = ("pfa", "pfr", "cpfa", "cpfr", "p_accept")


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """w in the limits' unit, and the risks at each w."""

    w: tuple[float, ...]
    risks: tuple[GlobalRisk, ...]

    def data(self) -> dict[str, list[float | None]]:
        """Columns of equal length; None where a conditional risk has no meaning (nothing accepted, nothing rejected)."""
        columns: dict[str, list[float | None]] = {name: [getattr(r, name) for r in self.risks] for name in COLUMNS}
        return {"w": list(self.w), **columns}


def risk_curve(
    prior: Population,
    measurement: Population,
    limits: Limits,
    widths: ArrayLike | None = None,
    points: int = 41,
) -> RiskCurve:
    """Global risks at every width; without widths at `points` of them from −2 u to 2 u, or to T/2 where that is less."""
    found = _around(measurement, limits, points) if widths is None else np.asarray(widths, float).ravel().tolist()
    # one quadrature a width: each has its own bends, and 41 of them take some milliseconds
    return RiskCurve(tuple(found), tuple(global_risk(prior, measurement, limits, w) for w in found))


def _around(measurement: Population, limits: Limits, points: int) -> Sequence[float]:
    U, T = 2 * measurement.sd, limits.tolerance
    inward = U if T is None else min(U, T / 2)
    return [float(w) for w in np.linspace(-U, inward, points)]
