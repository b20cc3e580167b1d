"""One seed, one answer: with any number of workers, and however many trials follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import uncertainty
from uncertainty.montecarlo import BLOCK, Sampler, sample

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
