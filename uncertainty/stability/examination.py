"""Examination of a measurement standard: repeatability of its results, and its stability by a check standard.

Source: JJF 1033-2023, annexes on the repeatability test (检定或校准结果的重复性试验) and on stability (计量标准稳定性的考核).
The criteria are as the regulation states them; figures marked (m) are to be confirmed in its text: n ≥ 10 (m), m ≥ 4 groups
at least a month apart for a new standard (m), one group a year in service (m).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..errors import N_, DocumentError
from ..statistics import summary
from ..statistics.checks import column, count, positive

FEWEST_READINGS = 10
"""Readings of one test (m)."""
FEWEST_GROUPS = 4
"""Groups for a new standard (m)."""
APART = timedelta(days=30)
"""Least time between the groups of a new standard: more than a month (m)."""


@dataclass(frozen=True, slots=True)
class Repeatability:
    """s(y) of n readings beside the s that the approved evaluation of uncertainty used; kept: s is not above it.

    Where it is not kept, U has to be evaluated anew with this s, and the new U has to meet the need.
    """

    n: int
    mean: float
    s: float
    s_approved: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Stability:
    """What the standard changed by, its limit (U where used with corrections, |MPE| where not); kept: below it.

    means: (m,) of the groups. change: largest less smallest mean of a new standard; of one in service, the largest
    difference between successive groups.
    """

    kind: str
    means: tuple[float, ...]
    change: float
    limit: float
    basis: str
    kept: bool


def repeatability(readings: ArrayLike, s_approved: float, fewest: int = FEWEST_READINGS) -> Repeatability:
    """The test of repeatability: s of the readings by Bessel's formula, not above the approved one."""
    found = summary(column("readings", readings, count("fewest", fewest, 2)))
    assert found.s is not None
    approved = positive("s_approved", s_approved)
    return Repeatability(found.n, found.mean, found.s, approved, found.s <= approved)


def stability_of_new(
    groups: Sequence[ArrayLike], days: Sequence[date], *, U: float | None = None, mpe: float | None = None
) -> Stability:
    """Stability of a new standard: groups of readings of one check standard, each on its day.

    U: expanded uncertainty of the correction, k = 2, where the standard is used with corrections (加修正值使用, 按"等"使用);
    mpe: maximum permissible error where it is used by nominal value or indication (按"级"使用). One of them is given.
    Raises DocumentError for fewer than 4 groups or 10 readings a group, and groups not more than a month apart.
    """
    if len(groups) < FEWEST_GROUPS or len(days) != len(groups):
        raise DocumentError(
            place="groups", found=f"{len(groups)}, {len(days)}", right=N_("four groups or more, each with its day")
        )
    ordered = sorted(days)
    near = [later for earlier, later in pairwise(ordered) if later - earlier <= APART]
    if near:
        raise DocumentError(place="days", found=near[0].isoformat(), right=N_("groups more than a month apart"))
    means = _means(groups)
    change = max(means) - min(means)
    return _judged("new", means, change, U, mpe)


def stability_in_service(groups: Sequence[ArrayLike], *, U: float | None = None, mpe: float | None = None) -> Stability:
    """Stability of a standard in service: the means of successive yearly groups differ by less than U or |MPE|.

    groups: two or more, in the order of time. U, mpe: as for a new standard.
    """
    if len(groups) < 2:
        raise DocumentError(place="groups", found=str(len(groups)), right=N_("two or more groups"))
    means = _means(groups)
    return _judged("in_service", means, float(np.max(np.abs(np.diff(means)))), U, mpe)


def _means(groups: Sequence[ArrayLike]) -> tuple[float, ...]:
    each = (column(f"groups[{i}]", group, FEWEST_READINGS) for i, group in enumerate(groups))
    return tuple(summary(group).mean for group in each)


def _judged(kind: str, means: tuple[float, ...], change: float, U: float | None, mpe: float | None) -> Stability:
    if (U is None) == (mpe is None):
        raise DocumentError(place="U", found=N_("both or neither"), right=N_("either U of the correction or the MPE"))
    limit = positive("U", U) if U is not None else positive("mpe", abs(mpe or 0.0))
    return Stability(kind, means, change, limit, "U" if U is not None else "mpe", change < limit)
