"""Analysis of variance: one factor with groups of any size, two factors crossed with equal cells.

Sums of squares are exact on the decimals that the readings are (exact.py), so that many constant leading digits cost
nothing. Sources: JCGM 100:2008, H.5; ISO 5725-2:2019, 7.4 (groups of unequal size).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from ..errors import N_, DocumentError, EvaluationError
from ..numbers import numbers
from .checks import count
from .exact import Integers, integers, root, scaled


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: sum of squares, degrees of freedom, mean square, F against the error line, p of F.

    F and p: None for the error line, and where the error line is 0.
    """

    source: str
    ss: float
    dof: int
    ms: float
    F: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class OneWay:
    """Between and within groups, and what follows for a mean of means.

    s_within: repeatability s_r; s_between: what groups differ by beyond it, 0 where the estimate is negative;
    s_reproducibility: √(s_r² + s_between²); n0: effective size of a group; r2: share of the sum between groups.
    s_of_means: experimental standard deviation of the group means; mean: of all readings; u: of the mean, with dof,
    from the means where groups differ significantly and from all readings together where not (JCGM 100:2008, H.5.2.5).
    """

    between: Line
    within: Line
    n0: float
    r2: float
    s_within: float
    s_between: float
    s_reproducibility: float
    s_of_means: float
    mean: float
    u: float
    dof: int
    significant: bool


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Factors a and b crossed. interaction: None with one reading a cell, where it cannot be told from the error."""

    a: Line
    b: Line
    interaction: Line | None
    error: Line
    mean: float


def f_tail(F: float, dof1: float, dof2: float) -> float:
    """Probability of an F above the one found."""
    from scipy.special import fdtrc

    return float(fdtrc(dof1, dof2, F))


def f_critical(p: float, dof1: float, dof2: float) -> float:
    """The F that is not exceeded with probability p."""
    from scipy.special import fdtri

    return float(fdtri(dof1, dof2, p))


def one_way(groups: Sequence[ArrayLike], alpha: float = 0.05) -> OneWay:
    """Analysis of variance of two or more groups of readings; their sizes may differ, one reading is enough for some.

    alpha: level of the F test that decides where u of the mean comes from.
    Raises DocumentError for fewer than two groups or no group with two readings.
    """
    if len(groups) < 2:
        raise DocumentError(place="groups", found=str(len(groups)), right=N_("two or more groups"))
    sizes = [len(integers(f"groups[{i}]", group).values) for i, group in enumerate(groups)]
    if max(sizes) < 2:
        raise DocumentError(place="groups", found="1", right=N_("two readings or more in a group"))
    pooled = integers("groups", np.concatenate([np.asarray(group, float) for group in groups]))
    ends = np.cumsum(sizes)
    parts = [pooled.values[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    return _table(parts, pooled, alpha)


def _table(parts: Sequence[tuple[int, ...]], pooled: Integers, alpha: float) -> OneWay:
    sizes, n, k, place = [len(part) for part in parts], len(pooled.values), len(parts), pooled.place
    total = Fraction(sum(pooled.values) ** 2, n)
    of_groups = sum((Fraction(sum(part) ** 2, len(part)) for part in parts), Fraction(0))
    ss_a, ss_e = of_groups - total, sum(v * v for v in pooled.values) - of_groups
    ms_a, ms_e = ss_a / (k - 1), ss_e / (n - k)
    within = Line("within", scaled(ss_e, 2 * place), n - k, scaled(ms_e, 2 * place))
    between = _line("between", ss_a, k - 1, ms_e, n - k, place)
    n0 = (n - Fraction(sum(size**2 for size in sizes), n)) / (k - 1)
    s2_a = max((ms_a - ms_e) / n0, Fraction(0))
    means = [Fraction(sum(part), len(part)) for part in parts]
    centre = sum(means, Fraction(0)) / k
    spread = sum(((mean - centre) ** 2 for mean in means), Fraction(0)) / (k - 1)
    significant = (between.p is not None and between.p < alpha) or ms_e == 0 < ms_a
    together = (ss_a + ss_e) / (n - 1) / n
    return OneWay(
        between=between,
        within=within,
        n0=float(n0),
        r2=float(ss_a / (ss_a + ss_e)) if ss_a + ss_e else 0.0,
        s_within=root(ms_e, place),
        s_between=root(s2_a, place),
        s_reproducibility=root(ms_e + s2_a, place),
        s_of_means=root(spread, place),
        mean=scaled(centre if significant else Fraction(sum(pooled.values), n), place),
        u=root(spread / k if significant else together, place),
        dof=k - 1 if significant else n - 1,
        significant=significant,
    )


def _line(source: str, ss: Fraction, dof: int, ms_e: Fraction, dof_e: int, place: int) -> Line:
    ms = ss / dof
    if ms_e == 0:
        return Line(source, scaled(ss, 2 * place), dof, scaled(ms, 2 * place))
    F = float(ms / ms_e)
    return Line(source, scaled(ss, 2 * place), dof, scaled(ms, 2 * place), F, f_tail(F, dof, dof_e))


def two_way(readings: ArrayLike) -> TwoWay:
    """Analysis of variance of readings (a, b) or (a, b, r): levels of two crossed factors, r readings in each cell.

    Raises DocumentError for fewer than two levels of a factor. Source: Montgomery, Design and Analysis of
    Experiments, 5.3 (fixed effects, F against the error; with one reading a cell, against the interaction).
    """
    y = numbers("readings", readings)
    if y.ndim == 2:
        y = y[:, :, None]
    if y.ndim != 3 or min(y.shape[:2]) < 2 or y.shape[2] < 1:
        raise DocumentError(place="readings", found=str(y.shape), right=N_("two levels or more of each of two factors"))
    held = integers("readings", y.ravel())
    cells = np.array(held.values, dtype=object).reshape(y.shape)
    a, b, r = y.shape
    whole = Fraction(int(cells.sum()) ** 2, a * b * r)
    ss_a = _of_sums(cells.sum(axis=(1, 2)), b * r) - whole
    ss_b = _of_sums(cells.sum(axis=(0, 2)), a * r) - whole
    ss_cells = _of_sums(cells.sum(axis=2).ravel(), r) - whole
    ss_ab, ss_all = ss_cells - ss_a - ss_b, sum(v * v for v in held.values) - whole
    dof_ab = (a - 1) * (b - 1)
    ss_e, dof_e = (ss_all - ss_cells, a * b * (r - 1)) if r > 1 else (ss_ab, dof_ab)
    ms_e, place = ss_e / dof_e, held.place
    return TwoWay(
        a=_line("a", ss_a, a - 1, ms_e, dof_e, place),
        b=_line("b", ss_b, b - 1, ms_e, dof_e, place),
        interaction=_line("interaction", ss_ab, dof_ab, ms_e, dof_e, place) if r > 1 else None,
        error=Line("error", scaled(ss_e, 2 * place), dof_e, scaled(ms_e, 2 * place)),
        mean=scaled(Fraction(int(cells.sum()), a * b * r), place),
    )


def _of_sums(sums: Sequence[int], size: int) -> Fraction:
    return sum((Fraction(int(one) ** 2, size) for one in sums), Fraction(0))


def from_means(means: ArrayLike, s: ArrayLike, n: int, alpha: float = 0.05) -> OneWay:
    """One-way analysis where only the group means (k,) and the standard deviations (k,) of n readings each are known.

    Source: JCGM 100:2008, H.5.2.
    """
    y, spread, n = numbers("means", means), numbers("s", s), count("n", n, 2)
    if y.ndim != 1 or y.shape != spread.shape or len(y) < 2 or np.any(spread < 0):
        raise DocumentError(place="s", found=str(spread.shape), right=N_("one standard deviation for each mean"))
    k, within, of_means = len(y), float(np.mean(spread**2)), float(np.var(y, ddof=1))
    if within == 0:
        raise EvaluationError(where="s", found="0", right=N_("readings that differ"))
    dof_a, dof_e = k - 1, k * (n - 1)
    F = n * of_means / within
    p = f_tail(F, dof_a, dof_e)
    ss_a, ss_e, s2_a = n * of_means * dof_a, within * dof_e, max((n * of_means - within) / n, 0.0)
    together = (ss_a + ss_e) / (k * n - 1) / (k * n)
    return OneWay(
        between=Line("between", ss_a, dof_a, n * of_means, F, p),
        within=Line("within", ss_e, dof_e, within),
        n0=float(n),
        r2=ss_a / (ss_a + ss_e),
        s_within=math.sqrt(within),
        s_between=math.sqrt(s2_a),
        s_reproducibility=math.sqrt(within + s2_a),
        s_of_means=math.sqrt(of_means),
        mean=float(y.mean()),
        u=math.sqrt(of_means / k if p < alpha else together),
        dof=dof_a if p < alpha else k * n - 1,
        significant=p < alpha,
    )
