"""The power-moderated mean: between the weighted and the arithmetic one, as the results' own u deserve.

Source: S. Pommé and J. Keightley, Metrologia 52 (2015) S200.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from ..statistics.checks import column, positives
from .random_effects import mandel_paule
from .reference import Reference


@dataclass(frozen=True, slots=True)
class PowerModerated:
    """Power-moderated mean: reference, its power alpha, and the places of results left out of it as extreme."""

    reference: Reference
    alpha: float
    S: float
    extreme: tuple[int, ...]


def power_moderated(
    x: ArrayLike, u: ArrayLike, alpha: float | None = None, *, k: float | None = None
) -> PowerModerated:
    """Power-moderated mean: weights between those of the mean (α = 0) and of Mandel–Paule (α = 2).

    alpha: 2 − 3/N where not stated. k: results farther than k·u(d) from the value are left out, one after the
    other (2.5 is usual); none where not stated. Source: Pommé and Keightley 2015.
    """
    y = column("x", x, 2)
    spread = positives("u", u, len(y))
    kept, out = list(range(len(y))), list[int]()
    while True:
        power, S, value, u_ref, w, tau = _moderated(y[kept], spread[kept], alpha)
        if k is None or len(kept) <= 2:
            break
        u_d = u_ref * np.sqrt(1 / w - 1)  # the result took part in the value
        away = np.abs(y[kept] - value) / u_d
        worst = int(np.argmax(away))
        if away[worst] <= k:
            break
        out.append(kept.pop(worst))
    weights = np.zeros(len(y))
    weights[kept] = w
    reference = Reference("power_moderated_mean", value, u_ref, tuple(weights.tolist()), tau)
    return PowerModerated(reference, power, S, tuple(sorted(out)))


def _moderated(
    x: FloatArray, u: FloatArray, alpha: float | None
) -> tuple[float, float, float, float, FloatArray, float]:
    n = len(x)
    power = max(2 - 3 / n, 0.0) if alpha is None else alpha
    if not 0 <= power <= 2:
        raise DocumentError(place="alpha", found=str(power), right=N_("a power from 0 to 2"))
    mp = mandel_paule(x, u)
    of_mean = float(np.var(x, ddof=1)) / n
    S = math.sqrt(n * max(of_mean, mp.u**2))
    raw = (u**2 + mp.tau**2) ** (-power / 2) * S ** (power - 2)
    u2 = 1 / float(raw.sum())
    w = raw * u2
    return power, S, float(w @ x), math.sqrt(u2), w, mp.tau
