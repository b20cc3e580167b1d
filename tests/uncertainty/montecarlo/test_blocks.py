"""One seed, one answer: with any number of workers, and however many trials follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty import DocumentError, EvaluationError
from uncertainty.montecarlo import BLOCK, Sampler, sample
from uncertainty.montecarlo.sobol import sobol

BUDGET: dict[str, Any] = {
    "budget": 1,
    "quantities": {
        "a": {"value": 10, "u": 1, "dof": 5, "unit": "mV"},
        "b": {"distribution": "rectangular", "lower": -1, "upper": 1, "unit": "mV"},
        "c": {"components": [{"u": 2, "id": "standard"}, {"distribution": "arcsine", "half_width": 1}], "value": 1, "unit": "mV"},
        "d": {"value": 3, "u": 2, "id": "standard", "unit": "mV"},
        "V": {"readings": [5.007, 4.994, 5.005, 4.990, 4.999]},
        "I": {"readings": [19.663, 19.639, 19.640, 19.685, 19.678]},
        "k": {"value": 1000, "exact": True, "unit": "uV"},
    },
    "observed_together": [["V", "I"]],
    "measurands": {
        "y": {"expression": "a + b + c - d + k", "unit": "uV"},
        "z": {"expression": "y*V/I", "unit": "mV"},
        "e": {"expression": "2*k", "unit": "V"},
    },
    "coverage": 0.95,
}  # fmt: skip


@pytest.mark.parametrize("workers", [2, 3, 7, 64])
def test_the_same_digits_with_any_number_of_workers(workers: int) -> None:
    sampler = Sampler(uncertainty.compile(BUDGET))
    trials = 6 * BLOCK + 123
    assert np.array_equal(sampler.draw(trials, 5), sampler.draw(trials, 5, workers=workers))


def test_fewer_trials_are_the_first_of_more() -> None:
    sampler = Sampler(uncertainty.compile(BUDGET))
    assert np.array_equal(sampler.draw(1000, 5), sampler.draw(BLOCK + 1, 5)[:, :1000])


def test_blocks_differ_from_each_other_and_seeds_too() -> None:
    sampler = Sampler(uncertainty.compile(BUDGET))
    y = sampler.draw(3 * BLOCK, 5)[0]
    assert len(np.unique(y)) > 0.999 * len(y)
    assert not np.any(y[:100] == sampler.draw(100, 6)[0])


def test_units_shared_sources_and_chained_measurands() -> None:
    """By hand: var(a + b + c − d) with t of ν = 5, the shared source gone, in (mV)²: 5/3 + 1/3 + 1/2."""
    y, z, e = sample(uncertainty.compile(BUDGET), 400_000, seed=3)
    assert np.mean(y) == pytest.approx((10 + 0 + 1 - 3 + 1) * 1000, abs=12)
    assert np.var(y) == pytest.approx(2.5e6, rel=0.03)
    assert np.mean(z) == pytest.approx(9 * 4.999 / 19.661, rel=2e-3)
    assert np.all(e == 0.002)


@pytest.mark.parametrize("trials", [0, 99, 1_000_000_000, 1e4, 1000.5, True, "many", None, float("nan"), -5])
def test_trials_that_cannot_be_are_refused(trials: Any) -> None:
    with pytest.raises(DocumentError, match="trials"):
        uncertainty.evaluate(BUDGET, method="both", trials=trials, seed=1)
    with pytest.raises(DocumentError, match="trials"):
        sobol(uncertainty.compile(BUDGET), trials, seed=1)


@pytest.mark.parametrize(
    ("asked", "place"),
    [({"method": "bootstrap"}, "method"), ({"seed": -1}, "seed"), ({"seed": 1.5}, "seed"), ({"seed": True}, "seed")],
)
def test_methods_and_seeds_that_cannot_be_are_refused(asked: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentError, match=place):
        uncertainty.evaluate(BUDGET, **({"method": "both", "trials": 1000} | asked))


@pytest.mark.parametrize("p", [0, 1, 95, -0.5, float("nan"), "0.95"])
def test_probabilities_that_cannot_be_are_refused(p: Any) -> None:
    with pytest.raises(DocumentError, match="probability"):
        uncertainty.evaluate(BUDGET | {"coverage": {"k": 2}}, method="both", trials=1000, p=p)


@pytest.mark.parametrize("workers", [0, 65, 1.5, True])
def test_workers_that_cannot_be_are_refused(workers: Any) -> None:
    with pytest.raises(DocumentError, match="workers"):
        sample(uncertainty.compile(BUDGET), 1000, seed=1, workers=workers)


def test_the_measurand_that_is_no_number_in_some_trials_is_named() -> None:
    wrong = {
        "budget": 1,
        "quantities": {"x": {"value": 1, "u": 0.5}},
        "measurands": {"fine": {"expression": "x"}, "bad": {"expression": "log(x)"}, "next": {"expression": "bad + x"}},
    }
    for run in (
        lambda: uncertainty.evaluate(wrong, method="both", trials=10_000, seed=1),
        lambda: uncertainty.evaluate(wrong, method="both", trials="adaptive", seed=1),
        lambda: sample(uncertainty.compile(wrong), 10_000, seed=1),
    ):
        with pytest.raises(EvaluationError, match=r"measurands\.bad: the result is not finite in some trials"):
            run()


def test_coefficients_of_one_fit_are_a_multivariate_t() -> None:
    """JCGM 102:2011, 5.3.2: one χ² for both, so that squares of uncorrelated coefficients go together.

    With s = ν/χ² common to both, E[a²b²] = E[s²] and E[a⁴] = 3 E[s²], so that the squares have the correlation
    (m − 1)/(3m − 1) with m = E[s²]/E[s]² = (ν − 2)/(ν − 4).
    """
    document = {
        "budget": 1,
        "quantities": {"x": {"value": 2, "exact": True}},
        "functions": {
            "f": {
                "expression": "a + b*x",
                "argument": "x",
                "coefficients": {"a": {"value": 1}, "b": {"value": 3}},
                "covariance": [[0.04, -0.02], [-0.02, 0.09]],
                "dof": 12,
            }
        },
        "measurands": {"y": {"expression": "f(x)"}, "slope": {"expression": "f(x + 1) - f(x)"}},
    }
    y, slope = sample(uncertainty.compile(document), 1_000_000, seed=5)
    a, b = y - 2 * slope, slope
    assert np.cov(a, b) == pytest.approx(np.array([[0.04, -0.02], [-0.02, 0.09]]) * 12 / 10, rel=0.03)
    free = a - 1 + 2 / 9 * (b - 3)  # uncorrelated with b
    m = 10 / 8
    seen = np.corrcoef(free**2, (b - 3) ** 2)[0, 1]
    assert seen == pytest.approx((m - 1) / (3 * m - 1), abs=0.02)
