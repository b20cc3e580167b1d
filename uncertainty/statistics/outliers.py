"""Readings that stand apart: flagged with their statistic and its critical value, never deleted.

A flag is a reason to look, and the record keeps every reading; who leaves one out says why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import FloatArray
from ..errors import N_, DocumentError
from .checks import column, count, positive, share
from .dixon import critical as dixon_critical
from .dixon import ratio as dixon_ratio

MAD_TO_SIGMA = 1.482602218505602
"""1/Φ⁻¹(3/4): the median absolute deviation of a normal distribution times this is its standard deviation."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One reading tested. index: its place from 0. suspect: whether statistic > critical."""

    test: str
    index: int
    value: float
    statistic: float
    critical: float
    suspect: bool


def grubbs_critical(n: int, alpha: float = 0.05, *, two_sided: bool = True) -> float:
    """Critical value of Grubbs' G for n readings, from Student's t.

    two_sided: either end may stand apart, so alpha is halved.
    Source: Grubbs, Technometrics 11 (1969) 1; GB/T 4883-2008; ISO 5725-2:2019, 7.3.4.
    """
    from scipy.special import stdtrit

    n, alpha = count("n", n, 3), share("alpha", alpha)
    t = float(stdtrit(n - 2, 1 - alpha / (2 * n if two_sided else n)))
    return (n - 1) / math.sqrt(n) * math.sqrt(t * t / (n - 2 + t * t))


def grubbs(readings: ArrayLike, alpha: float = 0.05, *, two_sided: bool = True) -> Flag:
    """The reading farthest from the mean (the higher of two), G = |x − mean|/s. s estimated from these readings.

    two_sided False: the largest reading alone is tested. Of equal readings none is suspect.
    """
    x = column("readings", readings, 3)
    away = x - x.mean()
    index = int(np.argmax(np.abs(away) if two_sided else away))
    s = float(np.std(x, ddof=1))
    statistic = float(abs(away[index])) / s if s > 0 else 0.0
    limit = grubbs_critical(len(x), alpha, two_sided=two_sided)
    return Flag("grubbs", index, float(x[index]), statistic, limit, statistic > limit)


def dixon(readings: ArrayLike, alpha: float = 0.05) -> tuple[Flag, Flag]:
    """The smallest and the largest reading of 3 to 30, each by Dixon's ratio for this number of readings.

    Two-sided: each end is tested at alpha/2. Critical values are computed (dixon.py), not looked up.
    Source: Dixon, Ann. Math. Stat. 22 (1951) 68; GB/T 4883-2008.
    """
    x = column("readings", readings, 3)
    if len(x) > 30:
        raise DocumentError(place="readings", found=str(len(x)), right=N_("30 readings or fewer; Grubbs takes more"))
    order = np.argsort(x, kind="stable")
    limit = dixon_critical(len(x), share("alpha", alpha) / 2)
    ends = ((order[0], dixon_ratio(-x[order][::-1])), (order[-1], dixon_ratio(x[order])))
    low, high = (Flag("dixon", int(i), float(x[i]), r, limit, r > limit) for i, r in ends)
    return low, high


def mad(readings: ArrayLike) -> tuple[float, float]:
    """(median, 1.4826·median absolute deviation): centre and a robust standard deviation."""
    x = column("readings", readings, 1)
    centre = float(np.median(x))
    return centre, MAD_TO_SIGMA * float(np.median(np.abs(x - centre)))


def far_from_median(readings: ArrayLike, limit: float = 3.5) -> tuple[Flag, ...]:
    """Every reading whose distance from the median is above limit·1.4826·MAD.

    Where more than half of the readings are equal, MAD is 0 and every other one is flagged with an infinite statistic.
    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), 3.5.
    """
    x, limit = column("readings", readings, 3), positive("limit", limit)
    centre, s = mad(x)
    away: FloatArray = np.abs(x - centre)
    scores = away / s if s > 0 else np.where(away > 0, math.inf, 0.0)
    flagged = np.flatnonzero(scores > limit)
    return tuple(Flag("mad", int(i), float(x[i]), float(scores[i]), limit, True) for i in flagged)


def grubbs_all(readings: ArrayLike, alpha: float = 0.05, most: int | None = None) -> tuple[Flag, ...]:
    """Grubbs again and again, each time without the readings flagged before; stops at the first that is not suspect.

    most: flags at most so many, a third of the readings where not stated. Source: GB/T 4883-2008 (repeated use).
    """
    x = column("readings", readings, 3)
    left, found = list(range(len(x))), list[Flag]()
    while len(left) >= 3 and len(found) < (len(x) // 3 if most is None else most):
        flag = grubbs(x[left], alpha)
        if not flag.suspect:
            break
        found.append(Flag(flag.test, left[flag.index], flag.value, flag.statistic, flag.critical, True))
        del left[flag.index]
    return tuple(found)
