"""The adaptive procedure of JCGM 101:2008, 7.9 and the validation of clause 8."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

import uncertainty
from uncertainty.montecarlo import Sampler, tolerance
from uncertainty.montecarlo.adaptive import MOST, adaptive


def budget(quantities: dict[str, Any], expression: str, **more: Any) -> uncertainty.Budget:
    return uncertainty.compile(
        {"budget": 1, "quantities": quantities, "measurands": {"y": {"expression": expression}}, "coverage": 0.95}
        | more
    )


@pytest.mark.parametrize(
    ("u", "digits", "delta"),
    [
        (0.00035, 2, 0.000005),
        (2.0, 1, 0.5),
        (2.0, 2, 0.05),
        (9.94, 2, 0.05),
        (9.96, 2, 0.5),
        (99.6, 2, 5),
        (0.0, 2, 0.0),
    ],
)
def test_the_tolerance_is_half_a_unit_of_the_last_digit(u: float, digits: int, delta: float) -> None:
    """JCGM 101:2008, 7.9.2, examples 1 (0.000 35 g) and 2 (2 K); the others by hand."""
    assert tolerance(u, digits) == pytest.approx(delta, rel=1e-12)


def test_stability_is_judged_by_all_four_figures_of_every_measurand() -> None:
    """The averages over the sets that stopped it, taken apart again: two deviations of each are within δ/5."""
    some = budget({"a": {"value": 0, "u": 1}, "b": {"distribution": "rectangular", "lower": 0, "upper": 6}}, "a + b")
    sampler = Sampler(some)
    samples, stable = adaptive(sampler, {"y": 2.0}, 3, 0.95)
    assert stable and samples.shape[1] % 16_384 == 0
    sets = samples[0].reshape(-1, 16_384)
    for end in (sets, sets[:-1]):
        figures = [np.mean(end, axis=1), np.std(end, axis=1, ddof=1), *np.quantile(end, [0.025, 0.975], axis=1)]
        spread = max(2 * np.std(row, ddof=1) / math.sqrt(len(end)) for row in figures)
        assert (spread <= 0.05 / 5 * 1.001) == (end is sets)  # it stopped then, and not one set earlier


def test_all_trials_count_and_the_same_seed_gives_the_same_answer() -> None:
    some = budget({"a": {"value": 0, "u": 1}}, "a")
    one, two = (some.evaluate(method="both", trials="adaptive", seed=9).monte_carlo for _ in range(2))
    assert one == two and one is not None
    fixed = some.evaluate(method="both", trials=one["trials"], seed=9).monte_carlo
    assert fixed is not None and fixed["measurands"] == one["measurands"]


def test_a_high_probability_takes_larger_sets() -> None:
    """7.9.4 b): 100/(1 − p) trials in a set, 10⁶ for p = 0.9999."""
    some = budget({"a": {"value": 0, "u": 1}}, "a", coverage=0.9999)
    samples, _ = adaptive(Sampler(some), {"y": 1.0}, 1, 0.9999)
    assert samples.shape[1] >= 2_000_000


def test_what_never_becomes_stable_ends_after_five_million_and_says_so() -> None:
    """A t of ν = 1 has no u to set δ by but that of first order, which its quartiles cannot meet."""
    some = budget({"a": {"value": 0, "u": 1, "dof": 1}}, "a")
    found = some.evaluate(method="both", trials="adaptive", seed=1).monte_carlo
    assert found is not None and found["stabilized"] is False
    assert MOST * 0.99 < found["trials"] <= MOST
    assert found["measurands"]["y"]["interval_symmetric"] == pytest.approx([-12.706, 12.706], rel=0.02)


@pytest.mark.parametrize(("widest", "low", "valid"), [(1.0, -3.88, True), (10.0, -17.0, False)])
def test_clause_8_judges_four_rectangular_quantities_as_the_standard_does(
    widest: float, low: float, valid: bool
) -> None:
    """JCGM 101:2008, 9.2.3 (u 1 each: 3.92 against 3.88, valid) and 9.2.4 (one u 10: 19.9 against 17.0, not valid)."""
    quantities = {
        name: {"distribution": "rectangular", "value": 0, "half_width": math.sqrt(3) * (widest if name == "d" else 1)}
        for name in "abcd"
    }
    found = budget(quantities, "a + b + c + d").evaluate(method="both", trials=1_000_000, seed=4)
    assert found.monte_carlo is not None and found.validation is not None
    assert found.monte_carlo["measurands"]["y"]["interval_symmetric"][0] == pytest.approx(low, abs=0.05)
    assert found.validation["y"]["valid"] is valid
    assert found.validation["y"]["d_low"] == pytest.approx(abs(-1.96 * math.sqrt(3 + widest**2) - low), abs=0.05)


@pytest.mark.parametrize("x1", [0.0, 0.010, 0.050])
@pytest.mark.parametrize("r", [0.0, 0.9])
def test_comparison_loss_of_microwave_power_meters(x1: float, r: float) -> None:
    """JCGM 101:2008, 9.4: y = x1² + x2², u 0.005 each. Mean x1² + 2u², variance 4u⁴(1 + r²) + 4u²x1².

    With r = 0 the quantiles are those of the noncentral χ², by scipy; at x1 = 0 the shortest interval is [0, 150]·10⁻⁶.
    """
    u = 0.005
    more = {"correlations": [{"between": ["x1", "x2"], "r": r}]} if r else {}
    some = budget({"x1": {"value": x1, "u": u}, "x2": {"value": 0, "u": u}}, "x1**2 + x2**2", **more)
    found = some.evaluate(method="both", trials=1_000_000, seed=94)
    assert found.monte_carlo is not None and found.validation is not None
    y = found.monte_carlo["measurands"]["y"]
    deviation = math.sqrt(4 * u**4 * (1 + r * r) + 4 * u * u * x1 * x1)
    assert y["mean"] == pytest.approx(x1 * x1 + 2 * u * u, abs=4.5 * deviation / 1000)
    assert y["u"] == pytest.approx(deviation, rel=0.01)
    if r == 0:
        ends = [u * u * special.chndtrix(q, 2, (x1 / u) ** 2) for q in (0.025, 0.975)]
        assert y["interval_symmetric"] == pytest.approx(ends, rel=0.01, abs=1e-7)
    if x1 == r == 0:
        assert y["interval_shortest"] == pytest.approx([0, 149.79e-6], abs=1e-6)
    assert not found.validation["y"]["valid"]


def test_three_correlated_quantities_of_different_shapes_keep_every_correlation() -> None:
    """JCGM 101:2008, 6.4.8, for any shapes: the matrix asked for, within four and a half sampling deviations."""
    r = {("a", "b"): 0.6, ("a", "c"): -0.4, ("b", "c"): 0.2}
    some = uncertainty.compile(
        {
            "budget": 1,
            "quantities": {
                "a": {"distribution": "lognormal", "median": 1, "gsd": 1.6},
                "b": {"distribution": "exponential", "mean": 2},
                "c": {"distribution": "trapezoidal", "lower": -1, "upper": 1, "top": 0.3},
            },
            "correlations": [{"between": list(pair), "r": value} for pair, value in r.items()],
            "measurands": {f"y_{name}": {"expression": name} for name in "abc"},
        }
    )
    seen = np.corrcoef(Sampler(some).draw(1_000_000, 12))
    for (one, other), value in r.items():
        assert seen["abc".index(one), "abc".index(other)] == pytest.approx(value, abs=0.006)
