"""Trials until the figures are stable (JCGM 101:2008, 7.9), watching mean, u and both ends of the interval."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..distributions import FloatArray
from .blocks import BLOCK, Sampler
from .intervals import intervals

MOST = 5_000_000
FEWEST = 10_000  # JCGM 101:2008, 7.9.4 b): M = max(J, 10^4), J the smallest whole number from 100/(1 − p)
PART = 5  # δ/5: as the validation of clause 8 needs it (JCGM 101:2008, 8.2 note)


def tolerance(u: float, digits: int = 2) -> float:
    """δ: half a unit of the last of `digits` significant digits of u, rounded to them (JCGM 101:2008, 7.9.2)."""
    if not u > 0:
        return 0.0
    exponent = int(f"{u:.{digits - 1}e}".partition("e")[2])  # of u as it is printed: 9.96 is 10 to two digits
    return 0.5 * 10.0 ** (exponent - digits + 1)


def adaptive(
    sampler: Sampler, u_first: Mapping[str, float], seed: int, p: float, *, workers: int = 1, digits: int = 2
) -> tuple[FloatArray, bool]:
    """((measurands, trials), whether they became stable) within δ/5 at two standard deviations of the averages.

    u_first: measurand → u of first order, which sets δ where the measurand has no finite variance; of such a one the
    ends alone are watched. A set of trials is at least that of 7.9.4 b), in whole blocks. False after 5 million trials.
    """
    measurands = sampler.budget.measurands
    per = BLOCK * math.ceil(max(FEWEST, math.ceil(100 / (1 - p))) / BLOCK)
    room = np.empty((len(measurands), max(MOST // per, 2) * per))  # pages are taken when they are written
    wild = np.array([measurand.name in sampler.without_variance for measurand in measurands])
    first = np.array([u_first[measurand.name] for measurand in measurands])
    table: list[list[list[float]]] = []
    for h in range(1, room.shape[1] // per + 1):
        part = room[:, (h - 1) * per : h * per]
        sampler.draw_into(part, seed, (h - 1) * per // BLOCK, workers=workers)
        if not np.all(np.isfinite(part)):
            return room[:, : h * per], False  # the caller names the measurand
        table.append([_figures(row, p) for row in part])
        if h > 1 and _stable(np.array(table), per, wild, first, digits):
            return room[:, : h * per], True
    return room, False


def _figures(values: FloatArray, p: float) -> list[float]:
    """Mean, u and both ends of the symmetric interval of one set."""
    return [float(values.mean()), float(values.std(ddof=1)), *intervals(values, p).symmetric]


def _stable(figures: FloatArray, per: int, wild: FloatArray, first: FloatArray, digits: int) -> bool:
    """figures: (h, m, 4). 7.9.4 g) to o): twice the standard deviation of each average against δ of u of all trials."""
    h = len(figures)
    spread = 2 * np.std(figures, axis=0, ddof=1) / math.sqrt(h)
    squares = (per - 1) * np.sum(figures[:, :, 1] ** 2, axis=0) + per * (h - 1) * np.var(
        figures[:, :, 0], axis=0, ddof=1
    )
    u = np.where(wild, first, np.sqrt(squares / (h * per - 1)))
    for row, own, alone in zip(spread, u, wild, strict=True):
        if not float(row[2 if alone else 0 :].max()) <= tolerance(float(own), digits) / PART:
            return False
    return True
