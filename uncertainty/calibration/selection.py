"""Which order of polynomial the points ask for: every order tried, each with its figures, and the one each rule takes.

AICc = G + 2k + 2k(k + 1)/(n − k − 1), BIC = G + k ln n, with k parameters. u of the points known: G = χ²; not known:
G = n ln(RSS/n), and k counts the variance too. Source: Burnham and Anderson, Model Selection (2002), 2.4, 6.4.1; ISO/TS
28038:2018, 6.4 (AIC, AICc, BIC); the added term by F, or by the fall of χ² where the u are known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from ..errors import N_, DocumentError
from .checks import points
from .fit import About, Fit
from .polynomials import HIGHEST, fit_polynomial

RULES = ("aicc", "bic", "test")


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """One order tried. aicc, bic: infinite where too few points are left for it.

    statistic, p: of the last term, against the order below: F with 1 and ν degrees of freedom, or the fall of χ² with 1;
    None at the lowest order.
    """

    order: int
    fit: Fit
    aicc: float
    bic: float
    statistic: float | None
    p: float | None


@dataclass(frozen=True, slots=True, eq=False)
class OrderSelection:
    """Every order tried, the rule that chose, and the order that each of the rules takes."""

    tried: tuple[Order, ...]
    rule: str
    chosen: int
    by_rule: dict[str, int]

    @property
    def fit(self) -> Fit:
        """The fit of the chosen order."""
        return next(one.fit for one in self.tried if one.order == self.chosen)

    @property
    def agrees(self) -> bool:
        """Whether all rules take the same order; if not, somebody should look."""
        return len(set(self.by_rule.values())) == 1


def select_order(
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    cov_xy: ArrayLike = 0.0,
    *,
    rule: str = "aicc",
    highest: int | None = None,
    significance: float = 0.05,
    weights_only: bool = False,
    about: About | None = None,
) -> OrderSelection:
    """Orders 1 to `highest` (at most the points less 2, and 6 if not said), and the one that `rule` takes.

    rule: aicc, bic, or test: the highest order whose last term has p below `significance`, else the lowest order.
    """
    if rule not in RULES:
        raise DocumentError(place="rule", found=str(rule), right=", ".join(RULES))
    if not 0 < significance < 1:
        raise DocumentError(
            place="significance", found=str(significance), right=N_("a probability above 0 and below 1")
        )
    across, up = points(x, y, 3)
    distinct = len(set(across.tolist()))
    top = min(6, distinct - 2) if highest is None else highest
    if not 1 <= top <= min(HIGHEST, distinct - 2):
        right = N_("an order from 1, two less than the different points at most")
        raise DocumentError(place="highest", found=str(top), right=right)
    tried: list[Order] = []
    for order in range(1, top + 1):
        fit = fit_polynomial(across, up, order, u_y, u_x, cov_xy, weights_only=weights_only, about=about)
        tried.append(_order(order, fit, tried[-1].fit if tried else None))
    by_rule = {
        "aicc": min(tried, key=lambda one: one.aicc).order,
        "bic": min(tried, key=lambda one: one.bic).order,
        "test": max([one.order for one in tried if one.p is not None and one.p < significance], default=1),
    }
    return OrderSelection(tuple(tried), rule, by_rule[rule], by_rule)


def _order(order: int, fit: Fit, below: Fit | None) -> Order:
    n, k = len(fit.residuals), order + 1 + (not fit.known)
    G = fit.sum_of_squares if fit.known else n * math.log(max(fit.sum_of_squares, 1e-300) / n)
    aicc = G + 2 * k + 2 * k * (k + 1) / (n - k - 1) if n - k > 1 else math.inf
    statistic, p = (None, None) if below is None else _added(fit, below)
    return Order(order, fit, aicc, G + k * math.log(n), statistic, p)


def _added(fit: Fit, below: Fit) -> tuple[float, float]:
    """(statistic, probability of one as large without the term)."""
    from scipy.special import chdtrc, fdtrc

    fall = max(below.sum_of_squares - fit.sum_of_squares, 0.0)
    if fit.known:
        return fall, float(chdtrc(1, fall))
    F = fall / (fit.sum_of_squares / fit.dof) if fit.sum_of_squares else math.inf
    return F, float(fdtrc(1, fit.dof, F)) if math.isfinite(F) else 0.0
