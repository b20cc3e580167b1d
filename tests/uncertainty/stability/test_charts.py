"""Control charts against worked examples of the textbooks, false alarm rates, and constructed patterns."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from uncertainty import DocumentError
from uncertainty.stability import (
    SETS,
    against,
    c4,
    cusum,
    ewma,
    individuals,
    repeatability,
    stability_in_service,
    stability_of_new,
    xbar_s,
)

MONTGOMERY = [
    *(9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08),
    *(9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52),
]
"""Montgomery, Introduction to Statistical Quality Control, table 9.1: μ = 10, σ = 1, a shift of 1 σ after point 20."""


def test_cusum_of_montgomerys_example() -> None:
    """Tables 9.2: C⁺ = 5.28 at period 29 is the first above h = 5; the shift began after period 22."""
    found = cusum(MONTGOMERY, 10, 1)
    assert round(found.upper[28], 2) == 5.28
    assert (found.signals[0], found.starts[0]) == (28, 22)
    assert [round(v, 2) for v in found.lower[:3]] == [0.05, 1.56, 1.77]


def test_ewma_of_montgomerys_example() -> None:
    """Table 9.10, λ = 0.10, L = 2.7: z1 = 9.945, z2 = 9.7495, limits 9.73 to 10.27 and at last 9.38 to 10.62, z30 = 10.6341."""
    found = ewma(MONTGOMERY, 10, 1, weight=0.1, width=2.7)
    assert [round(z, 4) for z in found.points[:2]] == [9.945, 9.7495]
    assert (round(found.lower[0], 2), round(found.upper[0], 2)) == (9.73, 10.27)
    assert (round(found.lower[-1], 2), round(found.upper[-1], 2)) == (9.38, 10.62)
    assert round(found.points[29], 4) == 10.6341
    assert [one.at for one in found.signals] == [28, 29]


@pytest.mark.parametrize(("n", "factor"), [(2, 0.7979), (3, 0.8862), (5, 0.9400), (10, 0.9727), (25, 0.9896)])
def test_factor_c4(n: int, factor: float) -> None:
    """ISO 7870-2:2013, table of factors."""
    assert round(c4(n), 4) == factor


def test_limits_of_xbar_and_s() -> None:
    """A3 = 1.427, B3 = 0, B4 = 2.089 for n = 5; A3 = 0.975, B3 = 0.284, B4 = 1.716 for n = 10 (ISO 7870-2:2013)."""
    for n, A3, B3, B4 in ((5, 1.427, 0.0, 2.089), (10, 0.975, 0.284, 1.716)):
        y = np.random.default_rng(n).normal(20, 2, (30, n))
        xbar, s = xbar_s(y)
        s_bar = y.std(axis=1, ddof=1).mean()
        assert (xbar.upper[0] - xbar.centre) / s_bar == pytest.approx(A3, abs=6e-4)
        assert s.lower[0] / s_bar == pytest.approx(B3, abs=6e-4)
        assert s.upper[0] / s_bar == pytest.approx(B4, abs=6e-4)


def test_limits_of_individuals_and_moving_range() -> None:
    """x̄ ± 2.660 MR and 3.267 MR (ISO 7870-2:2013)."""
    x, mr = individuals([1.0, 3.0, 2.0, 4.0, 3.5])
    assert mr.centre == pytest.approx(1.375)
    assert (x.upper[0] - x.centre) / mr.centre == pytest.approx(2.660, abs=2e-3)  # printed with d2 = 1.128
    assert mr.upper[0] / mr.centre == pytest.approx(3.267, abs=6e-4)
    assert mr.lower[0] == 0.0


def rules_at(z: list[float], rules: str = "nelson") -> set[tuple[str, int]]:
    return {(one.rule, one.at) for one in against(z, 0.0, 1.0, rules).signals}


@pytest.mark.parametrize(
    ("z", "rule"),
    [
        ([0.0, -3.1], "beyond_3_sigma"),
        ([0.1] * 9, "9_on_one_side"),
        ([-1.0, -0.5, -0.2, 0.3, 0.6, 0.9], "6_rising_or_falling"),
        ([0.5, -0.5] * 7, "14_alternating"),
        ([2.1, 0.0, 2.5], "2_of_3_beyond_2_sigma"),
        ([-1.1, -1.5, 0.5, -1.2, -1.3], "4_of_5_beyond_1_sigma"),
        ([0.3, -0.2, -0.5, 0.6, 0.1, -0.3, -0.4, 0.2, 0.3, -0.6, 0.7, 0.8, -0.1, -0.2, 0.5], "15_within_1_sigma"),
        ([1.5, -1.5, -1.2, 1.1, -1.3, 1.4, 1.2, -1.1], "8_beyond_1_sigma_both_sides"),
    ],
)
def test_each_rule_at_its_pattern_and_not_one_point_before(z: list[float], rule: str) -> None:
    assert (rule, len(z) - 1) in rules_at(z)
    assert rule not in {name for name, _ in rules_at(z[:-1])}
    assert (rule, len(z) - 1) in rules_at([-v for v in z])


def test_western_electric_counts_eight() -> None:
    assert ("8_on_one_side", 7) in rules_at([0.1] * 8, "western_electric")


@pytest.mark.parametrize(("rules", "rate"), [("limits", 0.0027), ("western_electric", 1 / 91.75)])
def test_false_alarms_come_as_often_as_published(rules: str, rate: float) -> None:
    """Champ and Woodall, Technometrics 29 (1987): average run length 370.4, and 91.75 with the four zone rules."""
    lengths = []
    for seed in range(1500):
        z = np.random.default_rng(seed).standard_normal(1500)
        found = against(z, 0.0, 1.0, rules).signals
        lengths.append(found[0].at + 1 if found else 1500)
    censored = -np.expm1(-1500 * rate) / rate
    assert np.mean(lengths) == pytest.approx(censored, rel=0.09)


def test_limits_may_come_from_the_first_points() -> None:
    x, _ = individuals([1.0, 1.1, 0.9, 1.05, 5.0], base=4)
    assert x.centre == pytest.approx(1.0125)
    assert x.signals[0].at == 4


def test_charts_of_nothing_are_refused() -> None:
    for wrong in (
        lambda: xbar_s([[1.0], [2.0]]),
        lambda: xbar_s([[1.0, 2.0]]),
        lambda: xbar_s([[1.0, 1.0], [1.0, 1.0]]),
        lambda: individuals([1.0, 1.0, 1.0]),
        lambda: individuals([1.0, 2.0, 1.0], base=9),
        lambda: against([1.0], 0.0, 0.0),
        lambda: against([1.0], 0.0, 1.0, "all"),
        lambda: ewma([1.0], 0.0, 1.0, weight=0.0),
        lambda: cusum([1.0], 0.0, 1.0, h=0.0),
        lambda: cusum([float("nan")], 0.0, 1.0),
    ):
        with pytest.raises(DocumentError):
            wrong()
    assert set(SETS) == {"limits", "western_electric", "nelson"}


TEN = np.array([0.0, 1.0, -1.0, 2.0, -2.0, 1.0, -1.0, 0.0, 1.0, -1.0])
DAYS = [date(2026, 1, 5), date(2026, 3, 5), date(2026, 5, 6), date(2026, 7, 7)]


def test_repeatability_is_kept_up_to_the_approved_s() -> None:
    """Σ of squares of TEN is 14: s = √(14/9)."""
    s = (14 / 9) ** 0.5
    assert repeatability(TEN + 100, 1.25).s == pytest.approx(s)
    assert repeatability(TEN, 1.25).kept
    assert repeatability(TEN, s).kept
    assert not repeatability(TEN, 1.24).kept
    with pytest.raises(DocumentError):
        repeatability(TEN[:9], 1.0)


def test_stability_of_a_new_standard_is_the_span_of_its_groups() -> None:
    groups = [TEN + shift for shift in (10.0, 10.3, 9.9, 10.1)]
    found = stability_of_new(groups, DAYS, U=0.5)
    assert (found.change, found.kept, found.basis) == (pytest.approx(0.4), True, "U")
    assert not stability_of_new(groups, DAYS, mpe=-0.4).kept


def test_stability_in_service_is_the_change_between_successive_years() -> None:
    groups = [TEN + shift for shift in (10.0, 10.3, 10.6)]
    found = stability_in_service(groups, mpe=0.35)
    assert (found.change, found.kept, found.kind) == (pytest.approx(0.3), True, "in_service")
    assert not stability_in_service(groups, U=0.29).kept


def test_examinations_that_say_nothing_are_refused() -> None:
    groups = [TEN] * 4
    near = [*DAYS[:3], date(2026, 5, 20)]
    for wrong in (
        lambda: stability_of_new(groups[:3], DAYS[:3], U=1.0),
        lambda: stability_of_new(groups, near, U=1.0),
        lambda: stability_of_new(groups, DAYS),
        lambda: stability_of_new(groups, DAYS, U=1.0, mpe=1.0),
        lambda: stability_of_new([*groups[:3], TEN[:5]], DAYS, U=1.0),
        lambda: stability_in_service([TEN], U=1.0),
        lambda: stability_in_service([TEN, TEN], U=0.0),
        lambda: repeatability(TEN, 0.0),
    ):
        with pytest.raises(DocumentError):
            wrong()
